"""Where the network of a program of its own seems to be: a folder of no known kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_PATTERNS = ("*.py", "*/*.py", "*/*/*.py", "*/*/*/*.py")
_MOST = 400
"""Files that are looked into."""
_NETWORK = re.compile(rb"^class\s+\w+\([^)]*\bModule\)", re.MULTILINE)
_PARTS = re.compile(r"loss|discriminator|vgg|common|block|layer|util|ops")
"""What a file is called that holds parts of networks, or networks to train against."""
_WHOLE = re.compile(r"network|net|arch|model")


def likely_network(folder: Path) -> Path | None:
    """The Python file of ``folder`` that most likely has its network; None where none has any.

    One that is called as the folder is goes first, then one called a network.
    """
    files = islice(_python_files(folder), _MOST)
    found = [file for file in files if _NETWORK.search(file.read_bytes())]
    name = _letters(folder.name)

    def rank(file: Path) -> tuple[bool, bool, bool, int, str]:
        stem = file.stem.lower()
        own = _letters(stem) in name or name in _letters(stem)
        whole = _WHOLE.search(stem) is not None
        return not own, bool(_PARTS.search(stem)), not whole, len(file.parts), str(file)

    return min(found, key=rank, default=None)


def hint(folder: Path) -> str:
    """`` Its network can be measured ...``, for the end of a message; empty where there is none."""
    file = likely_network(folder)
    if file is None:
        return ""
    if file == folder / "model.py":
        return (
            f" Its network can be measured all the same: give {file.name} a `def build()` that "
            "returns it."
        )
    place = folder
    *parents, name = file.relative_to(folder).with_suffix("").parts
    while parents and not parents[0].isidentifier():  # `2024_Net/archs/net.py`: no package's name
        place /= parents.pop(0)
    module = ".".join([*parents, name])
    return (
        f" Its network can be measured all the same: a model.py in "
        f"{place.relative_to(folder.parent)} with `from {module} import ...` and a `def build()` "
        "that returns it."
    )


def _python_files(folder: Path) -> Iterator[Path]:
    for pattern in _PATTERNS:
        for path in sorted(folder.glob(pattern)):
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if not hidden and path.is_file() and path.stat().st_size < 1_000_000:
                yield path


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
