"""What a run writes down as it goes: one JSON line an epoch, and a picture of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from esrbench.errors import UsageError


@dataclass(frozen=True)
class Entry:
    """The state of a run after ``iteration`` iterations."""

    iteration: int
    stage: str
    loss: float
    """Mean of the epoch, of images in [0, 1]."""
    lr: float
    seconds: float
    """Since the run began, without the time it stood still between two sessions."""
    psnr_y: float | None = None


class Journal:
    """Entries in a file of JSON lines, one a line."""

    def __init__(self, path: Path, upto: int = 0) -> None:
        """Goes on with the file at ``path``; entries after iteration ``upto`` are dropped."""
        self.path = path
        self.entries = [e for e in read_journal(path) if e.iteration <= upto]
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        beside.write_text("".join(map(_line, self.entries)), encoding="utf-8")
        beside.replace(path)

    def add(self, entry: Entry) -> None:
        """Append ``entry``; it is on disk when this returns."""
        self.entries.append(entry)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(entry))


def read_journal(path: Path) -> list[Entry]:
    """The entries of the file at ``path``; none when there is no such file.

    A last line without its end was being written when the run was killed, and is left out. Raises
    UsageError for any other line that is no entry.
    """
    if not path.is_file():
        return []
    *lines, _ = path.read_text(encoding="utf-8").split("\n")
    try:
        return [Entry(**json.loads(line)) for line in lines]
    except (TypeError, ValueError) as why:
        raise UsageError(f"{path} is no log of a training ({why}); delete it.") from None


def draw_curve(entries: list[Entry], path: Path, *, title: str, watched: str | None) -> None:
    """PSNR on the watched set and the loss over iterations, as a PNG at ``path``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    seen = [(e.iteration, e.psnr_y) for e in entries if e.psnr_y is not None]
    axes.plot([i for i, _ in seen], [db for _, db in seen], color="tab:blue")
    axes.set(title=title, xlabel="iterations", ylabel=f"{watched} PSNR (Y), dB")
    losses = axes.twinx()
    for stage in dict.fromkeys(e.stage for e in entries):
        part = [e for e in entries if e.stage == stage]
        losses.semilogy(
            [e.iteration for e in part], [e.loss for e in part],
            color="tab:orange" if stage == "l1" else "tab:green", alpha=0.6,
            label=f"loss ({stage.upper()})",
        )  # fmt: skip
    losses.set_ylabel("mean loss of an epoch")
    losses.legend(loc="center right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _line(entry: Entry) -> str:
    return json.dumps(asdict(entry)) + "\n"
