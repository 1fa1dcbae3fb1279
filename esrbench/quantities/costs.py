"""Everything a network costs, one row each: what it is, and where a record keeps it.

To add one: whatever counts it and a field of the record for it, and a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from esrbench.quantities.quantity import Quantity, number

if TYPE_CHECKING:
    from esrbench.results.record import RunRecord, Spread

Value = Callable[["RunRecord"], "float | None"]
Ends = Callable[["RunRecord"], "tuple[float, float] | None"]


def _nothing(record: RunRecord) -> None:
    return None


def _unmarked(record: RunRecord) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Cost(Quantity):
    """What one forward, or the network by itself, takes."""

    group: Literal["Cost", "Runtime"] = "Cost"
    """What it stands under in a table."""
    value: Value = field(repr=False)
    """The plain number; None where there is none. Never NaN; may be infinite."""
    reason_key: str = ""
    """Under which a record says how it came about, or why it is missing, where not its own key."""
    of_device: bool = False
    """Whether it is another on another device."""
    of_input: bool = False
    """Whether it is another at another size of the input."""
    shown: bool = True
    """In a table from the start; the others are a click away."""
    ends: Ends = field(default=_nothing, repr=False)
    """The two ends of what stands beside it: a spread, or an interval."""
    beside: Value = field(default=_nothing, repr=False)
    """The same by another way of counting, where that comes out differently."""
    mark: Callable[[RunRecord], str] = field(default=_unmarked, repr=False)
    """A sign that goes with the figure wherever it is printed, "" for none: see ``MARKS``."""


MARKS: Final[dict[str, str]] = {
    "≠": "The two counters of MACs differ by over 1%: the larger count is shown, but under "
    "“FLOPs”, which is fvcore's figure as NTIRE's tables have it.",
    "≥": "A lower bound: it has operators that no counter sees through.",
    "±": "Not always the same: it depends on the image, or on chance. The figure is a mean (under "
    "“FLOPs” the challenge's own count); its range stands beside it.",
}
"""What the signs mean that go with a figure."""

COUNTERS_APART = 0.01
"""Two counts of MACs that differ by more than this share of the smaller are shown as differing."""


def counts_of_macs(record: RunRecord) -> tuple[float | None, float | None]:
    """fvcore's count, which is the field's convention, and the dispatcher's."""
    counted = record.complexity
    return number(record.macs), number(counted.macs_dispatch) if counted else None


def counters_apart(record: RunRecord) -> bool:
    """Whether both counted, and by over 1% differently."""
    convention, dispatcher = counts_of_macs(record)
    if convention is None or dispatcher is None:
        return False
    return abs(dispatcher - convention) > COUNTERS_APART * min(convention, dispatcher)


def keeps_official_count(record: RunRecord) -> bool:
    """Whether the protocol heads the column FLOPs: the figure is then NTIRE's own."""
    return record.protocol_spec.get("macs_heading") == "FLOPs"


def larger_macs(record: RunRecord) -> float | None:
    """The count that flatters less: of two that differ the larger; fvcore's where they agree."""
    convention, dispatcher = counts_of_macs(record)
    if convention is None:
        return dispatcher
    return max(convention, dispatcher or 0.0) if counters_apart(record) else convention


def _macs(record: RunRecord) -> float | None:
    return number(record.macs) if keeps_official_count(record) else larger_macs(record)


def _other_macs(record: RunRecord) -> float | None:
    if not counters_apart(record):
        return None
    return next((c for c in counts_of_macs(record) if c != _macs(record)), None)


def _mark_of_macs(record: RunRecord) -> str:
    if _macs(record) is None:
        return ""
    opaque = record.complexity is not None and record.complexity.opaque_ops
    signs = ("≠" if counters_apart(record) else "") + ("≥" if opaque else "")
    return signs + ("±" if _varying("macs", record) else "")


def _mark_of_mean(key: str) -> Callable[[RunRecord], str]:
    return lambda record: "±" if _varying(key, record) else ""


def _varying(key: str, record: RunRecord) -> Spread | None:
    """The spread of a count that is not the same each time: others of the network may be."""
    spread: Spread | None = getattr(record.count_spread, key, None)
    return spread if spread is not None and spread.varies else None


def _range(key: str) -> Ends:
    """The lowest and the highest count of a network that does not always do the same work."""

    def ends(record: RunRecord) -> tuple[float, float] | None:
        spread = _varying(key, record)
        return None if spread is None else (spread.low, spread.high)

    return ends


def is_mean(record: RunRecord) -> bool:
    """Whether its runtime is a mean: under NTIRE's own policy; else it is the median."""
    return record.runtime_ms is not None and record.runtime_ms.statistic == "mean"


def statistic_of(records: Sequence[RunRecord]) -> str:
    """``median`` or ``mean``: what the runtime of ``records``, timed in one way, is."""
    timed = [r for r in records if r.runtime_ms is not None]
    return "mean" if timed and all(map(is_mean, timed)) else "median"


def runtime_ms(record: RunRecord) -> float | None:
    """The runtime a row is known by: the median; under NTIRE's own timing policy the mean."""
    return number(record.runtime_ms.known_by) if record.runtime_ms else None


def runtime_ratio(record: RunRecord) -> float | None:
    """The paired ratio to the protocol's baseline; below 1 is faster."""
    return number(record.runtime_ms.ratio) if record.runtime_ms else None


def _spread(record: RunRecord) -> tuple[float, float] | None:
    """5th and 95th percentile of all calls."""
    timed = record.runtime_ms
    return (timed.p5, timed.p95) if timed else None


def _interval(record: RunRecord) -> tuple[float, float] | None:
    """The 95% interval of the ratio."""
    timed = record.runtime_ms
    if timed is None or timed.ratio_low is None or timed.ratio_high is None:
        return None
    return (timed.ratio_low, timed.ratio_high)


_ROWS = (
    Cost(key="params", heading="Params", label="Params", unit="K", digits=1, divisor=1e3,
         direction="lower", value=lambda r: number(r.params), nicknames={"parameters": ""},
         description="Parameters of the deployed model, buffers apart."),
    Cost(key="macs", heading="MACs", label="MACs", unit="G", digits=4, divisor=1e9, adaptive=True,
         direction="lower", value=_macs, beside=_other_macs, mark=_mark_of_macs,
         ends=_range("macs"), of_input=True,
         nicknames={"flops": "FLOPs"},
         description="Multiply-adds of one forward at the protocol's counting input; one "
         "multiply-add counts once (what NTIRE's tables call FLOPs). Of two counters that differ "
         "the larger, marked ≠; under FLOPs fvcore's, as the challenge counts."),
    Cost(key="activations", heading="Acts", label="Activations", unit="M", digits=4, divisor=1e6,
         adaptive=True, direction="lower", value=lambda r: number(r.activations), of_input=True,
         ends=_range("activations"), mark=_mark_of_mean("activations"),
         nicknames={"acts": ""},
         description="Output elements of all convolutions (NTIRE's definition)."),
    Cost(key="convs", heading="Convs", label="Convolutions", unit="", digits=0, direction="lower",
         value=lambda r: number(r.convs), shown=False, ends=_range("convs"),
         mark=_mark_of_mean("convs"),
         description="Calls of convolutions in one forward."),
    Cost(key="peak_memory_bytes", heading="Memory", label="Peak memory", unit="MiB", digits=4,
         divisor=2.0**20, adaptive=True, direction="lower", of_device=True, of_input=True,
         value=lambda r: number(r.peak_memory_bytes), nicknames={"memory": ""},
         description="Peak memory of one forward, reset after loading; on a CPU the peak of live "
         "tensor bytes."),
    Cost(key="process_memory_bytes", heading="Process", label="Process growth", unit="MiB",
         digits=4, divisor=2.0**20, adaptive=True, direction="lower", of_device=True,
         of_input=True, value=lambda r: number(r.process_memory_bytes),
         description="By how much a fresh process grows in one forward, where the network runs "
         "outside torch and peak memory cannot be seen: no figure to hold against it."),
    Cost(key="runtime_ms", heading="Runtime", label="Runtime", unit="ms", digits=4, adaptive=True,
         group="Runtime", direction="lower", bolding="as measured", of_device=True, of_input=True,
         value=runtime_ms, ends=_spread, nicknames={"runtime": ""},
         description="Median of one forward (under NTIRE's own policy the mean over the images, "
         "the first, cold one included), with the 5th to the 95th percentile of all calls beside "
         "it."),
    Cost(key="runtime_ratio", heading="÷ baseline", label="Runtime ÷ baseline", unit="", digits=3,
         group="Runtime", direction="lower", bolding="as measured", of_device=True, of_input=True,
         value=runtime_ratio, ends=_interval,
         reason_key="runtime_ms", nicknames={"ratio": ""},
         description="Paired ratio to the protocol's baseline, measured in the same session, with "
         "its 95% interval; below 1 is faster."),
    Cost(key="energy_j", heading="Energy", label="Energy", unit="J", digits=3, adaptive=True,
         group="Runtime", direction="lower", of_device=True, of_input=True,
         value=lambda r: number(r.runtime_ms.energy_j) if r.runtime_ms else None,
         nicknames={"energy": ""},
         description="Energy the device used for one forward, mean over the timed calls; with "
         "idle power."),
)  # fmt: skip

COSTS: Final[dict[str, Cost]] = {row.key: row for row in _ROWS}
"""By key, in the order tables show them."""


def cost_named(word: str) -> Cost | None:
    """The cost that ``word`` means, a key or a nickname; None for neither."""
    found = COSTS.get(word)
    return found or next((row for row in COSTS.values() if word in row.nicknames), None)


def words() -> list[str]:
    """Every word that :func:`cost_named` knows, the short one of each first."""
    return list(dict.fromkeys(w for row in COSTS.values() for w in (*row.nicknames, row.key)))
