"""The Python door: the same figures as the rooms behind it, and docstrings that run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import esrbench
from esrbench.api.reference import document
from esrbench.data.images import read_rgb
from esrbench.errors import SubmissionError, UsageError
from esrbench.results.record import About, RunRecord
from tests.report.records import record as timed_record
from tests.report.records import runtime

ROOT = Path(__file__).parents[2]
RANDOM = np.random.default_rng(0)
HR = RANDOM.integers(0, 256, (48, 40, 3), dtype=np.uint8)
SR = np.clip(HR.astype(int) + RANDOM.integers(-9, 10, HR.shape), 0, 255).astype(np.uint8)


def test_importing_it_imports_no_torch() -> None:
    code = (
        "import sys, esrbench; dir(esrbench); assert 'torch' not in sys.modules; "
        "esrbench.psnr, esrbench.METRICS, esrbench.EsrbenchError, esrbench.load_results; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_counts_of_a_module() -> None:
    counts = esrbench.complexity(nn.Conv2d(3, 3, 1), (1, 3, 8, 8))
    assert (counts.params, counts.macs_fvcore) == (12, 3 * 3 * 64)


def test_whoever_waits_for_the_device_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*_: object, say: Callable[[str], None], **more: object) -> None:
        say("Waiting for the cores.")

    monkeypatch.setattr(
        importlib.import_module("esrbench.judge.compare"), "compare_submissions", told
    )
    esrbench.compare("nearest", "bicubic", scale=4)
    assert capsys.readouterr().err == "Waiting for the cores.\n"


def test_no_folder_takes_the_place_of_what_is_offered() -> None:
    """Importing ``esrbench.x.y`` binds ``esrbench.x``: a room so called would hide a function."""
    assert not {path.stem for path in Path(esrbench.__file__).parent.iterdir()} & set(
        esrbench.__all__
    )


SIGNATURES = {
    "score": "model scale protocol datasets device timing verify results data_root in_process",
    "evaluate": "module scale datasets metrics",
    "complexity": "module input_shape",
    "psnr": "sr hr crop channel",
    "ssim": "sr hr crop channel",
    "lpips": "sr hr crop channel net",
    "compare": "a b shape scale device max_seconds",
    "load_model": "name scale",
    "load_results": "path",
    "table": "records",
    "plot": "records x y",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature(name: str) -> None:
    signature = inspect.signature(getattr(esrbench, name))
    assert list(signature.parameters) == SIGNATURES[name].split()


# in what form the same image comes
FORMS = {
    "bytes": lambda x: x,
    "floats": lambda x: x / 255,
    "float32": lambda x: (x / 255).astype(np.float32),
    "tensor": lambda x: torch.from_numpy(x.copy()).permute(2, 0, 1),
    "tensor of floats": lambda x: torch.from_numpy(x / 255).permute(2, 0, 1),
    "batch": lambda x: torch.from_numpy(x / 255).permute(2, 0, 1)[None],
    "batch of two": lambda x: torch.from_numpy(x / 255).permute(2, 0, 1)[None].repeat(2, 1, 1, 1),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("channel", ["y", "rgb", "y-u8"])
def test_psnr_and_ssim_in_any_form(form: str, channel: str) -> None:
    """All are the figure of the uint8 arrays."""
    for metric in (esrbench.psnr, esrbench.ssim):
        wanted = metric(SR, HR, crop=4, channel=channel)
        assert metric(FORMS[form](SR), FORMS[form](HR), crop=4, channel=channel) == wanted


def test_psnr_is_what_matlab_printed(data_root: Path) -> None:
    """Set5 x4 of RCAN_PSNR_SSIM_Results_BI_model.txt: 32.633562 dB and 0.900241."""
    pairs = [
        (path, data_root / "Set5" / "HR" / f"{path.stem}.png")
        for path in sorted((data_root / "Set5" / "SR_RCAN_x4").glob("*.png"))
    ]
    assert len(pairs) == 5
    images = [(read_rgb(sr), read_rgb(hr)) for sr, hr in pairs]
    cropped = [(sr, hr[: sr.shape[0], : sr.shape[1]]) for sr, hr in images]
    for metric, printed in ((esrbench.psnr, 32.633562), (esrbench.ssim, 0.900241)):
        mean = sum(metric(sr, hr, crop=4) for sr, hr in cropped) / len(pairs)
        assert mean == pytest.approx(printed, abs=1e-6)


WRONG = [
    ((SR, HR[:40]), "equal in size"),
    ((SR.astype(float), HR), r"floats are in \[0, 1\]"),
    ((SR.astype(np.int32), HR), "give uint8"),
    ((SR.transpose(2, 0, 1), HR), "an array is"),
    ((torch.from_numpy(SR), HR), "a tensor is"),
    ((np.full((48, 40, 3), math.nan), HR), "NaN"),
    (("sr.png", HR), "is a str"),
]


@pytest.mark.parametrize(("images", "says"), WRONG)
def test_what_is_no_pair_is_told(images: tuple[object, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        esrbench.psnr(*images, crop=0)  # type: ignore[arg-type]


def test_evaluate_leaves_the_module_as_it_was() -> None:
    module = nn.Sequential(nn.Upsample(scale_factor=4), nn.Dropout(0.5)).train()
    module[1].eval()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = esrbench.evaluate(module, scale=4, datasets=["skimage8"], metrics=["psnr_y"])
    # "nearest" of the leaderboard, reports/: 28.53
    assert found["skimage8"]["psnr_y"] == pytest.approx(28.53, abs=0.005)
    assert [part.training for part in module] == [True, False]
    with pytest.raises(UsageError, match=r"gives .* pixels where HR at x2 is"):
        esrbench.evaluate(module, scale=2, datasets=["skimage8"])


def test_a_module_in_memory_is_scored_through_its_graph() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 48, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.pixel_shuffle(self.conv(x), 4)

    torch.manual_seed(0)
    module = Net()
    record = esrbench.score(module, scale=4, device="cpu", timing=False)
    assert (record.submission, record.status, record.scale) == ("net", "ok", 4)
    assert record.params == 48 * 27 + 48
    mine = esrbench.evaluate(module, scale=4, datasets=["skimage8"], metrics=["psnr_y"])
    assert record.quality["skimage8"]["psnr_y"] == pytest.approx(
        mine["skimage8"]["psnr_y"], abs=1e-3
    )
    with pytest.raises(UsageError, match="give scale="):
        esrbench.score(module)


def test_a_module_that_does_not_export_is_told() -> None:
    class Net(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x if x.sum().item() > 0 else x * 2

    with pytest.raises(SubmissionError, match=r"torch\.export cannot write"):
        esrbench.score(Net(), scale=1)


def test_a_module_that_does_not_export_is_scored_in_this_process_and_never_ranked(
    tmp_path: Path,
) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 48, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            sr = nn.functional.pixel_shuffle(self.conv(x), 4)
            return sr if sr.sum().item() > -1e9 else sr * 2  # asks for a value: no export

    torch.manual_seed(0)
    module = Net()
    record = esrbench.score(module, scale=4, results=tmp_path, in_process=True)
    mine = esrbench.evaluate(module, scale=4, datasets=["skimage8"], metrics=["psnr_y", "ssim_y"])
    assert {key: record.quality["skimage8"][key] for key in mine["skimage8"]} == mine["skimage8"]
    assert (record.params, record.macs) == (48 * 27 + 48, 48 * 27 * 256 * 256)
    assert record.runtime_ms is None
    assert "own process" in record.missing["runtime_ms"]
    assert "in-process" in record.flags
    ranked = esrbench.table(esrbench.load_results(tmp_path))
    assert ranked["rank"].isna().all()
    with pytest.raises(UsageError, match="takes a module"):
        esrbench.score("nearest", scale=4, in_process=True)


def test_a_record_shows_itself_and_escapes() -> None:
    record = RunRecord(
        id="1", created="2026-01-01T00:00:00Z", submission="<b>x", scale=4, about=About(title="x"),
        protocol="quick", protocol_spec={}, device="cpu", status="failed", reason="<script>",
        quality={"Set5": {"psnr_y": math.inf, "ssim_y": None}}, params=1500, harness_version="0",
    )  # fmt: skip
    html = record._repr_html_()
    assert "<script>" not in html
    assert "&lt;b&gt;x ×4" in html
    assert "psnr_y ∞; ssim_y -" in html
    assert "1.5 K" in html


def test_a_record_shows_the_runtime_that_its_row_is_known_by() -> None:
    """Under NTIRE's policy the mean; one runtime has one name everywhere."""
    for policy, told in (("ntire", "mean runtime"), ("block", "median runtime")):
        shown = timed_record("x", runtime_ms=runtime(10.0, policy=policy))
        ms = {"mean runtime": "10.1 ms", "median runtime": "10 ms"}[told]
        assert f">{told}</th><td style='text-align:left'>{ms} at" in shown._repr_html_()


def test_the_reference_is_what_the_docstrings_say() -> None:
    assert (ROOT / "docs" / "api.md").read_text(encoding="utf-8") == document(), "run `make docs`"


@pytest.mark.parametrize("name", [n for n in esrbench.__all__ if n not in ("METRICS",)])
def test_a_docstring_says_enough(name: str) -> None:
    text = inspect.getdoc(getattr(esrbench, name)) or ""
    if name != "EsrbenchError":
        assert all(f"{section}:\n" in text for section in ("Args", "Returns", "Example"))


@pytest.mark.parametrize("file", ["images", "networks", "records", "scoring", "timing"])
def test_examples_in_docstrings_run(file: str) -> None:
    module = importlib.import_module(f"esrbench.api.{file}")
    flags = doctest.IGNORE_EXCEPTION_DETAIL | doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testmod(module, optionflags=flags)
    assert not failed
    assert tried or file == "timing"


@pytest.mark.slow
def test_the_notebook_runs() -> None:
    script = ROOT / "examples" / "notebook.py"
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "1344 params" in done.stdout
    used = script.read_text(encoding="utf-8")
    missing = {name for name in esrbench.__all__ if f"esrbench.{name}" not in used}
    assert missing == {"lpips"}, "which needs a backbone's weights"
