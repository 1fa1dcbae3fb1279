"""A torchvision that does not fit torch; messages as its users report them."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from esrbench.errors import UnavailableError
from esrbench.metrics import torchvision_fit
from esrbench.metrics.scorer import Scorer

FAILURES = [
    (RuntimeError("operator torchvision::nms does not exist"), "does not fit torch"),
    (
        AttributeError("partially initialized module 'torchvision' has no attribute 'extension'"),
        "does not fit torch",
    ),
    (OSError("/lib/_C.so: undefined symbol: _ZN3c10"), "does not fit torch"),
    (ImportError("cannot import name 'x' from 'torch'"), "does not fit torch"),
    (ModuleNotFoundError("No module named 'torchvision'", name="torchvision"), "not installed"),
]


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    real = importlib.import_module

    def failing(name: str, package: str | None = None) -> Any:
        if name.startswith("torchvision"):
            raise error
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", failing)


@pytest.mark.parametrize(("error", "words"), FAILURES)
def test_cause_and_cure_are_named(
    error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {"torch": "2.6.0", "torchvision": "0.20.1"}
    monkeypatch.setattr(torchvision_fit, "version", versions.__getitem__)
    fail_with(monkeypatch, error)
    with pytest.raises(UnavailableError, match=words) as caught:
        torchvision_fit.import_lpips()
    assert "pip install --force-reinstall 'torch==2.6.0' torchvision" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_build_for_cuda_keeps_its_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision_fit, "version", lambda package: "2.6.0+cu124")
    fail_with(monkeypatch, FAILURES[0][0])
    with pytest.raises(UnavailableError, match=r"--index-url \S+/whl/cu124"):
        torchvision_fit.import_lpips()


def test_the_other_metrics_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, FAILURES[0][0])
    scorer = Scorer(["psnr_y", "lpips_alex"], crop=0)
    assert "torchvision::nms" in scorer.missing["lpips_alex"]
