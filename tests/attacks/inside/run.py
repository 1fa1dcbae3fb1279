"""Try every attack of this folder and print what each got: ``run.py START FACTS``.

An attack is a function from facts (where things are, whom to hurt) to whatever shows that it
succeeded; raising or giving nothing, it failed. Only the standard library is used.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import kernel
import network
import processes
import reads
import settings
import shared
import writes

ROOMS = (reads, writes, network, processes, settings, kernel, shared)
Attack = Callable[[dict[str, Any]], object]


def attacks() -> dict[str, Attack]:
    """By name: every function of a room that is its own and no helper of it."""
    return {
        name: value
        for room in ROOMS
        for name, value in vars(room).items()
        if callable(value) and not name.startswith("_") and value.__module__ == room.__name__
    }


def attempts(facts: dict[str, Any]) -> dict[str, str]:
    """What each attack got, in words; empty for one that failed."""
    got = {}
    for name, attack in attacks().items():
        got[name] = _in_a_child(attack, facts)
    return got


def _in_a_child(attack: Attack, facts: dict[str, Any]) -> str:
    """What it got, in words: tried in a process of its own, which it may well spoil."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            found = attack(facts)
            os.write(write, str(found)[:80].encode() if found else b"")
        except BaseException:
            os.write(write, b"")
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        got = told.read().decode(errors="replace")
    os.waitpid(child, 0)
    return got


if __name__ == "__main__":
    from esrbench.sandbox.start import Start, confine_self

    confine_self(Start.from_json(sys.argv[1]))
    print(json.dumps(attempts(json.loads(sys.argv[2]))), flush=True)
