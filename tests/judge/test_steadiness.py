"""Networks that answer, or cost, not always the same: found, and told apart in plain words."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from esrbench.counting.count import count
from esrbench.judge.chance import (
    Asking,
    behaviour,
    look_across_processes,
    look_for_chance,
    rounding,
)
from esrbench.judge.measure import measure_complexity
from esrbench.judge.probes import probes
from esrbench.judge.spread import Spending, count_spread
from esrbench.judge.steadiness import measure_steadiness

from .in_process import asking, starting

RNG = np.random.default_rng(1)


def photograph(level: int, size: int = 24) -> np.ndarray:
    """A smooth picture around a grey level, as photographs are and noise is not."""
    ramp = np.linspace(0, 30, size)[:, None, None] + np.linspace(0, 30, size)[None, :, None]
    return (level + ramp * np.ones(3)).clip(0, 255).astype(np.uint8)


IMAGES = [photograph(40), photograph(150), photograph(90)]


BUILT = itertools.count()
CLOCK = itertools.count()
"""Goes on whatever the network and its process do, and is never the same twice."""


class Net(nn.Module):
    """One convolution, and what ``how`` says."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how, self.calls, self.before, self.own = how, 0, None, None
        self.built = next(BUILT) / 10  # as an address or the process's number
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.draws_unseen = {"Bernoulli": 1} if how == "a graph's own generator" else {}
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
        if self.how == "python's noise":
            return y + random.random()
        if self.how == "own numpy generator":
            return y + torch.from_numpy(np.random.default_rng().random(y.shape).astype("float32"))
        if self.how == "a graph's own generator":  # as onnxruntime's, which no seed of ours sets
            return y + int.from_bytes(os.urandom(3), "big") / 2**24
        if self.how == "from the system":
            return y + int.from_bytes(os.urandom(3), "big") / 2**24
        if self.how == "one of three":  # two draws are alike a third of the time
            return y + 0.1 * torch.multinomial(torch.ones(3), 1)
        if self.how == "own generator":
            self.own = self.own or torch.Generator()
            return y + torch.rand(y.shape, generator=self.own)
        if self.how == "running mean":
            self.before = x.mean() if before is None else 0.9 * before + 0.1 * x.mean()
            return y + self.before
        if self.how == "first image":
            self.before = x.mean() if before is None else before
            return y + self.before
        if self.how == "built":
            return y + self.built
        if self.how == "functional dropout":
            return F.dropout(y, 0.2)
        if self.how == "dropout":
            return self.drop.train()(y)
        if self.how == "counter":
            return y + 0.01 * (self.calls % 7)
        if self.how == "clock":
            return y + next(CLOCK) % 101 / 100
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
    ("numpy noise", "draws", "(numpy.random)"),
    ("python's noise", "draws", "(random)"),
    ("own numpy generator", "outside", "numbers from outside"),
    ("from the system", "outside", "numbers from outside"),
    ("a graph's own generator", "outside", "It draws random numbers in its forward (Bernoulli)"),
    ("one of three", "draws", "multinomial"),
    ("own generator", "state", "a new process begins anew"),
    ("running mean", "state", "changes what the next one answers"),
    ("first image", None, ""),  # nothing of it shows in one process
    ("built", None, ""),
    ("functional dropout", "dropout", "Dropout is left on (1 a forward)"),
    ("dropout", "dropout", "Dropout is left on (1 a forward)"),
    ("counter", "state", "Each forward changes what the next one answers"),
    ("clock", "outside", "a clock"),
    ("image before", "order", "depends on the images before"),
]


ELSEWHERE = [
    ("plain", None, ""),
    ("first image", "order", "depends on the images before"),
    ("built", "process", "Each process of it answers otherwise"),
]


@pytest.mark.parametrize(("how", "cause", "words"), ELSEWHERE)
def test_a_new_process_answers_otherwise(how: str, cause: str | None, words: str) -> None:
    asked = asking(Net(how))
    asked.answer(IMAGES[0])
    found = look_across_processes(asked, IMAGES, starting(lambda: Net(how)))
    assert (found.cause if found else None) == cause
    if found:
        assert words in found.sentence


def chance_of(asked: Asking, anew: Callable[[], nn.Module]) -> object:
    """What is found in one process; ``anew`` builds the network for another."""
    seen = behaviour(asked.imaging, IMAGES[0])
    return look_for_chance(asked, IMAGES, starting(anew), seen)


@pytest.mark.parametrize(("how", "cause", "words"), CAUSES)
def test_why_answers_part(how: str, cause: str | None, words: str) -> None:
    found = chance_of(asking(Net(how)), lambda: Net(how))
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
        found = chance_of(asking(net(size), tolerance), lambda size=size: net(size))
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
        self.how, self.calls = how, 0
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
        if self.how == "every third":
            self.calls += 1
            return self.calls % 3 == 0
        return False

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        if self.how == "early exit":
            for _ in range(3):
                if y[0, 0, 4:-4, 4:-4].std() < 1e-6:  # nothing to sharpen
                    break
                y = self.conv(y)
        return self.conv(y) if self.again(x) else y


def spread_of(how: str, *, draws: bool = False):
    """The spread of counts over the probes and three images."""
    images = {f"set/{number}": image for number, image in enumerate(IMAGES)}
    spending = Spending(asking(Chooser(how)).imaging)
    return count_spread(spending, probes(IMAGES[:2]), "set", images, draws=draws)


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
    found = [spread_of("draws", draws=True) for _ in range(3)]  # eight coins alike: 1 in 128
    spread = next(s for s in found if s is not None)
    assert (spread.over, len(spread.by_input)) == ("draws", 8)
    assert CONV < spread.macs.mean < 2 * CONV


def test_what_no_image_decides_is_no_image_s_doing() -> None:
    """The two first counts agree, the probes differ, and so does the first of them again."""
    spread = spread_of("every third")
    assert (spread.over, spread.dataset) == ("draws", None)


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


def test_a_graph_that_fvcore_cannot_trace_is_looked_at_too() -> None:
    """As a TorchScript module: its MACs are the dispatcher's alone, and depend on the image."""
    asked = asking(Chooser("mean"))
    shape = asked.imaging.put(IMAGES[0][None])
    counts = measure_complexity(asked.imaging.runner, shape, "fp32", slot=0)
    images = {f"set/{number}": image for number, image in enumerate(IMAGES)}
    found = measure_steadiness(
        asked, starting(lambda: Chooser("mean")), replace(counts, macs=None),
        probes(IMAGES[:2]), "set", images, official=False,
    )  # fmt: skip
    assert found.flags == ("depends-on-input",)
    assert found.spread is not None
    assert (found.spread.macs.low, found.spread.macs.high) == (CONV, 2 * CONV)
