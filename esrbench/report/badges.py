"""What a reader should know of a row at a glance: the record's flags and a few words more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from esrbench.flags import COUNTERS_DIFFER, ELEMENTWISE_WORK, flag_of
from esrbench.leaderboard.imported import IMPORTED
from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.thresholds import Miss
from esrbench.policies import policy_of
from esrbench.results.record import RunRecord
from esrbench.sandbox.tiers import MEANINGS, Tier

Tone = Literal["good", "plain", "warn", "bad"]


@dataclass(frozen=True)
class Badge:
    """A short word and what it means."""

    code: str
    label: str
    tone: Tone
    meaning: str


SHIPPED = "reference"
"""Of a row whose figures come with esrbench."""

_CONFINED: dict[Tier, str] = {
    "bwrap": "sandboxed", "landlock": "lightly sandboxed", "limits": "limits only",
    "none": "no sandbox",
}  # fmt: skip
_OTHERS = {
    badge.code: badge
    for badge in (
        Badge("warm", "timed warm", "good", "Timed after warm-up, in blocks interleaved with the "
              "baseline."),
        Badge("cold", "timed cold", "warn", "Timed the challenge's way, each image once without "
              "warm-up, so that the first image can decide the rank."),
        Badge("macs-agree", "MACs agree", "good", "Two independent counters agree on the MACs "
              "within 1%."),
        Badge("verified", "verified", "good", "What is shown is of the network that was handed in, "
              "run where none of its author's code is: of its exported graph, or of a file without "
              "code."),
        Badge("allowed", "allowed", "bad", "Ranked although it has a flag that takes a row out of "
              "the ranking, because whoever made this page asked for it."),
        Badge("process", "no sandbox", "plain", "Ran in a process of its own, otherwise "
              "unconfined."),
        *(Badge(tier, _CONFINED[tier],
                "good" if tier in ("bwrap", "landlock") else "plain",
                f"Confined by {meaning.is_}." if tier != "none" else "Ran unconfined, as asked.")
          for tier, meaning in MEANINGS.items()),
        Badge(IMPORTED, "published", "plain", "As the challenge's organisers published it; not "
              "measured by esrbench."),
        Badge(SHIPPED, "reference", "plain", "Quality and counts come with esrbench; nobody "
              "measured them for this table, and its runtime is empty unless it was the "
              "baseline."),
        Badge("under-threshold", "under threshold", "warn", "Its quality is under the protocol's "
              "threshold on unrounded values."),
        Badge("over-limit", "over limit", "warn", "It costs more than the protocol allows."),
        Badge("rounded-in", "rounded in", "warn", "Under the threshold, but the challenge's "
              "rounding to two decimals would have let it through."),
        Badge("rejected", "rejected", "bad", "Broke a rule; the reason stands beside it."),
        Badge("failed", "failed", "bad", "Did not finish; the reason stands beside it."),
    )
}  # fmt: skip
"""What is no flag of the record, but follows from it or from its place in the table."""
CODES = tuple(_OTHERS)


def badges_of(row: Row) -> list[Badge]:
    """The badges of one row, the gravest first."""
    record = row.record
    codes: list[str] = [record.status] if record.status != "ok" else []
    codes += [flag for flag in record.flags if flag not in codes]
    if row.allowed:
        codes.append("allowed")
    if under := [miss for miss in row.missed if isinstance(miss, Miss)]:
        rounded_in = all(miss.passes_rounded for miss in under)
        codes.append("rounded-in" if rounded_in else "under-threshold")
    if len(under) < len(row.missed):
        codes.append("over-limit")
    if record.runtime_ms:
        codes.append("cold" if policy_of(record.runtime_ms.policy).cold else "warm")
    if counters_agree(record):
        codes.append("macs-agree")
    if record.verification is not None and record.verification.status == "verified":
        codes.append("verified")
    codes.append(SHIPPED if record.shipped else record.sandbox)
    badges = [known(code) for code in dict.fromkeys(codes)]
    return sorted(badges, key=lambda b: ("bad", "warn", "plain", "good").index(b.tone))


def known(code: str) -> Badge:
    """The badge of ``code``; a flag without a row of its own shows as it is, as a warning."""
    if code in _OTHERS:
        return _OTHERS[code]
    flag = flag_of(code)
    return Badge(code, flag.badge, flag.tone, flag.meaning)


def counters_agree(record: RunRecord) -> bool:
    """Whether two counters were run, are within 1% of each other, and saw what there is to see."""
    counted = record.complexity
    if counted is None or not counted.macs_fvcore or not counted.macs_dispatch:
        return False
    apart = abs(counted.macs_dispatch / counted.macs_fvcore - 1)
    unsure = {COUNTERS_DIFFER, ELEMENTWISE_WORK}.intersection(record.flags)
    return apart <= 0.01 and not counted.opaque_ops and not unsure
