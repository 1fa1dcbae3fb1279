"""What a whole challenge costs: many submissions, one command, as ratios to named peers.

    python benchmarks/challenge.py            # every part, 60 submissions: hours
    python benchmarks/challenge.py --part cached --submissions 20 --images 100

Parts, each of whole commands as an organiser gives them, on one thread a runner and without timing:

- `wall`: N submissions on Set5 and Set14 (skimage8 without a data root), against what their bare
  forwards and the metrics take in one process, shared out among the cores; the rest is the fixed
  cost of a submission, as a ratio to `import torch`.
- `cached`: N submissions of many images, all measured before: against `esrbench --help`,
  and at a quarter and half of N, since it may grow no faster than N does.
- `memory`: the judge's peak for N submissions against one, and for all images against a quarter.
- `jobs`: `--jobs 2` against one after the other; its ceiling is what cores one leaves idle.
- `ray`: `--engine ray` on two local workers against `--jobs 2` (extra `ray`).
- `timing`: runtimes under `--jobs 2` against those without, of the same networks.

Every repeat is a line of ``rows.jsonl`` below ``--out``, with the machine's load; the table is made
from them, and what stands there is not run again. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np

from esrbench.results.store import ResultsStore

MODEL = """import torch
from torch import nn

def build():
    torch.manual_seed({seed})
    return nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4), nn.Hardtanh(0, 1))
"""
SMALL = """\
name: many-images
title: Many small images
scale: 4
datasets: [Noise]
metrics: [psnr_y]
reference_input: 1x3x16x16
rank_by: {metric: psnr_y, dataset: Noise}
timing: {shapes: [16x16], baseline: null}
"""
NOISE = """\
Noise:
  title: Noise
  images: {images}
  scales: [4]
  hr: {{folders: [Noise]}}
  lr: {{default: {{folders: [none], make: {{border: symmetric}}}}}}
  licence: none
  source: numpy
  how_to_get: made by benchmarks/challenge.py
"""
_LOOK = 0.02


@dataclass(frozen=True)
class Spent:
    """One command: seconds of the clock, CPU seconds of it and all it waited for, its own peak."""

    wall: float
    cpu: float
    peak_mib: float
    """Resident memory of the judge's process alone."""


class Bench:
    """Folders of submissions and images, and rows that are kept."""

    def __init__(self, out: Path, images: int, repeats: int) -> None:
        self.out, self.images, self.repeats = out, images, repeats
        out.mkdir(parents=True, exist_ok=True)
        self.rows = out / "rows.jsonl"

    def submissions(self, number: int) -> list[str]:
        """Paths of ``number`` networks of one convolution, each with weights of its own."""
        for seed in range(number):
            own = self.out / "submissions" / f"net{seed:03d}"
            if not own.is_dir():
                own.mkdir(parents=True)
                (own / "submission.yaml").write_text(f"name: {own.name}\nscale: 4\n")
                (own / "model.py").write_text(MODEL.format(seed=seed))
        return [str(self.out / "submissions" / f"net{seed:03d}") for seed in range(number)]

    def many(self, images: int) -> list[str]:
        """Words of a command for ``images`` small images."""
        from esrbench.data.images import write_png

        root = self.out / f"noise{images}"
        for number in range(images):
            path = root / "Noise" / f"{number:04d}.png"
            if not path.is_file():
                noise = np.random.default_rng(number).integers(0, 255, (64, 64, 3), np.uint8)
                write_png(path, noise)
        (root / "noise.yaml").write_text(NOISE.format(images=images))
        (root / "many.yaml").write_text(SMALL)
        files = ["--protocol", str(root / "many.yaml"), "--datasets", str(root / "noise.yaml")]
        return [*files, "--data-root", str(root)]

    def score(
        self, paths: Sequence[str], *words: str, to: str, anew: bool = True, timing: bool = False
    ) -> Spent:
        """``esrbench score PATHS`` into the results folder ``to``."""
        results = self.out / "results" / to
        if anew:
            shutil.rmtree(results, ignore_errors=True)
        common = ["--threads", "1", "--offline", "--results", str(results), "--pictures", "none"]
        # bwrap's children are another process's, whose CPU time nobody here is told.
        common += ["--sandbox", "landlock", *([] if timing else ["--no-timing"])]
        return command("score", *paths, *common, *words)

    def kept(self, part: str, case: str, measure: Callable[[], Spent]) -> list[Spent]:
        """Every repeat of ``case``; what is missing is measured now."""
        known = self._read(part, case)
        while len(known) < self.repeats:
            load = os.getloadavg()[0]
            spent = measure()
            row = {"part": part, "case": case, "load": round(load, 1), **asdict(spent)}
            with self.rows.open("a") as file:
                file.write(json.dumps(row) + "\n")
            known.append(spent)
        return known

    def _read(self, part: str, case: str) -> list[Spent]:
        lines = self.rows.read_text().splitlines() if self.rows.is_file() else []
        rows = [json.loads(line) for line in lines]
        return [
            Spent(row["wall"], row["cpu"], row["peak_mib"])
            for row in rows
            if (row["part"], row["case"]) == (part, case)
        ]


def command(*words: str) -> Spent:
    """``esrbench WORDS`` to its end; ends this program where it fails."""
    begun = time.perf_counter()
    judge = subprocess.Popen(
        [sys.executable, "-m", "esrbench", *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said: list[str] = []
    assert judge.stderr is not None
    reader = threading.Thread(target=said.extend, args=(judge.stderr,), daemon=True)
    reader.start()
    peak = 0.0
    while True:
        peak = max(peak, _peak_mib(judge.pid))
        pid, status, used = os.wait4(judge.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(_LOOK)
    wall = time.perf_counter() - begun
    reader.join(5)
    judge.returncode = os.waitstatus_to_exitcode(status)
    if judge.returncode:
        raise SystemExit(
            f"esrbench {words[0]} ended with {judge.returncode}: {''.join(said)[-600:]}"
        )
    return Spent(round(wall, 3), round(used.ru_utime + used.ru_stime, 3), round(peak, 1))


def _peak_mib(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return 0.0


def bare(number: int, names: Sequence[str], data_root: Path | None) -> Spent:
    """Forwards and metrics of ``number`` such networks in this process, one after the other."""
    import torch

    from esrbench.data.catalogue import load_catalogue
    from esrbench.data.dataset import open_dataset
    from esrbench.metrics.scorer import Scorer
    from esrbench.protocol.load import load_protocol

    torch.set_num_threads(1)
    scorer = Scorer(load_protocol("quick").metrics, crop=4)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 48, 3, padding=1), torch.nn.PixelShuffle(4))
    pairs = []
    for name in names:
        dataset = open_dataset(name, 4, data_root=data_root, catalogue=load_catalogue())
        pairs += [(pair.read_lr(), pair.read_hr()) for pair in dataset.pairs]
    begun, cpu = time.perf_counter(), time.process_time()
    for lr, hr in pairs:
        x = torch.from_numpy(lr.transpose(2, 0, 1).copy())[None].float() / 255
        with torch.no_grad():
            sr = network(x).clamp(0, 1)[0].permute(1, 2, 0).mul(255).round().byte().numpy()
        scorer.score(sr, hr)
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return Spent(round(number * wall, 3), round(number * cpu, 3), 0.0)


def import_torch() -> Spent:
    """The peer of whatever must start a runner."""
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", "import torch"]) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return Spent(time.perf_counter() - begun, used.ru_utime + used.ru_stime, 0.0)


Line = tuple[str, str]


def of_wall(bench: Bench, number: int) -> Iterator[Line]:
    """N submissions on two datasets against their bare work."""
    root = os.environ.get("ESRBENCH_DATA_ROOT")
    names = ["Set5", "Set14"] if root else ["skimage8"]
    words = [word for name in names for word in ("-d", name)]
    paths = bench.submissions(number)
    torch = bench.kept("wall", "import torch", import_torch)
    alone = bench.kept(
        "wall", f"bare x{number}", lambda: bare(number, names, Path(root) if root else None)
    )
    whole = bench.kept("wall", f"score x{number}", lambda: bench.score(paths, *words, to="wall"))
    cores = len(os.sched_getaffinity(0))
    shared = _cpu(alone) / cores
    each = (_wall(whole) - shared) / number
    yield f"{number} x {' and '.join(names)}", _seconds(whole)
    yield f"bare forwards and metrics, on {cores} cores", f"{shared:.1f} s"
    yield "fixed cost of one / `import torch`, wall", f"{each / _wall(torch):.2f}"
    spare = (_cpu(whole) - _cpu(alone)) / number
    yield "the same in CPU time", f"{spare / _cpu(torch):.2f}"


def of_cached(bench: Bench, number: int) -> Iterator[Line]:
    """Everything is measured already."""
    words, paths = bench.many(bench.images), bench.submissions(number)
    helped = bench.kept("cached", "--help", lambda: command("--help"))
    store = ResultsStore(bench.out / "results" / "cached")
    if len(store.records()) < number:
        bench.score(paths, *words, to="cached", anew=False)
    for some in sorted({max(1, number // 4), max(1, number // 2), number}):
        case = f"{some} of {bench.images} images"
        cached = bench.kept(
            "cached", case,
            lambda some=some: bench.score(paths[:some], *words, to="cached", anew=False),
        )  # fmt: skip
        ratio = _wall(cached) / _wall(helped)
        yield f"all measured, {case}: against `--help`", f"{_seconds(cached)}, {ratio:.1f}"


def of_memory(bench: Bench, number: int) -> Iterator[Line]:
    """The judge's own peak."""
    few = max(1, bench.images // 4)
    paths = bench.submissions(number)

    def peak(some: int, images: int) -> float:
        case = f"{some} of {images} images"
        spent = bench.kept(
            "memory", case, lambda: bench.score(paths[:some], *bench.many(images), to="memory")
        )
        return median(one.peak_mib for one in spent)

    one, fewer = peak(1, bench.images), peak(1, few)
    yield (
        f"judge's peak, {number} against 1",
        f"{peak(number, bench.images) / one:.3f} of {one:.0f} MiB",
    )
    yield f"judge's peak, {bench.images} images against {few}", f"{one / fewer:.3f}"


def of_jobs(bench: Bench, number: int) -> Iterator[Line]:
    """Two jobs at a time."""
    paths = bench.submissions(number)
    alone = bench.kept("jobs", f"alone x{number}", lambda: bench.score(paths, to="alone"))
    both = bench.kept(
        "jobs", f"--jobs 2 x{number}", lambda: bench.score(paths, "--jobs", "2", to="both")
    )
    ceiling = min(2.0, len(os.sched_getaffinity(0)) * _wall(alone) / _cpu(alone))
    gain = _wall(alone) / _wall(both)
    yield f"{number} one after the other", _seconds(alone)
    yield (
        "`--jobs 2`: gain, and of the ceiling",
        f"{gain:.2f}, {gain / ceiling:.2f} of {ceiling:.2f}",
    )


def of_ray(bench: Bench, number: int) -> Iterator[Line]:
    """Ray's workers against our own."""
    if find_spec("ray") is None:
        yield "Ray", "not installed (`pip install 'esrbench[ray]'`)"
        return
    paths = bench.submissions(number)
    own = bench.kept(
        "jobs", f"--jobs 2 x{number}", lambda: bench.score(paths, "--jobs", "2", to="both")
    )
    rays = bench.kept(
        "ray", f"ray x{number}",
        lambda: bench.score(paths, "--engine", "ray", "--jobs", "2", to="ray"),
    )  # fmt: skip
    yield (
        "Ray on two workers against `--jobs 2`, start of Ray included",
        f"{_wall(own) / _wall(rays):.2f}",
    )


def of_timing(bench: Bench, number: int) -> Iterator[Line]:
    """A runtime is the same figure whoever else is scored."""
    few = bench.submissions(min(number, 6))
    brief = ["--max-seconds", "5"]
    for to, words in (("timed", []), ("timed-jobs", ["--jobs", "2"])):
        bench.kept(
            "timing",
            to,
            lambda to=to, words=words: bench.score(few, *brief, *words, to=to, timing=True),
        )
    medians = [
        {r.submission: r.runtime_ms.median for r in store.records() if r.runtime_ms is not None}
        for store in (ResultsStore(bench.out / "results" / to) for to in ("timed", "timed-jobs"))
    ]
    ratios = [medians[1][name] / medians[0][name] for name in medians[0].keys() & medians[1].keys()]
    told = (
        f"{median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})" if ratios else "no runtime"
    )
    yield f"runtime under `--jobs 2` against alone, {len(ratios)} networks", told


PARTS = {
    "wall": of_wall, "cached": of_cached, "memory": of_memory, "jobs": of_jobs, "ray": of_ray,
    "timing": of_timing,
}  # fmt: skip


def _wall(spent: Sequence[Spent]) -> float:
    return median(one.wall for one in spent)


def _cpu(spent: Sequence[Spent]) -> float:
    return median(one.cpu for one in spent)


def _seconds(spent: Sequence[Spent]) -> str:
    walls = ", ".join(f"{one.wall:.1f}" for one in spent)
    return f"{walls} s (CPU {_cpu(spent):.1f})"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--part", action="append", choices=list(PARTS), help="several; all if none")
    words.add_argument("--submissions", type=int, default=60)
    words.add_argument("--images", type=int, default=400, help="of the set that is scored often")
    words.add_argument("--repeats", type=int, default=3)
    words.add_argument("--out", type=Path, default=Path("build/challenge"))
    options = words.parse_args()
    bench = Bench(options.out.resolve(), options.images, options.repeats)
    print("| what | measured |\n|---|---|", flush=True)
    for part in options.part or PARTS:
        for what, measured in PARTS[part](bench, options.submissions):
            print(f"| {what} | {measured} |", flush=True)


if __name__ == "__main__":
    main()
