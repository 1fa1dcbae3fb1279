"""Whole records, as ``esrbench score`` makes them, with the quality that a CPU gives a system."""

from __future__ import annotations

from esrbench.data.catalogue import load_catalogue
from esrbench.judge.bench import Bench
from esrbench.judge.options import Options
from esrbench.judge.score import score
from esrbench.protocol.load import resolve_protocol
from esrbench.results.record import RunRecord
from esrbench.submission.find import find

from .setting import Outcome, Row, Setting
from .systems import SCALE

PSNR_Y = {"span/c28": 31.74, "imdn": 32.21, "rlfn/ntire": 32.10, "ecbsr/m4c16": None}
"""Of the official weights on Set5 x4, as on a CPU, to two digits; None: not held against any."""
CLOSE = 0.01
SECONDS_EACH = 15.0
"""About what one takes: not begun where less is left."""


def measure(setting: Setting) -> Outcome:
    """Passes where every record is whole and has the quality that the CPU's has."""
    names = ["ecbsr/m4c16"] if setting.dry else list(PSNR_Y)[:3]
    protocol = resolve_protocol(
        "quick", datasets=[setting.dataset], max_seconds=0.5 if setting.dry else 3.0,
        shapes=[setting.shapes[0]],
    )  # fmt: skip
    options = Options(
        protocol=protocol,
        catalogue=load_catalogue(),
        machine=setting.machine(),
        results=setting.out / "records",
        data_root=setting.data_root,
        weights_dir=setting.weights_dir,
        offline=True,
        timing=not setting.dry,
        pictures=(),
    )
    rows: list[Row] = []
    skipped: list[str] = []
    with Bench(options) as bench:
        for name in names:
            if setting.left() < SECONDS_EACH and not setting.dry:
                skipped.append(f"{name}: the time is up")
                continue
            rows.append(_row(name, score(find(name, scale=SCALE), bench), setting))
    return Outcome(
        passed=bool(rows) and all(row["right"] for row in rows),
        figure=", ".join(f"{row['system']} {row['psnr_y']} dB" for row in rows) or "none",
        rows=rows,
        skipped=skipped,
    )


def _row(name: str, record: RunRecord, setting: Setting) -> Row:
    found = record.quality.get(setting.dataset, {}).get("psnr_y")
    known = PSNR_Y[name] if setting.dataset == "Set5" else None
    near = known is None or (found is not None and abs(found - known) <= CLOSE)
    return {
        "system": name,
        "status": record.status,
        "psnr_y": None if found is None else round(found, 3),
        "known": known,
        "ms": record.runtime_ms.median if record.runtime_ms else None,
        "flags": " ".join(record.flags),
        "reason": record.reason or "",
        "right": record.status == "ok" and near,
    }
