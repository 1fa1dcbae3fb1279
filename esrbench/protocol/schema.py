"""What a protocol fixes: data, metrics, counting input, timing and how rows are ranked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from esrbench import policies
from esrbench.errors import nearest
from esrbench.quantities.costs import COSTS, cost_named
from esrbench.quantities.metrics import USUAL


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def parse_shape(text: str) -> tuple[int, int, int, int]:
    """``1x3x256x256`` or ``256x256`` (height x width) as ``(N, C, H, W)``.

    Raises ValueError for anything else; every size must be at least 1.
    """
    try:
        sizes = [int(part) for part in text.lower().split("x")]
    except ValueError:
        sizes = []
    if len(sizes) == 2:
        sizes = [1, 3, *sizes]
    if len(sizes) != 4 or min(sizes) < 1:
        raise ValueError(f"{text!r} is not a shape such as 256x256 or 1x3x256x256")
    n, c, h, w = sizes
    return (n, c, h, w)


class Timing(_Strict):
    """How runtime is measured. Times are seconds of wall clock."""

    policy: policies.Name = "block"
    """One of ``esrbench/policies.py``."""
    shapes: tuple[str, ...] = ("256x256",)
    """LR sizes, height x width; the first is the one that is ranked. A dataset's name stands for
    the sizes of its own LR images, smallest first."""
    baseline: str | None = "span/c28"
    """The bundled submission (NAME or NAME/VARIANT) that blocks are interleaved with."""
    warmup_seconds: float = Field(default=1.0, ge=0)
    block_seconds: float | None = Field(default=None, gt=0)
    """Aimed length of one block of calls; None takes the device's (``timing/calibration.py``)."""
    min_blocks: int = Field(default=8, ge=2)
    max_seconds: float = Field(default=20.0, gt=0)
    """Stop here even if the interval is still wide."""
    target_interval: float = Field(default=0.01, gt=0)
    """Half width of the 95% interval of the paired ratio at which measuring stops, relative."""
    threads: int = Field(default=0, ge=0)
    """CPU threads; 0 takes the cores this process may use."""

    @field_validator("shapes")
    @classmethod
    def _shapes_parse(cls, shapes: tuple[str, ...]) -> tuple[str, ...]:
        for shape in shapes:
            if not shape[:1].isalpha():
                parse_shape(shape)
        return shapes


class RankBy(_Strict):
    """The one figure that orders the rows."""

    metric: str
    """A metric key (needs ``dataset``), or ``runtime_ms``, ``params``, ``macs``, ..."""
    dataset: str | None = None


class Protocol(_Strict):
    """A named recipe; two records made by recipes that differ never share a ranking."""

    name: str
    title: str
    description: str = ""
    scale: int = Field(default=4, ge=1, le=16)
    """Used where neither the command nor the submission says otherwise."""
    datasets: tuple[str, ...]
    metrics: tuple[str, ...] = USUAL
    crop_border: Literal["scale"] | Annotated[int, Field(ge=0)] = "scale"
    """Pixels cut off each side of SR and HR before PSNR and SSIM: a number, or the scale."""
    reference_input: str | None = "1x3x256x256"
    """LR shape for MACs, activations and convs; None when ``reference_output`` is given."""
    reference_output: str | None = None
    """HR size (height x width) instead; the LR input is this divided by the scale, rounded down."""
    timing: Timing = Timing()
    macs_heading: Literal["MACs", "FLOPs"] = "MACs"
    """How the column is headed; NTIRE's readers call the same figure FLOPs."""
    rank_by: RankBy | None = None
    score: str | None = None
    """The formula in ``leaderboard/formulas/NAME.yaml`` that ranks the rows, if any."""
    thresholds: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Least quality a row needs: ``{dataset: {metric: value}}``, held against unrounded values; of
    a metric that is better lower the greatest."""
    cost_limits: dict[str, float] = Field(default_factory=dict)
    """Greatest cost a row may have: ``{params: 200000}``, plain numbers (bytes, MACs, ms)."""

    @field_validator("cost_limits")
    @classmethod
    def _costs_are_known(cls, limits: dict[str, float]) -> dict[str, float]:
        named = {word: cost_named(word) for word in limits}
        for word, cost in named.items():
            if cost is None:
                raise ValueError(f"{word!r} is no cost{nearest(word, COSTS)}")
        return {cost.key: limits[word] for word, cost in named.items() if cost is not None}

    def crop(self, scale: int) -> int:
        """The crop border in pixels at ``scale``."""
        return scale if self.crop_border == "scale" else int(self.crop_border)

    def counting_input(self, scale: int) -> tuple[int, int, int, int]:
        """The LR shape ``(N, C, H, W)`` that MACs, activations and convs are counted at."""
        if self.reference_output is not None:
            n, c, h, w = parse_shape(self.reference_output)
            return (n, c, max(1, h // scale), max(1, w // scale))
        return parse_shape(self.reference_input or "1x3x256x256")
