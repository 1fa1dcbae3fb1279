"""One thread that starts every runner, and lives as long as the process.

Linux's ``PR_SET_PDEATHSIG``, with which a runner dies when the judge does, is sent when the
*thread* that started it ends. Started from a pool's, a runner would be killed with the pool.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from esrbench.sandbox.confined import Fresh

_Start = Callable[[], Fresh]
_waiting: queue.SimpleQueue[tuple[_Start, Future[Fresh]]] = queue.SimpleQueue()
_once = threading.Lock()
_thread: threading.Thread | None = None


def spawn(start: _Start) -> Fresh:
    """What ``start()`` gives, called in that thread; raises what it raises."""
    global _thread
    with _once:
        if _thread is None or not _thread.is_alive():  # not alive: this process is a fork
            _thread = threading.Thread(target=_serve, name="esrbench-spawner", daemon=True)
            _thread.start()
    started: Future[Fresh] = Future()
    _waiting.put((start, started))
    return started.result()


def _serve() -> None:
    while True:
        start, started = _waiting.get()
        try:
            started.set_result(start())
        except BaseException as why:
            started.set_exception(why)
