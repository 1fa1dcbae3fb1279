"""How long many take is told once, of those that are measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from esrbench.data.catalogue import load_catalogue
from esrbench.engines import ahead as told
from esrbench.engines.plan import plan
from esrbench.engines.run import run_here
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.protocol.load import load_protocol


def bench(folder: Path, said: list[str]) -> Bench:
    quick = load_protocol("quick").model_copy(update={"datasets": ("skimage8",)})
    options = Options(
        protocol=quick, catalogue=load_catalogue(), machine=Machine(threads=1), results=folder,
        timing=False, pictures=("none",), say=said.append,
    )  # fmt: skip
    return Bench(options)


def test_side_by_side_takes_less_but_for_timing(tmp_path: Path) -> None:
    jobs = plan(["nearest", "bicubic/ycbcr", "lanczos"]).jobs
    with bench(tmp_path, []) as open_:
        seconds = {}
        for timing in (False, True):
            open_.options = replace(open_.options, timing=timing)
            for workers in (1, 3, 60):
                seconds[timing, workers] = told.ahead(jobs, open_, side_by_side=workers)
        one = told.ahead(jobs[:1], open_)
    assert one is not None
    assert one.startswith("nearest: about ")
    assert all(text and text.startswith("3 submissions: about ") for text in seconds.values())
    assert seconds[False, 3] == seconds[False, 60]  # there is no more to share out
    assert seconds[False, 1] != seconds[False, 3]


def test_it_is_said_before_the_first_that_is_measured_and_not_of_what_is_there(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    with bench(tmp_path, said) as open_:
        run_here(plan(["nearest"]).jobs, open_)
        assert next(s for s in said if "about" in s).startswith("nearest: about ")
        said.clear()
        run_here(plan(["nearest", "lanczos"]).jobs, open_)
        estimates = [s for s in said if "about" in s]
        assert len(estimates) == 1
        assert estimates[0].startswith("lanczos: about ")
        said.clear()
        run_here(plan(["nearest", "lanczos"]).jobs, open_)
    assert not any("about" in s for s in said)
