"""A call in a child process, which ends when its time is up."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

X = TypeVar("X")
_FORK = multiprocessing.get_context("fork")


class Unanswered(Exception):
    """There is no answer; the text says how the child ended, as a clause."""


def within(seconds: float, call: Callable[[], X]) -> X:
    """What ``call`` gives, computed in a fork that is killed after ``seconds``.

    Raises Unanswered where it does not end in time, or ends otherwise than by an answer. A fork
    that computes with torch must be of a process that has not: threads do not cross.
    """
    here, there = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_answer, args=(there, call))
    child.start()
    there.close()
    try:
        if not here.poll(seconds):
            raise Unanswered(f"did not end in {seconds:g} s")
        answer: X = here.recv()
        return answer
    except EOFError:
        child.join()
        raise Unanswered(f"ended with {child.exitcode} and no answer") from None
    finally:
        child.kill()
        child.join()
        here.close()


def _answer(there: Connection, call: Callable[[], object]) -> None:
    there.send(call())
