"""What a repository offers, in lines: its option files, or its models."""

from __future__ import annotations

from pathlib import Path

from esrbench.errors import EsrbenchError, UsageError
from esrbench.submission.formats.repository.option_file import OptionFile, read_option_file
from esrbench.submission.formats.repository.tree import option_files


class SeveralError(UsageError):
    """A repository offers several things and none was named; the text lists them."""


MOST = 60
"""Lines of a list; more of them are counted."""


def listing(root: Path) -> str:
    """Every option file with its network, its scale and whether its weights are there."""
    files = option_files(root)
    rows = [(str(file.relative_to(root)), *_row(file, root)) for file in files[:MOST]]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]))
        for row in rows
    ]
    more = [f"... and {len(files) - MOST} more"] if len(files) > MOST else []
    return "\n  ".join(
        [
            f"{root} has {len(files)} option files; name one, as in",
            f"esrbench score {root / rows[0][0]}",
            *lines,
            *more,
        ]
    )


def _row(file: Path, root: Path) -> tuple[str, str, str]:
    """Network, scale and weights, or what is wrong with the file."""
    from esrbench.submission.formats.repository.basicsr import weights_of

    try:
        option = read_option_file(file)
        spec = weights_of(option, root)
    except EsrbenchError as why:
        return "-", "-", str(why).replace(f"{file}, ", "").replace(f"{file}: ", "")[:100]
    return option.network, _scale(option), spec.file or "no weights"


def models_listing(root: Path) -> str:
    """Every model of an EDSR-PyTorch fork, and how one is named."""
    from esrbench.submission.formats.repository.edsr import models

    known = models(root)
    rows = [f"{model.name}  {model.file.relative_to(root)}" for model in known[:MOST]]
    head = (
        f"{root} has {len(known)} models; name one, as in",
        f'esrbench score {root} --model {known[0].name} --args "--scale 4"',
    )
    return "\n  ".join([*head, *rows])


def _scale(option: OptionFile) -> str:
    return f"x{option.scale}" if option.scale else "x?"
