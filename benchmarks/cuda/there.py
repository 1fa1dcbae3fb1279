"""``python -m benchmarks.cuda.there FILE``: does this machine have the packages of a list?

A bundle brings what the machine is taken to lack; what it is taken to have is told here, before
anything is imported that needs it. Python's own modules alone are used.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path


def absent(path: Path) -> list[str]:
    """Those of the packages in ``path``, one a line, that are not installed."""
    return [name for name in path.read_text().split() if not _installed(name)]


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def main() -> int:
    lacking = absent(Path(sys.argv[1]))
    if lacking:
        print(
            f"This Python ({sys.executable}) lacks {', '.join(lacking)}, which the bundle was made "
            "without. Choose another with PYTHON=..., or make the bundle with the list of what "
            "this one has: `python3 -m pip list --format=freeze | cut -d= -f1 > has.txt` here, "
            "`make cuda-bundle HAS=has.txt` there.",
            file=sys.stderr,
        )
    return 2 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
