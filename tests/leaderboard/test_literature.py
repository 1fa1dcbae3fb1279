"""Published figures among measured rows: where they are laid, and that they never win."""

from __future__ import annotations

import pytest

from esrbench.errors import UsageError
from esrbench.flags import LITERATURE, check_allowed
from esrbench.leaderboard.counted_at import counted_alike
from esrbench.leaderboard.literature import with_literature
from esrbench.leaderboard.table import build_tables
from esrbench.literature.entry import Entry
from esrbench.report.best import marked
from esrbench.report.export import export
from esrbench.report.formats.paper import Paper, to_paper
from tests.report.records import record

BEST = Entry.model_validate(
    {
        "name": "dream/large",
        "title": "Dream",
        "paper": "https://arxiv.org/abs/2001.00001",
        "figures": {4: {"params": 1, "quality": {"Set5": {"psnr_y": 99.0}, "Other": {"a": 1}}}},
    }
)


def _rows() -> list:
    return [
        record(name, quality={"Set5": {"psnr_y": value}}) for name, value in (("a", 31), ("b", 32))
    ]


def test_it_is_set_apart_and_never_best() -> None:
    (table,) = build_tables(with_literature(_rows(), [BEST]), allowed=frozenset({"late"}))
    laid = table.rows[-1]
    assert (laid.record.label, laid.rank) == ("dream/large (published)", None)
    assert laid.apart is not None
    assert "not measured here" in laid.apart
    assert list(laid.record.quality) == ["Set5"], "a dataset the table lacks is left out"
    assert laid.record.macs is None
    for column in table.columns:
        found = marked(table, column, 2)
        assert len(table.rows) - 1 not in found.best | found.second


def test_latex_gives_it_a_dagger() -> None:
    text = to_paper(build_tables(with_literature(_rows(), [BEST])), Paper(("Set5",)))
    (line,) = (line for line in text.splitlines() if line.startswith("Dream"))
    assert "†" in line or r"\dagger" in line
    assert r"\textbf{99" not in text
    assert "published" in text


@pytest.mark.parametrize(
    ("form", "dagger", "bold"),
    [("latex", r"dream/large$^{\dagger}$", r"\textbf{99"), ("markdown", "dream/large†", "**99")],
)
def test_exports_give_it_a_dagger_and_one_note(form: str, dagger: str, bold: str) -> None:
    """However many such rows there are, what the sign means stands below once."""
    second = BEST.model_copy(update={"name": "other"})
    text = export(with_literature(_rows(), [BEST, second]), form)
    (line,) = (line for line in text.splitlines() if "dream/large" in line)
    assert dagger in line
    assert "99" in line
    assert text.count("As published, not measured here") == 1
    assert bold not in text


@pytest.mark.parametrize("scale", [2, 3])
def test_another_scale_is_another_table(scale: int) -> None:
    assert with_literature([record("a", scale=scale)], [BEST])[1:] == []


def test_it_cannot_be_allowed() -> None:
    with pytest.raises(UsageError, match="never ranked"):
        check_allowed([LITERATURE])


@pytest.mark.parametrize(
    ("macs_at", "shape", "scale", "alike"),
    [
        ("1x3x256x256", (1, 3, 256, 256), 4, True),
        ("1x3x256x256", (1, 3, 180, 320), 4, False),
        ("1280x720 output", (1, 3, 180, 320), 4, True),
        ("1280x720 output", (1, 3, 360, 640), 2, True),
        ("1280x720 output", (1, 3, 256, 256), 4, False),
    ],
)
def test_counts_are_for_an_input(
    macs_at: str, shape: tuple[int, ...], scale: int, alike: bool
) -> None:
    assert counted_alike(macs_at, shape, scale) is alike
