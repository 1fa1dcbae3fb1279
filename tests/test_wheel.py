"""A wheel carries all that `esrbench demo` needs, and works from an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which a freshly built wheel was installed, without its dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("esrbench-*.whl")
    site = folder / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", site, wheel],
        check=True,
        capture_output=True,
    )
    return site


def from_wheel(site: Path, empty: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the wheel's esrbench, in an empty folder."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ESRBENCH_")}
    environment.update(PYTHONPATH=str(site), ESRBENCH_CACHE=str(empty / "cache"))
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=empty, env=environment
    )


def test_it_holds_what_ships(installed: Path, tmp_path: Path) -> None:
    code = (
        "import esrbench, json; from esrbench import bundled; "
        "from esrbench.data.catalogue import load_catalogue; "
        "from esrbench.protocol.load import names; "
        "from esrbench.submission.find import bundled_names; "
        "print(json.dumps([esrbench.__file__, sorted(load_catalogue()), names(), "
        "bundled_names(), bundled.checkout() is None]))"
    )
    done = from_wheel(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    where, datasets, protocols, submissions, no_checkout = json.loads(done.stdout)
    assert where.startswith(str(installed))
    assert {"skimage8", "Set5"} <= set(datasets)
    assert {"quick", "ntire2026"} <= set(protocols)
    assert {"nearest", "bicubic", "lanczos", "span", "rlfn"} <= set(submissions)
    assert no_checkout


@pytest.mark.slow
def test_the_demo_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    done = from_wheel(installed, tmp_path, "-m", "esrbench", "demo", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (tmp_path / document["index"]).is_file()
    assert (tmp_path / document["plot"]).is_file()
    by_label = {(r["submission"], r["variant"]): r for r in document["records"]}
    assert by_label["nearest", None]["status"] == "ok"
    assert "no-weights" in by_label["span", "c28"]["flags"]
    assert by_label["span", "c28"]["quality"] == {}
    learned, plain = by_label["ecbsr", "m4c16"], by_label["bicubic", "ycbcr"]
    gain = learned["quality"]["skimage8"]["psnr_y"] - plain["quality"]["skimage8"]["psnr_y"]
    assert gain > 0.5
