"""The block a Hugging Face model card carries its figures in."""

from __future__ import annotations

import math
from collections.abc import Sequence

from esrbench.leaderboard.table import Table


def to_model_index(tables: Sequence[Table]) -> str:
    """The ``model-index`` block of a Hugging Face model card, one model a submission.

    There is no ``source``, since the Hub takes one only with an address; what measured a figure
    stands beside its signature.
    """
    import yaml

    models: dict[str, list[dict[str, object]]] = {}
    for record in (r for table in tables for r in table.records):
        for dataset, means in record.quality.items():
            metrics = [
                {"type": key, "value": value, "name": key.replace("_", " ").upper(),
                 "args": {"signature": record.signatures.get(key, ""),
                          "protocol": record.protocol,
                          "measured_with": f"esrbench {record.harness_version}"}}
                for key, value in means.items()
                if value is not None and math.isfinite(value)
            ]  # fmt: skip
            if metrics:
                models.setdefault(record.label, []).append({
                    "task": {"type": "image-to-image", "name": f"Super-resolution x{record.scale}"},
                    "dataset": {"type": dataset, "name": dataset},
                    "metrics": metrics,
                })  # fmt: skip
    index = {"model-index": [{"name": name, "results": found} for name, found in models.items()]}
    return yaml.safe_dump(index, sort_keys=False, allow_unicode=True)
