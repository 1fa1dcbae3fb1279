"""The baseline that a challenge names, held to its checkpoint's hash."""

from __future__ import annotations

from pathlib import Path

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.schema import Challenge
from esrbench.errors import SubmissionError, UsageError
from esrbench.judge.weights import weights_at_hand
from esrbench.submission.find import find
from esrbench.submission.weights import sha256_of


def hold_to_baseline(
    folder: ChallengeFolder, challenge: Challenge, weights_dir: Path | None
) -> None:
    """Raises UsageError where the baseline is not there, or its checkpoint is another one.

    A checkpoint that is not at hand holds nothing up: a runtime does not depend on its values.
    """
    told = challenge.baseline
    if told is None:
        return
    try:
        submission = find(told.submission, scale=challenge.tracks[0].scale)
        weights = weights_at_hand(submission, weights_dir=weights_dir)
    except SubmissionError as why:
        raise UsageError(f"{folder.file}: baseline: {why}") from None
    if weights.missing or told.weights_sha256 is None:
        return
    path = weights.path
    if path is None:
        raise UsageError(f"{folder.file}: baseline: {told.submission} has no checkpoint.")
    if (found := sha256_of(path)) != told.weights_sha256:
        raise UsageError(
            f"{folder.file}: baseline: the checkpoint at hand, {path.name}, has the sha256 "
            f"{found}, not {told.weights_sha256}."
        )
