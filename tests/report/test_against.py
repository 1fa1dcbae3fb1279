"""A submission's images beside the baseline's: what the button that shows differences needs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from esrbench.report.site import render_site
from esrbench.results.store import ResultsStore
from tests.report.browser import start_chromium, why_not
from tests.report.records import record


def site_of(folder: Path, *names: tuple[str, str | None]) -> Path:
    store = ResultsStore(folder / "results")
    for name, variant in names:
        store.add(record(name, variant, images_each=9))
    render_site(store, folder)
    return folder


def standings(folder: Path) -> dict[str, Any]:
    (script,) = (folder / "data" / "tables").glob("standings-*.js")
    (found,) = re.findall(r"standings\((.*)\);", script.read_text(encoding="utf-8"))
    return json.loads(found)


def test_the_baselines_images_are_named_where_it_has_any(tmp_path: Path) -> None:
    baseline = standings(site_of(tmp_path / "a", ("span", "c28"), ("net", None)))["baseline"]
    assert baseline["label"] == "span/c28"
    assert (tmp_path / "a" / baseline["data"]).is_file()
    (own,) = (tmp_path / "a" / "submissions").glob("net-*.html")
    page = own.read_text(encoding="utf-8")
    assert f'data-own="../data/{own.stem}.js"' in page
    assert 'data-m="psnr_y" data-d=2 data-w=higher' in page
    assert standings(site_of(tmp_path / "b", ("net", None)))["baseline"] is None


@pytest.mark.slow
def test_the_button_shows_differences_and_takes_them_back(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(reason)
    site = site_of(tmp_path, ("span", "c28"), ("net", None))
    (own,) = (site / "submissions").glob("net-*.html")
    mine, theirs = (record(n, v, images_each=9).images for n, v in (("net", None), ("span", "c28")))
    (dataset, *_) = mine
    gap = mine[dataset][0].values["psnr_y"] - theirs[dataset][0].values["psnr_y"]
    driver = start_chromium(1200, 800)
    try:
        driver.get(own.as_uri())
        cell = "document.querySelector('table.images tbody tr').cells[2].textContent"
        before = driver.execute_script(f"return {cell}")
        press = "document.querySelector('.against button').click()"
        driver.execute_async_script(f"{press}; setTimeout(arguments[0], 800)")
        shown = driver.execute_script(f"return {cell}")
        assert float(shown.replace("−", "-").replace("±", "")) == pytest.approx(gap, abs=0.006)
        assert driver.execute_script("return document.querySelectorAll('svg.made').length") >= 1
        driver.execute_script(press)
        assert driver.execute_script(f"return {cell}") == before
        assert driver.execute_script("return document.querySelectorAll('svg.made').length") == 0
    finally:
        driver.quit()
