"""The command line's contract: JSON alone on standard output, and what exit codes mean."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from esrbench.data.images import write_png


def run(
    *arguments: str, cwd: Path | None = None, seconds: float = 300
) -> subprocess.CompletedProcess[str]:
    """``esrbench`` with these arguments, which may take ``seconds``."""
    return subprocess.run(
        [sys.executable, "-m", "esrbench", *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        cwd=cwd,
    )


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A results folder with one scored submission, and what `score --json` printed."""
    folder = tmp_path_factory.mktemp("scored")
    done = run(
        "score", "nearest", "--results", "results", "--offline", "--max-seconds", "1",
        "--shape", "64x64", "--json", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_score_prints_records_with_the_agreed_keys(scored) -> None:
    (record,) = scored[1]["records"]
    assert record["submission"] == "nearest"
    assert record["variant"] is None
    assert (record["protocol"], record["status"], record["reason"]) == ("quick", "ok", None)
    assert record["device"].startswith(("cpu:", "cuda:"))
    assert (record["params"], record["convs"]) == (0, 0)
    for key in ("macs", "activations", "peak_memory_bytes"):
        assert isinstance(record[key], int)
    assert 0 < record["runtime_ms"]["p5"] <= record["runtime_ms"]["median"]
    assert record["runtime_ms"]["median"] <= record["runtime_ms"]["p95"]
    means = record["quality"]["skimage8"]
    assert set(means) == {"psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb", "lpips_alex"}
    assert 20 < means["psnr_rgb"] < means["psnr_y"] < 40
    assert record["signatures"]["psnr_y"] == "PSNR|y|crop:4|u8|mean-image|v1"
    assert len(record["images"]["skimage8"]) == 8


def test_what_was_measured_is_not_measured_again(scored) -> None:
    folder, first = scored
    again = run(
        "score", "nearest", "--results", "results", "--offline", "--max-seconds", "1",
        "--shape", "64x64", "--json", cwd=folder,
    )  # fmt: skip
    assert json.loads(again.stdout) == first
    assert "measured already" in again.stderr


def test_report_plot_and_export_work_from_the_records(scored) -> None:
    folder = scored[0]
    reported = run("report", "--results", "results", "--out", "pages", "--json", cwd=folder)
    assert Path(folder, json.loads(reported.stdout)["index"]).is_file()
    for suffix in ("png", "svg", "pdf"):
        plotted = run("plot", "--results", "results", "-o", f"a.{suffix}", cwd=folder)
        assert plotted.returncode == 0, plotted.stderr
        assert (folder / f"a.{suffix}").stat().st_size > 1000
    exported = run("export", "--results", "results", "--format", "csv", cwd=folder)
    assert "nearest" in exported.stdout


def test_complexity_of_a_newcomers_folder(tmp_path: Path) -> None:
    assert run("new", "mynet", "--in", str(tmp_path)).returncode == 0
    checked = run("check", str(tmp_path / "mynet"), "--json")
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)["ok"]
    counted = run("complexity", str(tmp_path / "mynet"), "--input", "1x3x64x48", "--json")
    document = json.loads(counted.stdout)
    assert document["input_shape"] == [1, 3, 64, 48]
    assert document["params"] > 0
    assert document["macs"] > 0


def test_metrics_of_two_folders(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    hr = rng.integers(0, 256, (40, 44, 3), dtype=np.uint8)
    for folder, image in (("SR", hr), ("HR", np.pad(hr, ((0, 2), (0, 3), (0, 0))))):
        (tmp_path / folder).mkdir()
        write_png(tmp_path / folder / "one.png", image)
    done = run("metrics", "SR", "HR", "--crop", "4", "--offline", "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert document["images"][0]["name"] == "one"
    assert document["mean"]["psnr_y"] == "Infinity"
    assert document["mean"]["ssim_rgb"] == 1
    assert document["infinite"]["psnr_y"] == 1


TABLES = [
    (
        {"a": 1, "b": 0},
        "       PSNR RGB\na         48.13\nb           inf\nmean      48.13\n"
        "PSNR RGB: 1 of 2 images is identical; the mean is over the others.\n",
    ),
    (
        {"a": 0},
        "       PSNR RGB\na           inf\nmean        inf\nPSNR RGB: the image is identical.\n",
    ),
]


@pytest.mark.parametrize(("images", "printed"), TABLES)
def test_the_table_of_metrics_lines_up(
    tmp_path: Path, images: dict[str, int], printed: str
) -> None:
    """A difference of 1 everywhere: 10 log10(255^2) = 48.13 dB."""
    for folder in ("SR", "HR"):
        (tmp_path / folder).mkdir()
        for name, more in images.items():
            image = np.full((12, 12, 3), 100 + (more if folder == "SR" else 0), dtype=np.uint8)
            write_png(tmp_path / folder / f"{name}.png", image)
    done = run("metrics", "SR", "HR", "--crop", "0", "-m", "psnr_rgb", cwd=tmp_path)
    assert done.stdout.startswith(printed)


# arguments, exit code, words on standard error
WRONG = [
    (["score", "no/such/path"], 2, "There is no no/such/path"),
    (["score", "nearest", "--protocol", "quik"], 2, "did you mean 'quick'"),
    (["score", "nearest", "--dataset", "Set6"], 2, "did you mean 'Set5'"),
    (["score", "nearest", "--device", "tpu"], 2, "No device 'tpu'"),
    (["score", "span/c29"], 2, "span has no variant 'c29'; did you mean 'c52'"),
    (["score", "nearest", "--dataset", "Set5", "--data-root", "."], 3, "Set5"),
    (["report", "--results", "nowhere"], 2, "no results folder nowhere"),
    (["metrics", "a", "b", "--crop", "4"], 2, "no folder a"),
    (["metrics", "a", "b"], 2, "Say the crop border with --crop"),
    (["metrics", "a", "b", "--crop", "4", "-m", "psnr_z"], 2, "no folder a"),
    (["complexity", "nearest", "--input", "12"], 2, "is not a shape"),
    (["datasets", "verify", "Set6"], 2, "did you mean 'Set5'"),
    (["plot", "-o", "a.gif", "--results", "."], 2, ""),
]


@pytest.mark.parametrize(("arguments", "code", "words"), WRONG)
def test_a_mistake_gets_a_sentence_and_its_exit_code(tmp_path, arguments, code, words) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_help_and_import_do_not_load_torch() -> None:
    code = (
        "import sys, esrbench, esrbench.cli.app; "
        "from typer.testing import CliRunner; "
        "assert CliRunner().invoke(esrbench.cli.app.app, ['score', '--help']).exit_code == 0; "
        "assert 'torch' not in sys.modules and 'pandas' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
