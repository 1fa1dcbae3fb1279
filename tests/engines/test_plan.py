"""From what is typed to jobs, and from cores to shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from esrbench.engines.cores import deal
from esrbench.engines.halves import joined
from esrbench.engines.messages import Task
from esrbench.engines.plan import Job, parse_shard, plan
from esrbench.errors import UsageError
from esrbench.judge.assemble import Outcome
from esrbench.judge.parts import Facts, Part, Reason, Timed
from esrbench.results.record import Complexity
from tests.report.records import runtime
from tests.results.records import record


def test_each_variant_is_a_job_and_a_wrong_path_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "submission.yaml").write_text("name: [")
    paths = ["quicksrnet", "no/such", str(tmp_path / "notes.txt"), str(tmp_path / "broken")]
    made = plan(paths, variant="all")
    assert [job.label for job in made.jobs] == [
        "quicksrnet/small", "quicksrnet/medium", "quicksrnet/large", "broken",
    ]  # fmt: skip
    assert len(made.faults) == 2
    assert "There is no no/such" in made.faults[0]


@pytest.mark.parametrize("first", [0, 1])
def test_shards_counted_from_0_or_from_1_have_every_job_once(first: int) -> None:
    names = ["nearest", "bicubic", "lanczos", "span", "rlfn"]
    taken = [
        job.path
        for shard in range(first, first + 3)
        for job in plan(names, shard=parse_shard(f"{shard}/3")).jobs
    ]
    assert sorted(taken) == sorted(names)


@pytest.mark.parametrize("text", ["", "1", "4/3", "1/0", "-1/2", "a/b", "1/2/3"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(UsageError, match="I/N"):
        parse_shard(text)


def test_small_checkpoints_first(tmp_path: Path) -> None:
    for name, size in (("large", 3000), ("small", 10)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "submission.yaml").write_text(f"name: {name}\nweights: {{file: w.pth}}\n")
        (folder / "model.py").write_text("def build(): ...\n")
        (folder / "w.pth").write_bytes(b"0" * size)
    made = plan([str(tmp_path / "large"), str(tmp_path / "small"), "nearest"], order="short")
    assert [job.label for job in made.jobs] == ["nearest", "small", "large"]


# cores, workers, shares: worked out by hand
SHARES = [
    ([0, 1], 1, [(0, 1)]),
    ([0, 1], 2, [(0,), (1,)]),
    ([0, 1], 3, [(0,), (1,), (0,)]),
    ([2, 5, 7], 2, [(2, 5), (7,)]),
]


@pytest.mark.parametrize(("cores", "workers", "shares"), SHARES)
def test_cores_are_dealt_out(cores, workers, shares) -> None:
    assert deal(cores, workers) == shares


def test_a_task_crosses_the_pipe() -> None:
    task = Task(Job(3, "a b/ü", None, 4, "ü", 12), "timed")
    assert Task.parse(task.line()) == task


def test_two_halves_are_the_record_of_one_run() -> None:
    complexity = Complexity(input_shape=(1, 3, 8, 8), facts={"depth": 3})
    first = record(
        complexity=complexity, flags=["b"], signatures={"macs": "m"}, environment={"gpu": None},
        missing={"runtime_ms": "Not asked for (--no-timing).", "macs": "why"},
    )  # fmt: skip
    parts: list[Part] = [
        Part(environment={"findings": []}),
        Timed(runtime=runtime(5.0), blocks=(), flags=("a",), signatures={"runtime_ms": "t"}),
        Facts(facts={"layers": []}, reasons=(Reason("phase", "layers", "no"),)),
    ]
    whole = joined(first, parts, Outcome())
    assert whole.runtime_ms == runtime(5.0)
    assert whole.flags == ["a", "b"]
    assert whole.signatures == {"macs": "m", "runtime_ms": "t"}
    assert whole.missing == {"macs": "why", "layers": "no"}
    assert whole.environment == {"gpu": None, "findings": []}
    assert whole.complexity is not None
    assert whole.complexity.facts == {"depth": 3, "layers": []}
    assert (whole.id, whole.created) == (first.id, first.created)
