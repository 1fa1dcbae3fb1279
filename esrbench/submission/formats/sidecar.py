"""``NAME.yaml`` beside ``NAME.onnx``: what a file that has no manifest inside cannot say itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from esrbench import strict_yaml
from esrbench.errors import SubmissionError
from esrbench.submission.manifest import Manifest, parse_manifest

_SCALE_IN_NAME = re.compile(r"(?:^|[^0-9a-z])(?:x([1-9])|([1-9])x)(?![0-9a-z])", re.IGNORECASE)


def sidecar_path(path: Path) -> Path:
    """Where the manifest of the file at ``path`` would be: the same name, ``.yaml``."""
    return path.with_suffix(".yaml")


def read_sidecar(path: Path, embedded: dict[str, Any] | None = None) -> Manifest:
    """What is known of the file at ``path``, by the usual keys of a manifest.

    Each key from the sidecar if it says it, else from ``embedded`` (what the file itself carries);
    the scale else from its name (``4x_anything``, ``anything_x4``) and the name from the file's.

    Raises SubmissionError for a sidecar that is no manifest.
    """
    data: dict[str, Any] = {"name": name_of(path), **(embedded or {})}
    scale = scale_in_name(path)
    if scale is not None:
        data.setdefault("scale", scale)
    beside = sidecar_path(path)
    if beside.is_file():
        data.update(strict_yaml.read_yaml(beside, error=SubmissionError))
    return parse_manifest(data, str(beside) if beside.is_file() else str(path))


def name_of(path: Path) -> str:
    """The file's (or folder's) own name as a submission can have it: ``My net.pth`` -> My-net."""
    stem = path.name if path.is_dir() else path.stem
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-._") or "unnamed"


def scale_in_name(path: Path) -> int | None:
    """4 for ``4x_anything.pth``, ``anything_x4.onnx`` and ``RealSR-x4-v2.pt``; None without one."""
    found = {int(a or b) for a, b in _SCALE_IN_NAME.findall(path.stem)}
    return found.pop() if len(found) == 1 else None
