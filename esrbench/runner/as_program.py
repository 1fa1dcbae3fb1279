"""What a submission's code may do as if it were a program of its own: read arguments, and end."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from esrbench.errors import SubmissionError


@contextmanager
def as_program(entry_file: Path) -> Iterator[None]:
    """While entered, ``sys.argv`` is ``entry_file`` and no arguments.

    So a parser of arguments whose options have defaults leaves them there. Raises SubmissionError
    where one wants more, or where the code ends the program.
    """
    before, sys.argv = sys.argv, [str(entry_file)]
    try:
        yield
    except SystemExit as why:
        raise SubmissionError(_sentence(entry_file, why)) from None
    finally:
        sys.argv = before


def _sentence(entry_file: Path, why: SystemExit) -> str:
    wanted, place = None, ""
    for frame, line in traceback.walk_tb(why.__traceback__):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(entry_file.parent):
            place = f"{file.relative_to(entry_file.parent)}, line {line}"
        if file.name == "argparse.py" and frame.f_code.co_name == "error":
            wanted = frame.f_locals.get("message")
    where = f" ({place})" if place else ""
    if wanted is not None:
        return (
            f"{entry_file.name} parses arguments while it is loaded{where}, and there are none "
            f"here: {' '.join(str(wanted).split())[:200]}. Move that under "
            '`if __name__ == "__main__":`, or give each a default.'
        )
    return (
        f"{entry_file.name} ends the program while it is loaded{where}; move that under "
        '`if __name__ == "__main__":`.'
    )
