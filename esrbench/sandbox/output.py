"""What a confined process prints: through a pipe, of which the beginning and the end are kept."""

from __future__ import annotations

import contextlib
import os

from esrbench.plain_text import plain

_FIRST, _LAST = 2048, 4096
MOST_BYTES = 64 * 2**20
"""A process that prints more is ended: it keeps the judge busy with reading."""
_SAID = 200


class Output:
    """The judge's end of the pipe; ``writer`` is the process's, to be closed once it has it."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.bytes = 0
        self._first, self._last = b"", b""

    def drain(self) -> None:
        """Read what is there, without waiting."""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self.reader, 1 << 16):
                self.bytes += len(part)
                self._first += part[: _FIRST - len(self._first)]
                self._last = (self._last + part)[-_LAST:]
                if self.too_much:
                    return

    @property
    def too_much(self) -> bool:
        """Whether more was printed than a process may."""
        return self.bytes > MOST_BYTES

    def last_line(self) -> str:
        """The last line that says something, made safe to print; empty where there is none."""
        self.drain()
        text = (self._last or self._first).decode(errors="replace")
        lines = [line for line in text.splitlines() if line.strip()]
        return plain(lines[-1], _SAID) if lines else ""

    def close_writer(self) -> None:
        """The process has its own; with this one open the pipe would never end."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def close(self) -> None:
        """Give both ends back."""
        self.close_writer()
        os.close(self.reader)
