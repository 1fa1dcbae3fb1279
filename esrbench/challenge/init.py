"""A new challenge: its folders, and a ``challenge.yaml`` that explains itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import yaml

from esrbench.challenge.folder import FILE, ChallengeFolder
from esrbench.challenge.schema import Challenge
from esrbench.errors import UnavailableError, UsageError
from esrbench.protocol.load import load_protocol
from esrbench.protocol.schema import Protocol
from esrbench.report.atomic import write_text
from esrbench.results.store import slug
from esrbench.strict_yaml import parse
from esrbench.submission.formats import ntire_repository

_TEXT = """\
# The rules of a challenge and who takes part. `esrbench challenge status` says where it stands.
# Until the first record is made everything may be changed; afterwards a change of what decides a
# figure or a rank needs `esrbench challenge run --amend "why"`, and the reason is shown.

name: {name}
title: {title}
organisers: []
contact: null

# With their time zone. What arrives after `close` is marked late and stands below the ranking;
# before `publish` the public report shows validation sets only.
dates:
  open: {open}
  close: {close}
  publish: {publish}

# Every team enters every track. `protocol` is a named one or a YAML file beside this one;
# `precision` (fp32, fp16, ...) may be left out: each network in its own; `score` names a formula.
tracks:
  - name: main
    protocol: {protocol}
    scale: {scale}
    device: auto
    score: {score}

# visibility: public or hidden (no image names, pictures or single images' figures are published).
# role: validation or test (figures are published after `dates.publish`).
# Sets of your own are described in a datasets.yaml beside this file.
datasets:
{datasets}
# What a ranked row keeps to: least quality (psnr_rgb: {{Set5: 30.0}}) and greatest costs, in plain
# numbers (params: 200000, macs: 2.0e+10, runtime_ratio: 1.2).
thresholds:{thresholds}

baseline: {baseline}

# Where an entry's network exports, its graph is what is scored, in a process without its code, and
# must agree with what the code answers. An entry that does not export is `claimed` and ranked
# apart, as every flag that takes a row out does, unless it stands in `allow`: [claimed].
verify: true
allow: []

limits:
  seconds: 600      # the longest one answer may take
  memory: null      # GiB; null: 85% of what is free
  per_team: null    # versions a team may hand in; null: any number

publish:
  names: teams      # or ids
  pictures: true    # crops of public sets
  figures: 2        # decimals of PSNR on hidden sets

# `esrbench challenge add TEAM PATH` adds a team and what it hands in.
teams:{teams}
"""


def init(root: Path, *, protocol: str = "ntire2026", repository: Path | None = None) -> Path:
    """Write ``challenge.yaml`` and the folders below ``root``; returns the file.

    From an NTIRE ``repository`` every entry of its ``select_model`` becomes a team.

    Raises UsageError when there is a challenge already, no such protocol, or no such repository.
    """
    folder = ChallengeFolder(root)
    if folder.file.exists():
        raise UsageError(f"{folder.file} is there already; edit it, or give another folder.")
    text = _text(root, load_protocol(protocol), protocol, _teams(repository))
    parse(yaml.safe_load(text), Challenge, FILE)  # what is written can be read
    try:
        for part in (folder.entries, folder.store.root, folder.published):
            part.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise UnavailableError(f"{root} cannot be written: {why.strerror}.") from None
    write_text(folder.file, text)
    return folder.file


def _text(root: Path, protocol: Protocol, named: str, teams: list[dict[str, str]]) -> str:
    start = datetime.now(timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0)
    weeks = [start + timedelta(weeks=count) for count in (0, 8, 10)]
    opening, close, publish = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in weeks)
    datasets = [
        f"  - {{name: {name}, visibility: public, role: validation}}\n"
        for name in protocol.datasets
    ]
    least: dict[str, dict[str, float]] = {}
    for dataset, by_metric in protocol.thresholds.items():
        for metric, value in by_metric.items():
            least.setdefault(metric, {})[dataset] = value
    limits: dict[str, object] = {**least, **protocol.cost_limits}
    return _TEXT.format(
        name=slug(root.resolve().name),
        title=_quoted(f"{protocol.title}: a challenge of our own"),
        open=opening, close=close, publish=publish,
        protocol=named, scale=protocol.scale, score=protocol.score or "null",
        datasets="".join(datasets),
        thresholds=_block(limits) if limits else " {}",
        baseline=f"{{submission: {protocol.timing.baseline}}}" if protocol.timing.baseline
        else "null",
        teams=_block(teams) if teams else " []",
    )  # fmt: skip


def _teams(repository: Path | None) -> list[dict[str, str]]:
    """A team for every entry of a repository, its model id in the name."""
    if repository is None:
        return []
    if not ntire_repository.detect(repository):
        raise UsageError(f"{repository} is no NTIRE repository with select_model().")
    branches = [
        ntire_repository.submission(repository, variant, None)
        for variant in ntire_repository.variants(repository)
        if variant is not None
    ]
    return [{"id": f"team{b.variant or 0:0>2}", "name": b.title} for b in branches]


def _block(data: object) -> str:
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    return "\n" + "".join(f"  {line}\n" for line in text.splitlines()).rstrip("\n")


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, default_style='"', width=1000).strip()
