"""The scripts of examples/slurm on a Slurm of one node: an array, and the job that merges it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from esrbench.results.store import ResultsStore
from tests.engines.slurm import Slurm, slurm, why_not
from tests.engines.test_local import write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(why_not() is not None, reason=f"Slurm: {why_not()}"),
]
SCRIPTS = Path(__file__).parents[2] / "examples/slurm"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Slurm]:
    (tmp_path / "slurm").mkdir()
    with slurm(tmp_path / "slurm") as made:
        made.environment["PATH"] = f"{Path(sys.executable).parent}:{made.environment['PATH']}"
        made.environment["ESRBENCH_DATA_ROOT"] = str(tmp_path / "none")  # the built-in images alone
        yield made


def test_an_array_and_the_job_that_merges_it(tmp_path: Path, cluster: Slurm) -> None:
    for name in ("one", "two", "three"):
        write(tmp_path / "submissions" / name)
    (tmp_path / "submissions/three/model.py").write_text("def build(): raise RuntimeError('no')\n")
    told = {"SUBMISSIONS": "submissions", "RESULTS": str(tmp_path / "r"), "PROTOCOL": "quick"}
    cluster.environment.update(told)
    asked = ["sbatch", "--parsable", "--chdir", str(tmp_path), "--cpus-per-task=1"]
    job = cluster.ask(*asked, "--array=0-1", str(SCRIPTS / "array.sbatch")).strip()
    merge = cluster.ask(
        *asked, f"--dependency=afterany:{job}", str(SCRIPTS / "merge.sbatch")
    ).strip()
    assert job.isdigit(), job
    assert merge.isdigit(), merge
    ended = cluster.wait_for(job, 900)
    assert ended.count("JobState=COMPLETED") == 2, ended  # a row that failed is no failed task
    assert "JobState=COMPLETED ExitCode=0:0" in cluster.wait_for(merge, 300)
    rows = ResultsStore(tmp_path / "r/all").latest()
    assert {row.label: row.status for row in rows} == {
        "one": "ok",
        "two": "ok",
        "three": "rejected",
    }
    assert (tmp_path / "reports/index.html").is_file()
    halves = [len(ResultsStore(tmp_path / f"r/{task}").records()) for task in (0, 1)]
    assert sorted(halves) == [1, 2]
