"""The checkpoint a submission is measured with, or why it is measured without one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esrbench.results.record import WeightsStatus
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights


@dataclass(frozen=True)
class Weights:
    """What was found; without a checkpoint a network keeps the values ``build()`` gave it."""

    status: WeightsStatus
    path: Path | None = None
    why_none: str | None = None
    """The reason, in a sentence, where the status is ``missing``."""

    @property
    def missing(self) -> bool:
        """Whether there should be a checkpoint and is none: then it has costs and no quality."""
        return self.status == "missing"


def weights_at_hand(
    submission: Submission, *, weights_dir: Path | None, offline: bool = True
) -> Weights:
    """The checkpoint of ``submission``, as ``locate_weights`` looks for it.

    One that is not to be had is no error here. Raises SubmissionError for one that is wrong, and
    UsageError when ``weights_dir`` is no folder.
    """
    try:
        path = locate_weights(submission, weights_dir=weights_dir, offline=offline)
    except WeightsUnavailable as why:
        return Weights("missing", why_none=str(why))
    if path is None:
        return Weights("none-needed")
    return Weights("own" if submission.trained_here else "found", path)
