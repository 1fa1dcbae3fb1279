"""Small repositories in each layout that public forks have, and the network in them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.formats.conftest import small_network

Write = Callable[[str, str], Path]

NETWORK = """\
from torch import nn
{imports}

@ARCH_REGISTRY.register()
class TinySR(nn.Module):
    def __init__(self, num_in_ch=3, upscale=4, residual=0.5, depths=()):
        super().__init__()
        assert isinstance(residual, float), type(residual)
        self.body = nn.Sequential(
            nn.Conv2d(num_in_ch, 3 * upscale**2, 3, padding=1), nn.PixelShuffle(upscale)
        )

    def forward(self, x):
        return self.body(x)
"""

OPTIONS = """\
name: test_TinySR_x4
model_type: SRModel
scale: 4
crop_border: ~
manual_seed: 0
network_g:
  type: TinySR
  num_in_ch: 3
  upscale: 4
  residual: 2e-4        # a text to YAML 1.1
path:
  pretrain_network_g: experiments/pretrained_models/TinySR_x4.pth
  strict_load_g: true
val:
  metrics:
    psnr: {type: calculate_psnr, crop_border: 4, test_y_channel: true}
"""

REGISTRY = "class Registry(dict):\n    def register(self):\n        return lambda c: c\n"
# What a fork's __init__ does, and no network needs.
WANTS_OPENCV = "import cv2_nobody_has\nfrom .img_util import imwrite\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the repository ``TinyNet``; answers its path."""

    def into(name: str, text: str) -> Path:
        path = tmp_path / "TinyNet" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    into("README.md", "# TinyNet\n")
    return into


def vendored(write: Write) -> Path:
    """The whole of basicsr in the repository; its ``__init__`` cannot be run."""
    write("basicsr/__init__.py", WANTS_OPENCV)
    write("basicsr/archs/__init__.py", "from basicsr.utils import get_root_logger, scandir\n")
    write("basicsr/utils/__init__.py", "from .img_util import imwrite\nfrom .logger import log\n")
    write("basicsr/utils/img_util.py", "import cv2_nobody_has\ndef imwrite(): pass\n")
    write("basicsr/utils/logger.py", "def log(*_): pass\n")
    write("basicsr/utils/registry.py", f"{REGISTRY}\nARCH_REGISTRY = Registry()\n")
    imports = "from basicsr.utils import log, imwrite\nfrom basicsr.utils.registry import *"
    write("basicsr/archs/tinysr_arch.py", NETWORK.format(imports=imports))
    return write("options/test/x4.yml", OPTIONS)


def own_package(write: Write) -> Path:
    """A package of its own beside an installed basicsr that nobody has."""
    write("tiny/__init__.py", "from .data import *\n")
    write("tiny/archs/__init__.py", "from basicsr.utils import scandir\n")
    write("tiny/archs/blocks.py", "from basicsr.archs.arch_util import to_2tuple\n")
    imports = (
        "from basicsr.utils.registry import ARCH_REGISTRY\n"
        "from basicsr.archs.arch_util import default_init_weights, trunc_normal_\n"
        "from tiny.archs.blocks import to_2tuple"
    )
    write("tiny/archs/tinysr_arch.py", NETWORK.format(imports=imports))
    return write("options/test/x4.yml", OPTIONS)


def flat(write: Write) -> Path:
    """``code/``, from where it is run, with a module of the standard library's name above it."""
    imports = "from basicsr.utils.registry import ARCH_REGISTRY\nfrom blocks2 import WIDTH"
    write("code/blocks2.py", "WIDTH = 3\n")
    write("code/tinysr.py", NETWORK.format(imports=imports))
    return write("options/x4.yml", OPTIONS)


def installed_style(write: Write) -> Path:
    """Two modules of a partial ``basicsr/``, to be copied into an installed one."""
    imports = (
        "from basicsr.utils.registry import ARCH_REGISTRY\n"
        "from basicsr.archs.arch_util import Upsample\n"
        "import matplotlib.pyplot as plt\nfrom thop import profile"
    )
    write("codes/basicsr/archs/tinysr_arch.py", NETWORK.format(imports=imports))
    return write("codes/options/test/x4.yml", OPTIONS)


LAYOUTS = {layout.__name__: layout for layout in (vendored, own_package, flat, installed_style)}


def save_weights(option: Path, key: str | None = "params", name: str = "TinySR_x4.pth") -> Path:
    """The small network's values where the options expect them, under ``key``."""
    root = next(folder for folder in option.parents if (folder / "README.md").is_file())
    path = root / "experiments/pretrained_models" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {f"body.{name}": value for name, value in small_network().state_dict().items()}
    torch.save({key: state} if key else state, path)
    return path


def filled(network: nn.Module) -> nn.Module:
    """``network`` with the small network's values."""
    state = {f"body.{name}": value for name, value in small_network().state_dict().items()}
    network.load_state_dict(state)
    return network
