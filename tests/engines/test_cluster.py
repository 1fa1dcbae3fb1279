"""What travels to a node and what is taken back, without Ray."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from esrbench.engines.cluster.content import Content, parcel_of
from esrbench.engines.cluster.keep import keep, read_back
from esrbench.engines.cluster.nodes import hold_alike, room
from esrbench.engines.cluster.slot import NodeFacts, harness
from esrbench.engines.plan import Job
from esrbench.errors import UnavailableError, UsageError
from esrbench.judge.machine import Machine
from esrbench.results.record import Picture
from esrbench.results.store import ResultsStore
from esrbench.submission.find import find
from esrbench.timing.device_lock import hold_free_cores
from tests.engines.test_local import write
from tests.report.records import record


@pytest.mark.parametrize("single", [False, True])
def test_a_submission_arrives_as_it_was_sent(tmp_path: Path, single: bool) -> None:
    write(tmp_path / "net")
    (tmp_path / "net" / "__pycache__").mkdir()
    (tmp_path / "net" / "__pycache__" / "x.pyc").write_bytes(b"0")
    weights = tmp_path / "elsewhere.pth"
    weights.write_bytes(b"weights")
    path = tmp_path / "net" / "model.py" if single else tmp_path / "net"
    job = Job(0, str(path), None, 4, "net")
    submission = find(str(path), scale=4)
    parcel = parcel_of(job, submission, weights)
    parcel.content.unpack(tmp_path / "there")
    there = parcel.job_in(job, tmp_path / "there")
    assert find(there.path, scale=4).code_sha256() == submission.code_sha256()
    assert find(there.path, scale=4).label == submission.label
    assert (tmp_path / "there" / "weights" / "elsewhere.pth").read_bytes() == b"weights"
    assert not list((tmp_path / "there").rglob("*.pyc"))


def test_what_was_changed_on_the_way_or_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    sent = Content.of({"a": tmp_path / "a"})
    with pytest.raises(UnavailableError, match="sha256"):
        replace(sent, files={"a": b"b"}).unpack(tmp_path / "x")
    with pytest.raises(UnavailableError, match="outside"):
        Content.of({"../a": tmp_path / "a"}).unpack(tmp_path / "x")


def test_only_records_and_the_pictures_they_name_are_written(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    names = {kind: f"pictures/one/{kind}.png" for kind in ("lr", "sr", "hr")}
    of_it = record("one", pictures=[Picture(dataset="s", name="i", box=(0, 0, 1, 1), **names)])
    with pytest.raises(UnavailableError, match="does not name"):
        keep(store, of_it, {"pictures/../../evil.png": b"0"})
    keep(store, of_it, {names["sr"]: b"png"})
    assert (tmp_path / names["sr"]).read_bytes() == b"png"
    with pytest.raises(UnavailableError, match="no record"):
        read_back(b'{"id": 3}', None)


def test_nodes_that_differ_are_named() -> None:
    same = NodeFacts("n1", "gpu1", harness(), "2.6.0", "cpu")
    other = replace(same, host="gpu2", torch="2.7.0")
    hold_alike([same], "2.6.0", allow_mixed=False)
    hold_alike([same, other], "2.6.0", allow_mixed=True)
    with pytest.raises(UsageError, match=r"gpu2 has esrbench .*, torch 2\.7\.0; this one"):
        hold_alike([same, other], "2.6.0", allow_mixed=False)


# resources of nodes, device, threads, workers by node: worked out by hand
ROOM = [
    ({"a": {"CPU": 8.0}, "b": {"CPU": 1.0}}, "cpu", 2, {"a": 4}),
    ({"a": {"CPU": 8.0, "GPU": 2.0}, "b": {"CPU": 64.0}}, "cuda:0", 2, {"a": 2}),
    ({}, "cpu", 1, {}),
]


@pytest.mark.parametrize(("nodes", "device", "threads", "fits"), ROOM)
def test_how_many_workers_fit(nodes, device, threads, fits) -> None:
    assert room(nodes, Machine(device=device, threads=threads)) == fits


def test_cores_are_held_by_one_worker(tmp_path: Path) -> None:
    first = hold_free_cores(1, tmp_path)
    assert first is not None
    second = hold_free_cores(1, tmp_path)
    assert second is None or not set(first.cores) & set(second.cores)
    assert hold_free_cores(100_000, tmp_path) is None
    for held in (first, second):
        for descriptor in held.descriptors if held else ():
            os.close(descriptor)
