"""What the index keeps of a record: who, with what, how, and whether it may count as measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from esrbench.flags import NO_WEIGHTS
from esrbench.results.record import RunRecord, Status
from esrbench.results.seal import SealState, seal_state
from esrbench.results.swept import SweptPoint, point_of


class Entry(BaseModel):
    """One record in brief."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    created: str
    submission: str
    variant: str | None
    scale: int
    protocol: str
    device: str
    precision: str
    status: Status
    reason: str | None
    no_weights: bool
    timed: bool
    submission_sha256: str | None
    code_sha256: str | None
    source: str | None
    revises: str | None
    spec_sha256: str
    """Over the protocol as it was applied."""
    harness_version: str
    harness_commit: str | None
    sandbox: str
    """The tier that confined it."""
    verification: bool = False
    """Whether it was asked whose word its figures are."""
    datasets: dict[str, str] = Field(default_factory=dict)
    """Hash of the images by the dataset's name."""
    swept: SweptPoint | None = None
    """Which checkpoint of a training run it is."""
    seal: SealState = "none"

    @property
    def label(self) -> str:
        """``span/c28``, as the submission calls itself."""
        return f"{self.submission}/{self.variant}" if self.variant else self.submission

    @property
    def measured(self) -> bool:
        """Whether there is anything to show but why it did not work."""
        return self.status == "ok"


def entry_of(record: RunRecord, data: Mapping[str, Any]) -> Entry:
    """``record`` in brief; ``data`` is its JSON as it stands in the file, for the seal."""
    return Entry(
        id=record.id,
        created=record.created,
        submission=record.submission,
        variant=record.variant,
        scale=record.scale,
        protocol=record.protocol,
        device=record.device,
        precision=record.precision,
        status=record.status,
        reason=record.reason,
        no_weights=record.weights_status == "missing" or NO_WEIGHTS in record.flags,
        timed=record.runtime_ms is not None,
        submission_sha256=record.submission_sha256,
        code_sha256=record.code_sha256,
        source=record.source,
        revises=record.revises,
        spec_sha256=spec_sha256(record.protocol_spec),
        harness_version=record.harness_version,
        harness_commit=record.harness_commit,
        sandbox=record.sandbox,
        verification=record.verification is not None,
        datasets={name: facts.sha256 for name, facts in record.datasets.items()},
        swept=point_of(record.swept, record.quality),
        seal=seal_state(data),
    )


def spec_sha256(spec: Mapping[str, Any]) -> str:
    """One hash for a protocol as it was applied."""
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()
