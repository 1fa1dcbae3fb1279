"""The parts: each of whole commands, as lines of the table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from challenge_parts.bench import Bench
from challenge_parts.spent import Spent, bare, command, cpu_of, import_torch, seconds_of, wall_of
from esrbench.results.store import ResultsStore

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
    shared = cpu_of(alone) / cores
    each = (wall_of(whole) - shared) / number
    yield f"{number} x {' and '.join(names)}", seconds_of(whole)
    yield f"bare forwards and metrics, on {cores} cores", f"{shared:.1f} s"
    yield "fixed cost of one / `import torch`, wall", f"{each / wall_of(torch):.2f}"
    spare = (cpu_of(whole) - cpu_of(alone)) / number
    yield "the same in CPU time", f"{spare / cpu_of(torch):.2f}"


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
            partial(bench.score, paths[:some], *words, to="cached", anew=False),
        )  # fmt: skip
        ratio = wall_of(cached) / wall_of(helped)
        yield f"all measured, {case}: against `--help`", f"{seconds_of(cached)}, {ratio:.1f}"


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
    ceiling = min(2.0, len(os.sched_getaffinity(0)) * wall_of(alone) / cpu_of(alone))
    gain = wall_of(alone) / wall_of(both)
    yield f"{number} one after the other", seconds_of(alone)
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
        f"{wall_of(own) / wall_of(rays):.2f}",
    )


def of_teams(bench: Bench, number: int) -> Iterator[Line]:
    """What an organiser does, once: the folder is kept, and what is in it is not done again."""
    teams, folder = bench.submissions(number), bench.out / "challenge"
    here = ["--in", str(folder)]

    def add(number: int) -> Spent:
        return command("challenge", "add", f"team{number:02d}", teams[number], "--no-check", *here)

    def run() -> Spent:
        return command("challenge", "run", "--jobs", "2", "--threads", "1", "--no-timing", *here)

    published = ["challenge", "publish", "--final", "--to", str(bench.out / "published")]
    helped = bench.kept("cached", "--help", lambda: command("--help"))
    init = ["challenge", "init", str(folder), "--protocol", "quick"]
    bench.once("teams", "init", partial(command, *init))
    each = [bench.once("teams", f"add {i}", partial(add, i)) for i in range(number)]
    yield f"`challenge add` of {number} teams, each", f"{wall_of(each):.2f} s"
    yield f"`challenge run --jobs 2` of {number}", seconds_of([bench.once("teams", "run", run)])
    for step, words in (("status", ["challenge", "status"]), ("publish", published)):
        spent = bench.kept("teams", step, partial(command, *words, *here))
        ratio = wall_of(spent) / wall_of(helped)
        yield (
            f"`challenge {step}` of {number}, against `--help`",
            f"{seconds_of(spent)}, {ratio:.1f}",
        )


def of_timing(bench: Bench, number: int) -> Iterator[Line]:
    """A runtime is the same figure whoever else is scored."""
    few = bench.submissions(min(number, 6))
    brief = ["--max-seconds", "5"]
    for to, words in (("timed", []), ("timed-jobs", ["--jobs", "2"])):
        bench.kept(
            "timing",
            to,
            partial(bench.score, few, *brief, *words, to=to, timing=True),
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
    "teams": of_teams, "timing": of_timing,
}  # fmt: skip
