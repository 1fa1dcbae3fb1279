"""Where the tests find real data; without it they say what they leave out."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest


def _folder(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value or not Path(value).is_dir():
        pytest.skip(f"{variable} names no folder: the tests on real data are left out")
    return Path(value).resolve()


@pytest.fixture(scope="session")
def data_root() -> Path:
    """Real images and MATLAB tables (``ESRBENCH_DATA_ROOT``)."""
    return _folder("ESRBENCH_DATA_ROOT")


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """Official checkpoints (``ESRBENCH_WEIGHTS_DIR``)."""
    return _folder("ESRBENCH_WEIGHTS_DIR")


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """Golden outputs and the complexity table (``ESRBENCH_REFERENCE_DIR``, or beside the data)."""
    value = os.environ.get("ESRBENCH_REFERENCE_DIR")
    folder = Path(value) if value else _folder("ESRBENCH_DATA_ROOT").parent / "reference"
    if not folder.is_dir():
        pytest.skip("ESRBENCH_REFERENCE_DIR names no folder: golden outputs are left out")
    return folder.resolve()


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """LR images and checkpoints of a test run are cached apart from the user's own."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("ESRBENCH_CACHE", str(folder))
    # Nor do two test runs on one machine wait for each other's runtimes.
    monkeypatch.setenv("ESRBENCH_LOCKS", str(folder / "locks"))


@pytest.fixture(autouse=True)
def _process_as_found() -> Iterator[None]:
    """What a test sets by running the runner's own code in this process ends with the test.

    No gradients, one core, other variables: a later test, a training run say, would fail of it.
    """
    if "torch" not in sys.modules:
        yield
        return
    from esrbench.runner.fixed_state import FixedState

    found = FixedState()
    yield
    found.put_back()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test marked ``quick_cases(n)``, every case after the first ``n`` is slow."""
    seen: Counter[str] = Counter()
    for item in items:
        marker = item.get_closest_marker("quick_cases")
        if marker is None:
            continue
        name = item.nodeid.partition("[")[0]
        seen[name] += 1
        if seen[name] > marker.args[0]:
            item.add_marker(pytest.mark.slow)
