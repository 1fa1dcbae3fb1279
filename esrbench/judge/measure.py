"""Counts and facts: what one forward costs, whatever the clock says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from esrbench.counting.arithmetic import other_arithmetic
from esrbench.errors import SubmissionError
from esrbench.flags import OTHER_ARITHMETIC
from esrbench.judge.connection import Runner
from esrbench.judge.parts import Counts, Facts, Reason
from esrbench.judge.spread import new_seed
from esrbench.results.record import Complexity
from esrbench.runner import answers, requests


def measure_complexity(
    runner: Runner, shape: Sequence[int], track: str, slot: int | None = None
) -> Counts:
    """The counts of the LR image of ``shape`` ``(N, 3, H, W)`` in ``slot``, or of noise.

    And whether it computes as ``track`` says.

    To be asked first: what a network does to itself in its first forward shows only then.
    """
    return counts_part(
        runner.ask(requests.Count(shape=tuple(shape), slot=slot, seed=new_seed())), track
    )


def counts_part(counts: answers.Counted, track: str) -> Counts:
    """What was counted, as a part of the record, and whether it computes as ``track`` says."""
    shared = counts.model_dump(include=set(Complexity.model_fields), exclude={"facts"})
    complexity = Complexity.model_validate({**shared, "facts": counts.facts.present()})
    others = other_arithmetic(counts.facts.dtypes or {}, track)
    size = "x".join(str(side) for side in complexity.input_shape)
    return Counts(
        params=counts.params,
        macs=counts.macs,
        activations=counts.activations,
        convs=counts.convs,
        complexity=complexity,
        input_free=counts.input_free,
        flags=(*counts.flags, *((OTHER_ARITHMETIC,) if others else ())),
        signatures={
            "macs": f"MACs|{size}|fvcore|v1",
            "activations": f"activations|{size}|ntire|v1",
            "convs": f"convs|{size}|ntire|v1",
        },
        reasons=_quantities(counts.missing),
    )


def measure_facts(runner: Runner, weights: Path | None, data_range: float) -> Facts:
    """What the network is: receptive fields, sizes, weight bytes.

    To be asked last: it tries inputs that a network need not bear, and one that ends the runner
    costs nothing but these facts.
    """
    try:
        answer = runner.ask(
            requests.Describe(
                weights=str(weights.resolve()) if weights else None, data_range=data_range
            )
        )
    except SubmissionError as why:
        sentence = f"Receptive field and input sizes: {why}"
        return Facts(reasons=(Reason("phase", "facts", sentence),))
    return Facts(facts=answer.facts.present(), reasons=_quantities(answer.missing))


def _quantities(missing: Mapping[str, str]) -> tuple[Reason, ...]:
    return tuple(Reason("quantity", key, why) for key, why in missing.items())
