"""How much of a submission the judge reads: every cap in one place.

The judge looks at files it has no reason to trust. Each limit is many times what an honest
submission needs, and what passes it is refused in a sentence before it costs time or memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from esrbench.errors import SubmissionError

SOURCE_BYTES = 2_000_000
"""One Python file."""
SOURCE_FILES = 5_000
"""Files that make up a submission's code; a whole challenge repository has a few hundred."""
SOURCE_CHAIN = 5_000
"""Operators in a row: ``1+1+...`` is as deep a tree as it is long."""
WEIGHTS_BYTES = 4 << 30
"""A checkpoint or a graph; the largest of the field (IPT) has 0.5 GB."""
HEADER_BYTES = 16_000_000
"""The names and shapes of a safetensors file: some 100 bytes a tensor."""
PICKLE_BYTES = 64_000_000
"""A pickle without its tensors."""
PICKLE_STEPS = 2_000_000
"""Opcodes of a pickle: some 60 a tensor, three times as many with an optimiser beside."""
ZIP_DIRECTORY_BYTES = 16_000_000
"""The list of what a zip file holds."""
FACTS_BYTES = 100_000
"""What `esrbench pack` writes into a graph."""
MESSAGE_FIELDS = 200_000
"""Fields of an ONNX file that are walked over: one a node, six a stored tensor."""
TENSORS = 100_000
"""Tensors in a checkpoint."""
TENSOR_SIZE = 1 << 31
"""Elements along one axis, and elements of one tensor."""
NESTING = 8
"""Entries inside entries down to a state dict."""
UNPACKED_BYTES = 8 << 30
"""A zipped submission, unpacked."""
UNPACKED_RATIO = 100
"""How many times larger a zipped submission may be than its zip: text shrinks 10 times."""
UNPACKED_FILES = 20_000
LOOK_SECONDS = 20.0
"""Of computing, for a look into a checkpoint's names and shapes (``formats/apart.py``); an honest
one takes some milliseconds."""
LOOK_BYTES = 1 << 30
"""Memory for it, beside what the judge holds already."""
LOOK_ANSWER_BYTES = 64_000_000
CHILD_SECONDS = 120
"""Of computing, for a child process that looks into a checkpoint (``formats/child.py``)."""
TABLE_SECONDS = 600
"""Of computing, to build every network that comes with esrbench: some 20 on one core."""
LOOK_WAIT_SECONDS, CHILD_WAIT_SECONDS = 120.0, 1800.0
"""For either by the clock: a machine that is busy, or a slow disk, is no fault of the file."""
CHILD_BYTES = 6 << 30
"""Memory such a child may ask for, beside what its libraries take."""


def opened(path: Path, largest: int, what: str) -> BinaryIO:
    """The regular file at ``path``, open for reading.

    Raises SubmissionError where it is none, cannot be read, or is larger than ``largest`` bytes.
    """
    check_size(path, largest, what)
    try:
        return path.open("rb")
    except OSError as why:
        raise SubmissionError(f"{path} cannot be read: {why.strerror or why}.") from None


def check_size(path: Path, largest: int, what: str) -> None:
    """Raise SubmissionError unless ``path`` is a regular file of at most ``largest`` bytes."""
    try:
        size = path.stat().st_size
    except OSError as why:
        raise SubmissionError(f"{path} cannot be read: {why.strerror or why}.") from None
    if not path.is_file():
        raise SubmissionError(f"{path} is no regular file.")
    if size > largest:
        raise SubmissionError(
            f"{path} has {size:,} bytes; {what} may have {largest:,} at most and is not read."
        )


def inside(path: Path, folder: Path) -> Path:
    """``path`` if it leads to somewhere inside ``folder``, links followed.

    Raises SubmissionError where a link or ``..`` leads out of it.
    """
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError) as why:  # a loop of links
        raise SubmissionError(f"{path} cannot be read: {why}.") from None
    if not resolved.is_relative_to(folder.resolve()):
        raise SubmissionError(
            f"{path} leads out of the submission's folder, to {resolved}; put the file itself "
            "there."
        )
    return path
