"""Every way a runtime can be taken, once: what it is for, and what follows from it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Name = Literal["block", "ntire", "stream", "graph"]


@dataclass(frozen=True)
class Policy:
    """One way of timing. The runner, the schedule and the pages read from here what it implies."""

    name: str
    meaning: str
    """One sentence, for help and documentation."""
    cold: bool = False
    """Each image once, in a process that has not run the network: no warm-up, no baseline in turn,
    hence no interval; the mean over the images is what is ranked."""
    sent_together: bool = False
    """The calls of a block are sent off without waiting in between: throughput, not latency."""
    replayed: bool = False
    """The network is recorded once and replayed, which needs a CUDA device."""

    @property
    def statistic(self) -> Literal["mean", "median"]:
        """What of the calls a row is known by."""
        return "mean" if self.cold else "median"

    @property
    def calls_one_by_one(self) -> bool:
        """Whether each call is made, warm, as a user makes it: what a table of layers explains."""
        return not (self.cold or self.sent_together or self.replayed)


_ROWS: Final = (
    Policy("block", "Warm blocks of calls in turn with the baseline's, each call waited for."),
    Policy("ntire", "Each image once, cold, as NTIRE's script does; the mean.", cold=True),
    Policy("stream", "As block, the calls of a block sent off together: throughput.",
           sent_together=True),
    Policy("graph", "As block, a CUDA graph replayed, so that launches cost nothing.",
           replayed=True),
)  # fmt: skip

POLICIES: Final[Mapping[str, Policy]] = {row.name: row for row in _ROWS}


def policy_of(name: str) -> Policy:
    """The row of ``name``; a later version's policy is taken for a warm one."""
    return POLICIES.get(name) or Policy(name, "A policy this version does not know.")
