"""What a repository offers, in lines: its option files, or its models."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from esrbench.errors import EsrbenchError, UsageError
from esrbench.number_of import number_of
from esrbench.submission.formats.repository import edsr_models
from esrbench.submission.formats.repository.option_file import read_option_file
from esrbench.submission.formats.repository.option_weights import weights_of
from esrbench.submission.formats.repository.other_tasks import why_not_measured
from esrbench.submission.formats.repository.tree import option_files, to_train_with


class SeveralError(UsageError):
    """A repository offers several things and none was named; the text lists them."""


MOST = 60
"""Lines of a list; more of them are counted."""
FEW = 24
"""Option files, up to which those to train with are listed too."""
NO_WEIGHTS = "no weights"


def listing(root: Path) -> str:
    """Every option file with its network, its scale and whether its weights are there.

    Of one that cannot be measured, why.
    """
    files = option_files(root)
    tests = [file for file in files if not to_train_with(file)]
    left_out = f"... and {len(files) - len(tests)} to train with"
    if len(files) <= FEW or not tests:
        tests, left_out = files, ""
    rows = sorted((_row(file, root) for file in tests[:MOST]), key=lambda row: bool(row.fault))
    first = next((row for row in rows if row.ready), None) or rows[0]
    example = shlex.join(["esrbench", "score", str(root / first.asked)])
    return _text(root, f"{len(files)} option files", example, rows, len(tests), left_out)


def models_listing(root: Path) -> str:
    """Every model of an EDSR-PyTorch fork with the scale and the weights it would be built with."""
    known = edsr_models.models(root)
    rows = []
    for model in known[:MOST]:
        scale = edsr_models.scale_of(model)
        there = edsr_models.weights_of(root, model, {}, scale).file if scale else None
        rows.append(_Offer(model.name, str(model.file.relative_to(root)), _times(scale), there))
    first = next((row for row in rows if row.ready), None) or rows[0]
    example = ["esrbench", "score", str(root), "--model", first.asked]
    example += [] if first.ready else ["--args", "--scale 4"]
    return _text(root, number_of(len(known), "model"), shlex.join(example), rows, len(known))


@dataclass(frozen=True)
class _Offer:
    asked: str
    """What is typed for it."""
    network: str
    scale: str
    weights: str | None
    fault: str | None = None

    @property
    def ready(self) -> bool:
        """Whether it can be scored as it is, quality included."""
        return self.fault is None and self.weights is not None

    @property
    def last(self) -> str:
        return self.fault or self.weights or NO_WEIGHTS


def _row(file: Path, root: Path) -> _Offer:
    asked = str(file.relative_to(root))
    try:
        option = read_option_file(file)
        spec = weights_of(option, root)
    except EsrbenchError as why:
        said = str(why).replace(f"{file}, ", "").replace(f"{file}: ", "")
        return _Offer(asked, "-", "-", None, said[:100])
    other = why_not_measured(option, option.scale)
    fault = f"not measured: {other}" if other else None
    return _Offer(asked, option.network, _times(option.scale), spec.file, fault)


def _text(
    root: Path, several: str, example: str, rows: list[_Offer], total: int, left_out: str = ""
) -> str:
    """What there is, an example to copy, and a table of all of it."""
    cells = [(row.asked, row.network, row.scale) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join((*(c.ljust(w) for c, w in zip(cell, widths, strict=True)), row.last))
        for cell, row in zip(cells, rows, strict=True)
    ]
    more = [f"... and {total - MOST} more"] if total > MOST else []
    more += [left_out] if left_out else []
    if any(row.last == NO_WEIGHTS for row in rows):
        more.append("Without weights the cost is measured; --weights FILE gives them.")
    return "\n  ".join([f"{root} has {several}; name one, as in", example, *lines, *more])


def _times(scale: int | None) -> str:
    return f"x{scale}" if scale else "x?"
