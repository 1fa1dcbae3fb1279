"""The phases that ask whose word the figures are (``verification.py``), and what they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

from esrbench.errors import SubmissionError
from esrbench.flags import GRAPH_DIFFERS, NONDETERMINISTIC
from esrbench.judge.bench import Bench
from esrbench.judge.chance import Asking, look_across_processes
from esrbench.judge.claims import hold_to_claims
from esrbench.judge.connection import Runner
from esrbench.judge.inputs import crops
from esrbench.judge.memory import Fresh, measure_memory
from esrbench.judge.parts import Counts, Memory, Part, Reason, Steadiness
from esrbench.judge.steadiness import SIDE, draw
from esrbench.judge.verification import (
    Standing,
    but_for_memory,
    flattering_less,
    larger_memory,
    standing,
)
from esrbench.judge.weights import Weights
from esrbench.judge.who import Who
from esrbench.judge.witness import Graph, Witness, no_code_of
from esrbench.submission.submission import Submission


def opened_witness(
    stack: ExitStack, submission: Submission, weights: Weights, who: Who, bench: Bench
) -> Witness | None:
    """The graph, under way beside what follows; None where it is not wanted, or says nothing."""
    if not wanted(submission, bench):
        return None
    machine, templates = bench.options.machine, bench.templates
    witness = Witness(submission, weights.path, machine, who.precision, templates)
    return stack.enter_context(witness)


def wanted(submission: Submission, bench: Bench) -> bool:
    """Whether its graph is to be measured: there is code of its author."""
    return bench.options.verify and no_code_of(submission) is None


def stand(witness: Witness, asking: Asking, bench: Bench) -> Standing:
    """Whether there is a graph of what ``asking`` has loaded; raises as :func:`standing`."""
    photograph = bench.sets.at(asking.imaging.scale)[0].pairs[0].read_lr()
    return standing(witness, asking, photograph)


def of_graph(graph: Graph, asking: Asking) -> Asking:
    """The graph, asked as the submission is."""
    return replace(asking, imaging=replace(asking.imaging, runner=graph.runner))


def by_graph(
    stands: Standing,
    count: Callable[[Runner], Counts],
    counts: Counts,
    memory: Memory,
    bench: Bench,
) -> Iterator[Part]:
    """What stands, and the graph's own counts and memory where these are more than was said."""
    assert stands.graph is not None
    runner = stands.graph.runner
    shown, told = flattering_less(counts, count(runner), stands.part)
    yield but_for_memory(told, memory)
    if shown is not counts:
        yield shown
    size, device = next(iter(memory.by_shape)), bench.options.machine.device
    # A graph is torch's, whose memory is seen without a fresh process.
    larger = larger_memory(memory, measure_memory(runner, [size], device, partial(_same, runner)))
    if larger is not memory:
        yield larger


def elsewhere(
    steady: Steadiness, stands: Standing, asking: Asking, fresh: Fresh, bench: Bench
) -> tuple[Steadiness, Standing]:
    """Both, where there is no graph, with what a new process of the submission answers.

    One that is another network in each process exports another than it runs, and one that does not
    answer the same twice answers otherwise than its graph: that is chance, and no accusation stands
    for it. A failure costs only what it would have said.
    """
    if steady.chance is not None:
        return steady, _not_accused(stands)
    shape = f"{SIDE}x{SIDE}"
    images = draw(crops(bench.sets.ranked(asking.imaging.scale), shape))
    try:
        chance = look_across_processes(asking, images, fresh)
    except SubmissionError:
        chance = None
    if chance is None:
        return steady, stands
    return (
        replace(steady, chance=chance, flags=(*steady.flags, NONDETERMINISTIC)),
        _not_accused(stands),
    )


def _not_accused(stands: Standing) -> Standing:
    """``stands`` of one whose answers chance parts, where its graph's were found to differ."""
    part = stands.part
    if GRAPH_DIFFERS not in part.flags:
        return stands
    told = part.verification.model_copy(
        update={"sentence": "Not verified: a graph of it answers otherwise, as it does itself."}
    )
    flags = tuple(flag for flag in part.flags if flag != GRAPH_DIFFERS)
    return replace(stands, part=replace(part, verification=told, flags=flags))


@contextmanager
def _same(runner: Runner) -> Iterator[Runner]:
    yield runner


def held_to_claims(
    stands: Standing,
    asking: Asking,
    fresh: Fresh,
    counts: Counts,
    weights: Weights,
    submission: Submission,
    shape: str,
    bench: Bench,
    steady: Steadiness,
) -> Part:
    """What is claimed, held against what its code says elsewhere; a failure costs only that.

    ``shape`` is that of the counting input, ``HxW``.
    """
    scale = submission.scale
    try:
        return hold_to_claims(
            stands.part,
            asking,
            fresh,
            bench.sets.lr_images(shape, scale)[0],
            crops(bench.sets.ranked(scale), shape),
            counts,
            weights.path,
            multiple=submission.multiple,
            steady=steady.chance is None and steady.spread is None,
        )
    except SubmissionError as why:
        return Part(reasons=(Reason("phase", "recount", f"Counting again: {why}"),))
