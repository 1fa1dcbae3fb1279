"""How far processes of one model differ for as long as they live: memory kept, and given back.

Starts several runners of one submission, times blocks of all of them in turn, in an order drawn
anew each round, and takes each process at the median of its blocks relative to their round. What
two halves of the rounds agree on (the root of their covariance) is the processes'; the rest is the
blocks'. Once as runners are, with memory that is kept (``timing/allocator.py``), and once as the C
library behaves by default.

    python benchmarks/process_spread.py span/c28 --shape 64x64 --threads 1
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np

from esrbench.judge import child
from esrbench.judge.compare import pair_opener
from esrbench.judge.lane import RunnerLane
from esrbench.judge.machine import Machine
from esrbench.submission.find import find
from esrbench.timing.allocator import allocator_environment
from esrbench.timing.calibration import calibrate, calls_alone
from esrbench.timing.environment import device_name
from esrbench.timing.lane import Lane
from esrbench.timing.pairs import block_ms
from esrbench.timing.threads import thread_count

WAYS: dict[str, Callable[[], dict[str, str]]] = {"kept": allocator_environment, "given back": dict}
"""What runners get in their environment, by what becomes of memory that was freed."""


def page_faults(lane: Lane) -> int:
    """Minor page faults of the lane's process so far; the 10th figure of its stat (Linux)."""
    assert isinstance(lane, RunnerLane)
    stat = Path(f"/proc/{lane.runner.pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[7])


def spread(options: argparse.Namespace) -> str:
    """One line of the table, with the environment that runners get now."""
    submission = find(options.submission)
    machine = Machine(threads=thread_count(options.threads))
    opener = pair_opener(submission, submission, options.shape, machine)
    with ExitStack() as stack:
        pairs = [stack.enter_context(opener()) for _ in range(options.processes // 2)]
        lanes = [lane for pair in pairs for lane in pair]
        for lane in lanes:
            lane.warm_up(options.shape, 1.0)
        calls = calls_alone(
            calibrate(lanes[0], options.shape, options.block_seconds), options.block_seconds
        )
        for lane in lanes:  # pages that only the first blocks touch
            lane.block(options.shape, calls)
        faults = [page_faults(lane) for lane in lanes]
        logs = np.zeros((options.rounds, len(lanes)))
        for i in range(options.rounds):
            for j in random.sample(range(len(lanes)), len(lanes)):
                logs[i, j] = math.log(block_ms(lanes[j].block(options.shape, calls).call_ms))
        forwards = calls * options.rounds
        each = [(page_faults(n) - was) / forwards for n, was in zip(lanes, faults, strict=True)]
    typical = math.exp(float(np.median(logs)))
    logs -= np.median(logs, axis=1, keepdims=True)
    halves = [np.median(logs[half::2], axis=0) for half in (0, 1)]
    shared = max(0.0, float(np.cov(np.stack(halves))[0, 1]))
    rest = statistics.stdev((logs - np.median(logs, axis=0)).ravel())
    middle = np.median(logs, axis=0)
    return (
        f"{typical:.2f} | {math.sqrt(shared):.2%} | {float(np.ptp(middle)):.2%} | {rest:.2%} | "
        f"{min(each):.0f} to {max(each):.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("submission", nargs="?", default="span/c28")
    parser.add_argument("--shape", default="64x64", help="LR height x width")
    parser.add_argument("--processes", type=int, default=6, help="an even number")
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--block-seconds", type=float, default=0.25)
    parser.add_argument("--threads", type=int, default=1, help="0: all usable cores")
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args()
    print(f"{device_name('cpu', options.threads)}; {options.submission} at {options.shape}\n")
    print("| memory | ms | processes, sd | processes, range | blocks, sd | page faults a forward |")
    print("|---|---:|---:|---:|---:|---|")
    for _ in range(options.repeats):
        for name, variables in WAYS.items():
            with patch.object(child, "allocator_environment", variables):
                print(f"| {name} | {spread(options)} |", flush=True)


if __name__ == "__main__":
    main()
