"""Which tier of confinement this machine has, and how to get a better one."""

from __future__ import annotations

from collections.abc import Iterator

from esrbench.sandbox.choose import choose, why_not
from esrbench.sandbox.tiers import MEANINGS, TIERS
from esrbench.timing.finding import Finding


def examine_sandbox() -> Iterator[Finding]:
    """What confines submissions here; each better tier with why it cannot be had."""
    best = choose()
    better = TIERS[: TIERS.index(best)]
    reasons = "; ".join(f"no {tier}: {why_not(tier)}" for tier in better)
    meaning = MEANINGS[best]
    yield Finding(
        "ok" if best == "bwrap" else "warn",
        "sandbox",
        f"Submissions run in {best}: {meaning.is_}." + (f" There is {reasons}." if reasons else ""),
        "" if best == "bwrap" else f"For a better one: {meaning.better}.",
    )
