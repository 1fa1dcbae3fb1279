"""A training run drawn: in a figure for a paper and on its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from esrbench.errors import UsageError
from esrbench.report.drawings.steps import steps_drawing
from esrbench.report.plots.kinds import draw
from esrbench.report.plots.steps import caption
from esrbench.report.site import render_site
from esrbench.results.store import ResultsStore
from esrbench.results.swept import Swept, point_of
from tests.results.test_run_row import checkpoint


def test_lines_marks_and_what_they_were_chosen_by() -> None:
    records = [checkpoint(step, value) for step, value in ((1, 30.0), (2, 32.5), (3, 31.0))]
    figure = draw("steps", records, y="psnr:Set5")
    (axes,) = figure.axes
    line, star = axes.lines
    assert list(line.get_xdata()) == [1, 2, 3]
    assert list(line.get_ydata()) == [30.0, 32.5, 31.0]
    assert (list(star.get_xdata()), star.get_marker()) == ([2], "*")
    assert "a test set" in figure._supxlabel.get_text()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("choose", "by", "called", "said"),
    [
        ("last", "psnr_y:Set5", "PSNR (Y)", "Marked: the last checkpoint of each run."),
        ("best", "psnr_rgb:DIV2K_valid", "PSNR (RGB)", "by PSNR (RGB) on DIV2K_valid."),
        ("best", "psnr_y:Set5", "PSNR (Y)", "a test set:\nits figure there is flattered."),
    ],
)
def test_captions(choose: str, by: str, called: str, said: str) -> None:
    swept = Swept.model_validate(
        {"run": "a", "step": 1, "choose": choose, "by": by, "called": called}
    )
    assert caption(swept).endswith(said)


@pytest.mark.parametrize(
    ("records", "options", "said"),
    [
        ([checkpoint(1, 30.0, swept=None)], {"y": "psnr"}, "No record is a checkpoint"),
        ([checkpoint(1, 30.0)], {"y": "psnr:Set14"}, "No checkpoint has psnr_y on Set14"),
        ([checkpoint(1, 30.0)], {"y": "psnr", "runs": ["b"]}, "is of the run 'b'"),
    ],
)
def test_nothing_to_draw(records: list[object], options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as fault:
        draw("steps", records, **options)  # type: ignore[arg-type]
    assert said in str(fault.value)


def test_the_page_of_a_run_shows_all_of_it(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "r")
    for step, value in ((1, 30.0), (2, 32.5), (3, 31.0)):
        store.add(checkpoint(step, value))
    render_site(store, tmp_path / "out")
    (page,) = (tmp_path / "out/submissions").glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert text.count("<title>step ") == 3
    assert "Over training" in text
    store.add(checkpoint(4, 31.5))
    render_site(store, tmp_path / "out")
    assert page.read_text(encoding="utf-8").count("<title>step ") == 4


def test_one_checkpoint_is_no_curve() -> None:
    point = point_of(
        Swept(run="a", step=1, by="psnr_y:Set5", called="PSNR (Y)"), {"Set5": {"psnr_y": 30.0}}
    )
    assert point is not None
    assert steps_drawing([point], 1) == ""
