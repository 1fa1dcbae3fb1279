"""How a command that measured several submissions ends: what is said, and its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esrbench.cli.terminal import print_json, say
from esrbench.results.reading import read_record

if TYPE_CHECKING:
    from esrbench.engines.run import Ran

LEFT_OPEN = 4
"""The exit code where submissions wait to be measured by the next command."""


def ended(ran: Ran, faults: Sequence[str] = (), *, json: bool = False) -> int:
    """Say what went wrong and what is left; the exit code: 0, 1 where a submission failed, 2 for
    ``faults`` in what was typed, 3 where something is not to be had, 4 where runs are left open."""
    errors = [*faults, *(text for text, _ in ran.errors)]
    if json:
        document = {"records": [read_record(file).model_dump(mode="json") for file in ran.files]}
        print_json({**document, "errors": errors} if errors else document)
    for text, _ in ran.errors:
        say(f"esrbench: {text}")
    if ran.left_open:
        open_ = ", ".join(job.label for job in ran.left_open)
        say(f"Left open: {open_}; the same command goes on.")
    codes = [2] * bool(faults) + [code for _, code in ran.errors]
    return max(codes, default=LEFT_OPEN if ran.left_open else _of_records(ran))


def _of_records(ran: Ran) -> int:
    if any(record.status != "ok" for record in ran.records):
        return 1
    return 3 if any(record.weights_status == "missing" for record in ran.records) else 0
