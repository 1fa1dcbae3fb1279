"""Small submissions that do one thing wrong each."""

from __future__ import annotations

import random
import secrets
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

WriteSubmission = Callable[..., Path]

_UPSCALE = "F.interpolate(x, scale_factor=4, mode='bilinear')"


@pytest.fixture(autouse=True)
def _drawn_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the judge draws is the same in every run: a draw that misses is no failure."""
    drawn = random.Random(16)
    monkeypatch.setattr(secrets, "SystemRandom", lambda: random.Random(drawn.random()))
    monkeypatch.setattr(secrets, "randbelow", drawn.randrange)
    monkeypatch.setattr(secrets, "randbits", drawn.getrandbits)


@pytest.fixture
def write_submission(tmp_path: Path) -> WriteSubmission:
    """``write(name, forward=..., top=..., manifest=...)``: a folder with such a submission."""

    def write(
        name: str, *, forward: str = f"return {_UPSCALE}", top: str = "", manifest: str = ""
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "submission.yaml").write_text(f"name: {name}\nscale: 4\n{manifest}")
        head = "import os, time, torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
        body = textwrap.indent(textwrap.dedent(forward).strip(), " " * 8)
        (folder / "model.py").write_text(
            f"{head}{textwrap.dedent(top)}\n"
            "class Network(nn.Module):\n"
            "    calls = 0\n"
            "    def forward(self, x):\n"
            "        Network.calls += 1\n"
            f"{body}\n"
            "def build():\n"
            "    return Network()\n"
        )
        return folder

    return write
