"""Read a request, do it, answer it: the runner's loop and its table of operations."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from esrbench.errors import SubmissionError
from esrbench.runner import operations, packing, timed
from esrbench.runner.session import Session
from esrbench.runner.shared import SharedArray
from esrbench.runner.wire import Message, WireClosed, read_message, write_message

Operation = Callable[[Session, Message], Message]

OPERATIONS: dict[str, Operation] = {
    "hello": lambda session, request: {},
    "load": operations.load,
    "forward": operations.forward,
    "count": operations.count_complexity,
    "memory": operations.memory,
    "facts": operations.facts,
    "pack": packing.pack,
    "pool": timed.pool,
    "warm_up": timed.warm_up,
    "block": timed.block,
    "replay": timed.replay,
    "layers": timed.layers,
    "ceilings": timed.ceilings,
}
"""Adding a request is one function and one row here."""


_NOT_THEIRS = Path(__file__).parent
"""Frames of the runner itself say nothing about where a submission failed."""


def serve(
    request_fd: int, answer_fd: int, lr: Sequence[SharedArray], sr: Sequence[SharedArray]
) -> None:
    """Answer until the judge closes the pipe. Never raises for what a submission does."""
    session = Session(lr=list(lr), sr=list(sr))
    while True:
        try:
            request = read_message(request_fd)
        except WireClosed:
            return
        write_message(answer_fd, {"nonce": request["nonce"], **_answer(session, request)})


def _answer(session: Session, request: Message) -> Message:
    """The operation's result, or an error of one of the kinds the judge knows."""
    try:
        return {"ok": True, **OPERATIONS[request["op"]](session, request)}
    except SubmissionError as why:
        return _error("interface", str(why))
    except (torch.OutOfMemoryError, MemoryError) as why:
        return _error("memory", str(why).splitlines()[0] if str(why) else "out of memory")
    except BaseException as why:  # a submission may raise anything, SystemExit included
        if "alloc" in str(why) and "memory" in str(why):  # torch's CPU allocator has no own type
            return _error("memory", str(why).splitlines()[0])
        traceback.print_exc(file=sys.stderr)
        return _error("raised", _in_one_line(why))


def _error(kind: str, text: str) -> Message:
    return {"ok": False, "kind": kind, "text": text}


def _in_one_line(why: BaseException) -> str:
    """``ValueError: too small (model.py, line 41)``: what was raised, and the last line passed."""
    frames = traceback.extract_tb(why.__traceback__)
    own = [frame for frame in frames if not Path(frame.filename).is_relative_to(_NOT_THEIRS)]
    own = [frame for frame in own if "site-packages" not in frame.filename] or own
    where = f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""
    message = " ".join(str(why).split())[:300]
    return f"{type(why).__name__}: {message}{where}" if message else f"{type(why).__name__}{where}"
