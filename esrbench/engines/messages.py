"""What the engine and its workers say to each other: one JSON object a line."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Literal

from esrbench.engines.plan import Job

Half = Literal["untimed", "timed"]


@dataclass(frozen=True)
class Task:
    """What a worker is asked: one half of a job, or all of it without timing."""

    job: Job
    half: Half

    def line(self) -> bytes:
        """As it goes through the pipe."""
        return json.dumps({"job": asdict(self.job), "half": self.half}).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Task:
        """The task of :meth:`line`."""
        data = json.loads(line)
        return cls(Job(**data["job"]), data["half"])


def send(stream: BinaryIO, **event: Any) -> None:
    """One event; without a word where nobody listens any more."""
    with contextlib.suppress(OSError, ValueError):
        stream.write(json.dumps(event).encode() + b"\n")
        stream.flush()
