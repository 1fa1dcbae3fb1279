"""Ask a process with torch (``networks.py``), so that this one needs none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import esrbench
from esrbench.errors import SubmissionError
from esrbench.own_program import own_program
from esrbench.submission import limits

_PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "VIRTUAL_ENV")


def _asked(question: str) -> str:
    if question == "signatures":
        return "The names and shapes of the networks that come with esrbench could not be read"
    return "The checkpoint could not be held against the known networks"


def ask_child(question: str, about: object, seconds: int = limits.CHILD_SECONDS) -> Any:
    """The answer of ``networks.py``, run apart so that this process needs no torch.

    Only code that comes with esrbench (and spandrel's) runs there, with nothing of the environment
    that it does not need, in ``seconds`` of its own CPU time and bounded memory. Raises
    SubmissionError where it ends without an answer: only a checkpoint can be the reason.
    """
    root = str(Path(esrbench.__file__).resolve().parent.parent)
    paths = [root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            own_program("esrbench.submission.formats.networks", question, str(seconds)),
            input=json.dumps(about),
            capture_output=True,
            text=True,
            env={**environment, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
            check=False,
            timeout=limits.CHILD_WAIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise SubmissionError(f"{_asked(question)} in {limits.CHILD_WAIT_SECONDS:g} s.") from None
    if done.returncode == -signal.SIGXCPU:
        raise SubmissionError(
            f"{_asked(question)} in {seconds} s of computing; no honest file takes as much."
        )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise SubmissionError(f"{_asked(question)}: {last[0]}.")
    return json.loads(done.stdout.splitlines()[-1])
