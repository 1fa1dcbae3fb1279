"""A rendered site of every awkward record, and a browser to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from esrbench.report.site import render_site
from esrbench.results.record import Picture
from esrbench.results.store import ResultsStore
from tests.report.browser import start_chromium, why_not
from tests.report.records import awkward


def with_pictures(store: ResultsStore, name: str, sr_tone: int = 120) -> Picture:
    """Three small flat pictures under the store, as a run leaves them: SR and HR are 60 apart in
    each channel for the usual tone."""
    folder = store.root / "pictures" / name
    folder.mkdir(parents=True)
    for kind, side, tone in (("lr", 24, 60), ("sr", 96, sr_tone), ("hr", 96, 180)):
        Image.new("RGB", (side, side), (tone, tone, 255 - tone)).save(folder / f"{kind}.png")
    paths = {kind: f"pictures/{name}/{kind}.png" for kind in ("lr", "sr", "hr")}
    return Picture(dataset="skimage8", name="astronaut", box=(10, 10, 106, 106), **paths)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a rendered site; the first two records have pictures of the same crop."""
    root = tmp_path_factory.mktemp("site")
    store = ResultsStore(root / "results")
    first, second, *others = awkward()
    store.root.mkdir()
    store.add(first.model_copy(update={"pictures": [with_pictures(store, "one")]}))
    store.add(second.model_copy(update={"pictures": [with_pictures(store, "two", 200)]}))
    for record in others:
        store.add(record)
    render_site(store, root)
    return root


@pytest.fixture(scope="session")
def wide(site: Path) -> Iterator[Any]:
    """Chromium at 1440 px; the tests that use it are left out where there is none."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    driver = start_chromium(1440, 1000)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def phone(site: Path) -> Iterator[Any]:
    """Chromium at 375 px, dark."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    driver = start_chromium(375, 800, dark=True)
    yield driver
    driver.quit()
