"""What a ``model_type`` does around its network, against the same done by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from esrbench.errors import SubmissionError
from esrbench.submission.formats.repository.absent_parts import NotServed
from esrbench.submission.formats.repository.model_types import file_of, output_of, padding_of
from esrbench.submission.formats.repository.option_file import OptionFile
from esrbench.submission.formats.repository.padded import Padded, Sizes, Taking, probed_sizes


class Seen(nn.Module):
    """Keeps its input; SR is its input, each pixel four times."""

    def __init__(self, multiple: int = 1) -> None:
        super().__init__()
        self.multiple = multiple

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[-2] % self.multiple or x.shape[-1] % self.multiple:
            raise RuntimeError("shape '[1, 3]' is invalid")
        self.seen = x
        return F.interpolate(x, scale_factor=2, mode="nearest")


X = torch.arange(2 * 3 * 5 * 7.0).view(2, 3, 5, 7)


def test_reflect_is_torchs(  # BasicSR, swinir_model.py: F.pad(..., 'reflect')
) -> None:
    network = Seen()
    sr = Padded(network, 2, 8, "reflect")(X)
    assert torch.equal(network.seen, F.pad(X, (0, 1, 0, 3), "reflect"))
    assert torch.equal(sr, F.interpolate(X, scale_factor=2, mode="nearest"))


# SwinFIR: cat((x, flip(x)))[: h + pad], a window more where none is missing.
@pytest.mark.parametrize(("multiple", "always", "size"), [(4, False, (8, 8)), (5, True, (10, 10))])
def test_mirror_repeats_the_border(multiple: int, always: bool, size: tuple[int, int]) -> None:
    network = Seen()
    sr = Padded(network, 2, multiple, "mirror", always=always)(X)
    twice = torch.cat((X, X.flip(2)), 2)
    twice = torch.cat((twice, twice.flip(3)), 3)
    assert torch.equal(network.seen, twice[..., : size[0], : size[1]])
    assert sr.shape == (2, 3, 10, 14)


def test_more_than_the_image_has(  # LR of 5 rows for a window of 64
) -> None:
    for fill in ("reflect", "mirror"):
        network = Seen(64)
        sr = Padded(network, 2, 64, fill)(X)
        assert network.seen.shape == (2, 3, 64, 64)
        assert torch.equal(sr, F.interpolate(X, scale_factor=2, mode="nearest"))
    assert Padded(Seen(8), 2, 8, "reflect")(X[..., :1, :1]).shape == (2, 3, 2, 2)


class PadsItself(Seen):
    """To a window, by reflection, which takes a side of more than half of it."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self.window = window

    def forward(self, x: Tensor) -> Tensor:
        short = [-side % self.window for side in x.shape[-2:]]
        sr = super().forward(F.pad(x, (0, short[1], 0, short[0]), "reflect"))
        return sr[..., : 2 * x.shape[-2], : 2 * x.shape[-1]]


@pytest.mark.parametrize(
    ("network", "windows", "found"),
    [
        (Seen(1), (), Sizes()),
        (Seen(8), (), Sizes(8)),
        (Seen(7), (7,), Sizes(7)),
        (Seen(48), (), Sizes(48)),
        (PadsItself(64), (), Sizes()),  # 33 is enough
        (PadsItself(96), (), Sizes(least=64)),  # as HiT-SR's largest windows: 49 would do
        (PadsItself(128), (), Sizes(least=128)),
    ],
)
def test_the_sizes_are_found_by_trying(
    network: nn.Module, windows: tuple[int, ...], found: Sizes
) -> None:
    assert probed_sizes(network, 2, torch.device("cpu"), windows) == found


def test_the_least_side(  # 5x7 to 9x9, and cropped again
) -> None:
    network = Seen()
    sr = Padded(network, 2, 1, "reflect", least=9)(X)
    assert network.seen.shape == (2, 3, 9, 9)
    assert torch.equal(sr, F.interpolate(X, scale_factor=2, mode="nearest"))
    assert Padded(Seen(), 2, 4, "reflect", least=9)._missing(5) == 7


@pytest.mark.parametrize(
    ("scale", "said"),
    [(4, r"33x37: it is x2: it returns .*66, 74"), (3, r"it is x2: .*99, 111")],
)
def test_a_network_that_takes_nothing(scale: int, said: str) -> None:
    with pytest.raises(SubmissionError, match=said):
        probed_sizes(Seen(), scale, torch.device("cpu"), ())


class _WantsMore(nn.Module):
    def forward(self, x: Tensor, is_train: bool, mask: Tensor | None = None) -> Tensor:
        return x


class _Compiled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise type("InductorError", (RuntimeError,), {"__module__": "torch._inductor.exc"})("no")


class _Lacks(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise NotServed("uses basicsr.utils.scan, which its own basicsr does not give (no jax)")


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (_Lacks(), "The network uses basicsr.utils.scan, which its own basicsr does not give"),
        (_WantsMore(), "_WantsMore takes is_train besides the LR image"),  # as ClassSR's
        (Taking(_WantsMore(), 0), "_WantsMore takes is_train besides the LR image"),
        (nn.Identity(), "of the size that it is given: as VDSR"),
        (_Compiled(), "only with --track compile"),  # as ESC's attention on a CPU
    ],
)
def test_what_is_wrong_at_any_size_is_a_sentence_of_its_own(network: nn.Module, said: str) -> None:
    with pytest.raises(SubmissionError) as fault:
        probed_sizes(network, 4, torch.device("cpu"), ())
    assert said in str(fault.value)
    assert "33x37" not in str(fault.value)


OWN = """\
class OwnModel(SRModel):
    def test(self):
        window_size = self.opt['network_g']['window_size']
        img = {fill}
"""
REFLECT = {"multiple": 16, "by": "reflect", "always": False}
MIRROR = {"multiple": 16, "by": "mirror", "always": False}


@pytest.mark.parametrize(
    ("model_type", "arguments", "fill", "expected"),
    [
        ("HATModel", {"window_size": 16}, "", REFLECT),
        ("SwinFIRModel", {"window_size": 12}, "", {**MIRROR, "multiple": 12, "always": True}),
        ("CATModel", {"split_size_0": [4, 8], "split_size_1": [0, 16]}, "", MIRROR),
        ("OwnModel", {"window_size": 16}, "F.pad(x, (0, 1), 'reflect')", REFLECT),
        ("OwnModel", {"window_size": 16}, "torch.cat([x, torch.flip(x, [2])], 2)", MIRROR),
        ("OwnModel", {"window_size": 16}, "self.lq", {}),
        ("OwnModel", {}, "F.pad(x, (0, 1), 'reflect')", {}),
        ("SRModel", {"window_size": 16}, "", {}),
    ],
)
def test_what_a_model_type_does(
    tmp_path: Path, model_type: str, arguments: Any, fill: str, expected: dict[str, Any]
) -> None:
    (tmp_path / "own_model.py").write_text(OWN.format(fill=fill))
    option = OptionFile(
        tmp_path / "x.yml", "class", "Net", arguments, 4, model_type, None, None, True, False, "x"
    )
    found = padding_of(option, tmp_path)
    assert found.pop("said_by", model_type) == model_type
    assert found == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("self.output = self.net_g(self.lq)[0]", 0),
        ("self.output = self.network_g_ema(self.lq)[-1]", -1),
        ("self.output = self.net_g(self.lq)", None),
        ("self.output, _ = self.net_g(self.lq)", 0),
        ("(_, self.output) = self.net_g_ema(self.lq)", 1),
        ("loss, kept = self.net_g(self.lq)", None),
    ],
)
def test_which_of_several_outputs(tmp_path: Path, line: str, expected: int | None) -> None:
    file = tmp_path / "own_model.py"
    file.write_text(f"class OwnModel(SRModel):\n    def test(self):\n        {line}\n")
    option = OptionFile(
        tmp_path / "x.yml", "class", "Net", {}, 4, "OwnModel", None, None, True, False, "x"
    )
    assert output_of(option, tmp_path) == expected
    assert file_of(option, tmp_path) == (None if expected is None else file)


def test_it_is_taken() -> None:
    class Several(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return x, x + 1

    assert torch.equal(Taking(Several(), -1)(X), X + 1)
    assert torch.equal(Taking(nn.Identity(), 1)(X), X)
