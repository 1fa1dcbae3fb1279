"""Read a request, do it, answer it: the runner's loop and its table of operations."""

from __future__ import annotations

import contextlib
import importlib
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from esrbench.counting.out_of_memory import is_out_of_memory
from esrbench.errors import SubmissionError
from esrbench.runner import carrying, chance, flags, operations, packing, requests, timed
from esrbench.runner.answers import Answer
from esrbench.runner.envelope import first_fault, open_request, seal_answer, seal_failure
from esrbench.runner.preload import COUNTING
from esrbench.runner.requests import Request
from esrbench.runner.session import Session
from esrbench.runner.shared import SharedArray
from esrbench.runner.wire import WireClosed, read_message, write_message

R = TypeVar("R", bound=Request[Any])
Operation = tuple[type[Request[Any]], Callable[[Session, Any], Answer]]


def _row(request: type[R], do: Callable[[Session, R], Answer]) -> tuple[str, Operation]:
    return request.op, (request, do)


OPERATIONS: dict[str, Operation] = dict(
    [
        _row(requests.Hello, operations.hello),
        _row(requests.Load, operations.load),
        _row(requests.RunFolder, operations.run_folder),
        _row(requests.Forward, operations.forward),
        _row(requests.Count, operations.count_complexity),
        _row(requests.Spend, chance.spend),
        _row(requests.Behave, chance.behave),
        _row(requests.Seed, chance.seed),
        _row(requests.Memory, operations.memory),
        _row(requests.GrowProcess, operations.grow_process),
        _row(requests.Describe, operations.describe),
        _row(requests.Export, carrying.export_program),
        _row(requests.LoadProgram, carrying.load_program),
        _row(requests.WriteWeights, packing.write_weights),
        _row(requests.WriteGraph, packing.write_graph),
        _row(requests.Pool, timed.pool),
        _row(requests.WarmUp, timed.warm_up),
        _row(requests.TimeBlock, timed.block),
        _row(requests.Replay, timed.replay),
        _row(requests.LookIntoLayers, timed.layers),
        _row(requests.MeasureCeilings, timed.ceilings),
    ]
)
"""Adding a request is a model in ``requests``, one in ``answers``, a function, and a row here."""

_NOT_THEIRS = Path(__file__).parent
"""Frames of the runner itself say nothing about where a submission failed."""


def serve(
    request_fd: int, answer_fd: int, lr: Sequence[SharedArray], sr: Sequence[SharedArray]
) -> None:
    """Answer until the judge closes the pipe. Never raises for what a submission does."""
    session = Session(lr=list(lr), sr=list(sr))
    while True:
        try:
            body = read_message(request_fd)
        except WireClosed:
            return
        nonce, request = open_request(body, {op: row[0] for op, row in OPERATIONS.items()})
        write_message(answer_fd, _answer(session, nonce, request))
        if isinstance(request, requests.Hello):
            _import_counters()


def _import_counters() -> None:
    """What is only imported to count: now, before a submission is there and while nobody waits."""
    for name in COUNTING:
        with contextlib.suppress(Exception):  # whoever needs it says so
            importlib.import_module(name)


def _answer(session: Session, nonce: str, request: Request[Any]) -> bytes:
    """The operation's result, or an error of one of the kinds the judge knows."""
    failed = partial(seal_failure, nonce)
    try:
        flags.put_back()  # whatever the phase before has turned
        _, do = OPERATIONS[request.op]
        return seal_answer(nonce, do(session, request))
    except SubmissionError as why:
        return failed("interface", str(why))
    except ValidationError as why:  # an answer that no honest network gives
        return failed("nonsense", first_fault(why))
    except BaseException as why:  # a submission may raise anything, SystemExit included
        if is_out_of_memory(why):
            return failed("memory", str(why).splitlines()[0] if str(why) else "out of memory")
        traceback.print_exc(file=sys.stderr)
        if any(kind.__module__.startswith("torch._inductor") for kind in type(why).__mro__):
            return failed("interface", _UNCOMPILED.format(why=type(why).__name__))
        return failed("raised", _in_one_line(why))


_UNCOMPILED = (
    "torch.compile could not compile the network here ({why}); one that compiles itself finds "
    "a compiler only with --track compile."
)


def _in_one_line(why: BaseException) -> str:
    """``ValueError: too small (model.py, line 41)``: what was raised, and the last line passed."""
    frames = traceback.extract_tb(why.__traceback__)
    own = [frame for frame in frames if not Path(frame.filename).is_relative_to(_NOT_THEIRS)]
    own = [frame for frame in own if "site-packages" not in frame.filename] or own
    where = f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""
    message = " ".join(str(why).split())[:300]
    return f"{type(why).__name__}: {message}{where}" if message else f"{type(why).__name__}{where}"
