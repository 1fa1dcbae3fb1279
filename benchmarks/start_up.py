"""What does a further small submission cost beside its forwards?

Eight networks of one convolution are scored on the built-in images, in one command as a user gives
it, without timing. The peer is `import torch` in an interpreter of its own, before and after, since
a runner cannot start without it. Printed are seconds of the clock, and of CPU in judge and runner
together, which mean something on a busy machine too; both as ratios to the peer's. Nothing here
passes or fails.

    python benchmarks/start_up.py
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from esrbench.data.catalogue import load_catalogue
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.judge.score import score
from esrbench.protocol.load import load_protocol
from esrbench.submission.find import find

MODEL = """import torch
from torch import nn

def build():
    torch.manual_seed({seed})
    return nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4), nn.Hardtanh(0, 1))
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock, and of CPU in this process and those it has ended."""

    wall: float
    cpu: float


def now() -> Cost:
    times = os.times()
    spent = times.user + times.system + times.children_user + times.children_system
    return Cost(time.perf_counter(), spent)


def since(begun: Cost) -> Cost:
    end = now()
    return Cost(end.wall - begun.wall, end.cpu - begun.cpu)


def import_torch() -> Cost:
    begun = now()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return since(begun)


def scored(folder: Path, submissions: int, sandbox: str) -> list[Cost]:
    options = Options(
        protocol=load_protocol("quick"),
        catalogue=load_catalogue(None),
        machine=Machine(threads=1, sandbox=sandbox),  # type: ignore[arg-type]
        results=folder / "results",
        offline=True,
        timing=False,
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
    # bwrap's children are another process's, whose CPU time is not told to this one.
    parser.add_argument("--sandbox", default="landlock")
    options = parser.parse_args()
    before = import_torch()
    with TemporaryDirectory() as folder:
        costs = scored(Path(folder), options.submissions, options.sandbox)
    peers = [before, import_torch()]
    print("| | wall s | ratio | CPU s | ratio |\n|---|---:|---:|---:|---:|")
    peer = Cost(median(p.wall for p in peers), median(p.cpu for p in peers))
    further = Cost(median(c.wall for c in costs[1:]), median(c.cpu for c in costs[1:]))
    told = {"import torch": peer, "the first": costs[0], "a further one, median": further}
    for name, cost in told.items():
        ratios = cost.wall / peer.wall, cost.cpu / peer.cpu
        print(f"| {name} | {cost.wall:.2f} | {ratios[0]:.2f} | {cost.cpu:.2f} | {ratios[1]:.2f} |")


if __name__ == "__main__":
    main()
