"""A fork as it is, in each layout: found by its option file, built and run in a runner.

Numbers: the output of the network whose weights lie in the repository, and 1,344 = 48 * (27 + 1).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from esrbench.errors import SubmissionError, UsageError
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.submission.find import find, list_variants
from esrbench.submission.formats.repository.model_types import _says
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights
from tests.formats.conftest import small_network
from tests.formats.repository.conftest import LAYOUTS, OPTIONS, Write, save_weights, vendored
from tests.formats.running import LR, output

DATA = "datasets:\n  test: {{name: Set5, type: {}}}\npath:"


def expected() -> np.ndarray:
    with torch.inference_mode():
        return small_network()(torch.from_numpy(LR).permute(0, 3, 1, 2) / 255).numpy()


def loaded(found: Submission, weights: Path | None) -> tuple[int, tuple[str, ...]]:
    """Params and notes."""
    machine = Machine(threads=1)
    with open_runner(machine, found, weights) as runner:
        answer = load_into(runner, found, weights, machine)
        return answer.params, answer.notes


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_runs(write: Write, layout: str) -> None:
    option = LAYOUTS[layout](write)
    weights = save_weights(option)
    found = find(str(option))
    assert (found.name, found.variant, found.scale) == ("TinyNet", "x4", 4)
    assert found.title == "TinySR (test_TinySR_x4)"
    assert locate_weights(found) == weights
    np.testing.assert_allclose(output(found, weights), expected(), atol=1e-6)


def test_stand_ins_are_said(write: Write) -> None:
    option = LAYOUTS["own_package"](write)
    params, notes = loaded(find(str(option)), None)
    assert params == 1344
    served = "ARCH_REGISTRY, default_init_weights, to_2tuple, trunc_normal_ of BasicSR served by"
    assert notes == (f"{served} esrbench's stand-ins",)


def test_a_folder_lists_its_option_files(write: Write) -> None:
    root = vendored(write).parents[2]
    write("options/test/x2.yml", OPTIONS.replace("scale: 4", "scale: 2").replace("_x4.pth", ".pth"))
    write("options/test/vimeo.yml", OPTIONS.replace("SRModel", "VideoBaseModel"))
    save_weights(root / "options/test/x4.yml")
    write("options/train/x4_train.yml", f"{OPTIONS}train:\n  total_iter: 1\n")
    with pytest.raises(UsageError) as fault:
        find(str(root))
    lines = str(fault.value).splitlines()
    assert lines[0] == f"{root} has 4 option files; name one, as in"
    assert lines[1] == f"  esrbench score {root}/options/test/x4.yml"  # the one with its weights
    weights = "experiments/pretrained_models/TinySR_x4.pth"
    assert [line.split(maxsplit=3) for line in lines[2:-1]] == [
        ["options/test/x2.yml", "TinySR", "x2", "no weights"],
        ["options/test/x4.yml", "TinySR", "x4", weights],
        ["options/train/x4_train.yml", "TinySR", "x4", "no weights"],
        [
            "options/test/vimeo.yml",
            "TinySR",
            "x4",
            "not measured: it is for video (VideoBaseModel)",
        ],
    ]
    assert lines[-1] == "  Without weights the cost is measured; --weights FILE gives them."
    assert list_variants(str(root)) == [
        f"options/test/{name}.yml" for name in ("vimeo", "x2", "x4")
    ]
    for name in ("options/test/x2.yml", "x2.yml", "x2"):
        assert find(str(root), variant=name).scale == 2
    with pytest.raises(UsageError, match="no option file 'x3'"):
        find(str(root), variant="x3")


@pytest.mark.quick_cases(1)
# `params` is BasicSR's default entry; of another name the usual one is taken, and said.
@pytest.mark.parametrize(
    ("key", "said", "notes"),
    [
        ("params", None, 0),
        ("params_ema", "params_ema", 0),
        (None, None, 0),
        ("params", "params_ema", 1),
    ],
)
def test_the_entry_of_the_checkpoint(
    write: Write, key: str | None, said: str | None, notes: int
) -> None:
    option = vendored(write)
    if said:
        option.write_text(OPTIONS.replace("path:\n", f"path:\n  param_key_g: {said}\n"))
    params, found_notes = loaded(find(str(option)), save_weights(option, key))
    assert params == 1344
    assert len(found_notes) == notes


def test_weights_that_lie_elsewhere_are_found_by_name(write: Write) -> None:
    option = vendored(write)
    weights = save_weights(option)
    elsewhere = weights.rename(option.parents[2] / "TinySR_x4.pth")
    assert locate_weights(find(str(option))) == elsewhere
    elsewhere.unlink()
    spec = find(str(option)).weights
    assert spec is not None
    assert spec.reason == (
        "experiments/pretrained_models/TinySR_x4.pth is not in TinyNet; give it with --weights FILE"
    )


def test_what_another_test_does_is_noted(write: Write) -> None:
    option = vendored(write)
    option.write_text(
        OPTIONS.replace("crop_border: 4, test_y_channel: true", "crop_border: 3, "
                        "test_y_channel: false")
    )  # fmt: skip
    assert find(str(option)).notes == (
        "its own test crops 3 pixels, the scale (4) is cropped here",
        "its own PSNR is of RGB, not of the luma channel Y",
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("type: TinySR", "type: TinySRR", "no file of TinyNet defines it; did you mean 'TinySR'?"),
        ("type: TinySR", "type: EDSR", "it is one that BasicSR itself brings"),
        ("type: TinySR", "kind: TinySR", "line 6: network_g names no network"),
        ("SRModel", "VideoRecurrentModel", "it is for video (VideoRecurrentModel)"),
        ("path:", DATA.format("PairedStereoImageDataset"), "it is for stereo images (PairedStereo"),
        ("path:", DATA.format("VideoTestVimeo90KDataset"), "it is for video (VideoTestVimeo90K"),
        ("num_in_ch: 3", "num_frame: 5", "it is for video (num_frame)"),
        ("num_in_ch: 3", "num_in_ch: 1", "it takes 1 channel, not the three of RGB"),
        ("upscale: 4", "upscale: 1", "it is x1: denoising"),
    ],
)
def test_what_cannot_be_measured_is_said(write: Write, old: str, new: str, said: str) -> None:
    option = vendored(write)
    option.write_text(OPTIONS.replace(old, new))
    with pytest.raises(SubmissionError) as fault:
        find(str(option))
    assert said in str(fault.value)


def test_what_a_file_without_a_scale_is_for_stands_in_its_name(  # as CAT's test_CAT_RealDenoising
    write: Write,
) -> None:
    text = OPTIONS.replace("scale: 4\n", "", 1).replace("  upscale: 4\n", "")
    vendored(write)
    option = write("options/test/test_RealDenoising.yml", text.replace("_x4", ""))
    with pytest.raises(SubmissionError, match="it is for denoising \\(test_RealDenoising"):
        find(str(option))


def test_a_word_of_a_data_set_s_name_is_a_word() -> None:  # as Uniwin's PairedSRDataset, no REDS
    assert _says("REDSDataset", "REDS")
    assert _says("bi_reds_30frames", "REDS")
    assert _says("Dataset_DefocusDeblur", "Deblur")
    assert not _says("PairedSRDataset", "REDS")
    assert not _says("PAIREDSR", "REDS")


def test_another_scale_is_refused(write: Write) -> None:
    with pytest.raises(SubmissionError, match=r"x4\.yml is for x4, not x2"):
        find(str(vendored(write)), scale=2)


def test_two_classes_of_one_name(write: Write) -> None:
    option = vendored(write)
    text = (option.parents[2] / "basicsr/archs/tinysr_arch.py").read_text()
    write("basicsr/archs/copy_arch.py", text)  # the same: no matter which
    find(str(option))
    write("basicsr/archs/copy_arch.py", text + "# another\n")
    with pytest.raises(SubmissionError, match=r"copy_arch\.py and .*tinysr_arch\.py both define"):
        find(str(option))
    write("basicsr/archs/copy_arch.py", text.replace("@ARCH_REGISTRY.register()\n", ""))
    assert find(str(option)).entry_file.name == "tinysr_arch.py"  # a registered one goes first
    for place in ("archstore/tinysr_arch.py", "archs/sub/tinysr_arch.py", "archs/tinysr_arch 2.py"):
        write(f"basicsr/{place}", text + "# another\n")  # where BasicSR does not look
    assert find(str(option)).entry_file.parent.name == "archs"


def test_two_checkpoints_of_one_name(write: Write) -> None:
    option = vendored(write)
    first = save_weights(option)
    for folder in ("a", "b"):
        (first.parent / folder).mkdir()
        (first.parent / folder / first.name).write_bytes(first.read_bytes())
    first.unlink()
    assert locate_weights(find(str(option))).parent.name == "a"  # the same: no matter which
    (first.parent / "b" / first.name).write_bytes(b"others")
    with pytest.raises(
        WeightsUnavailable, match=r"a/TinySR_x4\.pth and .*b/TinySR_x4\.pth, and noth"
    ):
        locate_weights(find(str(option)))


# What differs from the vendored layout, in turn: files, and what the options ask for.
ARCH = "basicsr/archs/tinysr_arch.py"
UNUSUAL: dict[str, tuple[dict[str, str], str]] = {
    "another name for it": ({ARCH: "{}\nTinyV2 = TinySR\n"}, "TinyV2"),
    "registered under another name": ({ARCH: "{}\nNETS = {{}}\nNETS['tiny'] = TinySR\n"}, "tiny"),
    "a function that makes it": ({ARCH: "{}\ndef small(**k):\n    return TinySR(**k)\n"}, "small"),
    "relative imports beyond __init__.py": (
        {
            ARCH: "",
            "own/nets/deep/net.py": "from ...far.x import Y\n{}",
            "own/nets/deep/__init__.py": "",
            "own/far/x.py": "Y = 1\n",
        },
        "TinySR",
    ),
    "a name of the standard library's": ({ARCH: "", "nets/queue.py": "{}"}, "TinySR"),
    "all options as one object": (
        {
            ARCH: "{}\nclass Whole(TinySR):\n    def __init__(self, opt):\n"
            "        super().__init__(upscale=opt.upscale, residual=opt['residual'])\n"
        },
        "Whole",
    ),
    "options read from the command line": (
        {ARCH: "import sys\nassert sys.argv[-1].endswith('test/x4.yml')\n{}"},
        "TinySR",
    ),
}


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("how", UNUSUAL)
def test_what_is_unusual_runs(write: Write, how: str) -> None:
    option = vendored(write)
    network = (option.parents[2] / ARCH).read_text()
    files, name = UNUSUAL[how]
    for file, text in files.items():
        write(file, text.format(network))
    option.write_text(OPTIONS.replace("type: TinySR", f"type: {name}"))
    weights = save_weights(option)
    np.testing.assert_allclose(output(find(str(option)), weights), expected(), atol=1e-6)


def test_every_missing_package_is_named_at_once(write: Write) -> None:
    option = vendored(write)
    arch = option.parents[2] / "basicsr/archs/tinysr_arch.py"
    write(
        "basicsr/archs/scan.py",
        "import mamba_ssm as m\nprint(m)\ntry:\n    import not_needed\nexcept: pass\n",
    )
    write("ops/setup.py", "from setuptools import setup\nsetup(name='own_cuda')\n")
    write("basicsr/archs/idle.py", "import never_used\nfrom not_used.x import y as z\n")
    more = "from .idle import *\nimport cupy, own_cuda\nfrom .scan import *\nimport thop\n"
    arch.write_text(f"{more}{arch.read_text()}\nprint(cupy, own_cuda)\n")
    with pytest.raises(SubmissionError) as fault:
        find(str(option))
    assert str(fault.value) == (
        f"{option}: TinyNet needs cupy and mamba_ssm, which are not installed: "
        "pip install cupy-cuda12x mamba-ssm; it also needs own_cuda, an extension of its own: "
        "build it with ops/setup.py (pip install ./ops)."
    )


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("from basicsr.archs.arch_util import Nothing", "needs Nothing of basicsr.archs.arch_util"),
        ("from basicsr.archs.rrdbnet_arch import RRDB", "needs basicsr.archs.rrdbnet_arch"),
        (
            "from select import all_of_it",
            "`import select` means the standard library's, which hides",
        ),
        (
            "from urllib.request import urlopen\nurlopen('http://weights.invalid/vgg.pth')",
            "TinyNet fetches something from the network while it is built (tiny/archs/tinysr_arch",
        ),
        ("from .circle import Circle", "import each other in a circle"),
        ("raise ValueError('a slip')", "tinysr_arch.py raised ValueError: a slip (tiny/archs/"),
        ("import pthflops as p\np.count('x')", "uses pthflops.count, which is not installed: pip"),
    ],
)
def test_what_fails_in_the_runner_is_a_sentence(write: Write, line: str, said: str) -> None:
    option = LAYOUTS["own_package"](write)
    write("select.py", "all_of_it = 1\n")
    write("tiny/archs/circle.py", "from .tinysr_arch import TinySR as Circle\n")
    arch = option.parents[2] / "tiny/archs/tinysr_arch.py"
    arch.write_text(f"{line}\n{arch.read_text()}")
    with pytest.raises(SubmissionError) as fault:
        loaded(find(str(option)), None)
    assert said in str(fault.value)


def test_arguments_the_class_does_not_take(write: Write) -> None:
    option = vendored(write)
    option.write_text(OPTIONS.replace("upscale: 4", "upscale: 4\n  heads: 6"))
    with pytest.raises(SubmissionError) as fault:
        loaded(find(str(option)), None)
    assert "got an unexpected keyword argument 'heads'; it takes num_in_ch, upscale" in str(
        fault.value
    )
