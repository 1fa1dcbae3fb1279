"""A small record, to be varied."""

from __future__ import annotations

import json
from pathlib import Path

from esrbench.results.record import About, RunRecord


def record(**changes: object) -> RunRecord:
    """A record of ``net`` under ``quick``, with what differs."""
    values: dict[str, object] = {
        "id": "20261121t000000z-000001",
        "created": "2026-11-21T00:00:00+00:00",
        "submission": "net",
        "scale": 4,
        "about": About(title="Net"),
        "protocol": "quick",
        "protocol_spec": {"name": "quick"},
        "device": "cpu:Some CPU (2 threads)",
        "status": "ok",
        "harness_version": "0",
    }
    return RunRecord.model_validate({**values, **changes})


def edit(path: Path, **changes: object) -> None:
    """Change a record's file as a person with an editor would."""
    data = json.loads(path.read_text())
    path.write_text(json.dumps({**data, **changes}, indent=1))
