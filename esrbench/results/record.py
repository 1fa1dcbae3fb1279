"""A RunRecord: everything one run found out, and how, in one JSON document.

The leaderboard, the plots and the exports are made from records alone, so a record carries its
protocol, its environment and its signatures with it. Figures are unrounded; what is missing is
None, with the reason under ``missing``.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from esrbench.flags import NO_WEIGHTS, OWN_WEIGHTS
from esrbench.results.counted import (
    Complexity,
    CountsElsewhere,
    CountSpread,
    MacsOfOperator,
    Spread,
)
from esrbench.results.entered import About, ChallengeEntry
from esrbench.results.part import Part
from esrbench.results.scored import Chance, ChanceCause, DatasetFacts, ImageScore, Picture
from esrbench.results.swept import Swept
from esrbench.results.timed import Runtime, TimingBlock
from esrbench.results.trusted import Generalisation, Verification

__all__ = [
    "ON",
    "SCHEMA_VERSION",
    "About",
    "ChallengeEntry",
    "Chance",
    "ChanceCause",
    "Complexity",
    "CountSpread",
    "CountsElsewhere",
    "DatasetFacts",
    "Generalisation",
    "ImageScore",
    "MacsOfOperator",
    "Picture",
    "RunRecord",
    "Runtime",
    "Spread",
    "Status",
    "Swept",
    "TimingBlock",
    "Verification",
    "WeightsStatus",
]

SCHEMA_VERSION: Literal[1] = 1
"""Raised whenever a reader of older records could misread a newer one."""

Status = Literal["ok", "rejected", "failed"]
RUN_SECONDS = "run_seconds"
"""Under ``RunRecord.environment``: how long the whole run took, waiting for the device included."""
WeightsStatus = Literal["found", "own", "none-needed", "missing"]
"""The checkpoint: the authors', one trained here, none needed, or none to be had (then a row has
costs and no quality)."""


ON = "|on "
"""In a signature: what follows says on which inputs a figure was measured that depends on them. It
keeps no two rows from being compared."""


class RunRecord(Part):
    """One submission, protocol and device, measured once."""

    schema_version: Literal[1] = SCHEMA_VERSION
    id: str
    created: str
    """UTC, ISO 8601."""
    submission: str
    variant: str | None = None
    scale: int
    about: About
    submission_sha256: str | None = None
    """Over the submission's code and weights."""
    weights_sha256: str | None = None
    weights_status: WeightsStatus | None = None
    """None where it never came to that; of an older record it is told from its flags."""
    code_sha256: str | None = None
    """Over the code alone: a run without weights is so known to be of the same submission."""
    source: str | None = None
    """Where it came from: the last folder and the name, as in ``alice/net_g_latest.pth``; never
    more of the path. ``bundled`` for what comes with esrbench."""
    revises: str | None = None
    """The id of the record whose row this one takes: the same submission with new content."""
    protocol: str
    protocol_spec: dict[str, Any]
    """The whole protocol as it was applied."""
    device: str
    """``cuda:NVIDIA H200`` or ``cpu:AMD EPYC 9B14 (2 threads)``."""
    precision: str = "fp32"
    status: Status
    reason: str | None = None
    """One sentence where status is not ok, or where quality could not be measured."""
    notes: list[str] = Field(default_factory=list)
    """How it was measured otherwise than its authors do, and what was made of what they wrote."""
    flags: list[str] = Field(default_factory=list)
    """What a reader must know of, by the keys of ``esrbench.flags``."""
    params: int | None = None
    macs: int | None = None
    activations: int | None = None
    convs: int | None = None
    peak_memory_bytes: int | None = None
    process_memory_bytes: int | None = None
    """Instead of it, for a runtime that torch does not see into: by how much the process grew."""
    memory: dict[str, int | None] = Field(default_factory=dict)
    """Peak bytes of one forward at the counting input, those the device can tell: ``allocated`` and
    ``reserved`` by torch's allocator, ``process`` by the GPU's driver (its context included),
    ``live_tensors`` on a CPU; ``process_growth`` where torch sees neither (another runtime), by how
    much the process grew; ``rss``, the runner's resident memory afterwards."""
    memory_by_shape: dict[str, dict[str, int | None]] = Field(default_factory=dict)
    """The same at every LR size that was timed, by ``HxW``."""
    runtime_ms: Runtime | None = None
    runtime_by_shape: list[Runtime] = Field(default_factory=list)
    quality: dict[str, dict[str, float | None]] = Field(default_factory=dict)
    """Means: ``{dataset: {metric: value}}``."""
    infinite: dict[str, dict[str, int]] = Field(default_factory=dict)
    """How many images of a set had an infinite value (SR identical to HR)."""
    signatures: dict[str, str] = Field(default_factory=dict)
    """How each figure came about, by its key."""
    missing: dict[str, str] = Field(default_factory=dict)
    """Why a figure is empty, by its key."""
    images: dict[str, list[ImageScore]] = Field(default_factory=dict)
    datasets: dict[str, DatasetFacts] = Field(default_factory=dict)
    complexity: Complexity | None = None
    count_spread: CountSpread | None = None
    """None where every forward costs the same."""
    chance: Chance | None = None
    """None where it answers the same image the same way."""
    verification: Verification | None = None
    """None where it was not asked for, as in older records."""
    generalisation: Generalisation | None = None
    """None where it was not probed."""
    timing_blocks: list[TimingBlock] = Field(default_factory=list)
    pictures: list[Picture] = Field(default_factory=list)
    challenge: ChallengeEntry | None = None
    """The challenge it was measured for, if any."""
    swept: Swept | None = None
    """Which checkpoint of a training run it is, where many were scored together."""
    sandbox: str = "process"
    """The tier that confined the submission."""
    harness_version: str
    harness_commit: str | None = None
    environment: dict[str, Any] = Field(default_factory=dict)
    command: str | None = None
    """The command that reproduces this run."""
    seal: str | None = None
    """SHA-256 of everything else in the file, so that an edit by hand shows (``seal.py``)."""
    _suffix: str | None = PrivateAttr(default=None)
    _told: tuple[str, ...] = PrivateAttr(default=())
    _shipped: bool = PrivateAttr(default=False)

    @property
    def own_label(self) -> str:
        """``span/c28``: the submission and its variant, as it calls itself."""
        return f"{self.submission}/{self.variant}" if self.variant else self.submission

    @model_validator(mode="after")
    def _of_an_older_record(self) -> RunRecord:
        """Fill in what older records said in their flags alone."""
        if self.weights_status is None and self.status == "ok":
            if NO_WEIGHTS in self.flags:
                self.weights_status = "missing"
            elif OWN_WEIGHTS in self.flags:
                self.weights_status = "own"
            else:
                self.weights_status = "found" if self.weights_sha256 else "none-needed"
        return self

    def why_missing(self, key: str) -> str | None:
        """Why the figure ``key`` (``macs``, ``Set5.psnr_y``) is empty, if that is known.

        A dataset's figure is also missing where its dataset or its metric is.
        """
        dataset, _, metric = key.rpartition(".")
        return next((self.missing[k] for k in (key, dataset, metric) if k in self.missing), None)

    @property
    def label(self) -> str:
        """As it is shown: ``span/c28``, or ``mynet (alice)`` where another has the same name."""
        return f"{self.own_label} ({self._suffix})" if self._suffix else self.own_label

    @property
    def shown_submission(self) -> str:
        """The name alone as it is shown: the variant stands in a column of its own."""
        return f"{self.submission} ({self._suffix})" if self._suffix else self.submission

    @property
    def told(self) -> tuple[str, ...]:
        """Sentences a reader needs: why the name has a suffix, what was here before."""
        return self._told

    def in_brief(self) -> RunRecord:
        """This record without the figures of each image, which are most of its memory."""
        return self.model_copy(update={"images": {}})

    def shown_as(self, suffix: str | None, told: tuple[str, ...]) -> RunRecord:
        """This record with the name that tells it apart; nothing of it is written."""
        self._suffix, self._told = suffix, told
        return self

    @property
    def shipped(self) -> bool:
        """Whether its figures come with esrbench: no run of whoever made the table found them."""
        return self._shipped

    def as_shipped(self) -> RunRecord:
        """This record as a row whose figures come with esrbench; nothing of it is written."""
        self._shipped = True
        return self

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        from esrbench.results.notebook import as_html

        return as_html(self)
