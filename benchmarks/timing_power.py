"""How often is the verdict right on this machine: of a model against itself, and against clones?

The clones do 2%, 5% and 10% more work (that many more equal layers). Every repeat starts fresh
processes, times each once, cold, over some images (NTIRE's way: one pass, means compared), and
then measures the pair as ``esrbench compare`` does. A verdict is right when a model ties with
itself and is FASTER than its clone; NTIRE's way is right when its means come in the right order.
For a model against itself NTIRE's way has no right answer: the spread of its ratio is shown.

    python benchmarks/timing_power.py --repeats 20 --noise

``--noise`` keeps another process busy in bursts. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from esrbench.protocol.schema import Timing, parse_shape
from esrbench.timing.compare import compare
from esrbench.timing.environment import environment
from esrbench.timing.lane import Block
from esrbench.timing.statistics import Verdict
from esrbench.timing.throttle import watch_device

LAYERS = 100
CHANNELS = 16


def stack(layers: int) -> Any:
    """An SR net x4 of ``layers`` equal convolutions."""
    from torch import nn

    body: list[nn.Module] = [nn.Conv2d(3, CHANNELS, 3, padding=1)]
    for _ in range(layers):
        body += [nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1), nn.ReLU(inplace=True)]
    body += [nn.Conv2d(CHANNELS, 48, 3, padding=1), nn.PixelShuffle(4)]
    return nn.Sequential(*body).eval()


def _inputs(shape: str, count: int | None, device: str) -> Iterator[Any]:
    import torch

    drawn = 0
    while count is None or drawn < count:
        yield torch.rand(parse_shape(shape)).to(device)
        drawn += 1


def serve(pipe: Connection, layers: int, device: str, threads: int) -> None:
    """The child: answers ``warm_up`` and ``block`` until it is told to end."""
    from esrbench.timing.threads import set_threads

    if device == "cpu":
        set_threads(threads)
    import torch

    from esrbench.timing.block import run_block
    from esrbench.timing.clock import make_clock
    from esrbench.timing.warmup import warm_up

    torch.manual_seed(0)
    clock = make_clock(device)
    model = stack(layers).to(device)
    pipe.send("ready")
    with torch.inference_mode():
        while True:
            what, shape, amount = pipe.recv()
            if what == "end":
                return
            if what == "warm_up":
                warm_up(model, _inputs(shape, None, device), clock, amount)
                pipe.send(None)
            else:
                pipe.send(run_block(model, _inputs(shape, amount, device), clock))


class ChildLane:
    """A lane over a pipe; the child is this file's :func:`serve`."""

    def __init__(self, layers: int, device: str, threads: int) -> None:
        self.label = f"{layers} layers"
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        arguments = (theirs, layers, device, threads)
        self._child = context.Process(target=serve, args=arguments, daemon=True)
        self._child.start()
        theirs.close()
        self._pipe.recv()

    def _ask(self, what: str, shape: str, amount: float | None) -> Any:
        self._pipe.send((what, shape, amount))
        return self._pipe.recv()

    def warm_up(self, shape: str, seconds: float) -> None:
        """See ``timing.lane.Lane``."""
        self._ask("warm_up", shape, seconds)

    def block(self, shape: str, calls: int | None) -> Block:
        """See ``timing.lane.Lane``."""
        started = time.perf_counter()
        times = self._ask("block", shape, calls)
        wall_ms = (time.perf_counter() - started) * 1e3
        return Block(tuple(times.call_ms), wall_ms, times.clock, times.process_ms)

    def close(self) -> None:
        """End the child."""
        self._pipe.send(("end", "", None))
        self._child.join(10)


def make_noise(end: Any, seed: int) -> None:
    """Bursts of work with pauses between, 0.05 to 2 s each, until ``end`` is set."""
    draw = random.Random(seed)
    while not end.is_set():
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
    flags: list[str]
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


def one_trial(more_work: int, options: argparse.Namespace, timing: Timing, flip: bool) -> Trial:
    """Fresh processes, the cold passes one after the other, then the comparison.

    ``flip`` runs the clone's cold pass first, so that its order favours neither.
    """
    layers = (LAYERS, LAYERS + round(LAYERS * more_work / 100))
    first, second = (ChildLane(n, options.device, options.threads) for n in layers)
    try:
        cold = {}
        for lane in (second, first) if flip else (first, second):
            cold[lane] = statistics.fmean(lane.block(options.shape, options.images).call_ms)
        watch = watch_device(options.device)
        found = compare(first, second, options.shape, timing, watch=watch)
    finally:
        first.close()
        second.close()
    return Trial(
        more_work=more_work,
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        verdict=found.verdict.value,
        stopped=found.stopped,
        blocks=found.blocks,
        seconds=found.seconds,
        flags=found.flags,
        cold_ratio=cold[first] / cold[second],
    )


def table(trials: list[Trial]) -> str:
    """One line a difference."""
    lines = [
        f"{'more work':>9} {'right':>7} {'ratio, and its range':>24} {'half width':>10} "
        f"{'seconds':>7} {'NTIRE right':>11} {'NTIRE ratio':>15}  verdicts"
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
    parser.add_argument("--images", type=int, default=100, help="of a cold pass")
    parser.add_argument("--max-seconds", type=float, default=18.0)
    parser.add_argument("--block-seconds", type=float, default=0.25)
    parser.add_argument("--target", type=float, default=Timing().target_interval)
    parser.add_argument("--noise", action="store_true", help="a busy neighbour beside it")
    parser.add_argument("--out", type=Path, help="write all trials to this JSON file")
    options = parser.parse_args()
    timing = Timing(
        max_seconds=options.max_seconds,
        block_seconds=options.block_seconds,
        target_interval=options.target,
    )
    trials: list[Trial] = []

    def work() -> None:
        for repeat in range(options.repeats):
            for more in options.more_work:
                trials.append(one_trial(more, options, timing, flip=repeat % 2 == 1))
                print(trials[-1], file=sys.stderr, flush=True)

    about = environment(options.device, options.threads)
    with_noise(work, options.noise)
    print(f"{about['device']}, {options.shape}, {options.repeats} repeats, noise: {options.noise}")
    print(table(trials))
    if options.out:
        document = {
            "environment": about,
            "timing": timing.model_dump(),
            "trials": [asdict(trial) for trial in trials],
        }
        options.out.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
