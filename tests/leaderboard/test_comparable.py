"""Which records may share a table."""

from __future__ import annotations

from esrbench.leaderboard.comparable import comparable_groups
from tests.report.records import CPU, GPU, record, signatures, without_weights


def labels(records: list) -> list[list[str]]:
    return [[r.label for r in group.records] for group in comparable_groups(records)]


def test_device_protocol_precision_and_scale_part_records() -> None:
    rows = [
        record("a"),
        record("a", device=GPU),
        record("a", precision="fp16"),
        record("a", scale=2),
        record("a", protocol_name="classic"),
    ]
    assert len(comparable_groups(rows)) == 5


def test_another_crop_is_set_apart_with_the_reason() -> None:
    rows = [record("a"), record("b"), record("c", signatures=signatures(CPU, crop=8))]
    first, second = comparable_groups(rows)
    assert [r.label for r in first.records] == ["a", "b"]
    assert first.differs == ()
    assert (
        "psnr_y: PSNR|y|crop:8|f64|mean-image|v1 here, PSNR|y|crop:4|f64|mean-image|v1 there"
        in second.differs
    )


def test_a_record_without_a_signature_joins_those_that_have_it() -> None:
    bare = without_weights("b", signatures={"macs": signatures(CPU)["macs"]})
    assert labels([bare, record("a")]) == [["a", "b"]]


def test_other_images_under_the_same_name_are_set_apart() -> None:
    other = record("b")
    other.datasets["skimage8"].sha256 = "0" * 64
    assert len(comparable_groups([record("a"), other])) == 2


def test_more_datasets_or_longer_timing_stay_comparable() -> None:
    longer = record("b")
    longer.protocol_spec["timing"]["max_seconds"] = 99
    longer.protocol_spec["datasets"] = ["skimage8", "Set5"]
    assert len(comparable_groups([record("a"), longer])) == 1


def test_a_changed_rule_is_another_ranking() -> None:
    other = record("b")
    other.protocol_spec["rank_by"] = {"metric": "params", "dataset": None}
    assert len(comparable_groups([record("a"), other])) == 2


def test_no_records_no_groups() -> None:
    assert comparable_groups([]) == []
