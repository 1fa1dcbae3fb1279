"""Every system by every policy at both shapes, and in every track: what each choice is worth.

The cells stand in ``runtimes/SYSTEM.json``, each written when it is known, and are not measured
twice. Policies come first, then tracks; compiling comes last, since one takes half a minute.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from esrbench.errors import EsrbenchError
from esrbench.judge.lane import RunnerLane
from esrbench.policies import POLICIES
from esrbench.protocol.schema import Timing
from esrbench.timing.schedule import measure as time_lane
from esrbench.tracks import TRACKS

from .setting import Outcome, Row, Setting
from .systems import Ready, ready, systems

PLAIN = "fp32"
RECIPE = Timing(warmup_seconds=0.15, max_seconds=0.3, block_seconds=0.05, min_blocks=4,
                baseline=None)  # fmt: skip
POLICY_ORDER = sorted(POLICIES, key=lambda name: not POLICIES[name].cold)
"""The cold one first: afterwards nothing is cold any more."""
COMPILED, COMPILE_SECONDS = 2, 30.0
"""Systems that are compiled, and what one takes, about."""
_BY_HASTE = ("wide-interval", "few-blocks")
"""What so short a measurement is bound to be told."""
LEAST_SECONDS = 1.5
"""Of a cell."""


def measure(setting: Setting) -> Outcome:
    """Passes where every system has every policy at both shapes, without a flag."""
    skipped: list[str] = []
    with ExitStack() as stack:
        opened: dict[str, Ready] = {}
        for track in [PLAIN, *(t for t in TRACKS if t not in (PLAIN, "compile")), "compile"]:
            for number, name in enumerate(systems(setting)):
                wanted = _wanted(track, number, setting)
                missing = [cell for cell in wanted if cell not in _known(name, setting)]
                needs = COMPILE_SECONDS if track == "compile" else LEAST_SECONDS
                if missing and setting.left() < needs:
                    skipped += [f"{name}, {' '.join(cell.split('|'))}" for cell in missing]
                    continue
                if missing and name not in opened:
                    opened[name] = stack.enter_context(ready(name, setting))
                if missing:
                    skipped += _measured(opened[name], name, track, missing, setting)
    return _outcome(setting, skipped)


def _wanted(track: str, number: int, setting: Setting) -> list[str]:
    """Cells of a track: all policies of the plain one, blocks of the others."""
    if track == "compile" and (setting.dry or number >= COMPILED):
        return []
    policies = POLICY_ORDER if track == PLAIN else ["block"]
    shapes = setting.shapes[:1] if track == "compile" else setting.shapes
    return [f"{track}|{policy}|{shape}" for shape in shapes for policy in policies]


def _measured(
    system: Ready, name: str, track: str, cells: list[str], setting: Setting
) -> Iterator[str]:
    """Measure ``cells``; yields those that were not, and why."""
    try:
        system.load(track)
    except EsrbenchError as why:
        yield f"{name}, {track}: {why}"
        return
    lane = system.lane()
    for cell in cells:
        if setting.left() < LEAST_SECONDS:
            yield f"{name}, {' '.join(cell.split('|'))}: the time is up"
            continue
        try:
            _keep(name, cell, _cell(lane, cell), setting)
        except EsrbenchError as why:
            yield f"{name}, {' '.join(cell.split('|'))}: {why}"


def _cell(lane: RunnerLane, cell: str) -> Row:
    _, policy, shape = cell.split("|")
    lane.policy = policy
    lane.flags.clear()
    run = time_lane(lane, None, shape, RECIPE.model_copy(update={"policy": policy}))
    timed = run.runtime
    flags = [flag for flag in (*run.flags, *lane.flags) if flag not in _BY_HASTE]
    return {"ms": timed.mean if POLICIES[policy].cold else timed.median, "p95": timed.p95,
            "calls": timed.calls, "first": run.blocks[0].call_ms[0],
            "flags": " ".join(flags)}  # fmt: skip


def _path(name: str, setting: Setting) -> Path:
    return setting.out / "runtimes" / f"{name.replace('/', '-')}.json"


def _known(name: str, setting: Setting) -> dict[str, Row]:
    path = _path(name, setting)
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def _keep(name: str, cell: str, row: Row, setting: Setting) -> None:
    path = _path(name, setting)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps({**_known(name, setting), cell: row}, indent=1))
    new.rename(path)


def _outcome(setting: Setting, skipped: list[str]) -> Outcome:
    rows: list[Row] = []
    for name in systems(setting):
        for cell, row in _known(name, setting).items():
            track, policy, shape = cell.split("|")
            rows.append({"system": name, "track": track, "policy": policy, "shape": shape, **row})
    wanted = len(systems(setting)) * len(POLICIES) * len(setting.shapes)
    plain = [row for row in rows if row["track"] == PLAIN]
    flagged = [row for row in plain if row["flags"]]
    told = [f"{len(plain)} of {wanted} cells by policy, {len(flagged)} with a flag"]
    for key in ("policy", "track"):
        others = {row[key] for row in rows} - {"block", PLAIN}
        told += [f"{other} {_against_blocks(rows, key, other):.3f}" for other in sorted(others)]
    figure = f"{told[0]}; of a warm fp32 block's ms: {', '.join(told[1:])}"
    return Outcome(len(plain) == wanted and not flagged, figure, rows, skipped)


def _against_blocks(rows: list[Row], key: str, other: str) -> float:
    """The median ratio of cells of ``other`` to the plain block of the same system and shape."""
    plain = {(row["system"], row["shape"]): row["ms"] for row in rows
             if row["track"] == PLAIN and row["policy"] == "block"}  # fmt: skip
    ratios = [row["ms"] / plain[row["system"], row["shape"]] for row in rows
              if row[key] == other and (row["system"], row["shape"]) in plain]  # fmt: skip
    return median(ratios) if ratios else float("nan")
