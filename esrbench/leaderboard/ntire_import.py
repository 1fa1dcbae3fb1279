"""A challenge's official results file (``results.json`` of ``test_demo.py``) as records.

What the file does not say (the GPU, its driver, the images' sizes) stays empty, and so does a
count of nothing: the file has 0 where nothing was counted. Two files are two tables: whether they
were measured on one machine is not known, and each has a baseline of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

import esrbench
from esrbench.errors import UsageError
from esrbench.flags import COUNTERS_DIFFER
from esrbench.leaderboard.imported import IMPORTED
from esrbench.leaderboard.ntire_file import (
    Correction,
    Entry,
    corrections_of,
    official_ms,
    read_results,
)
from esrbench.protocol.load import load_protocol
from esrbench.results.record import (
    About,
    Complexity,
    ImageScore,
    RunRecord,
    Runtime,
    TimingBlock,
)

_SPLITS = {"valid": "DIV2K_LSDIR_valid", "test": "DIV2K_LSDIR_test"}
_NOT_COUNTED = "The official file has no such count, or 0."
OFFICIAL_THRESHOLDS = {"DIV2K_LSDIR_valid": 26.90, "DIV2K_LSDIR_test": 26.99}
"""PSNR in dB, RGB, of the 2024 to 2026 challenges."""


def import_ntire_results(
    path: Path, *, protocol: str = "ntire2026", baseline: str | None = None
) -> list[RunRecord]:
    """A record for each entry of ``path``, in the file's order; counts are as published.

    ``baseline`` is the entry others are held against, by default the one numbered 00. Where a
    count is known to be wrong the true one is the record's second counter, and a flag says so.
    Raises UsageError when the file is not a results file or has no such baseline.
    """
    entries = read_results(path)
    names = [name for name in entries if name.startswith("00")] if baseline is None else [baseline]
    if not names or names[0] not in entries:
        raise UsageError(
            f"{path} has no entry {baseline or '00_...'} to hold the others against; it has "
            f"{', '.join(entries) or 'none'}."
        )
    reference = official_ms(entries[names[0]])
    file = _File(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    corrections = corrections_of(protocol)
    return [
        _record(name, entry, names[0], reference, protocol, file, corrections.get(name))
        for name, entry in entries.items()
    ]


@dataclass(frozen=True)
class _File:
    """The results file that an entry stands in."""

    name: str
    sha256: str

    @property
    def brief(self) -> str:
        """``results.json 1f9c2ab``: what tells it from a later one of the same challenge."""
        return f"{self.name} {self.sha256[:7]}"


def _record(name: str, entry: Entry, baseline: str, reference: float, protocol: str,
            file: _File, correction: Correction | None) -> RunRecord:  # fmt: skip
    psnr = {"valid": entry.valid_psnr, "test": entry.test_psnr}
    macs = _count(entry.flops, 1e9)
    runtime = _runtime(entry, baseline, reference)
    return RunRecord(
        id=hashlib.sha256(f"{file.sha256}/{name}".encode()).hexdigest()[:12],
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        submission=name,
        scale=4,
        about=About(title=f"{name}, as published", year=_year(protocol)),
        protocol=protocol,
        protocol_spec=_spec(protocol, baseline),
        device=f"cuda:official {protocol} machine (GPU not recorded)",
        status="ok",
        flags=[COUNTERS_DIFFER] if correction else [],
        params=_count(entry.num_parameters, 1e6),
        macs=macs,
        activations=_count(entry.activations, 1e6),
        convs=_count(entry.num_conv),
        peak_memory_bytes=_count(entry.valid_memory, 2**20),
        runtime_ms=runtime,
        runtime_by_shape=[runtime],
        quality={_SPLITS[split]: {"psnr_rgb": fmean(v)} for split, v in psnr.items() if v},
        signatures=_signatures(protocol, file),
        source=file.brief,
        missing={
            "environment": "the official file names no GPU, driver or torch version",
            **_not_counted(entry),
        },
        images={_SPLITS[split]: _images(v) for split, v in psnr.items() if v},
        complexity=Complexity(
            input_shape=(1, 3, 256, 256),
            macs_fvcore=macs,
            macs_dispatch=correction.macs if correction else None,
            facts={"correction": correction.model_dump()} if correction else {},
        ),
        timing_blocks=_blocks(entry),
        sandbox=IMPORTED,
        harness_version=esrbench.__version__,
        environment={"source": f"official results file, sha256 {file.sha256}"},
        command=f"esrbench import-ntire-results FILE --protocol {protocol}",
    )


def _count(value: float | None, unit: float = 1) -> int | None:
    return round((value or 0) * unit) or None


def _not_counted(entry: Entry) -> dict[str, str]:
    counts = {
        "params": entry.num_parameters, "macs": entry.flops, "activations": entry.activations,
        "convs": entry.num_conv, "peak_memory_bytes": entry.valid_memory,
    }  # fmt: skip
    return {key: _NOT_COUNTED for key, count in counts.items() if not count}


def _runtime(entry: Entry, baseline: str, reference: float) -> Runtime:
    calls = [*entry.valid_runtime, *entry.test_runtime]
    p5, median, p95 = (float(p) for p in np.percentile(calls, (5, 50, 95)))
    official = official_ms(entry)
    return Runtime(
        shape="mixed", median=median, mean=official, p5=p5, p95=p95, min=min(calls),
        max=max(calls), calls=len(calls), blocks=2 if entry.test_runtime else 1, policy="ntire",
        clock="cuda-event", ratio=official / reference, baseline=baseline, stopped="calls",
    )  # fmt: skip


def _blocks(entry: Entry) -> list[TimingBlock]:
    blocks = []
    started = 0.0
    for times in (entry.valid_runtime, entry.test_runtime):
        if times:
            blocks.append(TimingBlock(shape="mixed", lane="submission", call_ms=times,
                                      wall_ms=sum(times), started=started))  # fmt: skip
            started += sum(times) / 1000
    return blocks


def _images(values: Sequence[float]) -> list[ImageScore]:
    """In the file's order; it names no images and no sizes, so the size stays 0 x 0."""
    return [
        ImageScore(name=f"{i:03d}", values={"psnr_rgb": v}, lr_size=(0, 0))
        for i, v in enumerate(values, start=1)
    ]


def _spec(protocol: str, baseline: str) -> dict[str, Any]:
    spec = load_protocol(protocol).model_dump(mode="json")
    spec["title"] = f"{spec['title']}, official results"
    spec["description"] = (
        "As the organisers published them: each image once, no warm-up, arithmetic mean of the "
        "splits' means; the GPU is not recorded."
    )
    spec["datasets"] = list(_SPLITS.values())
    spec["thresholds"] = {name: {"psnr_rgb": v} for name, v in OFFICIAL_THRESHOLDS.items()}
    spec["timing"] = {**spec["timing"], "policy": "ntire", "baseline": baseline}
    return spec


def _signatures(protocol: str, file: _File) -> dict[str, str]:
    how = f"each image once, cold, mean of splits|official, file {file.sha256[:7]}"
    return {
        "psnr_rgb": "PSNR|rgb|crop:4|u8|mean-image|official",
        "params": "PARAMS|parameters()|official",
        "macs": "MACs|1x3x256x256|fvcore|official",
        "activations": "ACTS|1x3x256x256|fvcore hooks|official",
        "convs": "CONVS|1x3x256x256|official",
        "peak_memory_bytes": "MEM|max_memory_allocated, never reset|official",
        "runtime_ms": f"TIME|{protocol}|{how}",
    }


def _year(protocol: str) -> int | None:
    digits = "".join(c for c in protocol if c.isdigit())
    return int(digits) if len(digits) == 4 else None
