"""The site in headless Chromium (Debian's, driven by Selenium); left out where there is none."""

from __future__ import annotations

import io
import itertools
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from esrbench.leaderboard.columns import cost_column, quality_column, score_column
from esrbench.quantities.costs import COSTS
from esrbench.report.numbers import in_unit
from tests.report.browser import axe_script

QUICK = "quick-x4-cpu-amd-epyc-9b14-2-threads-fp32"


def open_page(driver: Any, page: Path, fragment: str = "") -> None:
    """Load afresh and wait until the scripts have run."""
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get_log("performance")
    driver.get(page.as_uri() + (f"#{fragment}" if fragment else ""))


def until(condition: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"{what} did not come about in {seconds} s")


def names(driver: Any) -> list[str]:
    """The names of the ranked rows shown, in order."""
    return driver.execute_script(
        "return [...document.querySelectorAll('section.board:not([hidden]) tbody.ranked th a')]"
        ".map(a => a.textContent)"
    )


def ranks(driver: Any) -> list[str]:
    return driver.execute_script(
        "return [...document.querySelectorAll('section.board:not([hidden]) tbody.ranked tr')]"
        ".map(tr => tr.cells[0].textContent)"
    )


def click(driver: Any, selector: str) -> None:
    driver.execute_script("document.querySelector(arguments[0]).click()", selector)


HEAD = "section.board:not([hidden]) th[data-k='{}'] button"


def test_sort_by_a_column_and_back(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    by_rank = names(wide)
    click(wide, HEAD.format("runtime_ms"))
    fastest = names(wide)
    assert fastest[0] == "span/c28"  # bicubic is faster, for reference, and stands apart
    assert fastest != by_rank
    click(wide, HEAD.format("runtime_ms"))
    assert names(wide)[-1] == "span/c28"
    head = wide.find_element("css selector", "section.board:not([hidden]) th[data-k='runtime_ms']")
    assert head.get_attribute("aria-sort") == "descending"
    click(wide, HEAD.format("rank"))
    assert names(wide) == by_rank


def test_rows_without_the_figure_come_last_in_either_direction(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    for _ in range(2):
        click(wide, HEAD.format("skimage8.lpips_alex"))
        assert set(names(wide)[-2:]) == {"identity", "no-lpips"}


def test_a_filter_keeps_the_ranks_and_the_link_shows_the_same(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    field = wide.find_element("css selector", "section.board:not([hidden]) input[type=search]")
    before = dict(zip(names(wide), ranks(wide), strict=True))
    field.send_keys("span")
    assert names(wide) == ["span/c48", "span/c28"]
    assert ranks(wide) == [before["span/c48"], before["span/c28"]] == ["2", "4"]
    count = wide.find_element("css selector", "section.board:not([hidden]) .count").text
    assert count == "2 of 13 shown"
    click(wide, HEAD.format("params"))
    link = wide.current_url
    assert "q=span" in link
    assert "sort=params" in link
    shown = names(wide)
    wide.get("about:blank")
    wide.get(link)
    assert names(wide) == shown == ["span/c28", "span/c48"]


def test_bounds_in_the_address(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html", f"{QUICK}?f=runtime_ms::14&f=params:100:")
    assert names(wide) == ["rlfn/ntire", "span/c28"]
    count = wide.find_element("css selector", "section.board:not([hidden]) .count").text
    assert count == "3 of 13 shown"


def test_columns_to_show_and_hide(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html", f"{QUICK}?cols=skimage8.psnr_rgb,macs")
    heads = wide.execute_script(
        "return [...document.querySelectorAll('section.board:not([hidden]) .heads th')]"
        ".map(th => th.dataset.k ?? '')"
    )
    assert heads == ["rank", "name", "skimage8.psnr_rgb", "macs", ""]
    cells = wide.execute_script(
        "return [...document.querySelectorAll('section.board:not([hidden]) tbody.ranked tr')]"
        ".find(tr => tr.textContent.includes('span/c28')).cells[2].textContent"
    )
    assert cells == "29.84"


def test_scripts_write_figures_to_the_letter_as_the_server_does(site: Path, wide: Any) -> None:
    """Tiny, huge, negative, infinite, nothing: a column that is chosen again reads the same."""
    open_page(wide, site / "index.html")
    costs = [cost_column(COSTS[key]) for key in ("params", "macs", "runtime_ms", "runtime_ratio")]
    columns = [*costs, quality_column("Set5", "psnr_y"), quality_column("Set5", "ssim_y"),
               score_column("x", "X", 3, lambda record: None),
               score_column("y", "Y", 0, lambda record: None)]  # fmt: skip
    values = [0, 1, 84, 996, 99.6, 1234567.8, 3.1e-4, 9.9996, 1e9, 9.833807872e9, -3.204, -0.001,
              -1e-9, 0.99999, 5.083e2, 21700, 1.032e56, None, math.inf, -math.inf]  # fmt: skip
    asked = [(c, d, v) for c in columns for d in (0, 1, 3) for v in values]
    asked = [(c, d, v) for c, d, v in asked if v is None or v >= 0 or c.kind == "quality"]
    asked = [(c, d, v) for c, d, v in asked if v != 1.032e56 or c.kind == "score"]
    written = wide.execute_script(
        "return arguments[0].map(([kind, divisor, decimals, value]) => window.esrbench.figure("
        "{ kind, divisor, decimals }, value === 'inf' ? Infinity : value === '-inf' ? -Infinity "
        ": value))",
        [
            [c.kind, c.divisor, d, str(v) if v is not None and math.isinf(v) else v]
            for c, d, v in asked
        ],
    )
    assert written == [in_unit(c, v, d) for c, d, v in asked]


def test_tables_are_chosen_by_tab(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    assert len(wide.find_elements("css selector", "section.board:not([hidden])")) == 1
    click(wide, ".tabs a[data-table^='ntire2026']")
    until(lambda: names(wide)[:1] in (["rlfn/ntire"], ["span/c28"]), "the other table")


def test_the_plot_is_drawn_and_a_point_leads_to_its_page(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    plot = "document.querySelector('section.board:not([hidden]) .plot')"
    until(lambda: wide.execute_script(f"return !!{plot}.data"), "the plot")
    traces = wide.execute_script(f"return {plot}.data.length")
    assert traces >= 3
    marked = wide.execute_script(
        "return [...document.querySelectorAll('section.board:not([hidden]) .front')]"
        ".map(s => s.previousElementSibling.textContent)"
    )
    assert sorted(marked) == ["rlfn/ntire", "span/c28", "span/c48"]
    wide.execute_script(
        f"const t = {plot}.data.find(t => t.customdata);"
        f"{plot}.emit('plotly_click', {{points: [{{customdata: t.customdata[0]}}]}})"
    )
    until(lambda: "/submissions/" in wide.current_url, "the submission's page")


def test_copy_and_download_what_is_shown(site: Path, wide: Any, tmp_path: Path) -> None:
    wide.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    open_page(wide, site / "index.html", f"{QUICK}?q=span")
    for name in ("CSV", "JSON", "Markdown", "LaTeX"):
        click(wide, f"section.board:not([hidden]) [aria-label='Download as {name}']")
    until(
        lambda: {p.suffix for p in tmp_path.iterdir()} >= {".csv", ".json", ".md", ".tex"}, "files"
    )
    (text,) = (p.read_text() for p in tmp_path.glob("*.csv"))
    lines = text.splitlines()
    assert lines[0].startswith("rank,submission,skimage8.psnr_y")
    assert lines[1].startswith("2,span/c48,32.20012345")
    assert len(lines) == 3
    (data,) = (json.loads(p.read_text()) for p in tmp_path.glob("*.json"))
    assert [row["submission"] for row in data["rows"]] == ["span/c48", "span/c28"]
    (latex,) = (p.read_text().splitlines() for p in tmp_path.glob("*.tex"))
    assert latex[0].startswith("% Quick look ×4")
    assert latex[2:4] == [r"\toprule", latex[3]]
    assert "skimage8 PSNR/SSIM" in latex[3]
    assert [line.split(" & ")[0][:4] for line in latex[5:7]] == ["span", "span"]


def viewer_page(site: Path) -> Path:
    (page,) = (site / "submissions").glob("span-c28-x4-quick-*-fp32.html")
    return page


def pixel(driver: Any, part: tuple[float, float] = (0.5, 0.5)) -> tuple[int, int, int]:
    """The colour on the screen at these parts of the stage."""
    box = driver.execute_script(
        "const s = esrbench.viewer.stage; s.scrollIntoView();"
        "const r = s.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]"
    )
    time.sleep(0.3)
    with Image.open(io.BytesIO(driver.get_screenshot_as_png())) as screen:
        place = (int(box[0] + part[0] * box[2]), int(box[1] + part[1] * box[3]))
        return screen.convert("RGB").getpixel(place)  # type: ignore[return-value]


def test_the_slider_and_the_flip_key(site: Path, wide: Any) -> None:
    """SR is (120, 120, 135), HR (180, 180, 75): SR to the left of the bar, HR to the right."""
    open_page(wide, viewer_page(site))
    until(lambda: wide.execute_script("return !!window.esrbench?.viewer"), "the viewer")
    assert pixel(wide, (0.25, 0.5)) == (120, 120, 135)
    assert pixel(wide, (0.75, 0.5)) == (180, 180, 75)
    wide.find_element("css selector", "body").send_keys("f")
    assert pixel(wide, (0.75, 0.5)) == (120, 120, 135)
    wide.find_element("css selector", "body").send_keys("f")
    assert pixel(wide, (0.25, 0.5)) == (180, 180, 75)


def test_the_difference_is_that_of_the_pixels_amplified(site: Path, wide: Any) -> None:
    """|SR - HR| is 60 in each channel; 60 x 4 = 240, and 60 x 2 = 120."""
    open_page(wide, viewer_page(site))
    click(wide, ".viewer [data-mode='difference']")
    for gain, shown in ((4, 240), (2, 120)):
        wide.execute_script("esrbench.viewer.set({gain: arguments[0]})", gain)
        assert pixel(wide) == (shown, shown, shown)


def test_another_submission_and_bicubic_beside_it(site: Path, wide: Any) -> None:
    """The other's SR is (200, 200, 55); bicubic of a flat (60, 60, 195) is itself."""
    open_page(wide, viewer_page(site))
    wide.execute_script("esrbench.viewer.stage.scrollIntoView()")
    sources = "return esrbench.viewer.sources().map(s => s[1])"
    until(lambda: "span/c48" in wide.execute_script(sources), "the other submission's pictures")
    click(wide, ".viewer [data-mode='beside']")
    choose = (
        "const v = esrbench.viewer; v.set({b: v.sources().find(s => s[1] === arguments[0])[0]})"
    )
    wide.execute_script(choose, "span/c48")
    assert pixel(wide, (0.75, 0.5)) == (200, 200, 55)
    wide.execute_script(choose, "Bicubic of LR")
    assert pixel(wide, (0.75, 0.5)) == (60, 60, 195)


def test_zoom_moves_both_pictures_alike(site: Path, wide: Any) -> None:
    open_page(wide, viewer_page(site))
    click(wide, ".viewer [data-mode='beside']")
    click(wide, ".viewer [aria-label='Zoom in']")
    wide.find_element("css selector", ".stage").send_keys("+")
    wide.find_element("css selector", ".stage").send_keys("\ue014")  # the right arrow key
    shown = wide.execute_script(
        "return [...document.querySelectorAll('.layer img')]"
        ".map(i => getComputedStyle(i).transform)"
    )
    assert len(shown) == 2
    assert shown[0] == shown[1]
    assert shown[0].startswith("matrix(4, 0, 0, 4")
    kept = wide.execute_script("return [esrbench.viewer.state.x, esrbench.viewer.state.zoom]")
    assert kept == [pytest.approx(0.525), 4]


def test_wheel_and_drag(site: Path, wide: Any) -> None:
    """The wheel scrolls the page until the picture was clicked; dragging by a quarter of the pane
    at zoom 2 moves the place by an eighth."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    open_page(wide, viewer_page(site))
    stage = wide.find_element("css selector", ".stage")
    wide.execute_script("document.activeElement.blur(); arguments[0].scrollIntoView()", stage)
    state = (
        "return [esrbench.viewer.state.zoom, esrbench.viewer.state.x, esrbench.viewer.state.cut]"
    )
    origin = ScrollOrigin.from_element(stage)
    ActionChains(wide).scroll_from_origin(origin, 0, -240).perform()
    assert wide.execute_script(state)[0] == 1
    wide.execute_script("arguments[0].scrollIntoView()", stage)
    width = wide.execute_script("return arguments[0].getBoundingClientRect().width", stage)
    ActionChains(wide).move_to_element_with_offset(stage, int(-width / 4), 0).click().perform()
    assert wide.execute_script(state)[2] == pytest.approx(25, abs=1)
    ActionChains(wide).scroll_from_origin(origin, 0, -240).perform()
    until(lambda: wide.execute_script(state)[0] > 1.9, "the zoom")
    wide.execute_script("esrbench.viewer.set({zoom: 2, x: 0.5, y: 0.5})")
    ActionChains(wide).move_to_element(stage).click_and_hold().move_by_offset(
        int(width / 4), 0
    ).release().perform()
    assert wide.execute_script(state)[1] == pytest.approx(0.375, abs=0.005)


def test_roofline_as_a_choice_of_the_plot(site: Path, wide: Any) -> None:
    """with_layers: 5 GMAC over 1 GB is 5 MACs a byte, over 7.74 ms 646 GMAC/s."""
    open_page(wide, site / "index.html", f"{QUICK}?kind=roofline")
    plot = "document.querySelector('section.board:not([hidden]) .plot')"
    until(lambda: wide.execute_script(f"return !!{plot}.data"), "the plot")
    (point,) = wide.execute_script(
        f"return {plot}.data.filter(t => t.customdata).map(t => [t.x[0], t.y[0]])"
    )
    assert point == [5, 6.46e11]
    noted = f"return ({plot}.layout.annotations ?? []).map(note => note.text)"
    until(lambda: "span/c28" in wide.execute_script(noted), "its name")
    titles = wide.execute_script(f"return {plot}.layout.xaxis.title.text")
    assert titles == "MACs per byte moved"


def test_an_empty_filter_empties_the_plot_too(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html", f"{QUICK}?q=nothing+of+this+name")
    board = "document.querySelector('section.board:not([hidden])')"
    said = wide.find_element("css selector", "section.board:not([hidden]) .nothing")
    until(said.is_displayed, "what stands in the plot's place")
    assert wide.execute_script(f"return {board}.querySelector('.plot').hidden")
    wide.find_element("css selector", "section.board:not([hidden]) p.none button").click()
    until(lambda: not said.is_displayed(), "the plot again")
    until(lambda: wide.execute_script(f"return !!{board}.querySelector('.plot').data"), "its rows")


def test_layers_fold_and_unfold_without_script(site: Path, wide: Any) -> None:
    open_page(wide, viewer_page(site))
    first = wide.find_element("css selector", ".layers details")
    assert "block_1" in first.text
    assert "50.0 %" in first.text
    assert "convolution" not in first.text
    first.find_element("css selector", "summary").click()
    assert "convolution" in first.text


def test_compare(site: Path, wide: Any) -> None:
    """16.1 / 7.74 ms is 2.080; the pages' own images come from a script beside each page."""
    open_page(wide, site / "compare.html", f"{QUICK}?a=span/c28&b=span/c48")
    until(lambda: "differ most" in wide.find_element("css selector", "main").text, "the images")
    text = wide.find_element("css selector", "main").text
    assert "span/c48 takes 2.080 times as long as span/c28" in text
    assert "is slower" in text
    assert "img_000" in text


def test_compare_shows_both_crops_of_an_image(site: Path, wide: Any, tmp_path: Path) -> None:
    from esrbench.report.site import render_site
    from esrbench.results.store import ResultsStore
    from tests.report.conftest import with_pictures
    from tests.report.records import record

    store = ResultsStore(tmp_path / "results")
    store.root.mkdir()
    for name, tone in (("a", 120), ("b", 200)):
        made = record(name, pictures=[with_pictures(store, name, tone)])
        made.images["skimage8"][0].name = "astronaut"
        store.add(made)
    render_site(store, tmp_path)
    open_page(wide, tmp_path / "compare.html")
    crops = "return [...document.querySelectorAll('.pairs img')].map(i => i.alt)"
    until(lambda: wide.execute_script(crops), "the crops")
    assert sorted(wide.execute_script(crops)) == ["astronaut by a", "astronaut by b"]


@pytest.mark.parametrize("driver_name", ["wide", "phone"])
def test_no_error_and_no_request_to_the_network(
    site: Path, driver_name: str, request: pytest.FixtureRequest
) -> None:
    driver = request.getfixturevalue(driver_name)
    page = next((site / "submissions").glob("span-c28-x4-quick-*-fp32.html"))
    for target in (site / "index.html", page, site / "compare.html"):
        open_page(driver, target)
        until(lambda: driver.execute_script("return document.readyState") == "complete", "loading")
        time.sleep(0.5)
        assert driver.get_log("browser") == []
        messages = [json.loads(e["message"])["message"] for e in driver.get_log("performance")]
        asked = [
            m["params"]["request"]["url"]
            for m in messages
            if m["method"] == "Network.requestWillBeSent"
        ]
        outside = [u for u in asked if not u.startswith(("file:", "data:", "blob:", "about:"))]
        assert outside == []


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("driver_name", ["wide", "phone"])
def test_nothing_is_wider_than_the_window(
    site: Path, driver_name: str, request: pytest.FixtureRequest
) -> None:
    driver = request.getfixturevalue(driver_name)
    for target in [
        site / "index.html",
        *(site / "submissions").glob("*.html"),
        site / "compare.html",
    ]:
        open_page(driver, target)
        page, window = driver.execute_script(
            "return [document.documentElement.scrollWidth, window.innerWidth]"
        )
        assert page <= window, target.name


AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).then((found) => done(
  found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.html.slice(0, 90)}`))
));
"""


UNNAMED = """
return [...document.querySelectorAll('button, a[href], input, select, summary, img')]
  .filter(e => e.offsetParent !== null && !(e.alt === '' && e.closest('[aria-label]')))
  .filter(e => {
    const label = e.labels?.length ? e.labels[0].textContent : '';
    const name = e.getAttribute('aria-label') || e.alt || e.textContent.trim() || label.trim();
    return !name;
  }).map(e => e.outerHTML.slice(0, 120));
"""


def test_everything_that_can_be_used_has_a_name(site: Path, wide: Any) -> None:
    page = next((site / "submissions").glob("span-c28-x4-quick-*-fp32.html"))
    for target in (site / "index.html", page, site / "compare.html"):
        open_page(wide, target)
        assert wide.execute_script(UNNAMED) == []


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("driver_name", ["wide", "phone"])
def test_axe_finds_nothing(site: Path, driver_name: str, request: pytest.FixtureRequest) -> None:
    """axe-core's rules of WCAG 2 A and AA, light and dark (the phone's window is dark)."""
    source = axe_script()
    if source is None:
        pytest.skip(
            "axe-core is not at hand: `npm install axe-core` or `pip install axe-core-python`"
        )
    driver = request.getfixturevalue(driver_name)
    for target in (site / "index.html", viewer_page(site), site / "compare.html"):
        open_page(driver, target)
        until(lambda: driver.execute_script("return document.readyState") == "complete", "loading")
        time.sleep(0.8)
        driver.execute_script(source.read_text(encoding="utf-8"))
        found = driver.execute_async_script(AXE)
        assert found == [], target.name


def test_every_badge_and_heading_says_what_it_means_on_focus(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    told = "const t = document.querySelector('.tip'); return t.hidden ? null : t.textContent"
    badges = wide.execute_script(
        "return [...document.querySelectorAll('section.board:not([hidden]) b')]"
        ".filter(b => b.getBoundingClientRect().width).length"
    )
    seen = wide.execute_script(
        "const found = []; for (const b of document.querySelectorAll("
        "'section.board:not([hidden]) b')) { if (!b.getBoundingClientRect().width) continue;"
        "b.focus(); const t = document.querySelector('.tip');"
        "found.push(document.activeElement === b && !t.hidden && t.textContent.length > 15"
        " && b.getAttribute('aria-describedby') === 'tip'); } return found"
    )
    assert seen == [True] * badges
    assert badges > 10
    wide.execute_script(f"document.querySelector(`{HEAD.format('params')}`).focus()")
    assert "Parameters of the deployed model" in wide.execute_script(told)
    wide.find_element("css selector", "body").send_keys("\ue00c")  # Escape
    assert wide.execute_script(told) is None


def test_a_figure_shows_its_exact_value_and_signature(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    wide.execute_script(
        "[...document.querySelectorAll('tbody.ranked tr')].find(tr => "
        "tr.textContent.includes('span/c28')).cells[2].click()"
    )
    told = wide.execute_script("return document.querySelector('.tip').textContent")
    assert told == "31.74012345 dB\nPSNR|y|crop:4|f64|mean-image|v1"


def test_names_in_the_plot_keep_off_each_other(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    boxes = (
        "return [...document.querySelectorAll('section.board:not([hidden]) .annotation-text')]"
        ".map(e => { const r = e.getBoundingClientRect();"
        " return [r.left, r.top, r.right, r.bottom]; })"
    )
    until(lambda: len(wide.execute_script(boxes)) > 5, "the names")
    found = wide.execute_script(boxes)
    assert not [
        (a, b)
        for a, b in itertools.combinations(found, 2)
        if a[0] < b[2] - 2 and b[0] < a[2] - 2 and a[1] < b[3] - 3 and b[1] < a[3] - 3
    ]


def test_a_table_is_found_by_device_and_track(tmp_path: Path, wide: Any) -> None:
    from esrbench.report.site import render_site
    from esrbench.results.store import ResultsStore
    from tests.report.records import record

    store = ResultsStore(tmp_path / "results")
    for i in range(5):
        for track in ("fp32", "fp16"):
            store.add(record("a", device=f"cuda:GPU {i}", precision=track))
    open_page(wide, render_site(store, tmp_path))
    wide.find_element("css selector", ".tabs input").send_keys("gpu 3 fp16")
    left = wide.execute_script(
        "return [...document.querySelectorAll('.tabs li:not([hidden])')].map(li => li.innerText)"
    )
    assert [text.split("\n")[-1].strip() for text in left] == ["cuda:GPU 3, fp16"]


def test_one_data_set_alone(tmp_path: Path, wide: Any) -> None:
    """Its columns, and the rows that have figures on it."""
    from esrbench.report.site import render_site
    from esrbench.results.store import ResultsStore
    from tests.report.records import record

    store = ResultsStore(tmp_path / "results")
    store.add(record("both", protocol_name="classic", datasets_scored=["Set5", "Set14"]))
    store.add(record("one", protocol_name="classic", datasets_scored=["Set5"]))
    open_page(wide, render_site(store, tmp_path), "x?set=Set14")
    assert names(wide) == ["both"]
    groups = wide.execute_script(
        "return [...document.querySelectorAll('.groups th')].map(th => th.textContent)"
    )
    assert groups == ["Set14", "Cost", "Runtime"]


def test_ranks_of_a_sub_track(tmp_path: Path, wide: Any) -> None:
    """Under NTIRE 2026 the fast one wins overall and the small one by params."""
    from esrbench.report.site import render_site
    from esrbench.results.store import ResultsStore
    from tests.report.records import record

    good = {"DIV2K_LSDIR_valid": {"psnr_rgb": 27.0}}
    store = ResultsStore(tmp_path / "results")
    for name, ms, params in (
        ("fast", 5.0, 140_000),
        ("small", 9.0, 30_000),
        ("span", 7.74, 150_688),
    ):
        store.add(record(name, "c28" if name == "span" else None, protocol_name="ntire2026",
                         quality=good, ms=ms, params=params, gmacs=9.8))  # fmt: skip
    index = render_site(store, tmp_path)
    open_page(wide, index)
    assert names(wide) == ["fast", "span/c28", "small"]
    open_page(wide, index, "x?track=params")
    assert names(wide) == ["small", "fast", "span/c28"]
    assert ranks(wide) == ["1", "2", "3"]
    heads = wide.execute_script(
        "return [...document.querySelectorAll('.heads th')].map(th => th.dataset.k)"
    )
    assert "score_params" in heads


def test_light_and_dark(site: Path, phone: Any, wide: Any) -> None:
    background = "return getComputedStyle(document.documentElement).backgroundColor"
    open_page(phone, site / "index.html")
    assert phone.execute_script(background) == "rgb(19, 21, 25)"
    open_page(wide, site / "index.html")
    light = wide.execute_script(background)
    click(wide, "button.theme")
    assert wide.execute_script(background) == "rgb(19, 21, 25)"
    click(wide, "button.theme")
    assert wide.execute_script(background) == light
    wide.execute_script("try { localStorage.clear(); } catch (e) {}")


def test_paper_is_light_whatever_the_screen(site: Path, phone: Any) -> None:
    """A dark page's plot is drawn again in ink when it is printed."""
    open_page(phone, site / "index.html")
    ink = (
        "return getComputedStyle(document.querySelector("
        "'section.board:not([hidden]) .xtick text')).fill"
    )
    until(
        lambda: phone.execute_script("return !!document.querySelector('.xtick text')"), "the plot"
    )
    assert phone.execute_script(ink) == "rgb(154, 161, 172)"
    phone.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    until(lambda: phone.execute_script(ink) == "rgb(68, 68, 68)", "dark figures on white paper")
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}], "media": ""}
    phone.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    until(lambda: phone.execute_script(ink) == "rgb(154, 161, 172)", "the dark plot")


def test_a_name_with_markup_is_shown_as_text(site: Path, wide: Any) -> None:
    open_page(wide, site / "index.html")
    said = "<script>alert('x')</script>/<b>&\"'"
    until(lambda: said in names(wide), "the name as it was given")
    assert (
        wide.execute_script(
            "return document.querySelectorAll('main b b, main script:not([type])').length"
        )
        == 0
    )


@pytest.mark.slow
def test_a_thousand_rows_sort_and_filter_quickly(tmp_path: Path, wide: Any) -> None:
    """100 ms is the aim on a quiet machine (benchmarks/report.py measures it); ten times that is
    a defect on any."""
    from esrbench.report.site import render_site
    from esrbench.results.store import ResultsStore
    from tests.report.records import record

    store = ResultsStore(tmp_path / "results")
    for i in range(1000):
        store.add(record(f"net-{i}", images_each=1))
    open_page(wide, render_site(store, tmp_path))
    for action in ("sortBy('params')", "state.q = '7'; b.commit()"):
        spent = wide.execute_script(
            "const b = esrbench.boards[0], t = performance.now(); b." + action + ";"
            "document.body.offsetHeight; return performance.now() - t"
        )
        assert spent < 1000
