"""A record as the public may see it, built from a list of what is allowed.

Nothing is taken away from a record here: a new one is made, and a field that is not named below is
not in it. So a field that is added to records later is private until somebody says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from esrbench.challenge.schema import Challenge, ChallengeDataset, Team
from esrbench.flags import BELOW_THRESHOLD
from esrbench.leaderboard.thresholds import misses
from esrbench.results.record import (
    About,
    Complexity,
    DatasetFacts,
    ImageScore,
    Picture,
    RunRecord,
)
from esrbench.results.trusted import Verification

_FOLDERS = re.compile(r"(?<![\w:/])/(?:[^\s/:]+/)+")
"""The folders before a file's name, of an absolute path; an address on the web is none."""
PRIVATE = "Known to the organisers."
"""Stands where a reason is: reasons hold paths, names of images and a submission's own words."""

_WHOSE = {
    "verified": "The exported graph was scored, in a process without the submission's code.",
    "claimed": "It could not be scored by an exported graph; the organisers know why.",
}

_AS_IT_IS = (
    "id", "created", "scale", "submission_sha256", "weights_sha256", "protocol", "device",
    "precision", "status", "flags", "params", "macs", "activations", "convs", "peak_memory_bytes",
    "memory", "memory_by_shape", "runtime_ms", "runtime_by_shape", "signatures", "timing_blocks",
    "challenge", "sandbox", "harness_version", "harness_commit", "schema_version",
)  # fmt: skip
_COUNTED = (
    "input_shape", "params_before_forward", "params_after_forward", "buffers",
    "constant_elements", "macs_fvcore", "macs_dispatch", "macs_ntire2022", "macs_arm",
    "activations_fvcore", "by_operator",
)  # fmt: skip
_PROTOCOL = (
    "name", "title", "description", "scale", "metrics", "crop_border", "reference_input",
    "reference_output", "timing", "macs_heading", "rank_by", "score",
    "cost_limits",
)  # fmt: skip


def public_sets(challenge: Challenge, now: datetime | None = None) -> list[ChallengeDataset]:
    """The sets whose figures may be shown: validation always, test from ``dates.publish`` on."""
    moment = now or datetime.now(timezone.utc)
    publish = challenge.dates.publish
    open_to_all = publish is None or moment >= publish
    return [told for told in challenge.datasets if told.role == "validation" or open_to_all]


def public_record(
    record: RunRecord, challenge: Challenge, team: Team, shown: Iterable[ChallengeDataset]
) -> RunRecord:
    """``record`` of ``team`` with the figures of the sets ``shown``, and nothing that is private.

    Of hidden sets means alone, rounded as the file says.
    """
    sets = {told.name: told for told in shown if told.name in record.quality}
    open_sets = {name for name, told in sets.items() if told.visibility == "public"}
    fields: dict[str, Any] = {key: getattr(record, key) for key in _AS_IT_IS}
    fields["flags"] = _flags(record)
    return RunRecord(
        **fields,
        submission=team.id,
        about=_about(record, challenge, team),
        protocol_spec=_protocol(record.protocol_spec, {told.name for told in shown}),
        reason=PRIVATE if record.reason else None,
        missing=dict.fromkeys(record.missing, PRIVATE),
        quality={
            name: _means(record.quality[name], None if name in open_sets else challenge)
            for name in sets
        },
        infinite={name: record.infinite[name] for name in open_sets if name in record.infinite},
        datasets={
            name: DatasetFacts(
                images=facts.images,
                sha256=facts.sha256 if name in open_sets else "hidden",
                lr_source=facts.lr_source,
            )
            for name, facts in record.datasets.items()
            if name in sets
        },
        images={name: _images(record.images.get(name, [])) for name in open_sets},
        pictures=[
            _picture(picture)
            for picture in record.pictures
            if challenge.publish.pictures and picture.dataset in open_sets
        ],
        complexity=_complexity(record.complexity),
        verification=_verification(record.verification),
    )


def _verification(told: Verification | None) -> Verification | None:
    """Whose word the figures are; why they could not be verified may hold a path."""
    return None if told is None else Verification(status=told.status, sentence=_WHOSE[told.status])


def _flags(record: RunRecord) -> list[str]:
    """The record's own, and whether a threshold is missed: rounded means cannot tell that."""
    return sorted({*record.flags, *([BELOW_THRESHOLD] if misses(record) else [])})


def _about(record: RunRecord, challenge: Challenge, team: Team) -> About:
    if challenge.publish.names == "ids":
        return About(title=team.id)
    by = "; ".join(part for part in (", ".join(team.members), team.affiliation) if part)
    return About(
        title=team.title,
        authors=by or None,
        year=record.about.year,
        paper=record.about.paper,
        code=record.about.code,
        licence=record.about.licence,
    )


def _protocol(spec: dict[str, Any], shown: set[str]) -> dict[str, Any]:
    kept = {key: spec[key] for key in _PROTOCOL if key in spec}
    kept["datasets"] = [name for name in spec.get("datasets", ()) if name in shown]
    least = spec.get("thresholds") or {}
    kept["thresholds"] = {name: value for name, value in least.items() if name in shown}
    rank = kept.get("rank_by")
    if isinstance(rank, dict) and rank.get("dataset") not in {None, *shown}:
        kept["rank_by"] = None
    return kept


def _means(means: dict[str, float | None], rounded: Challenge | None) -> dict[str, float | None]:
    """The means, rounded to ``publish.figures`` decimals (SSIM and LPIPS: two more) if asked."""
    if rounded is None:
        return dict(means)
    places = rounded.publish.figures
    return {
        key: None if mean is None else round(mean, places + (0 if key.startswith("psnr") else 2))
        for key, mean in means.items()
    }


def _images(images: Iterable[ImageScore]) -> list[ImageScore]:
    return [
        ImageScore(
            name=image.name,
            values=image.values,
            lr_size=image.lr_size,
            forward_ms=image.forward_ms,
        )
        for image in images
    ]


def _picture(picture: Picture) -> Picture:
    return Picture(
        dataset=picture.dataset,
        name=picture.name,
        lr=picture.lr,
        sr=picture.sr,
        hr=picture.hr,
        box=picture.box,
    )


def _complexity(counted: Complexity | None) -> Complexity | None:
    if counted is None:
        return None
    return Complexity(**{key: getattr(counted, key) for key in _COUNTED})


def without_hidden_names(text: str, records: Iterable[RunRecord], challenge: Challenge) -> str:
    """``text`` for a team's own eyes: no name of a hidden image, no path of the judge's machine."""
    hidden = {told.name for told in challenge.datasets if told.visibility == "hidden"}
    names = {
        image.name
        for record in records
        for name, images in record.images.items()
        if name in hidden
        for image in images
    }
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "(an image)")
    return without_folders(text)


def without_folders(text: str) -> str:
    """``text`` with the last part alone of each absolute path.

    Example:
        >>> without_folders("/srv/cache/3f2a/net/submission.yaml: unknown key 'scael'.")
        "submission.yaml: unknown key 'scael'."
    """
    return _FOLDERS.sub("", text)
