"""A small x4 network in every format, and a miniature NTIRE repository."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

MACS_8X8 = 3 * 9 * 48 * 64
"""One 3x3 convolution from 3 to 48 channels on 8x8 pixels."""


def small_network(seed: int = 0) -> nn.Module:
    """One 3x3 convolution to 48 channels and a pixel shuffle: 1344 parameters."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4)).eval()


@pytest.fixture(scope="session", autouse=True)
def _one_signature_table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The table of bundled networks takes seconds to make; one serves every test here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESRBENCH_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


TEST_DEMO = """\
import os.path
import a_module_nobody_has            # as `from utils import utils_image` without OpenCV
import torch

def select_model(args, device):
    model_id = args.model_id
    if model_id == 0:
        from models.team00_small import Small
        name, data_range = f"{model_id:02}_Small_baseline", 1.0
        model_path = os.path.join('model_zoo', 'team00_small.pth')
        model = Small()
        model.load_state_dict(torch.load(model_path), strict=True)
    elif model_id == 1:               # moved to a GPU by hand, wrapped, another range
        from basicsr.utils.registry import ARCH_REGISTRY     # a part of BasicSR, as many import
        from models.team00_small import Small
        name, data_range = f"{model_id:02}_Cuda", 255.0
        Small = ARCH_REGISTRY.register()(Small)
        model = Small().cuda()
        model_path = os.path.join('model_zoo', f'team{model_id:02}_cuda.pth')
        state = torch.load(model_path, map_location=torch.device("cuda:0"))
        state = state['params_ema'] if 'params_ema' in state else state
        model.load_state_dict({k.replace("module.", ""): v for k, v in state.items()}, strict=True)
        model(torch.zeros(1, 3, 8, 8, device="cuda"))
        torch.zeros(2).to("cuda:0").cuda()
    elif model_id == 2:               # a team that withdrew
        pass
    elif model_id == 3:
        from basicsr_that_nobody_has.registry import ARCH_REGISTRY
        name, data_range = f"{model_id:02}_NeedsMore", 1.0
        model = None
    elif model_id == 4:
        from models.team00_small import Small
        name, data_range = f"{model_id:02}_NoCheckpoint", 1.0
        model_path = os.path.join('model_zoo', 'team04_lost.pth')
        model = Small()
        model.load_state_dict(torch.load(model_path)['params'], strict=True)
    elif model_id == 5:
        from models.team00_small import Small
        name, data_range = f"{model_id:02}_Pickle", 1.0
        model_path = os.path.join('model_zoo', 'team05_pickle.pth')
        model = torch.load(model_path)
    elif model_id == 6:
        from models.team00_small import Small
        name, data_range = f"{model_id:02}_Tiled", 1.0
        model_path = os.path.join('model_zoo', 'team00_small.pth')
        model = Small()
        model.load_state_dict(torch.load(model_path), strict=True)
    elif model_id == -1:
        from models.team07_gone import Gone
        name, data_range = f"{model_id:02}_Gone", 1.0
        model = Gone()
    else:
        raise NotImplementedError(f"Model {model_id} is not implemented.")
    model.eval()
    tile = 40 if model_id == 6 else None
    model = model.to(device)
    return model, name, data_range, tile
"""

SMALL = """\
from torch import nn

class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4))

    def forward(self, x):
        return self.body(x)
"""


@pytest.fixture
def ntire_repository(tmp_path: Path) -> Path:
    """``NTIRE2031_ESR``: one branch a thing that real repositories do."""
    repository = tmp_path / "NTIRE2031_ESR"
    (repository / "models").mkdir(parents=True)
    (repository / "model_zoo").mkdir()
    (repository / "test_demo.py").write_text(textwrap.dedent(TEST_DEMO))
    (repository / "models" / "team00_small.py").write_text(SMALL)
    state = {f"body.{name}": value for name, value in small_network().state_dict().items()}
    torch.save(state, repository / "model_zoo" / "team00_small.pth")
    prefixed = {f"module.{name}": value for name, value in state.items()}
    torch.save({"params_ema": prefixed}, repository / "model_zoo" / "team01_cuda.pth")
    torch.save(small_network(), repository / "model_zoo" / "team05_pickle.pth")
    return repository
