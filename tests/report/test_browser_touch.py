"""Fingers on the pictures, as the browser itself makes them (DevTools' touch events)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esrbench.flags import FLAGS
from tests.report.test_browser import open_page, until, viewer_page

STATE = "const s = esrbench.viewer.state; return [s.zoom, s.x, s.y, s.cut]"
PANE = (
    "const p = esrbench.viewer.stage.firstChild; p.scrollIntoView({block: 'center'});"
    "const r = p.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]"
)


@pytest.fixture
def touched(site: Path, phone: Any) -> Iterator[Any]:
    """The phone on a page with pictures, with a touch screen."""
    phone.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    open_page(phone, viewer_page(site))
    until(lambda: phone.execute_script("return !!window.esrbench?.viewer"), "the viewer")
    yield phone
    phone.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def touch(driver: Any, kind: str, *fingers: tuple[float, float], first: int = 0) -> None:
    """One event of the touch screen, in parts of the pane; fingers are numbered from ``first``."""
    x, y, width, height = driver.execute_script(PANE)
    points = [
        {"x": x + px * width, "y": y + py * height, "id": i}
        for i, (px, py) in enumerate(fingers, start=first)
    ]
    driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_two_fingers_zoom_about_the_point_between_them(touched: Any) -> None:
    """Apart by a quarter of the pane, then by half of it: twice as large. The point that was at
    (0.5, 0.5) of the pane goes with the fingers to (0.6, 0.5), so that the centre of the pane
    shows 0.5 - 0.1 / 2 = 0.45 of the picture."""
    touch(touched, "touchStart", (0.375, 0.5))
    touch(touched, "touchStart", (0.375, 0.5), (0.625, 0.5))
    for part in (0.25, 0.5, 0.75, 1.0):
        shift, half = 0.1 * part, 0.125 * (1 + part)
        touch(touched, "touchMove", (0.5 + shift - half, 0.5), (0.5 + shift + half, 0.5))
    zoom, x, y, _ = touched.execute_script(STATE)
    assert zoom == pytest.approx(2, abs=0.02)
    assert (x, y) == (pytest.approx(0.45, abs=0.01), pytest.approx(0.5, abs=0.01))
    touch(touched, "touchEnd")
    page_zoom = touched.execute_script("return visualViewport.scale")
    assert page_zoom == 1


def test_pinching_together_goes_back_and_no_further(touched: Any) -> None:
    touched.execute_script("esrbench.viewer.set({zoom: 4})")
    touch(touched, "touchStart", (0.2, 0.5))
    touch(touched, "touchStart", (0.2, 0.5), (0.8, 0.5))
    touch(touched, "touchMove", (0.35, 0.5), (0.65, 0.5))
    assert touched.execute_script(STATE)[0] == pytest.approx(2, abs=0.02)
    touch(touched, "touchMove", (0.48, 0.5), (0.52, 0.5))
    touch(touched, "touchEnd")
    assert touched.execute_script(STATE)[:3] == [1, 0.5, 0.5]


def test_one_finger_moves_the_bar_then_the_enlarged_picture(touched: Any) -> None:
    """A quarter of the pane at zoom 2 is an eighth of the picture."""
    touch(touched, "touchStart", (0.5, 0.5))
    touch(touched, "touchMove", (0.6, 0.5))
    touch(touched, "touchMove", (0.7, 0.5))
    touch(touched, "touchEnd")
    assert touched.execute_script(STATE)[3] == pytest.approx(70, abs=1)
    touched.execute_script("esrbench.viewer.set({zoom: 2, x: 0.5, y: 0.5, cut: 90})")
    touch(touched, "touchStart", (0.5, 0.5))
    touch(touched, "touchMove", (0.4, 0.5))
    touch(touched, "touchMove", (0.25, 0.5))
    touch(touched, "touchEnd")
    assert touched.execute_script(STATE)[1] == pytest.approx(0.625, abs=0.01)


def test_the_finger_that_stays_goes_on_moving_the_picture(touched: Any) -> None:
    touched.execute_script("esrbench.viewer.set({zoom: 4, x: 0.5, y: 0.5})")
    touch(touched, "touchStart", (0.4, 0.5))
    touch(touched, "touchStart", (0.4, 0.5), (0.6, 0.5))
    touch(touched, "touchEnd", (0.6, 0.5), first=1)  # Chromium lifts the fingers that are named
    touch(touched, "touchMove", (0.3, 0.5))
    touch(touched, "touchMove", (0.2, 0.5))
    touch(touched, "touchEnd")
    zoom, x, *_ = touched.execute_script(STATE)
    assert zoom == pytest.approx(4, abs=0.02)
    assert x == pytest.approx(0.55, abs=0.01)


def test_a_double_tap_goes_near_and_back(touched: Any) -> None:
    for zoom in (4, 1):
        touched.execute_script(
            "const p = esrbench.viewer.stage.firstChild, r = p.getBoundingClientRect();"
            "p.dispatchEvent(new MouseEvent('dblclick', {bubbles: true, clientX: r.x + r.width / 2,"
            "clientY: r.y + r.height / 2}))"
        )
        assert touched.execute_script(STATE)[:3] == [zoom, *[pytest.approx(0.5, abs=0.01)] * 2]


def test_a_tap_on_a_badge_says_what_it_means(site: Path, phone: Any) -> None:
    open_page(phone, site / "index.html")
    badge = "document.querySelector('section.board:not([hidden]) b[data-b=counters-differ]')"
    phone.execute_script(f"{badge}.scrollIntoView({{block: 'center', inline: 'center'}})")
    # Scrolling takes tips away, and its event comes with the next frame: let it pass first.
    phone.execute_async_script(
        "const done = arguments[0];"
        "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50)))"
    )
    phone.execute_script(f"{badge}.click()")
    told = phone.execute_script(
        "const t = document.querySelector('.tip'); return [t.hidden, t.textContent]"
    )
    assert told == [
        False,
        FLAGS["counters-differ"].meaning,
    ]
