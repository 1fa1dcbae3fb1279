"""A RunRecord: everything one run found out, and how, in one JSON document.

The leaderboard, the plots and the exports are made from records alone, so a record carries its
protocol, its environment and its signatures with it. Figures are unrounded; what is missing is
None, with the reason under ``missing``.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from esrbench.flags import NO_WEIGHTS, OWN_WEIGHTS

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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings")


class About(_Part):
    """What the submission says of itself; nothing here is measured."""

    title: str
    authors: str | None = None
    year: int | None = None
    paper: str | None = None
    code: str | None = None
    licence: str | None = None
    weights_origin: str | None = None
    """Where the weights come from: a URL, "trained here", or None for none needed."""
    published: dict[str, Any] = Field(default_factory=dict)
    """Figures the paper prints: ``{"params": 498000, "quality": {"Set5": {"psnr_y": 32.2}}}``."""


class Runtime(_Part):
    """Milliseconds for one forward at one LR shape; the spread is over calls of all blocks."""

    shape: str
    """LR height x width."""
    median: float
    mean: float
    p5: float
    p95: float
    min: float
    max: float
    calls: int
    blocks: int
    policy: str
    clock: str
    """What the calls were timed with: ``cuda-event`` or ``perf_counter_ns``."""
    wall_ratio: float | None = None
    """The judge's wall clock around the blocks, over the sum of the calls timed inside them."""
    ratio: float | None = None
    """Paired ratio to the baseline: below 1 is faster."""
    ratio_low: float | None = None
    ratio_high: float | None = None
    """95% interval of ``ratio``."""
    baseline: str | None = None
    stopped: str | None = None
    """Why measuring ended: "interval", "time", "calls"."""
    median_low: float | None = None
    median_high: float | None = None
    """95% interval of the median over blocks, milliseconds; it does not cancel drift."""
    verdict: str | None = None
    """FASTER, SLOWER, TIE or UNSTABLE against the baseline."""
    process_ms: float | None = None
    """CPU time of one call, all threads added; mean over calls."""
    by_image_ms: dict[str, float] = Field(default_factory=dict)
    """Medians by the number of the timed image, slowest last, where the image decides."""
    energy_j: float | None = None
    """Joules the device used for one call, mean over calls, where it can tell."""


class TimingBlock(_Part):
    """The raw times of one block of calls, kept so that any statistic can be made again."""

    shape: str
    lane: str
    """``submission`` or ``baseline``."""
    call_ms: list[float]
    wall_ms: float
    """The judge's own clock around the whole block, the request included."""
    started: float
    """Seconds since the timing began."""
    clock_mhz: float | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    throttled: bool | None = None
    """Measured again where it was; a throttled block counts only when retries ran out."""
    counted: bool = True
    """False for a block that was measured again."""
    process_ms: float | None = None
    """CPU time within the calls, all threads added."""
    energy_j: float | None = None


class ImageScore(_Part):
    """One image's figures; a metric that could not be had is absent from ``values``."""

    name: str
    values: dict[str, float | None]
    lr_size: tuple[int, int]
    """Height, width."""
    forward_ms: float | None = None
    """The one, untimed-policy forward that made the scored output."""
    notes: list[str] = Field(default_factory=list)
    """What a diagnosis saw, in words: "output looks like BGR"."""


class Picture(_Part):
    """A crop kept for the submission's page; paths are relative to the results folder."""

    dataset: str
    name: str
    lr: str
    sr: str
    hr: str
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in HR pixels."""


ChanceCause = Literal["draws", "dropout", "order", "state", "outside"]
"""Random numbers of its own or of dropout left on, the image before, what earlier forwards left
behind, or something outside the process such as a clock."""


class Chance(_Part):
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


class Spread(_Part):
    """A figure that is not the same each time."""

    mean: float
    low: float
    high: float


class CountSpread(_Part):
    """Counts, at the counting input's size, of a network that does not always do the same work."""

    over: Literal["images", "draws"]
    """What decides: what the image shows, or chance."""
    dataset: str | None = None
    """Whose LR images, cropped to that size, the means are over; None: over draws."""
    by_input: dict[str, dict[str, int]]
    """MACs (at torch's dispatcher), activations and convs by image, probe or draw."""
    macs: Spread
    activations: Spread
    convs: Spread
    """Low and high are over all inputs, black, white and noise included."""


class DatasetFacts(_Part):
    """Which images the figures were made on."""

    images: int
    sha256: str
    """Over the pixels of every HR and LR image, in name order."""
    lr_source: str
    """``files`` or ``matlab-bicubic`` (made from HR)."""


class MacsOfOperator(_Part):
    """One operator's share of the MACs."""

    operator: str
    macs: int
    calls: int


class Complexity(_Part):
    """Everything counted, beside the headline figures of the record."""

    input_shape: tuple[int, int, int, int]
    params_before_forward: int | None = None
    params_after_forward: int | None = None
    buffers: int | None = None
    """Elements of registered buffers."""
    constant_elements: int | None = None
    """Elements of tensors the module can reach that are neither parameters nor buffers."""
    macs_fvcore: int | None = None
    macs_dispatch: int | None = None
    macs_ntire2022: int | None = None
    activations_fvcore: int | None = None
    unsupported_ops: dict[str, int] = Field(default_factory=dict)
    """Operators fvcore gave no count for, with their calls."""
    opaque_ops: list[str] = Field(default_factory=list)
    """Operators neither counter sees through."""
    by_operator: list[MacsOfOperator] = Field(default_factory=list)
    by_module: dict[str, int] = Field(default_factory=dict)
    """MACs by module path."""
    facts: dict[str, Any] = Field(default_factory=dict)
    """More static facts: receptive field, depth, weight file bytes, ..."""


class ChallengeEntry(_Part):
    """Which entry of a challenge a record is of, and the rules it was measured under."""

    challenge: str
    rules_sha256: str
    team: str
    track: str
    """One of the challenge's rankings."""
    entry_sha256: str
    """Over the files that were handed in."""
    received: str
    """UTC, ISO 8601."""
    late: bool = False
    """It arrived after the close."""


class RunRecord(_Part):
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
    timing_blocks: list[TimingBlock] = Field(default_factory=list)
    pictures: list[Picture] = Field(default_factory=list)
    challenge: ChallengeEntry | None = None
    """The challenge it was measured for, if any."""
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

    def shown_as(self, suffix: str | None, told: tuple[str, ...]) -> RunRecord:
        """This record with the name that tells it apart; nothing of it is written."""
        self._suffix, self._told = suffix, told
        return self

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        from esrbench.results.notebook import as_html

        return as_html(self)
