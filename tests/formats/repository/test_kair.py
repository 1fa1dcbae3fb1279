"""KAIR in miniature: JSON with comments, and ``define_G(opt)`` that imports what it is asked for.

Numbers: the output of the network whose weights lie in ``model_zoo``.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from esrbench.errors import SubmissionError
from esrbench.submission.find import find
from esrbench.submission.weights import locate_weights
from tests.formats.conftest import small_network
from tests.formats.repository.conftest import Write
from tests.formats.running import LR, output

SELECT = """\
import functools

def define_G(opt):
    opt_net = opt['netG']
    if opt_net['net_type'] == 'tiny':
        from models.network_tiny import Tiny as net
        netG = net(opt_net['in_nc'], opt_net['scale'])
    elif opt_net['net_type'] == 'video':
        from models.network_video import VRT as net
    if opt['is_train']:
        raise RuntimeError('not to be trained')
    assert opt['what_nobody_wrote'] is None
    return netG
"""
NETWORK = """\
from torch import nn

class Tiny(nn.Module):
    def __init__(self, in_nc, upscale):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(in_nc, 3 * upscale**2, 3, padding=1),
                                  nn.PixelShuffle(upscale))

    def forward(self, x):
        return self.body(x)
"""
OPTIONS = """\
{
  "task": "tiny_x4"            // root/task/images-models-options
  , "model": "plain"           // "plain" | "gan"
  , "scale": 4                 // broadcast to "netG"
  , "n_channels": 3
  , "path": {"root": "superresolution", "pretrained_netG": "model_zoo/tiny_x4.pth"}
  , "netG": {"net_type": "tiny", "in_nc": 3}
}
"""


def test_a_network_of_define_g(write: Write) -> None:
    write("models/select_network.py", SELECT)
    write("models/network_tiny.py", NETWORK)
    option = write("options/train_tiny.json", OPTIONS)
    (option.parents[1] / "model_zoo").mkdir()
    state = {f"body.{name}": value for name, value in small_network().state_dict().items()}
    torch.save(state, option.parents[1] / "model_zoo/tiny_x4.pth")
    found = find(str(option))
    assert (found.label, found.scale) == ("TinyNet/train_tiny", 4)
    weights = locate_weights(found)
    with torch.inference_mode():
        expected = small_network()(torch.from_numpy(LR).permute(0, 3, 1, 2) / 255).numpy()
    np.testing.assert_allclose(output(found, weights), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"scale": 4', '"scale": 1', "it is x1: denoising, deblurring or the like"),
        ('"in_nc": 3', '"in_nc": 4', "it takes 4 channels, not the three of RGB"),
        ('"net_type": "tiny"', '"net": "tiny"', "line 7: netG names no network"),
    ],
)
def test_what_is_no_super_resolution(write: Write, old: str, new: str, said: str) -> None:
    write("models/select_network.py", SELECT)
    option = write("options/train_tiny.json", OPTIONS.replace(old, new))
    with pytest.raises(SubmissionError) as fault:
        find(str(option))
    assert said in str(fault.value)


def test_a_define_g_that_takes_more(write: Write) -> None:  # as HCFlow's define_G(opt, step)
    write("models/select_network.py", SELECT.replace("define_G(opt)", "define_G(opt, step)"))
    write("models/network_tiny.py", NETWORK)
    found = find(str(write("options/tiny_x4.json", OPTIONS)))
    with pytest.raises(SubmissionError, match=r"define_G of .* takes step besides"):
        output(found)
