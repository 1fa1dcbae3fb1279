"""A module that lives in this process, as a file that the judge can measure: its exported graph."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import nn

from esrbench.errors import UsageError

_SIZE = 40
"""LR pixels a side of the example a graph is traced with, as when a submission is packed."""


@contextmanager
def as_path(model: str | Path | nn.Module, scale: int | None) -> Iterator[str]:
    """The path or name ``model`` is; a module's graph (``torch.export``) in a temporary file.

    Raises UsageError for a module without a scale, SubmissionError where it cannot be exported.
    """
    if not isinstance(model, nn.Module):
        yield str(model)
        return
    if scale is None:
        raise UsageError("A module does not say its upscaling factor: give scale=.")
    import torch

    from esrbench.runner.packing import exported
    from esrbench.submission.formats.graph_file import FACTS

    module = copy.deepcopy(model).cpu().eval()
    with torch.no_grad():
        program, multiple = exported(module, _SIZE, 1)
    name = re.sub(r"[^a-z0-9_-]", "-", type(model).__name__.lower()).strip("-_") or "module"
    facts = {"name": name, "scale": scale, "data_range": 1.0, "multiple": multiple}
    with tempfile.TemporaryDirectory(prefix="esrbench-module-") as folder:
        path = Path(folder) / f"{name}.pt2"
        torch.export.save(program, path, extra_files={FACTS: json.dumps(facts)})
        yield str(path)
