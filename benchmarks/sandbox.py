"""What do walls cost: a start of a runner, and a timed call within them?

A program that does nothing is started in each tier, as an interpreter and as a fork of one that
runs already, in an order drawn anew each round, against the peer of its kind (``none``: a process
and nothing else). Then pairs of fresh processes of one model, one in the tier and one in the peer,
are timed A B B A; printed is the ratio of their calls, with its interval over pairs: 1 is no cost.
Nothing here passes or fails.

    python benchmarks/sandbox.py
"""

from __future__ import annotations

import argparse
import os
import random
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from timing_power import LAYERS, stack

from esrbench.judge.child import child_environment
from esrbench.judge.lane import RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.sandbox import process, scratch
from esrbench.sandbox.choose import why_not
from esrbench.sandbox.confined import Starter
from esrbench.sandbox.sight import Sight, own_files
from esrbench.sandbox.start import Start
from esrbench.sandbox.template import Template
from esrbench.sandbox.tiers import TIERS, Tier
from esrbench.submission.submission import Submission
from esrbench.timing.pairs import log_ratios
from esrbench.timing.statistics import ratio_interval, trimmed_centre

PEER: Tier = "none"


NOTHING = """import sys
from esrbench.sandbox.start import Start, confine_self
confine_self(Start.from_json(sys.argv[1]))
"""


def start_seconds(submission: Submission, tier: Tier, starter: Starter) -> float:
    """From asking for a place in ``tier`` to the end of a program that does nothing there.

    Importing torch, which takes seconds in every tier, would drown what the walls add.
    """
    begun = time.perf_counter()
    sight = Sight(readable=own_files(submission.folder, None, None, of=submission.label))
    place = process.make_place(tier, sight)
    start = Start(0, 1, (), (), tier, 1, 60, **place.rules())
    command = [str(submission.folder / "nothing.py"), start.to_json()]
    with Path(os.devnull).open("wb") as output:
        environment = child_environment(place.home, 1)
        started = starter(place, command, environment, [], output.fileno())
    if started.wait() != 0:  # with a time it would poll, 50 ms apart
        raise RuntimeError(f"nothing starts in {tier}")
    process.end(started)
    scratch.remove(place.folder)
    return time.perf_counter() - begun


def machine(tier: Tier) -> Machine:
    return Machine(threads=1, sandbox=tier)


Times = tuple[list[tuple[float, ...]], list[tuple[float, ...]]]


def paired(submission: Submission, tier: Tier, seconds: float) -> tuple[float, float]:
    """The logs of the tier's time for a call over the peer's, of one pair of fresh processes: by
    the clock, and in CPU time, which a machine that does something else stretches less.
    """
    image = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    tiers = random.sample((tier, PEER), 2)  # who starts first, and is timed first
    with ExitStack() as stack:
        lanes = []
        for name in tiers:
            runner = stack.enter_context(open_runner(machine(name), submission))
            load_into(runner, submission, None, machine(name))
            lane = RunnerLane(
                label=name, runner=runner, scale=submission.scale,
                data_range=submission.data_range, inputs=lambda _: [image] * 4,
            )  # fmt: skip
            lane.warm_up("48x48", 0.5)
            lanes.append(lane)
        wall: Times = ([], [])
        cpu: Times = ([], [])
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            for side in (0, 1, 1, 0):
                block = lanes[side].block("48x48", 6)
                wall[side].append(block.call_ms)
                cpu[side].append(((block.process_ms or 0.0) / len(block.call_ms),))
    sign = 1 if tiers[0] == tier else -1
    by_clock, by_cpu = (sign * trimmed_centre(log_ratios(*times)).value for times in (wall, cpu))
    return by_clock, by_cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=20, help="rounds")
    parser.add_argument("--pairs", type=int, default=6, help="of fresh processes, a tier")
    parser.add_argument("--seconds", type=float, default=4.0, help="of timing, a pair")
    parser.add_argument("--tiers", nargs="+", choices=TIERS, default=TIERS, help="beside the peer")
    options = parser.parse_args()
    asked = [tier for tier in TIERS if tier in (*options.tiers, PEER)]
    tiers = [tier for tier in asked if why_not(tier) is None]
    print(f"load {os.getloadavg()[0]:.1f}")
    with TemporaryDirectory() as folder:
        submission = stack(LAYERS, Path(folder))
        (submission.folder / "nothing.py").write_text(NOTHING)
        templates = {tier: Template((), 1, tier) for tier in tiers}
        ways: dict[tuple[str, Tier], Starter] = {
            **{("program", tier): process.start for tier in tiers},
            **{("fork", tier): templates[tier].fork for tier in tiers},
        }
        starts: dict[tuple[str, Tier], list[float]] = {way: [] for way in ways}
        for number in range(options.starts + 1):
            for way in random.sample(list(ways), len(ways)):
                took = start_seconds(submission, way[1], ways[way])
                if number:  # the first waits for the one that is forked, or reads the disk
                    starts[way].append(took)
        for template in templates.values():
            template.close()
        for (kind, tier), seconds in starts.items():
            more = [a - b for a, b in zip(seconds, starts[kind, PEER], strict=True)]
            print(
                f"start {kind:<7} {tier:<9} {median(seconds):6.3f} s (median of {options.starts}), "
                f"{1e3 * median(more):+7.0f} ms against {PEER}, paired"
            )
        for tier in tiers:
            if tier != PEER and options.pairs:
                pairs = range(options.pairs)
                apart = [paired(submission, tier, options.seconds) for _ in pairs]
                for kind, logs in zip(("clock", "CPU"), zip(*apart, strict=True), strict=True):
                    r = ratio_interval(logs, 0.95)
                    told = f"{r.value:.4f} of {PEER} ({r.low:.4f} to {r.high:.4f}"
                    print(f"call  {tier:<9} {kind:<5} {told}, {options.pairs} pairs of processes)")


if __name__ == "__main__":
    main()
