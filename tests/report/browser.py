"""Headless Chromium for the tests and the benchmark: Debian's, driven by Selenium, offline.

``python -m tests.report.browser PAGE PNG`` makes the picture of README.md.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


def why_not() -> str | None:
    """Why no browser can be started here; None when one can."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed: the browser tests are left out"
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        return "chromium and chromium-driver are not installed: the browser tests are left out"
    return None


def axe_script() -> Path | None:
    """axe-core's script: from AXE_CORE, ``node_modules`` or the package axe-core-python."""
    spec = importlib.util.find_spec("axe_core_python")
    places = [
        os.environ.get("AXE_CORE"),
        Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js",
        Path(spec.origin).parent / "axe.min.js" if spec and spec.origin else None,
    ]
    return next((Path(place) for place in places if place and Path(place).is_file()), None)


def start_chromium(width: int, height: int, *, dark: bool = False) -> Any:
    """A driver whose window is ``width`` x ``height`` CSS pixels and that keeps its logs."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    if dark:
        scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    return driver


def picture(page: Path, out: Path, width: int = 1280, height: int = 1240) -> None:
    """What a reader sees of ``page`` first, as a PNG."""
    driver = start_chromium(width, height)
    try:
        driver.get(page.resolve().as_uri())
        time.sleep(2)  # the live plot takes the place of the drawing
        driver.save_screenshot(str(out))
    finally:
        driver.quit()


if __name__ == "__main__":
    picture(Path(sys.argv[1]), Path(sys.argv[2]))
