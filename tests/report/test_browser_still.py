"""Pages without Plotly's script, and without any script at all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.report.test_browser import open_page, until, viewer_page


@pytest.fixture(scope="module")
def still(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as it stands in a repository: without the script of the plots."""
    folder = tmp_path_factory.mktemp("still") / "site"
    shutil.copytree(site, folder)
    (folder / "assets" / "plotly.min.js").unlink()
    return folder


SEEN = (
    "return [...document.querySelectorAll('section.board:not([hidden]) svg.drawn')]"
    ".filter(s => s.getBoundingClientRect().width > 0)"
    ".map(s => [...s.querySelectorAll('.name')].map(t => t.textContent))"
)


@pytest.mark.parametrize("driver_name", ["wide", "phone"])
def test_the_drawing_stays_and_the_page_works(
    still: Path, driver_name: str, request: pytest.FixtureRequest
) -> None:
    driver = request.getfixturevalue(driver_name)
    open_page(driver, still / "index.html")
    (named,) = driver.execute_script(SEEN)
    assert {"rlfn/ntire", "span/c28"} <= set(named)
    marked = driver.execute_script(
        "return document.querySelectorAll('.front[title], .front[data-tip]').length"
    )
    assert marked == 3
    told = "return document.querySelector('section.board:not([hidden]) .still').hidden"
    assert driver.execute_script(told)
    driver.execute_script("const b = esrbench.boards[0]; b.state.q = 'span'; b.commit()")
    until(lambda: not driver.execute_script(told), "the word on what the drawing does not do")
    errors = [
        e["message"] for e in driver.get_log("browser") if "plotly.min.js" not in e["message"]
    ]
    assert errors == []


def test_a_point_of_the_drawing_leads_to_its_page(still: Path, wide: Any) -> None:
    open_page(wide, still / "index.html")
    wide.execute_script(
        "[...document.querySelectorAll('svg.wide a')]"
        ".find(a => a.querySelector('title').textContent.startsWith('span/c28')).dispatchEvent("
        "new MouseEvent('click', {bubbles: true}))"
    )
    until(lambda: "/submissions/span-c28" in wide.current_url, "the submission's page")


def test_a_submissions_plots_are_there_without_plotly(still: Path, wide: Any) -> None:
    open_page(wide, viewer_page(still))
    drawn = wide.execute_script(
        "return [...document.querySelectorAll('svg.drawn')].map(s => s.getAttribute('aria-label'))"
    )
    assert [what.split(":")[0] for what in drawn] == ["80 timing samples over time", "Roofline"]
    standing = wide.find_element("css selector", ".standing")
    until(lambda: standing.text.endswith("of 8"), "the rank")


def test_without_any_script(still: Path, wide: Any) -> None:
    wide.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_page(wide, still / "index.html")
        drawings = wide.find_elements("css selector", "svg.wide")
        assert [d.is_displayed() for d in drawings] == [True] * len(drawings)
        assert len(wide.find_elements("css selector", "section.board table")) == 4
        assert not any(
            e.is_displayed() for e in wide.find_elements("css selector", ".bar, .plotbar")
        )
        open_page(wide, viewer_page(still))
        assert wide.find_element("css selector", ".standing a").text == "in the table"
    finally:
        wide.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_plotly_takes_the_drawings_place(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    area = "section.board:not([hidden]) .plot"
    until(lambda: wide.find_elements("css selector", f"{area} .plotly"), "the plot")
    assert not wide.find_elements("css selector", f"{area} svg.drawn")
