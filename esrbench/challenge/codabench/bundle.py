"""Write a challenge as a Codabench bundle: one zip with rules, pages, data and the scoring program.

Participants send SR images, or their code where it is asked for; either way its table has quality
only, and runtime is measured by the organiser (``esrbench challenge run``). HR images travel as
reference data, which Codabench gives to the scoring program alone. LR images are public data; where
code is sent those of hidden sets are the ingestion program's only.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import yaml
from PIL import Image, ImageDraw

from esrbench import __version__
from esrbench.challenge.codabench.competition import (
    Column,
    Competition,
    Leaderboard,
    Page,
    Phase,
    Task,
    dumped,
)
from esrbench.challenge.codabench.ingestion import PLAN as INGESTION_PLAN
from esrbench.challenge.codabench.ingestion import IngestionPlan
from esrbench.challenge.codabench.scoring import PLAN, Plan, SetPlan
from esrbench.challenge.codabench.validate import validate
from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.protocols import protocol_of
from esrbench.challenge.schema import Challenge, ChallengeDataset
from esrbench.data.dataset import Dataset, open_dataset
from esrbench.errors import UnavailableError, UsageError
from esrbench.protocol.schema import Protocol
from esrbench.report.atomic import write_bytes

COMMAND = "python3 /app/program/score.py /app/input /app/output"
INGEST = "python3 /app/program/ingest.py /app/input_data /app/ingested_program /app/output"
_PROGRAM = '''\
"""Scores result images; the work is done by esrbench, which the Docker image holds."""

from esrbench.challenge.codabench.scoring import main

raise SystemExit(main())
'''
_INGESTION = '''\
"""Runs what was sent on LR images; the work is done by esrbench, which the Docker image holds."""

from esrbench.challenge.codabench.ingestion import main

raise SystemExit(main())
'''
_EPOCH = (2020, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the same challenge makes the same bundle."""


@dataclass(frozen=True)
class _Stage:
    """A phase with its sets: what is scored while it is open."""

    name: str
    sets: tuple[ChallengeDataset, ...]
    start: datetime
    end: datetime | None

    @property
    def open_sets(self) -> set[str]:
        """Names of the sets that are not hidden."""
        return {told.name for told in self.sets if told.visibility == "public"}

    @property
    def hidden(self) -> bool:
        """Whether any set is."""
        return len(self.open_sets) < len(self.sets)


def write_bundle(
    root: Path,
    out: Path,
    *,
    data_root: Path | None,
    docker_image: str | None = None,
    code: bool = False,
) -> Path:
    """Write the bundle of the challenge in ``root`` to ``out``, and check it.

    ``code``: participants send their code instead of SR images.
    ``docker_image``: where workers get esrbench from (``docker/codabench`` says how to make it).
    Raises UsageError where the challenge has no metric that images alone can be scored by,
    UnavailableError where a set is not at hand.
    """
    folder = ChallengeFolder(root)
    challenge = folder.read()
    track = challenge.tracks[0]
    protocol = protocol_of(folder, challenge, track)
    metrics = tuple(key for key in protocol.metrics if key.startswith(("psnr", "ssim")))
    if not metrics:
        raise UsageError(f"{folder.file}: the protocol {track.protocol} has neither PSNR nor SSIM.")
    stages = _stages(challenge)
    image = docker_image or f"esrbench-codabench:{__version__}"
    files = {
        "competition.yaml": _yaml(_competition(challenge, protocol, stages, metrics, image, code)),
        "logo.png": _logo(challenge.name),
        "pages/overview.md": _overview(challenge, protocol, metrics, code).encode(),
        "pages/terms.md": _terms(challenge).encode(),
        "scoring_program.zip": _zipped(
            {"metadata.yaml": f"command: {COMMAND}\n".encode(), "score.py": _PROGRAM.encode()}
        ),
    }
    if code:
        files["ingestion_program.zip"] = _zipped(
            {"metadata.yaml": f"command: {INGEST}\n".encode(), "ingest.py": _INGESTION.encode()}
        )
    for stage in stages:
        opened = [
            open_dataset(told.name, track.scale, data_root=data_root, catalogue=folder.catalogue())
            for told in stage.sets
        ]
        hr, lr = _data(challenge, protocol, stage, opened, metrics)
        files[f"{stage.name}/reference_data.zip"] = _zipped(hr)
        if code:
            files[f"{stage.name}/input_data.zip"] = _zipped(
                {**lr, INGESTION_PLAN: _plan(stage, opened)}
            )
            lr = {name: lr[name] for name in lr if name.partition("/")[0] in stage.open_sets}
        if lr:
            files[f"{stage.name}/public_data.zip"] = _zipped(lr)
    write_bytes(out, _zipped(files))
    faults = validate(out)
    if faults:
        raise UnavailableError(f"{out}: {' '.join(faults)}")
    return out


def _stages(challenge: Challenge) -> list[_Stage]:
    """Validation until the close, test from then on; the last one stays open."""
    dates = challenge.dates
    start = dates.open or datetime.now(timezone.utc).replace(microsecond=0)
    sets = {
        role: tuple(told for told in challenge.datasets if told.role == role)
        for role in ("validation", "test")
    }
    if not sets["test"]:
        return [_Stage("validation", sets["validation"], start, dates.close)]
    if not sets["validation"]:
        return [_Stage("test", sets["test"], start, dates.close)]
    if dates.close is None:
        raise UsageError("A challenge with validation and test sets needs dates.close.")
    return [
        _Stage("validation", sets["validation"], start, dates.close),
        _Stage("test", sets["test"], dates.close, dates.publish),
    ]


def _competition(
    challenge: Challenge,
    protocol: Protocol,
    stages: Sequence[_Stage],
    metrics: Sequence[str],
    image: str,
    code: bool,
) -> Competition:
    keys = [f"{metric}_{told.name}" for s in stages for told in s.sets for metric in metrics]
    return Competition(
        version=2,
        title=challenge.title or challenge.name,
        image="logo.png",
        terms="pages/terms.md",
        description=protocol.description or None,
        docker_image=image,
        enable_detailed_results=True,
        make_programs_available=False,
        make_input_data_available=False,
        contact_email=challenge.contact if "@" in (challenge.contact or "") else None,
        pages=(Page(title="Overview", file="pages/overview.md"),),
        tasks=tuple(
            Task(
                index=index,
                name=stage.name,
                scoring_program="scoring_program.zip",
                reference_data=f"{stage.name}/reference_data.zip",
                input_data=f"{stage.name}/input_data.zip" if code else None,
                ingestion_program="ingestion_program.zip" if code else None,
            )
            for index, stage in enumerate(stages)
        ),
        phases=tuple(
            Phase(
                index=index,
                name=stage.name,
                start=stage.start.replace(tzinfo=None),
                end=stage.end.replace(tzinfo=None) if stage.end else None,
                tasks=(index,),
                public_data=f"{stage.name}/public_data.zip"
                if stage.open_sets or not code
                else None,
                accepts_only_result_submissions=not code,
                hide_output=code and stage.hidden,
                hide_prediction_output=code and stage.hidden,
                hide_score_output=stage.hidden,
            )
            for index, stage in enumerate(stages)
        ),
        leaderboards=(
            Leaderboard(
                title="Results",
                key="main",
                submission_rule="Force_Last",
                columns=tuple(
                    Column(
                        title=key, key=key, index=index, sorting="desc",
                        precision=2 if key.startswith("psnr") else 4,
                    )
                    for index, key in enumerate(keys)
                ),
            ),
        ),
    )  # fmt: skip


def _data(
    challenge: Challenge,
    protocol: Protocol,
    stage: _Stage,
    opened: Sequence[Dataset],
    metrics: tuple[str, ...],
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Reference data (HR and how to score it), and LR images: files by their names."""
    sets: dict[str, SetPlan] = {}
    hr: dict[str, bytes] = {}
    lr: dict[str, bytes] = {}
    for told, dataset in zip(stage.sets, opened, strict=True):
        sets[told.name] = SetPlan(
            scale=dataset.scale,
            crop=protocol.crop(dataset.scale),
            metrics=metrics,
            hidden=told.visibility == "hidden",
            decimals=challenge.publish.figures,
            names=tuple(pair.name for pair in dataset.pairs),
        )
        for pair in dataset.pairs:
            hr[f"{told.name}/{pair.name}.png"] = _png(Image.fromarray(pair.read_hr()))
            lr[f"{told.name}/{pair.name}.png"] = _png(Image.fromarray(pair.read_lr()))
    hr[PLAN] = Plan(harness=__version__, sets=sets).model_dump_json(indent=1).encode()
    return hr, lr


def _plan(stage: _Stage, opened: Sequence[Dataset]) -> bytes:
    plan = IngestionPlan(
        harness=__version__,
        scale=opened[0].scale,
        hidden=stage.hidden,
        sets={d.name: tuple(pair.name for pair in d.pairs) for d in opened},
    )
    return plan.model_dump_json(indent=1).encode()


def _overview(challenge: Challenge, protocol: Protocol, metrics: Sequence[str], code: bool) -> str:
    send = (
        "Send one zip with what `esrbench check` takes: a folder with `model.py`, "
        "`submission.yaml` and weights, or one exported file. It is run on the LR images of the "
        "phase, without network."
        if code
        else "Download the LR images of the phase, and send one zip with a folder for each set, "
        "named as below, that holds one 8-bit PNG for each LR image, of the same name."
    )
    sets = "\n".join(f"- {told.name} ({told.role})" for told in challenge.datasets)
    return (
        f"# {challenge.title or challenge.name}\n\n"
        f"Super-resolution, x{protocol.scale}. {send}\n\n"
        f"{sets}\n\n"
        f"Scored: {', '.join(metrics)}, crop border {protocol.crop(protocol.scale)} pixels.\n"
    )


def _terms(challenge: Challenge) -> str:
    by = ", ".join(challenge.organisers) or "the organisers"
    return f"# Terms\n\nThis challenge is held by {by}. Images may be used to take part in it.\n"


def _logo(name: str) -> bytes:
    """The challenge's name on a plain ground: something of its own is easily put in its place."""
    image = Image.new("RGB", (512, 512), "#0b3d5c")
    draw = ImageDraw.Draw(image)
    draw.rectangle((64, 320, 192, 448), fill="#5fb3e6")
    draw.rectangle((64, 64, 448, 256), outline="#5fb3e6", width=6)
    draw.text((88, 140), name[:24], fill="white", font_size=34)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, format="PNG")
    return written.getvalue()


def _yaml(competition: Competition) -> bytes:
    return yaml.safe_dump(dumped(competition), sort_keys=False, allow_unicode=True).encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return written.getvalue()
