"""What is asked of a submission, phase by phase, each giving what it found as a part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, replace
from functools import partial

from esrbench.flags import NO_WEIGHTS, OWN_WEIGHTS, UNCONFINED
from esrbench.judge.as_published import counted_as_published
from esrbench.judge.bench import Bench
from esrbench.judge.bounds import with_bounds
from esrbench.judge.chance import Asking, rounding
from esrbench.judge.connection import OutOfMemory, Runner
from esrbench.judge.datasets import measure_quality
from esrbench.judge.device_facts import DeviceFacts
from esrbench.judge.folder_function import folder_phases
from esrbench.judge.generalisation import probe_generalisation
from esrbench.judge.imaging import Imaging
from esrbench.judge.inputs import crops
from esrbench.judge.launch import load_into, loaded_runner, open_runner
from esrbench.judge.measure import measure_complexity, measure_facts
from esrbench.judge.memory import Fresh, measure_memory
from esrbench.judge.parts import Counts, Loaded, Part, Reason, Steadiness
from esrbench.judge.phase import phase
from esrbench.judge.probes import probes
from esrbench.judge.runtime import measure_runtimes
from esrbench.judge.shapes import memory_shapes, timed_shapes
from esrbench.judge.steadiness import measure_steadiness
from esrbench.judge.too_large import counts_of_the_too_large
from esrbench.judge.verification import nobodys_code
from esrbench.judge.verifying import (
    by_graph,
    elsewhere,
    held_to_claims,
    of_graph,
    opened_witness,
    stand,
    wanted,
)
from esrbench.judge.weights import Weights
from esrbench.judge.who import Who
from esrbench.judge.witness import no_code_of
from esrbench.protocol.schema import Protocol
from esrbench.sandbox import process
from esrbench.submission.formats.folder_function import FORM, NO_NETWORK
from esrbench.submission.submission import Submission


def phases(
    submission: Submission, weights: Weights, who: Who, bench: Bench, *, timed: bool | None = None
) -> Iterator[Part]:
    """The parts as they are found; raises PhaseFailed where the submission fails.

    What cannot be measured here (no weights, a dataset that is not at hand) is a reason in a part,
    no failure. ``timed`` is what the options say unless :func:`timing_phases` are to follow.
    """
    if submission.form == FORM:
        yield from folder_phases(submission, weights, who, bench)
        return
    timed = bench.options.timing if timed is None else timed
    options, scale = bench.options, submission.scale
    begin = options.progress.phase
    datasets = bench.sets.at(scale)
    counting = options.protocol.counting_input(scale)
    opened = partial(bench.sets.named, scale=scale)
    shapes = timed_shapes(options.protocol, datasets, opened)
    yield given(weights, bench, timed)
    if not weights.missing:
        for dataset in datasets:
            bench.sets.identity(dataset)  # goes on while the runner starts
    bench.templates.launch(serving=not timed, exporting=wanted(submission, bench))
    with phase("loading"):
        # What is timed is a program that was started, not a fork.
        starter = process.start if timed else bench.templates.serving.start
        unopened = open_runner(options.machine, submission, weights.path, starter=starter)
    with ExitStack() as stack:
        witness = opened_witness(stack, submission, weights, who, bench)
        runner = stack.enter_context(unopened)
        begin(f"{who.label}: loading")
        with phase("loading"):
            yield loaded(runner, submission, weights, bench)
        if not weights.missing:
            bench.scorers.open(scale)  # goes on while it is counted
        begin(f"{who.label}: counting")
        with phase("counting"):
            fresh = partial(loaded_runner, submission, weights.path, options.machine)
            try:
                counts = counted(runner, submission, who, bench)
            except OutOfMemory as why:
                yield from counts_of_the_too_large(fresh, counting, who.precision, why)
                raise
            yield counts
            sizes = memory_shapes(counting, shapes, opened)
            memory = measure_memory(runner, sizes, options.machine.device, fresh)
            yield memory
            imaging = Imaging(runner, scale, submission.data_range, trained=not weights.missing)
            asking = Asking(imaging, rounding(who.precision, options.machine.device))
            steady = steadiness(asking, fresh, counts, bench)
            steady = with_bounds(steady, _bounds(submission, weights, bench), counting)
            yield steady
        stands = None
        if witness is not None:
            begin(f"{who.label}: verifying")
            with phase("verifying"):
                stands = stand(witness, asking, bench)
                if stands.graph is not None:
                    recount = partial(counted, submission=submission, who=who, bench=bench)
                    yield from by_graph(stands, recount, counts, memory, bench)
                else:
                    steady, stands = elsewhere(steady, stands, asking, fresh, bench)
                    yield from (stands.part, steady)
        elif options.verify:
            yield nobodys_code(no_code_of(submission) or "").part
        graph = stands.graph if stands else None
        if not weights.missing:
            with phase("the quality pass"):
                scored, own = asking, None
                if graph is not None:
                    scored, own = of_graph(graph, asking), imaging
                yield from measure_quality(scored, steady.chance, who, bench, fresh, own)
                yield from _generalisation(scored, who, bench)
        if timed:
            with phase("timing"):
                yield from measure_runtimes(
                    submission, weights, runner, steady, who, shapes, bench, graph
                )
        if stands is not None and graph is None:
            begin(f"{who.label}: counting again")
            yield held_to_claims(
                stands, asking, fresh, counts, weights, submission, hw(counting), bench, steady
            )
        begin(f"{who.label}: receptive field and input sizes")
        yield measure_facts(runner, weights.path, submission.data_range)


def timing_phases(
    submission: Submission,
    weights: Weights,
    who: Who,
    bench: Bench,
    *,
    steady: Steadiness,
    verified: bool = False,
) -> Iterator[Part]:
    """What :func:`phases` found out without ``timed``: all that needs the device for itself.

    In a runner of its own, so that the others' may go on elsewhere; raises as it does. ``steady``
    is what :func:`phases` found; ``verified``: whether it found a graph to hold outputs against.
    """
    if submission.form == FORM:
        yield Part(reasons=(Reason("quantity", "runtime_ms", NO_NETWORK),))
        return
    options = bench.options
    opened = partial(bench.sets.named, scale=submission.scale)
    shapes = timed_shapes(options.protocol, bench.sets.at(submission.scale), opened)
    yield Part(environment=_findings(bench.device))
    with phase("loading"):
        unopened = open_runner(options.machine, submission, weights.path)
    with ExitStack() as stack:
        runner = stack.enter_context(unopened)
        witness = opened_witness(stack, submission, weights, who, bench) if verified else None
        options.progress.phase(f"{who.label}: loading")
        with phase("loading"):
            loaded(runner, submission, weights, bench)
        graph = None
        if witness is not None:
            with phase("verifying"):
                imaging = Imaging(
                    runner, submission.scale, submission.data_range, trained=not weights.missing
                )
                asking = Asking(imaging, rounding(who.precision, options.machine.device))
                graph = stand(witness, asking, bench).graph
        with phase("timing"):
            yield from measure_runtimes(
                submission, weights, runner, steady, who, shapes, bench, graph
            )


def _generalisation(asking: Asking, who: Who, bench: Bench) -> Iterator[Part]:
    if bench.options.verify:
        bench.options.progress.phase(f"{who.label}: images that nobody has seen")
        scale = asking.imaging.scale
        crop = bench.options.protocol.crop(scale)
        yield from probe_generalisation(asking, bench.sets.ranked(scale), crop)


def _findings(device: DeviceFacts) -> dict[str, object]:
    return {"findings": [asdict(finding) for finding in device.findings]}


def given(weights: Weights, bench: Bench, timed: bool) -> Part:
    """What is known before anything is measured."""
    reasons = [
        Reason("dataset", name, "Not at hand on this machine.") for name in bench.sets.missing
    ]
    if weights.missing:
        why = weights.why_none or "no weights"
        reasons = [Reason("quantity", key, why) for key in bench.options.protocol.metrics]
    environment: dict[str, object] = {}
    if timed:
        environment |= _findings(bench.device)
    else:
        reasons.append(Reason("quantity", "runtime_ms", "Not asked for (--no-timing)."))
    flags = {"missing": (NO_WEIGHTS,), "own": (OWN_WEIGHTS,)}
    walls = (UNCONFINED,) if bench.options.machine.tier == "none" else ()
    return Part(
        flags=(*flags.get(weights.status, ()), *walls),
        environment=environment,
        reasons=tuple(reasons),
    )


def loaded(runner: Runner, submission: Submission, weights: Weights, bench: Bench) -> Loaded:
    """The network with its weights in ``runner``; raises as ``load_into``."""
    answer = load_into(runner, submission, weights.path, bench.options.machine)
    for note in answer.notes:
        bench.options.say(f"{submission.label}: {note}")
    seen = {
        "flags": answer.flags.model_dump(mode="json", exclude={"changed"}),
        "torch": answer.torch,
    }
    return Loaded(
        params=answer.params,
        environment={**seen, "put_back": list(answer.put_back)} if answer.put_back else seen,
        signatures={"params": "params|deployed|v1"},
        notes=(*filter(None, [submission.taken_for]), *submission.notes, *answer.notes),
        flags=submission.flags,
    )


def counted(runner: Runner, submission: Submission, who: Who, bench: Bench) -> Counts:
    """The counts on a photograph; of a challenge on noise, as its organisers count."""
    counting = bench.options.protocol.counting_input(submission.scale)
    if _official(bench.options.protocol) or counting[0] != 1:
        return measure_complexity(runner, counting, who.precision)
    imaging = Imaging(runner, submission.scale, submission.data_range)
    photograph = bench.sets.lr_images(hw(counting), submission.scale)[0]
    shape = imaging.put(photograph[None])
    counts = measure_complexity(runner, shape, who.precision, slot=0)
    return counted_as_published(counts, submission.published, runner)


def _bounds(
    submission: Submission, weights: Weights, bench: Bench
) -> dict[str, AbstractContextManager[Runner]]:
    """Of each bound of the manifest, what opens a runner with the network it speaks of."""
    build, machine = submission.build_arguments, bench.options.machine
    return {
        name: loaded_runner(
            replace(submission, build_arguments={**build, **more}), weights.path, machine
        )
        for name, more in submission.bounds.items()
    }


def steadiness(asking: Asking, fresh: Fresh, counts: Counts, bench: Bench) -> Steadiness:
    """Whether it always does the same work, and gives the same answer."""
    scale = asking.imaging.scale
    shape = hw(bench.options.protocol.counting_input(scale))
    dataset = bench.sets.ranked(scale)
    return measure_steadiness(
        asking,
        fresh,
        counts,
        probes(bench.sets.lr_images(shape, scale)),
        dataset.name,
        crops(dataset, shape),
        official=_official(bench.options.protocol),
    )


def _official(protocol: Protocol) -> bool:
    return protocol.macs_heading == "FLOPs"


def hw(shape: Sequence[int]) -> str:
    """``180x320`` of an LR shape ``(N, 3, 180, 320)``."""
    return f"{shape[-2]}x{shape[-1]}"
