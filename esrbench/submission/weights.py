"""Where a submission's checkpoint lies: beside it, in a folder of checkpoints, or on the network.

Nothing here reads a checkpoint: it is found by its hash and handed on as a path.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from esrbench import bundled
from esrbench.errors import SubmissionError, UnavailableError, UsageError
from esrbench.file_hash import file_sha256
from esrbench.public_address import require_public, require_public_redirect
from esrbench.submission import limits
from esrbench.submission.manifest import WeightsSpec
from esrbench.submission.submission import Submission

CHECKPOINT_SUFFIXES = frozenset({".safetensors", ".pth", ".pt", ".ckpt", ".bin"})


WeightsChoice = Literal["own", "official"]
"""Whose checkpoint is wanted: one trained here, or the authors'."""


class WeightsUnavailable(UnavailableError):
    """The checkpoint is not at hand; the message says why and what to do."""


def locate_weights(
    submission: Submission,
    *,
    weights_dir: Path | None = None,
    cache_dir: Path | None = None,
    offline: bool = False,
) -> Path | None:
    """The submission's checkpoint, or None when it needs none.

    Looks, in this order, for the file beside the submission, for one with the right sha256 under
    ``weights_dir`` (else ``ESRBENCH_WEIGHTS_DIR``) under any name, in the cache, and on the network
    unless ``offline``. Whatever is returned has the sha256 of the manifest, if it gives one.

    Raises WeightsUnavailable with the reason, SubmissionError for a file beside the submission that
    is missing or another one, UsageError when ``weights_dir`` is no folder.
    """
    if submission.checkpoint is not None:
        limits.check_size(submission.checkpoint, limits.WEIGHTS_BYTES, "a checkpoint")
        return submission.checkpoint
    spec = submission.weights
    if spec is None:
        return None
    beside = _beside(submission, spec)
    if beside is not None:
        return beside
    if spec.sha256 is None:
        raise WeightsUnavailable(f"{submission.label} has no weights: {spec.reason}.")
    folder = _weights_dir(weights_dir)
    found = _by_hash(folder, spec) if folder else None
    return found or _cached_or_downloaded(submission, spec, cache_dir, offline, folder)


def choose_weights(
    submission: Submission,
    choice: WeightsChoice | None,
    *,
    weights_dir: Path | None = None,
    offline: bool = False,
) -> Submission:
    """``submission`` with the checkpoint that will be used for it as its ``weights``.

    ``own`` takes the one trained here, and leaves the reason where there is none; ``official``
    changes nothing; None takes the one trained here only where the official one is not at hand.
    One that needs no weights, or was given a checkpoint by its path, stays as it is.

    Raises UsageError when ``weights_dir`` is no folder.
    """
    own = submission.own_weights
    if choice == "official" or submission.weights is None or submission.checkpoint is not None:
        return submission
    if choice == "own":
        none = WeightsSpec(reason=f"none were trained here for x{submission.scale}")
        return replace(submission, weights=own or none)
    if own is None:
        return submission
    try:
        locate_weights(submission, weights_dir=weights_dir, offline=offline)
    except WeightsUnavailable:
        return replace(submission, weights=own)
    except SubmissionError:  # locate_weights says so again, to whoever wants the file
        return submission
    return submission


def with_checkpoint(submission: Submission, path: Path) -> Submission:
    """``submission`` with the values in the file at ``path`` instead of those it names.

    Published figures stay only where it is the very file. Raises UsageError where there is none.
    """
    path = path.expanduser().resolve()
    if not path.is_file():
        raise UsageError(f"--weights {path}: there is no such file; give one, or own or official.")
    named = submission.weights
    same = named is not None and named.sha256 is not None and named.sha256 == sha256_of(path)
    return replace(
        submission,
        checkpoint=path,
        weights=WeightsSpec(file=path.name, key=named.key if named else None),
        published=submission.published if same else {},
    )


def sha256_of(path: Path) -> str:
    """The file's sha256; a file seen before is not read again unless its size or time changed."""
    status = path.stat()
    return _sha256(str(path.resolve()), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _sha256(path: str, size: int, modified: int) -> str:
    del size, modified  # they are here to miss the cache when the file is another one
    return file_sha256(Path(path))


def _beside(submission: Submission, spec: WeightsSpec) -> Path | None:
    if spec.file is None:
        return None
    path = limits.inside(submission.folder / spec.file, submission.folder)
    if not path.is_file():
        if spec.sha256 is None and spec.reason is None:
            raise SubmissionError(
                f"{submission.label}: its weights {spec.file!r} are not in {submission.folder}; "
                "put them there or correct `weights: file:`."
            )
        return None
    limits.check_size(path, limits.WEIGHTS_BYTES, "a checkpoint")
    if spec.sha256 is not None and sha256_of(path) != spec.sha256:
        raise SubmissionError(
            f"{path} is not the checkpoint that {submission.label} names: its sha256 is "
            f"{sha256_of(path)}, not {spec.sha256}."
        )
    return path


def _weights_dir(weights_dir: Path | None) -> Path | None:
    if weights_dir is None and os.environ.get("ESRBENCH_WEIGHTS_DIR"):
        weights_dir = Path(os.environ["ESRBENCH_WEIGHTS_DIR"])
    if weights_dir is not None and not weights_dir.is_dir():
        raise UsageError(
            f"There is no folder {weights_dir} of weights; give another --weights-dir or none."
        )
    return weights_dir


def _by_hash(folder: Path, spec: WeightsSpec) -> Path | None:
    """The file under ``folder`` with the right hash; the size, where known, spares most hashing."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in CHECKPOINT_SUFFIXES or not path.is_file():
            continue
        if spec.bytes is not None and path.stat().st_size != spec.bytes:
            continue
        if sha256_of(path) == spec.sha256:
            return path
    return None


def _cached_or_downloaded(
    submission: Submission,
    spec: WeightsSpec,
    cache_dir: Path | None,
    offline: bool,
    searched: Path | None,
) -> Path:
    assert spec.sha256 is not None
    folder = (cache_dir or bundled.cache()) / "weights"
    name = f"{spec.sha256[:12]}-{Path(spec.file or (spec.url or 'weights').split('/')[-1]).name}"
    path = folder / name
    if path.is_file() and sha256_of(path) == spec.sha256:
        return path
    where = "in the weights folder" if searched else "at hand (no --weights-dir was given)"
    absent = f"the weights of {submission.label} (sha256 {spec.sha256[:12]}...) are not {where}"
    if spec.url is None:
        raise WeightsUnavailable(f"{absent}, and its manifest has no url to get them from.")
    if offline:
        into = "into that folder" if searched else "and name its folder with --weights-dir"
        raise WeightsUnavailable(f"{absent} and this run is offline; download {spec.url} {into}.")
    return _download(spec, folder, name, absent)


def _download(spec: WeightsSpec, folder: Path, name: str, absent: str) -> Path:
    import pooch

    pooch.get_logger().setLevel("ERROR")
    assert spec.url is not None
    require_public(spec.url)
    guarded = {"hooks": {"response": require_public_redirect}}
    try:
        fetched = pooch.retrieve(
            url=spec.url,
            known_hash=f"sha256:{spec.sha256}",
            fname=name,
            path=folder,
            downloader=pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=60, **guarded),
        )
    except SubmissionError:
        raise
    except ValueError as why:  # pooch's word for a wrong hash; it keeps no such file
        raise WeightsUnavailable(f"{absent}, and what {spec.url} gives is another file.") from why
    except Exception as why:  # whatever the network, a proxy or the disk can do
        raise WeightsUnavailable(
            f"{absent}, and {spec.url} could not be fetched ({type(why).__name__})."
        ) from why
    return Path(fetched)
