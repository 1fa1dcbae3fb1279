"""How long should a block be on this machine, and how far do processes of one model differ?

Pairs of fresh processes of one model are timed A B B A at each block length, the lengths in random
order within a pair. Printed for each, root mean square over the pairs: what one pair's ratio is off
by (the truth is 1), and the part of it that its blocks leave open; the rest is what processes
differ by, and disturbances that outlast a block. The same seconds go to every length.

    python benchmarks/block_length.py --noise

``--noise`` keeps another process busy in bursts, as in ``timing_power.py``. Nothing here
passes or fails.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import ArrayLike
from timing_power import LAYERS, stack, with_noise

from esrbench.judge.compare import pair_opener
from esrbench.judge.machine import Machine
from esrbench.timing.environment import environment
from esrbench.timing.lane import Lane
from esrbench.timing.pairs import log_ratios
from esrbench.timing.statistics import Centre, trimmed_centre
from esrbench.timing.threads import thread_count


def turns(pair: tuple[Lane, Lane], shape: str, calls: int, seconds: float) -> Centre:
    """The log ratio of blocks of ``calls`` calls, A B B A, for ``seconds``."""
    times: tuple[list[tuple[float, ...]], list[tuple[float, ...]]] = ([], [])
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for side in (0, 1, 1, 0):
            times[side].append(pair[side].block(shape, calls).call_ms)
    return trimmed_centre(log_ratios(*times))


def root_mean_square(values: ArrayLike) -> float:
    """Of at least one value."""
    return float(np.sqrt(np.mean(np.square(values))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=8, help="of fresh processes")
    parser.add_argument("--calls", type=int, nargs="+", default=[24, 12, 6, 3], help="a block")
    parser.add_argument("--seconds", type=float, default=4.0, help="a pair, for each length")
    parser.add_argument("--shape", default="48x48", help="LR height x width")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--noise", action="store_true", help="a busy neighbour beside it")
    options = parser.parse_args()
    found: dict[int, list[Centre]] = {calls: [] for calls in options.calls}

    def work() -> None:
        model = stack(LAYERS, Path(folder))
        machine = Machine(threads=thread_count(options.threads))
        open_pair = pair_opener(model, model, options.shape, machine)
        for _ in range(options.pairs):
            with open_pair() as pair:
                for lane in pair:
                    lane.warm_up(options.shape, 0.5)
                for calls in random.sample(options.calls, len(options.calls)):
                    found[calls].append(turns(pair, options.shape, calls, options.seconds))

    with TemporaryDirectory() as folder:
        with_noise(work, options.noise)
    about = environment("cpu", options.threads)
    print(f"{about['device']}, {options.shape}, {options.pairs} pairs, noise: {options.noise}\n")
    print("| calls a block | pairs of blocks | blocks leave open | a pair of processes is off by |")
    print("|---:|---:|---:|---:|")
    for calls, centres in found.items():
        blocks = sum(centre.count for centre in centres)
        leave = root_mean_square([centre.error for centre in centres])
        off = root_mean_square([centre.value for centre in centres])
        print(f"| {calls} | {blocks} | {leave:.2%} | {off:.2%} |")


if __name__ == "__main__":
    main()
