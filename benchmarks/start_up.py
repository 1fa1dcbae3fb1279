"""What does a further small submission cost beside its forwards?

Eight networks of one convolution are scored on the built-in images, in one command as a user gives
it: strangers' code, verified by its graph unless ``--no-verify`` is given, without timing unless
``--timing`` is. The peer is `import torch` in an interpreter of its own, before and after. Printed
are every repeat, its seconds of the clock, and of CPU in judge and runners together, which mean
something on a busy machine too; both as ratios to the peer's. Nothing here passes or fails.

    python benchmarks/start_up.py
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from challenge_parts.spent import bare

from esrbench.data.catalogue import load_catalogue
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.judge.score import score
from esrbench.protocol.load import load_protocol
from esrbench.sandbox import process, tree
from esrbench.sandbox.attended import Forked
from esrbench.sandbox.confined import Confined, members
from esrbench.submission.find import find

MODEL = """import torch
from torch import nn

def build():
    torch.manual_seed({seed})
    return nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4), nn.Hardtanh(0, 1))
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock, and of CPU in this process and all that it has started."""

    wall: float
    cpu: float


ENDED: list[float] = []
"""CPU seconds of processes that were no children of this one, by when they ended."""


def count_those_that_end() -> None:
    """A fork's CPU time is told to its attendant, and what bubblewrap starts to nobody."""
    end = process.end

    def ended(confined: Confined, known: Collection[int] = ()) -> None:
        if isinstance(confined, Forked) and confined.roots:
            attendant = Path(f"/proc/{confined.pid}/stat").read_text().rpartition(")")[2].split()[1]
            ENDED.append(tree.cpu_seconds([*members(confined), int(attendant)]))
        end(confined, known)

    patch.object(process, "end", ended).start()


def now() -> Cost:
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    others = tree.cpu_seconds(tree.members(os.getpid())[1:])
    return Cost(time.perf_counter(), own + others + sum(ENDED))


def since(begun: Cost) -> Cost:
    end = now()
    return Cost(end.wall - begun.wall, end.cpu - begun.cpu)


def import_torch() -> Cost:
    begun = now()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return since(begun)


def scored(
    folder: Path, submissions: int, sandbox: str | None, *, verify: bool, timing: bool
) -> list[Cost]:
    options = Options(
        protocol=load_protocol("quick"),
        catalogue=load_catalogue(None),
        machine=Machine(threads=1, sandbox=sandbox),  # type: ignore[arg-type]
        results=folder / "results",
        offline=True,
        timing=timing,
        verify=verify,
    )
    costs = []
    with Bench(options) as bench:
        for seed in range(submissions):
            own = folder / f"net{seed}"
            own.mkdir()
            (own / "submission.yaml").write_text(f"name: net{seed}\nscale: 4\n")
            (own / "model.py").write_text(MODEL.format(seed=seed))
            begun = now()
            record = score(find(str(own)), bench)
            costs.append(since(begun))
            assert record.status == "ok", record.reason
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=8)
    parser.add_argument("--sandbox", help="a tier; without it the best that works")
    parser.add_argument("--no-verify", action="store_true")
    parser.add_argument("--timing", action="store_true")
    options = parser.parse_args()
    count_those_that_end()
    load = os.getloadavg()[0]
    before = [import_torch() for _ in range(2)]
    verify, timing = not options.no_verify, options.timing
    with TemporaryDirectory() as folder:
        costs = scored(
            Path(folder), options.submissions, options.sandbox, verify=verify, timing=timing
        )
    peers = [*before, import_torch()]
    print(f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    for name, repeats in {"import torch": peers, "scored": costs}.items():
        print(f"{name}: " + ", ".join(f"{c.wall:.2f} s (CPU {c.cpu:.2f})" for c in repeats))
    print("| | wall s | ratio | CPU s | ratio |\n|---|---:|---:|---:|---:|")
    peer = Cost(median(p.wall for p in peers), median(p.cpu for p in peers))
    bare(1, ["skimage8"], None)  # what is imported, and what is decoded once a command
    spent = bare(1, ["skimage8"], None)
    work = Cost(spent.wall, spent.cpu)
    further = Cost(median(c.wall for c in costs[1:]), median(c.cpu for c in costs[1:]))
    told = {
        "import torch": peer,
        "the first": costs[0],
        "a further one, median": further,
        "forwards and metrics of one": work,
        "the same without these": Cost(further.wall - work.wall, further.cpu - work.cpu),
    }
    for name, cost in told.items():
        ratios = cost.wall / peer.wall, cost.cpu / peer.cpu
        print(f"| {name} | {cost.wall:.2f} | {ratios[0]:.2f} | {cost.cpu:.2f} | {ratios[1]:.2f} |")


if __name__ == "__main__":
    main()
