"""Worker processes: forks of one that has imported the judge, or programs where nothing is forked.

A worker imports torch and the judge's own modules, some seconds of one core, and so do the two
processes that its runners are forked of (``judge/templates.py``). Each of that is done once a
command, however many workers there are.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import esrbench
from esrbench.engines.messages import Task
from esrbench.engines.worker import Setup
from esrbench.judge.options import Options
from esrbench.judge.templates import Loans, Templates
from esrbench.own_program import own_program
from esrbench.sandbox import process
from esrbench.sandbox.attended import Forked
from esrbench.sandbox.confined import Confined, Fresh
from esrbench.sandbox.place import Place
from esrbench.sandbox.sight import Sight
from esrbench.sandbox.template import Template

_WORKER = "esrbench.engines.worker"
_ERRORS = 2
"""Standard error's descriptor."""
_JUDGE = ("torch", "esrbench.judge.score", "esrbench.judge.same_run", "esrbench.engines.halves",
          "esrbench.metrics.lpips_network", "esrbench.metrics.ssim")  # fmt: skip
"""What a worker needs in any case; nothing that starts threads."""


@dataclass
class Worker:
    """One child process and what it does now."""

    name: str
    process: Confined
    events: BinaryIO
    requests: BinaryIO
    task: Task | None = None
    ready: bool = False
    rest: bytes = b""

    def tell(self, line: bytes) -> None:
        """One line to what it reads; a worker that is gone is seen when its answers end."""
        with contextlib.suppress(OSError):
            self.requests.write(line)
            self.requests.flush()

    def how_it_ended(self) -> str:
        """Waits for its end, in words: ``signal SIGKILL``, ``exit code 1``."""
        code = self.process.wait()
        self.kill()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def kill(self) -> None:
        """End it at once, with all that it has started."""
        process.end(self.process)
        for stream in (self.requests, self.events):
            with contextlib.suppress(OSError):
                stream.close()


class Workers:
    """Starts them; use it as a context manager."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._templates = Templates(options.machine)
        self._judge = Template(_JUDGE, 0, "none", resident=False, private=())
        self._lent: Loans | None = None

    def __enter__(self) -> Workers:
        self._lent = self._templates.lend()  # a worker says when they are to import
        if self._lent is not None:
            self._judge.launch(_environment())
        return self

    def __exit__(self, *_: object) -> None:
        self._judge.close()
        self._templates.close()

    def start(self, name: str, cores: tuple[int, ...] | None) -> Worker:
        """One that is bound to ``cores``; None for all."""
        reading, requests = os.pipe()
        events, writing = os.pipe()
        try:
            started = self._started(reading, writing)
        finally:
            os.close(reading)
            os.close(writing)
        worker = Worker(name, started, os.fdopen(events, "rb"), os.fdopen(requests, "wb"))
        setup = pickle.dumps(Setup(self._options, cores, str(Path.cwd()), self._lent))
        worker.tell(len(setup).to_bytes(8, "big") + setup)
        return worker

    def fork_no_more(self, worker: Worker) -> bool:
        """Start programs from now on; whether ``worker``, which did not begin, was none."""
        self._lent = None
        return isinstance(worker.process, Forked)

    def _started(self, reading: int, writing: int) -> Confined:
        words = (str(reading), str(writing))
        passed = [reading, writing, *(self._lent.descriptors if self._lent else ())]
        if self._lent is not None:
            place = Place("none", Path(esrbench.__file__).parent.parent, Sight())
            try:
                return self._judge.fork(
                    place, ["-m", _WORKER, *words], _environment(), passed, _ERRORS
                )
            except OSError:
                self._lent = None  # and so for all that follow
                passed = [reading, writing]
        return Fresh(
            own_program(_WORKER, *words),
            stdin=subprocess.DEVNULL,
            stdout=_ERRORS,
            pass_fds=passed,
            start_new_session=True,  # Ctrl-C is the engine's to hear
        )


def _environment() -> dict[str, str]:
    return dict(os.environ)
