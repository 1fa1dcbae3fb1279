"""A fork of EDSR-PyTorch in miniature: ``option.py`` beside ``model/``.

Numbers: the output of the network whose weights lie in the repository, in [0, 255].
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from esrbench.errors import SubmissionError, UsageError
from esrbench.judge.pack_repository import as_it_is
from esrbench.submission.find import find, list_variants
from esrbench.submission.weights import locate_weights
from tests.formats.conftest import small_network
from tests.formats.repository.conftest import Write
from tests.formats.running import LR, output

# As in public forks: `--cpu` is a value in one and a flag in another; what plots is imported too.
OPTION = """\
import argparse
import utility
parser = argparse.ArgumentParser()
parser.add_argument('--cpu', {cpu})
parser.add_argument('--model', default='tiny')
parser.add_argument('--scale', type=str, default='2')
parser.add_argument('--rgb_range', type=int, default=255)
parser.add_argument('--n_feats', type=int, default=48)
args = parser.parse_args()
utility.init_model(args)
args.scale = list(map(int, args.scale.split('+')))
"""
UTILITY = """\
import matplotlib
matplotlib.use('Agg')
import pytorch_msssim_nobody_has as m

def init_model(args): pass
"""
MODEL = """\
from torch import nn
from model import common

def make_model(args, parent=False):
    return Tiny(args).cuda()

class Tiny(nn.Module):
    def __init__(self, args):
        super().__init__()
        assert args.n_feats == 3 * args.scale[0]**2, args.n_feats
        self.body = nn.Sequential(common.conv(args.n_feats), nn.PixelShuffle(args.scale[0]))
        self.ready = False

    def _prepare(self):
        self.ready = True

    def forward(self, x):
        assert self.ready
        return self.body(x)
"""
TRAINER = "for m in net.modules():\n    if hasattr(m, '_prepare'):\n        m._prepare()\n"


@pytest.fixture(params=["action='store_true'", "type=bool, default=False"])
def fork(write: Write, request: pytest.FixtureRequest) -> Path:
    """``TinyNet/src``: two models, of which ``tiny`` needs an x4 checkpoint at 48 features."""
    write("src/option.py", OPTION.format(cpu=request.param))
    write("src/utility.py", UTILITY)
    write("src/trainer.py", TRAINER)
    write("src/model/__init__.py", "import model.nothing_that_is_there\n")
    write("src/model/common.py", "from torch import nn\ndef conv(n):\n"
          "    return nn.Conv2d(3, n, 3, padding=1)\n")  # fmt: skip
    write("src/model/other.py", "def make_model(args): ...\n")
    return write("src/model/tiny.py", MODEL).parents[2]


def test_models_are_listed(fork: Path) -> None:
    assert list_variants(str(fork)) == ["other", "tiny"]
    with pytest.raises(UsageError) as fault:
        find(str(fork))
    assert str(fault.value).splitlines()[1:] == [
        f"  esrbench score {fork} --model other --args '--scale 4'",
        "  other  src/model/other.py  x2  no weights",
        "  tiny   src/model/tiny.py   x2  no weights",
        "  Without weights the cost is measured; --weights FILE gives them.",
    ]


@pytest.mark.parametrize(
    ("options", "folder", "read_as"),
    [("options.py", "model", "args"), ("config.py", "networks", "opt")],
)
def test_options_and_folder_of_other_names(
    fork: Path, options: str, folder: str, read_as: str
) -> None:
    text = (fork / "src/option.py").read_text()
    (fork / "src/option.py").unlink()
    (fork / "src" / options).write_text(
        text.replace("args", read_as).replace("parse_opt", "parse_args")
    )
    (fork / "src/model/tiny.py").write_text(MODEL.replace("from model ", f"from {folder} "))
    (fork / "src/model").rename(fork / "src" / folder)
    found = find(str(fork), variant="tiny --scale 4")
    assert found.entry_file == fork / f"src/{folder}/tiny.py"
    assert output(found).shape == (2, 3, 52, 68)


def test_one_model_runs(fork: Path) -> None:
    state = {f"model.body.{name}": value for name, value in small_network().state_dict().items()}
    folder = fork / "experiment/tiny_x4/model"
    folder.mkdir(parents=True)
    torch.save(state, folder / "model_best.pt")
    found = find(str(fork), variant="tiny --scale 4")
    assert (found.label, found.scale, found.data_range) == ("TinyNet/tiny-scale-4", 4, 255.0)
    weights = locate_weights(found)
    assert weights == folder / "model_best.pt"
    with torch.inference_mode():
        expected = small_network()(torch.from_numpy(LR).permute(0, 3, 1, 2).float()).numpy()
    np.testing.assert_allclose(output(found, weights), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("variant", "scale", "expected"),
    [("tiny", None, 2), ("tiny", 3, 3), ("tiny --scale 4", None, 4), ("tiny --scale=2+3", None, 2)],
)
def test_the_scale(fork: Path, variant: str, scale: int | None, expected: int) -> None:
    assert find(str(fork), variant=variant, scale=scale).scale == expected


def test_a_file_of_model_is_a_name_for_it(fork: Path) -> None:
    found = find(str(fork / "src/model/tiny.py"), scale=4)
    assert (found.name, found.variant) == ("TinyNet", "tiny")
    assert found.weights is not None
    assert "no checkpoint of TinyNet is named after tiny x4" in str(found.weights.reason)


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ("tinny", "has no model 'tinny'; did you mean 'tiny'?"),
        ("tiny '", "cannot be read: No closing quotation"),
        ("tiny --scale 4", "--args says --scale 4, and --scale says 3"),
    ],
)
def test_faults_of_what_is_typed(fork: Path, variant: str, said: str) -> None:
    with pytest.raises(UsageError) as fault:
        find(str(fork), variant=variant, scale=3)
    assert said in str(fault.value)


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ("tiny --scale 1", "with these arguments it is x1, as for denoising"),
        ("tiny --scale 4 --n_colors 1", "it is for 1 channel; --args '--n_colors 3' gives"),
    ],
)
def test_what_is_no_super_resolution(fork: Path, variant: str, said: str) -> None:
    with pytest.raises(SubmissionError) as fault:
        find(str(fork), variant=variant)
    assert "tiny of TinyNet is no super-resolution of one RGB image" in str(fault.value)
    assert said in str(fault.value)


def test_of_a_program_for_each_task_that_for_super_resolution_is_taken(fork: Path) -> None:
    shutil.copytree(fork / "src", fork / "DN_test/src")  # as RNAN has them
    option = fork / "DN_test/src/option.py"
    option.write_text(option.read_text().replace("default='2'", "default='1'"))
    assert find(str(fork), variant="tiny").entry_file == fork / "src/model/tiny.py"


@pytest.mark.quick_cases(1)
def test_an_argument_it_does_not_take(fork: Path) -> None:
    with pytest.raises(SubmissionError) as fault:
        output(find(str(fork), variant="tiny --wide 3", scale=4))
    assert str(fault.value) == (
        "src/option.py does not take --model tiny --wide 3 --scale 4: "
        "unrecognized arguments: --wide 3."
    )


def test_one_that_no_graph_can_be_written_of_is_handed_in_as_it_is(  # as FIWHN: math.ceil of sizes
    fork: Path,
) -> None:
    said = as_it_is(find(str(fork), variant="tiny", scale=4))
    assert "a zip of TinyNet/, and `esrbench score TinyNet.zip --model tiny`." in said
    assert as_it_is(find("nearest")) == ""
    archive = shutil.make_archive(str(fork.parent / "TinyNet"), "zip", fork.parent, "TinyNet")
    assert find(archive, variant="tiny", scale=4).form == "edsr"


@pytest.mark.quick_cases(1)
def test_what_its_code_raises_with_the_defaults_says_that_there_are_others(fork: Path) -> None:
    file = fork / "src/model/tiny.py"
    file.write_text(file.read_text().replace("assert args.n_feats", "assert args.n_feats == 0 and"))
    with pytest.raises(SubmissionError) as fault:
        output(find(str(fork), variant="tiny", scale=4))
    assert str(fault.value).endswith(
        "It was built with the defaults of option.py; --args gives others."
    )
