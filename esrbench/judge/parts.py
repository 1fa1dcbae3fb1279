"""What the phases of a run find: a frozen part each, with the reasons for what it lacks.

``assemble.py`` makes the record of them. A phase that fails leaves the parts of those before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from esrbench.results.record import (
    Chance,
    Complexity,
    CountSpread,
    DatasetFacts,
    Generalisation,
    ImageScore,
    Picture,
    Runtime,
    TimingBlock,
    Verification,
)

Peaks = Mapping[str, int | None]
"""Bytes by kind, as in ``RunRecord.memory``."""


@dataclass(frozen=True)
class Reason:
    """Why something is empty."""

    of: Literal["quantity", "dataset", "phase"]
    key: str
    """A quantity's key, a dataset's name, or ``layers`` and ``facts`` for what a phase gives."""
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """What any phase may have to say beside its figures."""

    flags: tuple[str, ...] = ()
    """Keys of ``esrbench.flags``."""
    signatures: Mapping[str, str] = field(default_factory=dict)
    """How each figure came about, by its key."""
    environment: Mapping[str, object] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences for ``RunRecord.notes``."""


@dataclass(frozen=True, kw_only=True)
class Loaded(Part):
    """The network is there."""

    params: int


@dataclass(frozen=True, kw_only=True)
class Counts(Part):
    """What one forward costs at the counting input, whatever the clock says."""

    params: int
    macs: int | None
    activations: int | None
    convs: int | None
    complexity: Complexity
    input_free: bool = False
    """Whether no value of the input can change them."""


@dataclass(frozen=True, kw_only=True)
class Steadiness(Part):
    """Whether it always does the same work, and gives the same answer."""

    spread: CountSpread | None = None
    mean_is_ranked: bool = True
    """Whether the means stand for the counts; a challenge's official count stands as it is."""
    chance: Chance | None = None


@dataclass(frozen=True, kw_only=True)
class Memory(Part):
    """Peaks of one forward by LR size (``HxW``), that of the counting input first."""

    by_shape: Mapping[str, Peaks]
    headline_bytes: int | None
    process_bytes: int | None = None
    """Instead, where torch's counters do not see into what runs."""

    @property
    def headline(self) -> Peaks:
        """The peaks at the counting input."""
        return next(iter(self.by_shape.values()))


@dataclass(frozen=True, kw_only=True)
class Quality(Part):
    """One dataset's figures."""

    dataset: str
    images: tuple[ImageScore, ...]
    means: Mapping[str, float | None]
    infinite: Mapping[str, int]
    facts: DatasetFacts
    pictures: tuple[Picture, ...] = ()
    passes: tuple[Mapping[str, float | None], ...] = ()
    """The means of each pass, where there were several."""


@dataclass(frozen=True, kw_only=True)
class Verified(Part):
    """Whose word the figures are."""

    verification: Verification


@dataclass(frozen=True, kw_only=True)
class Generalised(Part):
    """Whether it does as well on what nobody can have seen."""

    generalisation: Generalisation


@dataclass(frozen=True, kw_only=True)
class Timed(Part):
    """The runtime at one shape."""

    runtime: Runtime
    blocks: tuple[TimingBlock, ...]


@dataclass(frozen=True, kw_only=True)
class Facts(Part):
    """What goes into ``Complexity.facts``: receptive field, layers, roofline, ..."""

    facts: Mapping[str, Any] = field(default_factory=dict)


def kind_of(part: Part) -> str:
    """Which of a run's phases ``part`` came of: ``loading``, ``counting``, ``quality``, ..."""
    if isinstance(part, Counts | Memory | Steadiness):
        return "counting"
    named = {Loaded: "loading", Quality: "quality", Timed: "timing", Facts: "facts"}
    return named.get(type(part), "preparing")
