"""A submission that is one file with the whole network in it: what the graph formats share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from esrbench.errors import SubmissionError, UsageError
from esrbench.submission import limits
from esrbench.submission.formats import archives
from esrbench.submission.formats.sidecar import read_sidecar, sidecar_path
from esrbench.submission.submission import Submission

FACTS = "esrbench.json"
"""What `esrbench pack` writes into a graph: ``{"name": ..., "scale": 4, "data_range": 1.0}``."""
_CARRIED = {"name", "title", "scale", "data_range", "multiple", "min_size", "precision", "channels"}


def graph_submission(
    path: Path,
    form: str,
    what: str,
    embedded: dict[str, Any],
    scale: int | None,
    more_files: tuple[Path, ...] = (),
) -> Submission:
    """The file at ``path``, which is ``what`` ("an ONNX graph"), as a submission.

    ``embedded`` is what the file says of itself; the sidecar goes before it. ``more_files`` belong
    to the graph and are hashed with it.

    Raises UsageError when nobody says the scale, SubmissionError when the one asked for is not it.
    """
    for file in (path, *more_files):
        limits.check_size(file, limits.WEIGHTS_BYTES, "a graph")
    manifest = read_sidecar(path, embedded)
    said = "scale" in manifest.model_fields_set
    if not said and scale is None:
        raise UsageError(
            f"{path} is {what} and nothing says its scale: give --scale, or write `scale:` into "
            f"{sidecar_path(path).name} beside it."
        )
    if said and scale is not None and scale not in manifest.scale:
        raise SubmissionError(f"{path} is {what} for x{manifest.scale[0]}, not x{scale}.")
    scale = scale or manifest.scale[0]
    return Submission(
        name=manifest.name,
        variant=None,
        scale=scale,
        scales=(scale,),
        folder=path.parent,
        entry_file=path,
        entry_function="",
        title=manifest.title or manifest.name,
        data_range=manifest.data_range,
        multiple=manifest.multiple,
        min_size=manifest.min_size,
        channels=manifest.channels,
        precision=manifest.precision,
        authors=manifest.authors,
        year=manifest.year,
        paper=manifest.paper,
        code=manifest.code,
        licence=manifest.licence,
        form=form,
        taken_for=f"{what}, x{scale}, values in [0, {manifest.data_range:g}]",
        code_files=(path, *more_files),
    )


def facts_in_zip(path: Path) -> dict[str, Any]:
    """What `esrbench pack` put into the zip file at ``path``; empty when it was another's."""
    found = [name for name in zip_names(path) if name.endswith(f"/extra/{FACTS}")]
    if not found:
        return {}
    try:
        return parse_facts(archives.member(path, found[0], limits.FACTS_BYTES) or b"")
    except SubmissionError:  # none that pack wrote
        return {}


def parse_facts(text: bytes) -> dict[str, Any]:
    """The known keys of a JSON object; empty for anything else."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(facts, dict):
        return {}
    return {key: value for key, value in facts.items() if key in _CARRIED}


def zip_names(path: Path) -> list[str]:
    """The files in the zip at ``path``; none when it is no zip, or a damaged one."""
    return archives.names(path) or []
