"""``compare`` of a model with itself and with clones of 0.5% and 2% more work, ten times each.

Every comparison takes two pairs of processes, with other partners each time; they are started
once, since starting a hundred would take the whole time. Beside it NTIRE's way: one cold pass over
the images each, means compared, on processes that have not run the network yet.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import fmean, median, stdev
from tempfile import TemporaryDirectory

from esrbench.judge.lane import RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.protocol.schema import Timing
from esrbench.submission.find import find
from esrbench.submission.submission import Submission
from esrbench.timing.compare import Comparison, compare
from esrbench.timing.lane import Lane
from esrbench.timing.statistics import Verdict
from esrbench.timing.throttle import watch_device

from .setting import Outcome, Row, Setting
from .systems import SCALE, images

LAYERS, CHANNELS = 200, 32
MORE_PERMILLE = (0, 5, 20)
REPEATS, PROCESSES, PAIRS = 10, 4, 2
"""Comparisons of each kind, processes of each model, and pairs of them in one comparison."""
RECIPE = Timing(max_seconds=2.0, warmup_seconds=0.2, target_interval=0.0025, min_blocks=4)
SECONDS_EACH = 3.5
MODEL = f"""
from torch import nn

def build(layers):
    body = [nn.Conv2d(3, {CHANNELS}, 3, padding=1)]
    for _ in range(layers):
        body += [nn.Conv2d({CHANNELS}, {CHANNELS}, 3, padding=1), nn.ReLU(inplace=True)]
    return nn.Sequential(*body, nn.Conv2d({CHANNELS}, 48, 3, padding=1), nn.PixelShuffle(4))
"""


def measure(setting: Setting) -> Outcome:
    """Passes where 9 of 10 of each kind are judged rightly, and none the wrong way round."""
    repeats = 1 if setting.dry else REPEATS
    layers = 4 if setting.dry else LAYERS
    rows: list[Row] = []
    skipped: list[str] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        lanes = {
            more: _started(
                stack, _stack(layers + round(layers * (more or 0) / 1000), folder), setting
            )
            for more in (None, *MORE_PERMILLE)
        }
        cold = {more: [_cold(lane, setting) for lane in each] for more, each in lanes.items()}
        for repeat, more in itertools.product(range(repeats), MORE_PERMILLE):
            if setting.left() < SECONDS_EACH:
                skipped.append(f"repeat {repeat + 1} of {more / 10}%: the time is up")
                continue
            found = _compared(lanes[None], lanes[more], repeat, setting)
            one, other = repeat % PROCESSES, (repeat // PROCESSES + repeat) % PROCESSES
            ratio = cold[None][one % len(cold[None])] / cold[more][other % len(cold[more])]
            rows.append(_row(more, found, ratio))
    return _outcome(rows, skipped, repeats, setting)


def _stack(layers: int, folder: Path) -> Submission:
    own = folder / f"layers{layers}"
    own.mkdir(exist_ok=True)
    (own / "model.py").write_text(MODEL)
    (own / "submission.yaml").write_text(
        f"name: l{layers}\nscale: 4\nbuild: {{layers: {layers}}}\n"
    )
    return find(str(own))


def _started(stack: ExitStack, submission: Submission, setting: Setting) -> list[RunnerLane]:
    machine = setting.machine("fp32")

    def opened(_: int) -> RunnerLane:
        runner = stack.enter_context(open_runner(machine, submission))
        load_into(runner, submission, None, machine)
        pool = images(setting, setting.shapes[0])
        return RunnerLane(submission.label, runner, SCALE, submission.data_range, lambda _: pool)

    with ThreadPoolExecutor(PROCESSES) as workers:
        return list(workers.map(opened, range(PAIRS if setting.dry else PROCESSES)))


def _cold(lane: RunnerLane, setting: Setting) -> float:
    lane.policy = "ntire"
    mean = fmean(lane.block(setting.shapes[0], None).call_ms)
    lane.policy = "block"
    return mean


def _compared(
    first: list[RunnerLane], second: list[RunnerLane], repeat: int, setting: Setting
) -> Comparison:
    """Pairs of one comparison: other partners each time, none twice within it."""
    turns = itertools.count()

    @contextmanager
    def open_pair() -> Iterator[tuple[Lane, Lane]]:
        turn = next(turns)
        yield (first[(repeat + turn) % len(first)],
               second[(repeat // len(second) + 2 * repeat + turn) % len(second)])  # fmt: skip

    opener: type[AbstractContextManager[tuple[Lane, Lane]]] = open_pair  # type: ignore[assignment]
    recipe = RECIPE.model_copy(update={"max_seconds": 0.3}) if setting.dry else RECIPE
    watch = watch_device(setting.device)
    return compare(opener, setting.shapes[0], recipe, processes=PAIRS, watch=watch)


def _row(more: int, found: Comparison, cold: float) -> Row:
    right = found.verdict == (Verdict.FASTER if more else Verdict.TIE)
    wrong = found.verdict == Verdict.SLOWER or (not more and found.verdict == Verdict.FASTER)
    return {"more work %": more / 10, "ratio": found.ratio, "low": found.low, "high": found.high,
            "verdict": found.verdict.value, "right": right, "wrong way": wrong,
            "seconds": found.seconds, "flags": " ".join(found.flags), "NTIRE ratio": cold,
            "NTIRE right": cold < 1 if more else None}  # fmt: skip


def _outcome(rows: list[Row], skipped: list[str], repeats: int, setting: Setting) -> Outcome:
    told, passed = [], len(rows) == repeats * len(MORE_PERMILLE)
    for more in MORE_PERMILLE:
        these = [row for row in rows if row["more work %"] == more / 10]
        right = sum(row["right"] for row in these)
        passed = passed and right >= 0.9 * repeats and not any(r["wrong way"] for r in these)
        width = median((r["high"] - r["low"]) / 2 / r["ratio"] for r in these) if these else 0.0
        ntire = f", NTIRE's way {sum(r['NTIRE right'] for r in these)}" if more else ""
        told.append(f"{more / 10}%: {right} of {len(these)} right (half width {width:.2%}{ntire})")
    same = [row["ratio"] for row in rows if not row["more work %"]]
    facts = {"sd of a model against itself": stdev(same) if len(same) > 1 else None}
    return Outcome(passed or setting.dry, "; ".join(told), rows, skipped, facts)
