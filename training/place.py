"""Where a run computes and keeps its files, and that no other run does so at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from esrbench.errors import UnavailableError, UsageError


@dataclass(frozen=True)
class Place:
    """The folder of a run, and the device it computes on."""

    out: Path
    device: torch.device
    threads: int = 1
    """That cut patches."""

    @property
    def checkpoint(self) -> Path:
        """The run's state, replaced every epoch and every minute."""
        return self.out / "checkpoint.pt"

    @property
    def journal(self) -> Path:
        """One JSON line an epoch."""
        return self.out / "log.jsonl"

    @property
    def weights(self) -> Path:
        """Of the deployed form, when the run is done."""
        return self.out / "weights.safetensors"

    @property
    def curve(self) -> Path:
        """The journal as a picture, when the run is done."""
        return self.out / "curve.png"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep other trainers out of ``out`` (made if need be); a kill gives it free as well.

        Raises UsageError while another one is in it, UnavailableError where it cannot be written.
        """
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            lock = (self.out / ".lock").open("w")
        except OSError as why:
            raise UnavailableError(
                f"The folder {self.out} cannot be written ({why.strerror}); give another --out."
            ) from None
        with lock:
            try:
                _lock(lock.fileno())
            except OSError:
                raise UsageError(
                    f"Another trainer is at work in {self.out}; wait for it or give another --out."
                ) from None
            yield


def _lock(descriptor: int) -> None:
    """Raises OSError when another process has it; does nothing on a system without such locks."""
    with suppress(ImportError):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
