"""Of a record: the images, their figures, the crops that were kept, and what chance did to them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from esrbench.results.part import Part


class ImageScore(Part):
    """One image's figures; a metric that could not be had is absent from ``values``."""

    name: str
    values: dict[str, float | None]
    lr_size: tuple[int, int]
    """Height, width."""
    forward_ms: float | None = None
    """The one, untimed-policy forward that made the scored output."""
    notes: list[str] = Field(default_factory=list)
    """What a diagnosis saw, in words: "output looks like BGR"."""


class Picture(Part):
    """A crop kept for the submission's page; paths are relative to the results folder."""

    dataset: str
    name: str
    lr: str
    sr: str
    hr: str
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in HR pixels."""


class DatasetFacts(Part):
    """Which images the figures were made on."""

    images: int
    sha256: str
    """Over the pixels of every HR and LR image, in name order."""
    lr_source: str
    """``files`` or ``matlab-bicubic`` (made from HR)."""


ChanceCause = Literal["draws", "dropout", "order", "state", "outside", "process"]
"""Random numbers of its own or of dropout left on, the images before, what earlier forwards left
behind, something outside the process such as a clock, or what each process begins with."""


class Chance(Part):
    """What is known of a network that does not answer the same image the same way."""

    cause: ChanceCause
    sentence: str
    difference: float
    """The largest between two answers to one image, of the data range."""
    passes: dict[str, list[dict[str, float | None]]] = Field(default_factory=dict)
    """The means of each quality pass by dataset, each under a seed that the judge drew; the
    record's figures are the means of these."""

    def spread(self, dataset: str, metric: str) -> tuple[float, float] | None:
        """The lowest and the highest mean of a pass; None where there were none."""
        values = [p[metric] for p in self.passes.get(dataset, []) if p.get(metric) is not None]
        known = [value for value in values if value is not None]
        return (min(known), max(known)) if known else None
