"""How often is the verdict right on this machine: of a model against itself, and against clones?

The models are submissions and run in runners as any other. The clones do 2%, 5% and 10% more work
(that many more equal layers). Every repeat starts fresh processes, times each once, cold, over the
pool of images (NTIRE's way: one pass, means compared), and then measures the pair as ``esrbench
compare`` does, in fresh processes again. A verdict is right when a model ties with itself and is
FASTER than its clone; NTIRE's way is right when its means come in the right order. For a model
against itself NTIRE's way has no right answer: the spread of its ratio is shown.

    python benchmarks/timing_power.py --repeats 20 --noise

``--noise`` keeps another process busy in bursts. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from esrbench.judge.compare import pair_opener
from esrbench.judge.machine import Machine
from esrbench.protocol.schema import Timing
from esrbench.submission.find import find
from esrbench.submission.submission import Submission
from esrbench.timing.compare import PROCESSES, compare
from esrbench.timing.environment import environment
from esrbench.timing.statistics import Verdict
from esrbench.timing.threads import thread_count
from esrbench.timing.throttle import watch_device

LAYERS = 100
CHANNELS = 16
MODEL = f"""
from torch import nn

def build(layers):
    body = [nn.Conv2d(3, {CHANNELS}, 3, padding=1)]
    for _ in range(layers):
        body += [nn.Conv2d({CHANNELS}, {CHANNELS}, 3, padding=1), nn.ReLU(inplace=True)]
    return nn.Sequential(*body, nn.Conv2d({CHANNELS}, 48, 3, padding=1), nn.PixelShuffle(4))
"""
MANIFEST = """
name: layers{layers}
scale: 4
build: {{layers: {layers}}}
"""


def stack(layers: int, folder: Path) -> Submission:
    """A submission of ``layers`` equal convolutions, written into ``folder``."""
    own = folder / f"layers{layers}"
    own.mkdir(exist_ok=True)
    (own / "model.py").write_text(MODEL)
    (own / "submission.yaml").write_text(MANIFEST.format(layers=layers))
    return find(str(own))


def make_noise(end: Any, seed: int) -> None:
    """Bursts of work with pauses between, 0.05 to 2 s each, until ``end`` is set.

    Ends too when whoever started it is gone: noise that stays behind spoils what comes after.
    """
    draw = random.Random(seed)
    parent = os.getppid()
    while not end.is_set() and os.getppid() == parent:
        until = time.perf_counter() + math.exp(draw.uniform(math.log(0.05), math.log(2)))
        while time.perf_counter() < until:
            sum(i * i for i in range(2000))
        time.sleep(math.exp(draw.uniform(math.log(0.05), math.log(2))))


@dataclass(frozen=True)
class Trial:
    """One repeat of one pair."""

    more_work: int
    """Percent."""
    ratio: float
    low: float
    high: float
    verdict: str
    stopped: str
    blocks: int
    seconds: float
    """Of measuring, warm-ups included."""
    wall: float
    """With the starting of processes."""
    flags: list[str]
    process_ratios: list[float]
    """Of each pair of processes by itself."""
    cold_ratio: float
    """NTIRE's way: mean of one cold pass over that of the other."""

    @property
    def right(self) -> bool:
        """Whether the verdict is the true one."""
        return self.verdict == (Verdict.FASTER if self.more_work else Verdict.TIE)

    @property
    def cold_right(self) -> bool:
        """Whether the cold means come in the right order (a draw for equals is never seen)."""
        return self.cold_ratio < 1 if self.more_work else False


def one_trial(more_work: int, options: argparse.Namespace, folder: Path, flip: bool) -> Trial:
    """Fresh processes, the cold passes one after the other, then the comparison.

    ``flip`` runs the clone's cold pass first, so that its order favours neither.
    """
    less, more = stack(LAYERS, folder), stack(LAYERS + round(LAYERS * more_work / 100), folder)
    machine = Machine(device=options.device, threads=thread_count(options.threads))
    open_pair = pair_opener(less, more, options.shape, machine)
    with open_pair() as pair:
        cold = [0.0, 0.0]
        for i in (1, 0) if flip else (0, 1):
            cold[i] = statistics.fmean(pair[i].block(options.shape, None).call_ms)
    begun = time.perf_counter()
    watch = watch_device(options.device)
    found = compare(open_pair, options.shape, recipe(options), options.processes, watch=watch)
    return Trial(
        more_work=more_work,
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        verdict=found.verdict.value,
        stopped=found.stopped,
        blocks=found.blocks,
        seconds=found.seconds,
        wall=time.perf_counter() - begun,
        flags=found.flags,
        process_ratios=[run.ratio.value for run in found.runs if run.ratio],
        cold_ratio=cold[0] / cold[1],
    )


def recipe(options: argparse.Namespace) -> Timing:
    """How a comparison is timed."""
    return Timing(
        max_seconds=options.max_seconds,
        block_seconds=options.block_seconds,
        target_interval=options.target,
    )


def table(trials: list[Trial]) -> str:
    """One line a difference."""
    lines = [
        f"{'more work':>9} {'right':>7} {'ratio, and its range':>24} {'half width':>10} "
        f"{'seconds':>7} {'wall':>5} {'NTIRE right':>11} {'NTIRE ratio':>15}  verdicts"
    ]
    for more in sorted({trial.more_work for trial in trials}):
        these = [trial for trial in trials if trial.more_work == more]
        ratios = sorted(t.ratio for t in these)
        colds = sorted(t.cold_ratio for t in these)
        width = statistics.median((t.high - t.low) / 2 / t.ratio for t in these)
        verdicts = [t.verdict for t in these]
        counts = ", ".join(f"{verdicts.count(v)} {v}" for v in sorted(set(verdicts)))
        cold = f"{sum(t.cold_right for t in these)}/{len(these)}" if more else "-"
        lines.append(
            f"{more:>8}% {sum(t.right for t in these):>4}/{len(these):<2} "
            f"{statistics.median(ratios):>8.4f} [{ratios[0]:.4f}, {ratios[-1]:.4f}] "
            f"{width:>9.2%} {statistics.median(t.seconds for t in these):>7.1f} "
            f"{statistics.median(t.wall for t in these):>5.1f} "
            f"{cold:>11} {f'{colds[0]:.3f} - {colds[-1]:.3f}':>15}  {counts}"
        )
    return "\n".join(lines)


def with_noise(work: Callable[[], None], noisy: bool) -> None:
    """Do ``work``, beside a process that makes noise if asked."""
    if not noisy:
        work()
        return
    context = multiprocessing.get_context("spawn")
    end = context.Event()
    neighbour = context.Process(target=make_noise, args=(end, 0), daemon=True)
    neighbour.start()
    try:
        work()
    finally:
        end.set()
        neighbour.join(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--more-work", type=int, nargs="+", default=[0, 2, 5, 10], help="percent")
    parser.add_argument("--shape", default="48x48", help="LR height x width")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=0, help="0: all usable cores")
    parser.add_argument("--processes", type=int, default=PROCESSES, help="of each, in a pair")
    parser.add_argument("--max-seconds", type=float, default=20.0)
    parser.add_argument("--block-seconds", type=float, help="left out: the device's own")
    parser.add_argument("--target", type=float, default=Timing().target_interval)
    parser.add_argument("--noise", action="store_true", help="a busy neighbour beside it")
    parser.add_argument("--out", type=Path, help="write all trials to this JSON file")
    options = parser.parse_args()
    trials: list[Trial] = []

    def work() -> None:
        for repeat in range(options.repeats):
            for more in options.more_work:
                trials.append(one_trial(more, options, Path(folder), flip=repeat % 2 == 1))
                print(trials[-1], file=sys.stderr, flush=True)

    about = environment(options.device, options.threads)
    with TemporaryDirectory() as folder:
        with_noise(work, options.noise)
    print(f"{about['device']}, {options.shape}, {options.repeats} repeats, noise: {options.noise}")
    print(table(trials))
    if options.out:
        document = {
            "environment": about,
            "timing": recipe(options).model_dump(),
            "trials": [asdict(trial) for trial in trials],
        }
        options.out.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
