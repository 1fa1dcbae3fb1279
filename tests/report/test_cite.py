"""What a submission's page gives to take away."""

from __future__ import annotations

from pathlib import Path

from esrbench.leaderboard.table import build_tables
from esrbench.report.cite import badge_svg, badge_text, taken_badge
from esrbench.report.drawings.histogram import histogram
from esrbench.report.numbers import breakable
from esrbench.report.site import render_site
from esrbench.results.record import ImageScore
from esrbench.results.store import ResultsStore
from tests.report.records import record


def test_a_badge_says_the_figure_that_ranks_and_no_rank() -> None:
    one = record("mine", psnr=31.0)
    (table,) = build_tables([one])
    assert badge_text(table, one) == "PSNR Y on skimage8 31.00 dB"
    badge = taken_badge(table, one, "submissions/mine-x4.html")
    assert badge is not None
    assert badge.markdown == "![esrbench: PSNR Y on skimage8 31.00 dB](badges/mine-x4.svg)"
    assert badge_text(table, record("none", quality={})) is None


def test_a_badge_is_a_picture_of_its_words() -> None:
    svg = badge_svg("a<b", "1 dB")
    assert svg.startswith("<svg xmlns=")
    assert "a&lt;b" in svg
    assert svg.count("<rect") == 2


def test_a_name_breaks_after_its_signs_and_is_escaped() -> None:
    assert breakable("a_b-c/d<e") == "a_<wbr>b-<wbr>c/<wbr>d&lt;e"


def test_a_histogram_needs_values_that_differ() -> None:
    scores = [ImageScore(name=str(i), values={"psnr_y": 30.0 + i}, lr_size=(8, 8))
              for i in range(10)]  # fmt: skip
    assert histogram(scores[:3]) == ""
    assert histogram([scores[0]] * 9) == ""
    drawn = histogram(scores)
    assert drawn.count("<rect") == 10
    assert "PSNR Y of 10 images, from 30.00 to 39.00" in drawn


def test_the_page_links_its_record_where_that_lies_below_the_site(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "pages" / "results")
    file = store.add(record("mine"))
    render_site(store, tmp_path / "pages")
    (page,) = (tmp_path / "pages" / "submissions").glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert f'href="../results/{file.name}"' in text
    assert "@misc{mine" in text
    assert (tmp_path / "pages" / "badges" / f"{page.stem}.svg").is_file()
    render_site(store, tmp_path / "elsewhere")
    (page,) = (tmp_path / "elsewhere" / "submissions").glob("*.html")
    assert "The record itself" not in page.read_text(encoding="utf-8")
