"""Standard output and error as they may be: ASCII, closed, full, or left by their reader."""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TextIO

from esrbench.printable import printable


def unbreakable() -> None:
    """Let nothing that is printed end a command: what a terminal cannot show is shown otherwise.

    A stream that was closed before the start is the null device, so that no file opened later is
    taken for it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or _null()
    sys.stderr = sys.stderr or _null()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def without_asides() -> None:
    """Keep what Pillow warns programmers of, such as tags that it skips, from standard error.

    Whoever asks Python for warnings (``-W``, ``PYTHONWARNINGS``) gets them.
    """
    if not sys.warnoptions:
        warnings.filterwarnings("ignore", module=r"PIL\.")


def without_home() -> None:
    """Give matplotlib a folder where it cannot make its own: it would print four lines about it."""
    if "MPLCONFIGDIR" in os.environ:
        return
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "matplotlib"
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        os.environ["MPLCONFIGDIR"] = folder = tempfile.mkdtemp(prefix="esrbench-matplotlib-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def say_error(text: str, exit_code: int) -> None:
    """The sentence on standard error; with ``--json`` as the document on standard output too."""
    if "--json" in sys.argv:
        with contextlib.suppress(OSError, ValueError):
            print(json.dumps({"error": text, "exit_code": exit_code}), flush=True)
    with contextlib.suppress(OSError, ValueError):
        print(f"esrbench: {printable(text, keep=chr(10))}", file=sys.stderr, flush=True)


def close_quietly() -> None:
    """Let go of standard output, so that the interpreter does not try to empty it at the end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _null() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
