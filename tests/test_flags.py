"""The table of flags: whole, in plain sentences, and with teeth."""

from __future__ import annotations

import pytest

from esrbench.errors import UsageError
from esrbench.flags import FLAGS, Flag, check_allowed, flag_of, taking_out
from esrbench.leaderboard.table import build_tables
from esrbench.report.badges import badges_of
from tests.report.records import record

TAKING_OUT = [flag.key for flag in FLAGS.values() if flag.takes_out]


@pytest.mark.parametrize("flag", FLAGS.values(), ids=FLAGS)
def test_every_row_is_whole(flag: Flag) -> None:
    for sentence in (flag.meaning, flag.found, flag.misses):
        assert sentence[0].isupper() or sentence.startswith("fvcore")
        assert sentence.endswith(".")
    assert len(flag.badge) <= 16


@pytest.mark.parametrize("key", TAKING_OUT)
def test_a_flagged_row_leaves_the_ranking_and_says_why(key: str) -> None:
    better = record("flagged", psnr=33.0, flags=["few-blocks", key])
    table = build_tables([record("a", psnr=31.0), better])[0]
    assert [(row.record.label, row.rank) for row in table.rows] == [("a", 1), ("flagged", None)]
    assert FLAGS[key].meaning.rstrip(".").lower()[:18] in (table.rows[1].apart or "").lower()


@pytest.mark.parametrize("key", TAKING_OUT)
def test_an_allowed_flag_puts_it_back_visibly(key: str) -> None:
    better = record("flagged", psnr=33.0, flags=[key])
    table = build_tables([record("a", psnr=31.0), better], allowed={key})[0]
    assert [(row.record.label, row.rank) for row in table.rows] == [("flagged", 1), ("a", 2)]
    assert {"allowed", key} <= {badge.code for badge in badges_of(table.rows[0])}
    assert table.rows[1].allowed == ()


def test_allowing_one_flag_does_not_allow_another() -> None:
    row = record("flagged", flags=["below-floor", "timers-patched"])
    assert build_tables([row], allowed={"below-floor"})[0].rows[0].rank is None


def test_what_only_warns_stays_ranked() -> None:
    row = record("a", flags=[key for key in FLAGS if key not in TAKING_OUT])
    assert build_tables([row])[0].rows[0].rank == 1


def test_an_unknown_flag_warns_and_takes_nothing_out() -> None:
    assert flag_of("brand-new").badge == "brand new"
    assert taking_out(["brand-new"]) == []


@pytest.mark.parametrize(
    ("key", "said"),
    [("below-flor", "did you mean 'below-floor'"), ("few-blocks", "takes no row out")],
)
def test_only_flags_with_teeth_can_be_allowed(key: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_allowed([key])
