"""Networks that answer, or cost, not always the same: found, and told apart in plain words."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from esrbench.counting.count import count
from esrbench.judge.chance import behaviour, look_for_chance, rounding
from esrbench.judge.probes import probes
from esrbench.judge.spread import Spending, count_spread

from .in_process import asking, starting

RNG = np.random.default_rng(1)


def photograph(level: int, size: int = 24) -> np.ndarray:
    """A smooth picture around a grey level, as photographs are and noise is not."""
    ramp = np.linspace(0, 30, size)[:, None, None] + np.linspace(0, 30, size)[None, :, None]
    return (level + ramp * np.ones(3)).clip(0, 255).astype(np.uint8)


IMAGES = [photograph(40), photograph(150), photograph(90)]


class Net(nn.Module):
    """One convolution, and what ``how`` says."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how, self.calls, self.before = how, 0, None
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.drop, self.norm = nn.Dropout(0.2), nn.BatchNorm2d(3)
        torch.manual_seed(0)
        nn.init.uniform_(self.conv.weight, 0.0, 0.07)
        nn.init.zeros_(self.conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        self.calls += 1
        before, self.before = self.before, x.mean() if self.how == "image before" else None
        if self.how == "gumbel":
            return y - 0.01 * torch.empty_like(y).exponential_().log()
        if self.how == "numpy noise":
            return y + torch.from_numpy(np.random.normal(0, 0.01, y.shape).astype(np.float32))
        if self.how == "functional dropout":
            return F.dropout(y, 0.2)
        if self.how == "dropout":
            return self.drop.train()(y)
        if self.how == "counter":
            return y + 0.01 * (self.calls % 7)
        if self.how == "clock":
            return y + (time.perf_counter_ns() % 997) / 1e4
        if self.how == "image before":
            return y if before is None else y + 0.1 * before
        if self.how == "own seed":
            torch.manual_seed(3)
            return y + 0.01 * torch.rand_like(y)
        if self.how == "batch norm":
            return self.norm.train()(y)
        return y


CAUSES = [
    ("plain", None, ""),
    ("own seed", None, ""),
    ("batch norm", None, ""),
    ("gumbel", "draws", "exponential_"),
    ("numpy noise", "draws", "random numbers"),
    ("functional dropout", "draws", "random numbers"),
    ("dropout", "dropout", "Dropout is left on in 1 modules"),
    ("counter", "state", "Each forward changes what the next one answers"),
    ("clock", "outside", "a clock"),
    ("image before", "order", "depends on the image before"),
]


@pytest.mark.parametrize(("how", "cause", "words"), CAUSES)
def test_why_answers_part(how: str, cause: str | None, words: str) -> None:
    found = look_for_chance(asking(Net(how)), IMAGES, starting(lambda: Net(how)))
    assert (found.cause if found else None) == cause
    if found:
        assert words in found.sentence
        assert found.difference > 1e-3


def test_what_rounding_explains_is_no_chance() -> None:
    def net(size: float) -> nn.Module:
        class Jitter(nn.Module):
            def forward(self, x: Tensor) -> Tensor:
                return x + size * torch.rand_like(x)

        return Jitter()

    tolerance = rounding("fp32", "cpu")
    for size, seen in ((0.5 * tolerance, False), (4 * tolerance, True)):
        found = look_for_chance(
            asking(net(size), tolerance), IMAGES, starting(lambda size=size: net(size))
        )
        assert (found is not None) == seen
    assert rounding("fp32", "cuda:0") > tolerance
    assert rounding("bf16", "cpu") > rounding("fp32", "cuda:0")


def test_what_a_forward_trains_and_changes() -> None:
    seen = behaviour(asking(Net("batch norm")).imaging, IMAGES[0])
    assert (seen.batch_norm, seen.dropout) == (1, 0)
    assert {"norm.running_mean", "norm.running_var"} <= set(seen.changed)
    assert behaviour(asking(Net("dropout")).imaging, IMAGES[0]).dropout == 1
    plain = behaviour(asking(Net("plain")).imaging, IMAGES[0])
    assert (plain.batch_norm, plain.dropout, plain.changed, dict(plain.drawing)) == (0, 0, (), {})


CONV = 24 * 24 * 9 * 9
"""MACs of one 3x3 convolution of three channels at 24x24."""


class Chooser(nn.Module):
    """One convolution, and a second where ``how`` says so."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def again(self, x: Tensor) -> bool:
        if self.how == "mean":
            return bool(x.mean() > 0.5)
        if self.how == "a pixel":
            return bool(x[0, 0, 0, 0] > 0.4)
        if self.how == "size":
            return x.shape[-1] > 16
        if self.how == "dear on photographs":
            steps = (x[..., 1:] - x[..., :-1]).abs().mean()
            return bool((steps < 0.05) & (x.std() > 0.01))
        if self.how == "draws":
            return bool(torch.rand(()) > 0.5)
        return False

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        if self.how == "early exit":
            for _ in range(3):
                if y[0, 0, 4:-4, 4:-4].std() < 1e-6:  # nothing to sharpen
                    break
                y = self.conv(y)
        return self.conv(y) if self.again(x) else y


def spread_of(how: str):
    """The spread of counts over the probes and three images."""
    images = {f"set/{number}": image for number, image in enumerate(IMAGES)}
    return count_spread(
        Spending(asking(Chooser(how)).imaging), probes([IMAGES[0], IMAGES[1]]), "set", images
    )


# what decides -> mean over the images (levels 40, 150, 90), lowest and highest, in convolutions
BY_IMAGE = [
    ("mean", 4 / 3, 1, 2),  # only 150 is bright
    ("a pixel", 4 / 3, 1, 2),
    ("dear on photographs", 2, 1, 2),  # one convolution for noise, black and white
]


@pytest.mark.parametrize(("how", "mean", "low", "high"), BY_IMAGE)
def test_the_image_decides(how: str, mean: float, low: int, high: int) -> None:
    spread = spread_of(how)
    assert (spread.over, spread.dataset) == ("images", "set")
    assert spread.macs.mean == pytest.approx(mean * CONV)
    assert (spread.macs.low, spread.macs.high) == (low * CONV, high * CONV)
    assert {"zeros", "ones", "noise", "photograph 1", "set/0"} <= set(spread.by_input)
    assert spread.convs.mean == pytest.approx(mean)


def test_an_early_exit() -> None:
    spread = spread_of("early exit")
    assert spread.by_input["zeros"]["convs"] == spread.by_input["ones"]["convs"] == 1
    assert spread.by_input["set/0"]["convs"] == spread.convs.high == 4


def test_chance_decides() -> None:
    torch.manual_seed(0)
    for _ in range(20):  # two first draws are alike half of the time
        spread = spread_of("draws")
        if spread is not None and spread.over == "draws":
            break
    assert spread.over == "draws"
    assert CONV <= spread.macs.mean <= 2 * CONV
    assert len(spread.by_input) == 5


@pytest.mark.parametrize("how", ["plain", "size"])
def test_equal_counts_are_one_count(how: str) -> None:
    assert spread_of(how) is None


# whether a forward on tensors without values proves that no value decides
INPUT_FREE = [("plain", True), ("size", True), ("mean", False), ("a pixel", False)]


@pytest.mark.parametrize(("how", "free"), INPUT_FREE)
def test_what_needs_no_probes(how: str, free: bool) -> None:
    assert count(Chooser(how), torch.rand(1, 3, 24, 24)).input_free is free


def test_all_counters_see_the_same_draw() -> None:
    for seed in range(6):
        found = count(Chooser("draws"), torch.rand(1, 3, 24, 24), seed)
        assert found.macs_fvcore == found.macs_dispatch
        assert found.convs * CONV == found.macs_dispatch
        assert "macs-change" not in found.flags
