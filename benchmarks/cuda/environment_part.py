"""The environment as ``esrbench doctor`` sees it, and the walls in which a runner finds the GPU."""

from __future__ import annotations

from dataclasses import asdict, replace

from esrbench.errors import EsrbenchError
from esrbench.judge.launch import load_into, open_runner
from esrbench.sandbox.choose import why_not
from esrbench.sandbox.tiers import TIERS
from esrbench.submission.find import find
from esrbench.timing.doctor import examine
from esrbench.timing.environment import environment

from .setting import Outcome, Row, Setting


def measure(setting: Setting) -> Outcome:
    """Passes where nothing is bad and the best walls of this machine let a GPU through."""
    findings = examine(setting.device, seconds=0.5)
    rows: list[Row] = [{"topic": f.topic, "level": f.level, "says": f.sentence} for f in findings]
    facts = environment(setting.device)
    tier, walls = None, []
    for candidate in TIERS:
        why = why_not(candidate) or _fails(setting, candidate)
        rows.append({"topic": f"walls: {candidate}", "level": "warn" if why else "ok",
                     "says": why or "a network runs on the GPU inside"})  # fmt: skip
        walls.append(why)
        if why is None:
            tier = candidate
            break
    # What else a CPU does is no matter of a dry run.
    spoils = {"load", "noise"} if setting.dry else set()
    bad = [row["topic"] for row in rows if row["level"] == "bad" and row["topic"] not in spoils]
    wanted = next((t for t in TIERS if why_not(t) is None), None)
    return Outcome(
        passed=not bad and tier == wanted,
        figure=f"{facts['device']}, walls: {tier} (best here: {wanted})"
        + (f", bad: {', '.join(bad)}" if bad else ""),
        rows=rows,
        facts={"tier": tier, "environment": facts, "findings": [asdict(f) for f in findings]},
    )


def _fails(setting: Setting, tier: str) -> str | None:
    """Why a network does not run on the device in these walls; None where it does."""
    machine = replace(setting.machine(), sandbox=tier)  # type: ignore[arg-type]
    submission = find("nearest", scale=4)
    try:
        with open_runner(machine, submission) as runner:
            load_into(runner, submission, None, machine)
    except EsrbenchError as why:
        return str(why)
    return None
