"""A ``model.py`` of one's own that imports a fork's file, with a basicsr beside it or none."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from esrbench.submission.load import build_model
from tests.formats.repository.conftest import NETWORK, REGISTRY

MODEL = "from {module} import TinySR\n\ndef build():\n    return TinySR()\n"
IMPORTS = "from basicsr.utils.registry import ARCH_REGISTRY\nimport basicsr.archs.arch_util as u"


@pytest.mark.parametrize("vendored", [False, True])
def test_basicsr_is_served(tmp_path: Path, vendored: bool) -> None:
    archs = tmp_path / "basicsr/archs"
    archs.mkdir(parents=True)
    (archs / "tiny_arch.py").write_text(NETWORK.format(imports=IMPORTS))
    (tmp_path / "basicsr/__init__.py").write_text("import cv2_nobody_has\n")
    if vendored:
        (tmp_path / "basicsr/utils").mkdir()
        text = f"{REGISTRY}\nARCH_REGISTRY = Registry()\n"
        (tmp_path / "basicsr/utils/registry.py").write_text(text)
    (tmp_path / "model.py").write_text(MODEL.format(module="basicsr.archs.tiny_arch"))
    said: list[str] = []
    network = build_model(tmp_path / "model.py", say=said.append)
    assert tuple(network(torch.zeros(1, 3, 5, 6)).shape) == (1, 3, 20, 24)
    assert said == ([] if vendored else ["ARCH_REGISTRY of BasicSR served by esrbench's stand-ins"])
    assert not [name for name in sys.modules if name.startswith("basicsr")]


def test_two_of_them_do_not_meet(tmp_path: Path) -> None:
    sums = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        (folder / "basicsr/archs").mkdir(parents=True)
        text = f"import torch\nfrom torch import nn\nVALUE = {number}\n"
        text += "class TinySR(nn.Module):\n    def forward(self, x): return x * VALUE\n"
        (folder / "basicsr/archs/tiny_arch.py").write_text(text)
        (folder / "model.py").write_text(MODEL.format(module="basicsr.archs.tiny_arch"))
        sums.append(float(build_model(folder / "model.py")(torch.ones(1, 1, 1, 1)).sum()))
    np.testing.assert_array_equal(sums, [1.0, 2.0])
