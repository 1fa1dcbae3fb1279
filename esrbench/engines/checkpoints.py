"""The checkpoints of training runs: which files, of which run, at which step."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from esrbench.errors import UsageError
from esrbench.submission.weights import CHECKPOINT_SUFFIXES

RUN = "run"
_WITHIN_A_RUN = {"models", "model", "checkpoints", "checkpoint", "ckpts", "ckpt", "weights"}
"""What a run calls the folder of its checkpoints; the run is the folder above it."""
_LAST_NUMBER = r"(\d+)(?!.*\d)"


@dataclass(frozen=True)
class Checkpoint:
    """One of a run's."""

    path: Path
    run: str
    step: int


def checkpoints(
    patterns: Sequence[str], *, group_by: str | None = None, step_from: str | None = None
) -> tuple[list[Checkpoint], list[str]]:
    """The checkpoints that ``patterns`` (files, folders, or globs) mean, by run and step, and
    sentences on files that are left out since they say no step.

    ``group_by`` is ``run`` (the folder a checkpoint lies in, or the one above ``models`` and its
    like) or a pattern whose first group is the run's name; by default all are one run, called as
    the folder they have in common. ``step_from`` is a pattern whose first group is the step; by
    default the last number in the file's name. Raises UsageError.
    """
    paths = [path for pattern in patterns for path in _meant(pattern)]
    step = _pattern("--step-from", step_from or _LAST_NUMBER)
    run = None if group_by in (None, RUN) else _pattern("--group-by", str(group_by))
    found, left_out = [], []
    for path in dict.fromkeys(path.resolve() for path in paths):
        told = step.search(path.name if step_from else path.stem)
        if told is None or not told[1].isdigit():
            left_out.append(f"{path.name} says no step ({step.pattern}) and is left out.")
            continue
        found.append(Checkpoint(path, _run(path, run, group_by), int(told[1])))
    if not found:
        raise UsageError(" ".join(left_out) or f"{' '.join(patterns)}: no checkpoint is there.")
    if group_by is None:
        common = _common(found)
        found = [Checkpoint(one.path, common, one.step) for one in found]
    _no_step_twice(found)
    return sorted(found, key=lambda one: (one.run, one.step)), left_out


def _meant(pattern: str) -> list[Path]:
    """The files of one pattern; of a folder every checkpoint below it."""
    path = Path(pattern).expanduser()
    if path.is_dir():
        return [p for p in sorted(path.rglob("*")) if p.suffix in CHECKPOINT_SUFFIXES]
    if path.is_file():
        return [path]
    found = [Path(p) for p in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207 - absolute
    if not found:
        raise UsageError(f"{pattern}: there is no such file.")
    return [p for p in found if p.is_file()]


def _pattern(option: str, text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as why:
        raise UsageError(f"{option} {text!r} is no regular expression: {why}.") from None
    if pattern.groups < 1:
        raise UsageError(f"{option} {text!r} has no group: put ( ) around what is to be taken.")
    return pattern


def _run(path: Path, pattern: re.Pattern[str] | None, group_by: str | None) -> str:
    if pattern is None:
        above = path.parent
        return (above.parent if above.name.lower() in _WITHIN_A_RUN else above).name or "run"
    told = pattern.search(path.as_posix())
    if told is None or not told[1]:
        raise UsageError(f"--group-by {group_by!r} finds no run in {path}.")
    return told[1]


def _common(found: Sequence[Checkpoint]) -> str:
    """The name of the deepest folder that all lie in, or of what is above ``models``."""
    folder = found[0].path.parent
    while not all(one.path.is_relative_to(folder) for one in found):
        folder = folder.parent
    return _run(folder / "x", None, None)


def _no_step_twice(found: Sequence[Checkpoint]) -> None:
    seen: dict[tuple[str, int], Path] = {}
    for one in found:
        other = seen.setdefault((one.run, one.step), one.path)
        if other != one.path:
            raise UsageError(
                f"{other} and {one.path} are both step {one.step} of {one.run}; tell the runs "
                "apart with --group-by, or name other files."
            )
