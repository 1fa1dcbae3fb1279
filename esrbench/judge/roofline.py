"""How far a runtime is from what the device allows, and what holds it back.

Williams, Waterman and Patterson, *Roofline* (CACM 52-4, 2009), for a network as a whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from esrbench import bundled
from esrbench.errors import SubmissionError
from esrbench.judge.child import device_inside
from esrbench.judge.launch import open_runner
from esrbench.judge.machine import Machine
from esrbench.runner.answers import Ceilings, LayerRow
from esrbench.runner.requests import MeasureCeilings
from esrbench.whole_file import write_whole

IMPOSSIBLE = 0.7
"""A runtime below this share of what its MACs need is not believed; ceilings are measured, too.
Memory is left out of it: what fits into a cache is faster than any copy."""


@dataclass(frozen=True)
class Roofline:
    """Milliseconds a forward would take if one thing alone held it back."""

    arithmetic_ms: float
    """Its MACs at the device's best rate."""
    memory_ms: float
    """What each operator reads and writes, at the copy bandwidth; fused ones need less."""
    launch_ms: float
    """As many operators that do nothing."""
    floor_ms: float
    """No forward is faster: the larger of the MACs and of reading weights and LR and writing SR."""
    share: float
    """``floor_ms`` over the measured median."""
    bound: str
    """The largest of the three: ``arithmetic``, ``memory`` or ``launches``."""
    impossible: bool


def roofline(
    layers: Sequence[LayerRow],
    ceilings: dict[str, Any],
    *,
    track: str,
    compulsory_bytes: int,
    median_ms: float,
) -> Roofline:
    """Hold ``median_ms`` against ``ceilings``; ``compulsory_bytes``: weights, LR and SR once."""
    rates = ceilings["macs_per_s"]
    rate = rates.get(track, rates["fp32"])
    arithmetic = 1e3 * sum(layer.macs for layer in layers) / rate
    memory = 1e3 * sum(layer.bytes for layer in layers) / ceilings["copy_bytes_per_s"]
    launch = 1e3 * sum(layer.calls for layer in layers) * ceilings["launch_s"]
    floor = max(arithmetic, 1e3 * compulsory_bytes / ceilings["copy_bytes_per_s"])
    by_name = {"arithmetic": arithmetic, "memory": memory, "launches": launch}
    return Roofline(
        arithmetic_ms=arithmetic,
        memory_ms=memory,
        launch_ms=launch,
        floor_ms=floor,
        share=floor / median_ms,
        bound=max(by_name, key=lambda name: by_name[name]),
        impossible=median_ms < IMPOSSIBLE * arithmetic,
    )


def device_ceilings(
    machine: Machine, device: str, versions: object, *, again: bool = False
) -> dict[str, Any] | None:
    """The device's ceilings, measured once and kept in the cache; None when that fails.

    ``device`` is its name with the threads; another torch measures anew. ``again`` measures once
    more and keeps the better of each: on a machine that was busy they came out too low.
    """
    key = hashlib.sha256(json.dumps([device, versions], sort_keys=True).encode()).hexdigest()[:16]
    path = bundled.cache() / "ceilings" / f"{key}.json"
    kept: dict[str, Any] | None = None
    with contextlib.suppress(OSError, ValueError, RecursionError):  # damaged: measured again
        kept = Ceilings.model_validate_json(path.read_bytes()).model_dump()
    if kept is not None and not again:
        return kept
    try:
        with open_runner(machine) as runner:
            request = MeasureCeilings(device=device_inside(machine.device), threads=machine.threads)
            found = runner.ask(request).model_dump()
    except SubmissionError:
        return kept
    if kept is not None:
        found = better(kept, found)
    with contextlib.suppress(OSError):  # measured again by the next command
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(found).encode())
    return found


def better(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The higher of two ceilings of the same device, one by one."""
    rates = {
        name: max(one["macs_per_s"].get(name, 0.0), rate)
        for name, rate in other["macs_per_s"].items()
    }
    return {
        "copy_bytes_per_s": max(one["copy_bytes_per_s"], other["copy_bytes_per_s"]),
        "macs_per_s": {**one["macs_per_s"], **rates},
        "launch_s": min(one["launch_s"], other["launch_s"]),
    }
