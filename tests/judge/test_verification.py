"""Whose word it is: graph and submission held against each other, and counts against counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from torch import Tensor, nn

from esrbench.flags import CLAIMED, GRAPH_DIFFERS
from esrbench.judge.parts import Counts, Memory, Steadiness, Verified
from esrbench.judge.verification import Standing, but_for_memory, flattering_less, larger_memory
from esrbench.judge.verifying import elsewhere
from esrbench.judge.witness import GraphDiffers, NoGraph, agreed
from esrbench.results.record import Chance, Complexity, Verification
from tests.judge.in_process import asking

IMAGE = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
TRACED = (40, 48)


class Same(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 0.9 * x


class AnotherThere(nn.Module):
    """Another network, at the very size it was traced with."""

    def forward(self, x: Tensor) -> Tensor:
        return 0.9 * x + 1e-3


class OfOneSize(nn.Module):
    """Sound where it was traced, and nowhere else."""

    def forward(self, x: Tensor) -> Tensor:
        return 0.9 * x * (48 / x.shape[-1])


@pytest.mark.parametrize(
    ("graph", "expected"),
    [(Same, None), (AnotherThere, GraphDiffers), (OfOneSize, NoGraph)],
)
def test_graph_and_submission_must_agree(graph: Any, expected: type[NoGraph] | None) -> None:
    own, other = asking(Same()).imaging, asking(graph()).imaging
    if expected is None:
        assert agreed(own, other, TRACED, IMAGE, 2e-5) == 0.0
        return
    with pytest.raises(expected) as why:
        agreed(own, other, TRACED, IMAGE, 2e-5)
    assert type(why.value) is expected  # a graph of one size is no accusation


def counts(**changed: Any) -> Counts:
    said: dict[str, Any] = {"params": 1000, "macs": 50_000, "activations": 800, "convs": 3}
    facts = {"activations_dispatch": 800, "convs_dispatch": 3}
    of = {key: changed.pop(key) for key in list(changed) if key in said}
    seen = {**facts, **{k: changed.pop(k) for k in list(changed) if k in facts}}
    complexity = Complexity(
        input_shape=(1, 3, 32, 32), facts=seen,
        **{"macs_fvcore": 50_000, "macs_dispatch": 50_000, **changed},
    )  # fmt: skip
    return Counts(**{**said, **of}, complexity=complexity)


TOLD = Verified(verification=Verification(status="verified", sentence="By its graph."))


@pytest.mark.parametrize(
    "hides",
    [
        {"params": 500},
        {"macs": 25_000, "macs_fvcore": 25_000},
        {"macs_dispatch": 10_000},
        {"activations": 100, "activations_dispatch": 100},
        {"convs": 1, "convs_dispatch": 1},
    ],
)
def test_what_is_hidden_is_counted_on_the_graph(hides: dict[str, int]) -> None:
    own = counts(**hides)
    shown, told = flattering_less(own, counts(), TOLD)
    assert (shown.params, shown.macs, shown.activations, shown.convs) == (1000, 50_000, 800, 3)
    assert told.flags == ("recount-differs",)
    assert told.verification.claimed["params"] == own.params


@pytest.mark.parametrize("more", [{}, {"params": 1005}, {"macs": 60_000, "macs_fvcore": 60_000}])
def test_what_says_no_less_than_its_graph_stands(more: dict[str, int]) -> None:
    own = counts(**more)
    assert flattering_less(own, counts(), TOLD) == (own, TOLD)


def test_weights_that_only_the_graph_shows_are_flagged() -> None:
    graph = replace(counts(), flags=("weights-outside-parameters",))
    assert flattering_less(counts(), graph, TOLD)[1].flags == ("weights-outside-parameters",)


def test_the_larger_memory_is_shown() -> None:
    own = Memory(by_shape={"32x32": {"live_tensors": 10}}, headline_bytes=10)
    graph = Memory(by_shape={"32x32": {"live_tensors": 20}}, headline_bytes=20)
    assert larger_memory(own, graph).headline == {"live_tensors": 20}
    assert larger_memory(graph, own) is graph


def test_a_memory_that_torch_does_not_see_is_not_said_to_be_the_graphs() -> None:
    """A network whose scratch memory is numpy's exports without it."""
    own = Memory(by_shape={"32x32": {"process_growth": 10}}, headline_bytes=None, process_bytes=10)
    told = but_for_memory(TOLD, own).verification
    assert told.status == "verified"
    assert "memory is that of its own process" in told.sentence
    seen = replace(own, headline_bytes=10)
    assert but_for_memory(TOLD, seen) is TOLD


def test_an_older_record_trusts_nobody_in_particular() -> None:
    from tests.report.records import record

    assert record("a").verification is None


def test_one_that_does_not_answer_the_same_twice_is_not_accused_by_its_graph() -> None:
    told = Verification(status="claimed", sentence="Not verified: its graph answers otherwise.")
    stands = Standing(None, Verified(verification=told, flags=(CLAIMED, GRAPH_DIFFERS)))
    chance = Chance(cause="dropout", sentence="Dropout is left on.", difference=0.05)
    nobody: Any = None  # nothing more is asked
    steady = Steadiness(spread=None, mean_is_ranked=True, chance=chance)
    _, cleared = elsewhere(steady, stands, nobody, nobody, nobody)
    assert cleared.part.flags == (CLAIMED,)
    assert (
        "a graph of it answers otherwise, as it does itself" in cleared.part.verification.sentence
    )
