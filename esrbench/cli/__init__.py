"""The ``esrbench`` command: words and options here, the work in the other rooms.

Nothing heavy is imported until a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys

from esrbench.cli.streams import close_quietly, say_error, unbreakable, without_asides, without_home
from esrbench.errors import EsrbenchError

BROKEN_PIPE = 141
"""As a shell tells a program that SIGPIPE ended: whoever read the output has left."""
FULL = 3


def main() -> None:
    """Run the command line; errors a person can cure end in one sentence and an exit code."""
    unbreakable()
    without_asides()
    without_home()
    from esrbench.cli.app import app

    try:
        try:
            app(_arguments(sys.argv[1:]))
        finally:
            sys.stdout.flush()
    except EsrbenchError as why:
        say_error(str(why), why.exit_code)
        sys.exit(why.exit_code)
    except BrokenPipeError:
        close_quietly()
        sys.exit(BROKEN_PIPE)
    except OSError as why:
        close_quietly()
        say_error(_in_words(why), FULL)
        sys.exit(FULL)


def _arguments(given: list[str]) -> list[str]:
    """``--again failed`` as one word: typer has no option whose value may be left out."""
    arguments: list[str] = []
    for word in given:
        if word == "failed" and arguments[-1:] == ["--again"]:
            arguments[-1] = "--again-failed"
        else:
            arguments.append("--again-failed" if word == "--again=failed" else word)
    return arguments


def _in_words(why: OSError) -> str:
    what = f"{why.filename}: " if why.filename else ""
    return f"{what}{why.strerror or why}. Nothing that was measured is lost; free or name a place."
