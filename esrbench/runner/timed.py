"""What a runner can be asked about time: inputs kept on the device, warm-up, blocks of calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict

import numpy as np
import torch
from torch import Tensor

from esrbench.errors import SubmissionError
from esrbench.policies import POLICIES
from esrbench.runner import answers, flags, requests
from esrbench.runner.ceilings import measure_ceilings
from esrbench.runner.layers import layer_costs
from esrbench.runner.model import LoadedModel
from esrbench.runner.session import Session
from esrbench.timing.block import run_block, run_stream
from esrbench.timing.graph import GraphReplay
from esrbench.timing.warmup import warm_up as warm_up_calls


def pool(session: Session, request: requests.Pool) -> answers.Done:
    """Keep the images in slot 0, one behind the other, as the inputs of timed calls."""
    shapes = [(1, 3, height, width) for height, width in request.sizes]
    flat = session.lr[0].view((sum(math.prod(shape) for shape in shapes),))
    cuts = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    session.timing_inputs = [
        torch.from_numpy(pixels.reshape(shape).copy()).to(session.model().device)
        for pixels, shape in zip(np.split(flat, cuts), shapes, strict=True)
    ]
    session.graph = None
    return answers.Done()


def warm_up(session: Session, request: requests.WarmUp) -> answers.WarmedUp:
    """Run until the time is up and the calls are steady; answers how that went."""
    how = warm_up_calls(session.model(), _endless_inputs(session), session.clock, request.seconds)
    return answers.WarmedUp(**asdict(how))


def block(session: Session, request: requests.TimeBlock) -> answers.Timed:
    """Time one block of calls, an input of new values for each.

    ``indices`` choose from the pool and ``gains`` scale what was chosen, both by the judge. Every
    output is put into slot 0 as soon as it is there: the judge draws afterwards which of them it
    holds against an untimed one, so that there is none whose work could be spared or put off.
    """
    calls = list(zip(request.indices, request.gains, strict=True))
    shelf = _Shelf(session, request.room)
    inputs = (_input(session, index, gain) for index, gain in calls)
    if POLICIES[request.policy].sent_together:
        waiting: list[Tensor] = []
        heard = _heard(session.model(), lambda _, sr: waiting.append(sr))
        times = run_stream(heard, inputs, session.clock)
        for (index, _), sr in zip(calls, waiting, strict=True):
            shelf.put(session.timing_inputs[index], sr)
    else:
        times = run_block(_call(session, request.policy), inputs, session.clock, shelf.put)
    return answers.Timed(
        call_ms=tuple(times.call_ms),
        process_ms=times.process_ms,
        clock=times.clock,
        tampered=tuple(times.tampered),
        flags=flags.observed(),
    )


class _Shelf:
    """Outputs in slot 0, one behind the other."""

    def __init__(self, session: Session, room: int) -> None:
        self._session, self._room, self._next = session, room, 0

    def put(self, lr: Tensor, sr: Tensor) -> None:
        """The SR of ``lr``; raises SubmissionError where it is of another size than that."""
        _, _, height, width = lr.shape
        scale = self._session.model().scale
        expected = (1, 3, height * scale, width * scale)
        if tuple(sr.shape) != expected:
            raise SubmissionError(f"A timed call gave {tuple(sr.shape)}, not {expected}.")
        if self._next + sr.numel() > self._room:
            self._next = 0
        self._session.give_sr(0, sr, self._next)
        self._next += sr.numel()


def replay(session: Session, request: requests.Replay) -> answers.Image:
    """The untimed output for one of a block's inputs, in slot 1."""
    sr = session.model()(_input(session, request.index, request.gain))
    return answers.Image(shape=session.give_sr(1, sr))


def layers(session: Session, request: requests.LookIntoLayers) -> answers.Layers:
    """Time, MACs and bytes of every operator of one forward, on the pool's first image."""
    model = session.model()
    costs = layer_costs(model.module, model, _input(session, 0, 1.0), session.clock)
    held = [*model.module.parameters(), *model.module.buffers()]
    weights = sum(tensor.numel() * tensor.element_size() for tensor in held)
    rows = tuple(answers.LayerRow(**asdict(cost)) for cost in costs)
    return answers.Layers(layers=rows, weight_bytes=weights)


def ceilings(session: Session, request: requests.MeasureCeilings) -> answers.Ceilings:
    """What the device can do at best; asked of a runner that has no submission."""
    flags.set_switches(request.threads)
    return answers.Ceilings.model_validate(measure_ceilings(torch.device(request.device)))


def _call(session: Session, policy: str) -> Callable[[Tensor], Tensor]:
    """What is called: the model, or its capture to be replayed, made once for a pool."""
    if not POLICIES[policy].replayed:
        return session.model()
    if session.graph is None:
        if session.model().device.type != "cuda":
            raise SubmissionError(
                f"The policy `{policy}` replays CUDA graphs; it needs a CUDA GPU."
            )
        session.graph = GraphReplay(session.model(), _input(session, 0, 1.0))
    return session.graph


def _heard(
    model: LoadedModel, keep: Callable[[Tensor, Tensor], None]
) -> Callable[[Tensor], Tensor]:
    """``model``, with ``keep`` told of each call: in a stream nothing stops in between."""

    def call(lr: Tensor) -> Tensor:
        sr = model(lr)
        keep(lr, sr)
        return sr

    return call


def _input(session: Session, index: int, gain: float) -> Tensor:
    """Image ``index`` of the pool times ``gain``: natural content, values never seen before."""
    if not session.timing_inputs:
        raise SubmissionError("No images to time on were sent.")
    return session.timing_inputs[index] * gain


def _endless_inputs(session: Session) -> Iterator[Tensor]:
    """Inputs for warming up; the gains walk, so that no two calls see the same values."""
    step = 0
    while True:
        yield _input(session, step % len(session.timing_inputs), 0.9 + 0.1 * math.sin(step))
        step += 1
