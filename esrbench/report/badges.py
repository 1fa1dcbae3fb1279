"""What a reader should know of a row at a glance: one row of this registry a badge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from esrbench.leaderboard.ranking import Row
from esrbench.results.record import RunRecord

Tone = Literal["good", "plain", "warn", "bad"]


@dataclass(frozen=True)
class Badge:
    """A short word and what it means."""

    code: str
    label: str
    tone: Tone
    meaning: str


_KNOWN = {
    badge.code: badge
    for badge in (
        Badge("warm", "warm", "good", "Timed after warm-up, in blocks interleaved with the "
              "baseline."),
        Badge("cold", "cold", "warn", "Timed the challenge's way: each image once, no warm-up, "
              "arithmetic mean. The first image can decide the rank."),
        Badge("macs-agree", "MACs ✓", "good", "Two independent counters agree on the MACs within "
              "1%."),
        Badge("counters-differ", "MACs ≠", "warn", "The two MACs counters are over 1% apart: see "
              "the submission's page for both."),
        Badge("opaque-ops", "opaque ops", "warn", "Operators that no counter sees through: MACs "
              "are a lower bound."),
        Badge("weights-outside-parameters", "hidden weights", "warn", "Tensors that are neither "
              "parameters nor small take part: the parameter count is too low."),
        Badge("params-change", "params change", "warn", "The parameters differ before and after "
              "the first forward: it fuses or prunes itself."),
        Badge("macs-change", "MACs change", "warn", "The first forward and a later one do not do "
              "the same work."),
        Badge("few-blocks", "few blocks", "warn", "Too few timing blocks for the interval to rest "
              "on their ranks: read it with care."),
        Badge("wide-interval", "wide interval", "warn", "Timing ended before the ratio's interval "
              "was as narrow as the protocol asks for."),
        Badge("throttled", "throttled", "warn", "The device throttled while it was timed."),
        Badge("clocks-disagree", "clocks ≠", "bad", "The judge's wall clock and the times taken "
              "inside the submission's process disagree."),
        Badge("below-floor", "below floor", "bad", "Faster than the device's own ceilings allow "
              "for its MACs or its smallest traffic: the clock or the count is wrong."),
        Badge("timers-patched", "timers patched", "bad", "The submission replaced a timing "
              "function."),
        Badge("flags-changed", "flags changed", "bad", "The submission changed a backend setting "
              "that the protocol fixes."),
        Badge("timed-output-differs", "output differs", "bad", "A timed call gave another output "
              "than the untimed one."),
        Badge("mutates-input", "mutates input", "warn", "The submission writes into its input."),
        Badge("output-float16", "fp16 output", "warn", "The output is half precision."),
        Badge("output-bfloat16", "bf16 output", "warn", "The output is bfloat16."),
        Badge("output-float64", "fp64 output", "warn", "The output is double precision."),
        Badge("no-weights", "no weights", "plain", "No weights at hand: counts and runtime only."),
        Badge("own-weights", "trained here", "warn", "With weights that this project trained, not "
              "the authors': its quality is not the paper's."),
        Badge("unverified-weights", "unverified", "warn", "The weights were not held against a "
              "checksum that the submission declares."),
        Badge("process", "no sandbox", "plain", "Ran in a process of its own, otherwise "
              "unconfined."),
        Badge("limits", "limits", "plain", "Confined by resource limits only."),
        Badge("namespaces", "namespaces", "good", "Confined in namespaces of its own, with "
              "Landlock."),
        Badge("bubblewrap", "bubblewrap", "good", "Confined by bubblewrap."),
        Badge("official", "published", "plain", "As the challenge's organisers published it; not "
              "measured by esrbench."),
        Badge("under-threshold", "under threshold", "warn", "Its quality is under the protocol's "
              "threshold on unrounded values."),
        Badge("rounded-in", "rounded in", "warn", "Under the threshold, but the challenge's "
              "rounding to two decimals would have let it through."),
        Badge("rejected", "rejected", "bad", "Broke a rule; the reason stands beside it."),
        Badge("failed", "failed", "bad", "Did not finish; the reason stands beside it."),
    )
}  # fmt: skip


def badges_of(row: Row) -> list[Badge]:
    """The badges of one row, the gravest first."""
    record = row.record
    codes: list[str] = [record.status] if record.status != "ok" else []
    codes += [flag for flag in record.flags if flag not in codes]
    if row.missed:
        codes.append("rounded-in" if _rounded_in(row) else "under-threshold")
    if record.runtime_ms:
        codes.append("cold" if record.runtime_ms.policy == "ntire" else "warm")
    if counters_agree(record):
        codes.append("macs-agree")
    codes.append(record.sandbox)
    badges = [known(code) for code in dict.fromkeys(codes)]
    return sorted(badges, key=lambda b: ("bad", "warn", "plain", "good").index(b.tone))


def known(code: str) -> Badge:
    """The badge of ``code``; a code the registry lacks shows as it is, as a warning."""
    if code in _KNOWN:
        return _KNOWN[code]
    meaning = "A flag of the record: see the submission's page."
    if code.startswith("output-"):
        kinds = code.removeprefix("output-").replace("-", " and ")
        meaning = f"Its outputs are {kinds}, not float32 throughout."
    return Badge(code, code.replace("-", " "), "warn", meaning)


def is_known(code: str) -> bool:
    """Whether ``code`` has a row of its own in the registry."""
    return code in _KNOWN


def counters_agree(record: RunRecord) -> bool:
    """Whether two counters were run and are within 1% of each other."""
    counted = record.complexity
    if counted is None or not counted.macs_fvcore or not counted.macs_dispatch:
        return False
    apart = abs(counted.macs_dispatch / counted.macs_fvcore - 1)
    return apart <= 0.01 and not counted.opaque_ops and "counters-differ" not in record.flags


def _rounded_in(row: Row) -> bool:
    return bool(row.missed) and all(miss.passes_rounded for miss in row.missed)
