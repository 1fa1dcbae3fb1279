"""``python -m tests.attacks``: run the corpus in every tier that holds here, and write the table.

It goes into docs/security.md, between its two marks, as it was last run. The tiers that stop
nothing by design are left out: their column would say so of a machine that is really attacked.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from pathlib import Path

from esrbench.sandbox import process
from esrbench.sandbox.choose import why_not
from esrbench.sandbox.landlock import version
from esrbench.sandbox.template import Template
from esrbench.sandbox.tiers import Tier
from tests.attacks.corpus import INSIDE, outside, succeeded
from tests.attacks.test_impostors import TRICKS

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- attacks: begin -->", "<!-- attacks: end -->"
ROOMS = {
    "reads": "Reads",
    "writes": "Writes",
    "network": "Network",
    "processes": "Processes",
    "settings": "Settings",
    "kernel": "Kernel",
    "shared": "Shared memory",
}
WALLS: tuple[Tier, ...] = ("bwrap", "landlock")


def results() -> dict[str, dict[str, str]]:
    """What each attack got, by tier and name: in a program that was started, or in a fork."""
    os.environ["ATTACKED_SECRET"] = "s3cret"
    found: dict[str, dict[str, str]] = {}
    for tier in WALLS:
        if why_not(tier) is None:
            ways = []
            with closing(Template((), 1, tier)) as forks:
                for starter in (process.start, forks.fork):
                    with tempfile.TemporaryDirectory() as folder, outside(Path(folder)) as target:
                        ways.append(succeeded(tier, target, starter))
                        assert target.untouched() == []
            program, fork = ways
            found[tier] = {name: program[name] or fork[name] for name in program}
    return found


def names_in(room: str) -> list[str]:
    """The attacks of a room, in the order of its file."""
    lines = (INSIDE / f"{room}.py").read_text().splitlines()
    defined = [line[4:].partition("(")[0] for line in lines if line.startswith("def ")]
    return [name for name in defined if not name.startswith("_")]


def table(found: dict[str, dict[str, str]]) -> str:
    """Markdown: a row an attack, a column a tier."""
    rows = [f"| kind | attack | {' | '.join(found)} |", "|---|---|" + "---|" * len(found)]
    for room, kind in ROOMS.items():
        for name in names_in(room):
            cells = ("**succeeded**" if got.get(name) else "stopped" for got in found.values())
            rows.append(f"| {kind} | {name.replace('_', ' ')} | {' | '.join(cells)} |")
    stopped = {tier: sum(not what for what in got.values()) for tier, got in found.items()}
    total = max(map(len, found.values()))
    sums = ", ".join(f"{count} of {total} stopped in {tier}" for tier, count in stopped.items())
    kernel = f"Linux {os.uname().release.split('-')[0]}, Landlock {version()}"
    told = "; ".join(trick.replace("_", " ") for trick, _ in TRICKS)
    return (
        f"As last run ({kernel}), in programs and in forks: {sums}.\n\n" + "\n".join(rows) + "\n\n"
        f"And {len(TRICKS)} impostors, which stand in a runner's place and answer for it; each "
        f"ends its own row, with what it did named in it, and leaves nothing behind: {told}."
    )


def main() -> None:
    """Write the page and say how many were stopped."""
    made = table(results())
    head, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{made}\n{END}{tail}")
    print(made.splitlines()[0])


if __name__ == "__main__":
    main()
