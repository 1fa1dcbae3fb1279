"""The block a Hugging Face model card carries its figures in."""

from __future__ import annotations

import math
from collections.abc import Sequence

from esrbench.results.record import RunRecord


def to_model_index(records: Sequence[RunRecord]) -> str:
    """The ``model-index`` block of a Hugging Face model card, one model a submission."""
    import yaml

    models: dict[str, list[dict[str, object]]] = {}
    for record in records:
        for dataset, means in record.quality.items():
            metrics = [
                {"type": key, "value": value, "name": key.replace("_", " ").upper(),
                 "args": {"signature": record.signatures.get(key, "")}}
                for key, value in means.items()
                if value is not None and math.isfinite(value)
            ]  # fmt: skip
            if metrics:
                models.setdefault(record.label, []).append({
                    "task": {"type": "image-to-image", "name": f"Super-resolution x{record.scale}"},
                    "dataset": {"type": dataset, "name": dataset},
                    "metrics": metrics,
                    "source": {"name": f"esrbench {record.harness_version}, {record.protocol}"},
                })  # fmt: skip
    index = {"model-index": [{"name": name, "results": found} for name, found in models.items()]}
    return yaml.safe_dump(index, sort_keys=False, allow_unicode=True)
