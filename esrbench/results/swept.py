"""Of a record: which checkpoint of a training run it is, and how the run's one row is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from esrbench.results.part import Part

Choose = Literal["best", "last"]


class Swept(Part):
    """One of many checkpoints of one architecture, scored with the others of its run."""

    run: str
    step: int
    """Of the training; told from the checkpoint's name."""
    choose: Choose = "best"
    """Which of the run's checkpoints stands in the table."""
    by: str
    """What ``best`` means: a metric and its dataset, ``psnr_y:Set5``."""
    called: str
    """The metric's heading, ``PSNR (Y)``."""
    upwards: bool = True
    """Whether more of it is better."""

    @property
    def metric(self) -> str:
        """``psnr_y`` of ``psnr_y:Set5``."""
        return self.by.partition(":")[0]

    @property
    def dataset(self) -> str:
        """``Set5`` of ``psnr_y:Set5``."""
        return self.by.partition(":")[2]

    @property
    def rule(self) -> tuple[str, str]:
        """Two records of one run are held against each other only where this is equal."""
        return self.choose, self.by


class SweptPoint(Swept):
    """The same with its value, as the index keeps it."""

    value: float | None = None
    """Of ``by``; None where it could not be measured."""

    @property
    def worth(self) -> float:
        """The row of a run is the checkpoint with the most of this."""
        if self.choose == "last":
            return float(self.step)
        if self.value is None:
            return float("-inf")
        return self.value if self.upwards else -self.value


def point_of(
    swept: Swept | None, quality: Mapping[str, Mapping[str, float | None]]
) -> SweptPoint | None:
    """``swept`` with its value in ``quality`` (``{dataset: {metric: value}}``)."""
    if swept is None:
        return None
    known: dict[str, Any] = dict(swept)
    return SweptPoint(**known, value=quality.get(swept.dataset, {}).get(swept.metric))


def is_test_set(dataset: str) -> bool:
    """Whether a figure on it is what papers report, so that choosing by it flatters.

    Held for one of training or validation only where its name says so.

    >>> is_test_set("Set5"), is_test_set("DIV2K_valid")
    (True, False)
    """
    return not any(word in dataset.lower() for word in ("valid", "train"))
