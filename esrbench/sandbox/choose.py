"""Which tiers work on this machine, and the one that is taken.

A tier works when a small program started in it, in the very way in which a runner is started,
finds that it can do nothing of what it tries (``selftest.py``). What is recorded is the tier that
passed, never one that was only asked for.
"""

from __future__ import annotations

from functools import lru_cache

from esrbench.errors import UnavailableError
from esrbench.sandbox import bubblewrap
from esrbench.sandbox.selftest import fault
from esrbench.sandbox.tiers import TIERS, Tier


@lru_cache(maxsize=8)
def why_not(tier: Tier) -> str | None:
    """Why ``tier`` cannot be had here, as a clause; None where it works."""
    if tier in ("limits", "none"):
        return None
    if tier == "bwrap" and (reason := bubblewrap.why_not()) is not None:
        return reason
    return fault(tier)


@lru_cache(maxsize=8)
def choose(asked: str | None = None) -> Tier:
    """The tier asked for, else the best that works; raises UnavailableError for one that does not.

    ``none`` is never taken unasked.
    """
    for tier in TIERS:
        if asked in (None, tier):
            reason = why_not(tier)
            if reason is None:
                return tier
            if asked is not None:
                raise UnavailableError(f"--sandbox {tier}: {reason}. See esrbench doctor.")
    raise UnavailableError(f"There is no sandbox {asked!r}; there are {', '.join(TIERS)}.")
