"""The bundled systems beside a person's rows: what may stand there, and what may not."""

from __future__ import annotations

import json

import pytest

from esrbench import bundled
from esrbench.leaderboard.references import NOT_TIMED, with_references
from esrbench.leaderboard.table import build_tables
from esrbench.results.record import ChallengeEntry, RunRecord, TimingBlock
from esrbench.results.references import file_name, kept, load_references
from esrbench.results.seal import seal_state
from tests.report.records import CPU, GPU, record, signatures


def own(name: str = "mynet", **changes: object) -> RunRecord:
    return record(name, **{"device": GPU, "source": "mynet", "psnr": 31.0, **changes})


def known(name: str = "span", variant: str = "c28", **changes: object) -> RunRecord:
    """A reference as it is kept: of another machine, never timed."""
    changes = {"device": CPU, "source": "bundled", "psnr": 32.0, "runtime_ms": None, **changes}
    return kept(record(name, variant, **changes))


def laid(rows: list[RunRecord], *references: RunRecord) -> list[RunRecord]:
    return [row for row in with_references(rows, references) if row.shipped]


def test_a_reference_stands_beside_the_row_of_another_device_and_is_ranked() -> None:
    (table,) = build_tables(with_references([own()], [known(), known("rlfn", "ntire")]))
    assert [(r.rank, r.record.label) for r in table.rows][-1] == (3, "mynet")
    (rlfn,) = (r for r in table.records if r.label == "rlfn/ntire")
    assert (rlfn.device, rlfn.runtime_ms, rlfn.shipped) == (GPU, None, True)
    assert rlfn.missing["runtime_ms"] == NOT_TIMED
    assert rlfn.peak_memory_bytes is None


def test_no_record_given_is_changed() -> None:
    mine, theirs = own(), known()
    before = theirs.model_dump_json()
    with_references([mine], [theirs])
    assert (theirs.model_dump_json(), theirs.shipped, mine.shipped) == (before, False, False)


# what differs, what of the reference is left: None for no row at all
APART = [
    ("scale", {"scale": 2}, None),
    ("precision", {"precision": "fp16"}, None),
    ("crop", {"signatures": signatures(CPU, crop=8)}, None),
    ("images", {"datasets": {}}, None),
]


@pytest.mark.parametrize(("what", "changes", "left"), APART)
def test_what_came_about_otherwise_is_not_laid_beside(what, changes, left) -> None:
    assert laid([own()], known(**changes)) == (left or [])


def test_macs_counted_at_another_size_are_empty_with_the_reason() -> None:
    other = {**signatures(CPU), "macs": "MACs|1x3x320x180|fvcore+dispatch|v1"}
    (row,) = laid([own()], known(signatures=other))
    assert row.macs is None
    assert "1x3x256x256" in row.missing["macs"]
    assert row.quality


def test_of_two_records_of_a_system_each_gives_what_it_has_most_of() -> None:
    sets = {"datasets_scored": ["Set5", "Set14"], "protocol_name": "classic"}
    few, many = known(datasets_scored=["Set5"]), known(**{**sets, "macs": None})
    (row,) = laid([own(**sets)], few, many)
    assert (set(row.quality), row.macs) == ({"Set5", "Set14"}, few.macs)


def test_single_images_stand_beside_where_their_set_and_metric_do() -> None:
    sets = {"datasets_scored": ["Set5", "Set14"]}
    theirs = known(**sets, signatures={**signatures(CPU), "ssim_y": "SSIM|otherwise"})
    (row,) = laid([own(datasets_scored=["Set5"])], theirs)
    assert set(row.images) == {"Set5"}
    shown = {key for score in row.images["Set5"] for key in score.values}
    assert "psnr_y" in shown
    assert "ssim_y" not in shown


def test_a_system_with_a_row_of_its_own_is_not_shown_twice() -> None:
    mine = own("span", variant="c28", source="bundled")
    assert laid([mine], known()) == []


def test_the_same_name_of_somebody_else_is_told_apart() -> None:
    (row,) = laid([own("span", variant="c28", submission_sha256="other")], known())
    assert row.label == "span/c28 (reference)"


def test_a_row_without_quality_leaves_the_reference_its_place() -> None:
    mine = own("span", variant="c28", source="bundled", quality={}, images={})
    assert laid([mine, own()], known())[0].quality


def test_the_baseline_that_was_timed_beside_has_its_runtime() -> None:
    timed = record("mynet").runtime_ms
    assert timed is not None
    blocks = [
        TimingBlock(shape=timed.shape, lane="baseline", call_ms=[4.0, 6.0], wall_ms=10.5, started=0)
    ]
    mine = own(runtime_ms=timed.model_copy(update={"baseline": "span/c28"}), timing_blocks=blocks)
    (row,) = laid([mine], known())
    assert row.runtime_ms is not None
    assert (row.runtime_ms.median, row.runtime_ms.calls, row.runtime_ms.ratio) == (5.0, 2, 1.0)
    assert "runtime_ms" not in row.missing


def test_a_challenge_and_its_teams_stand_alone() -> None:
    entry = ChallengeEntry(challenge="c", rules_sha256="r", team="t", track="main",
                           entry_sha256="e", received="2026-01-01T00:00:00+00:00")  # fmt: skip
    assert laid([own(challenge=entry)], known()) == []


@pytest.mark.parametrize("one", load_references(), ids=lambda r: f"{r.label}-{r.protocol}")
def test_what_ships_is_whole_small_and_names_no_folder_of_a_machine(one: RunRecord) -> None:
    text = one.model_dump_json()
    assert len(text) < 40_000
    assert '"/' not in text
    assert (one.status, one.runtime_ms, one.pictures, one.source) == ("ok", None, [], "bundled")
    for name, means in one.quality.items():
        for metric, mean in means.items():
            each = [score.values[metric] for score in one.images[name]]
            assert mean == pytest.approx(sum(each) / one.datasets[name].images, abs=1e-4)
    # Of the file: a record that is read has the fields of later versions too.
    file = bundled.references() / file_name(one.own_label, one.scale, one.protocol)
    assert seal_state(json.loads(file.read_text())) == "whole"
