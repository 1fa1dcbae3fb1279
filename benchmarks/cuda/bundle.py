"""``python -m benchmarks.cuda.bundle``: all of it in one archive, for a machine without a network.

In it: esrbench as a wheel, wheels of what the machine lacks (``machine.txt`` is what it has),
tests and benchmarks, Set5, the official weights that the parts want, and LPIPS backbones. Data and
weights are copied from ESRBENCH_DATA_ROOT and ESRBENCH_WEIGHTS_DIR, each under its own licence.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from esrbench.judge.weights import weights_at_hand
from esrbench.submission.find import find

from .needed import assumed, granted, lacking, wheels
from .systems import SCALE, SYSTEMS

ROOT = Path(__file__).parents[2]
MOST_BYTES = 60 * 2**20
NAME = "esrbench-cuda"
IMAGES = ("Set5/HR", "Set5/LRbicx4")
RUN = """#!/bin/sh
# Puts what this machine lacks beside these files, and runs the parts that have not passed yet.
set -e
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
SITE="$PWD/.site/site-packages"
"$PYTHON" -m benchmarks.cuda.there taken-for-granted.txt || echo "Going on without." >&2
if [ ! -e "$SITE/.whole" ]; then
    "$PYTHON" -m pip install -q --no-index --no-deps --no-compile --upgrade \\
        --target "$SITE" wheels/*.whl
    touch "$SITE/.whole"
fi
export PYTHONPATH="$SITE${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
export ESRBENCH_DATA_ROOT="$PWD/data" ESRBENCH_WEIGHTS_DIR="$PWD/data/weights"
export ESRBENCH_CACHE="$PWD/.cache"
exec "$PYTHON" -m benchmarks.cuda --out "${OUT:-results}" "$@"
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuda.bundle")
    parser.add_argument("archive", type=Path, nargs="?", default=Path(f"dist/{NAME}.tar.gz"))
    parser.add_argument("--has", type=Path, default=Path(__file__).with_name("machine.txt"))
    given = parser.parse_args()
    data, weights = (os.environ.get(f"ESRBENCH_{n}") for n in ("DATA_ROOT", "WEIGHTS_DIR"))
    with TemporaryDirectory() as folder:
        top = Path(folder) / NAME
        (top / "wheels").mkdir(parents=True)
        has = assumed(given.has)
        packages = lacking(has)
        (top / "taken-for-granted.txt").write_text("\n".join(granted(has)) + "\n")
        print(f"wheels: esrbench, {', '.join(f'{n} {v}' for n, v in packages.items())}")
        _own_wheel(top / "wheels")
        wheels(packages, top / "wheels")
        _sources(top)
        _images(top / "data", Path(data) if data else None)
        _weights(top / "data" / "weights", Path(weights) if weights else None)
        (top / "run.sh").write_text(RUN)
        given.archive.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(given.archive, "w:gz") as archive:
            archive.add(top, NAME)
    size = given.archive.stat().st_size
    print(f"{given.archive}: {size / 2**20:.1f} MiB")
    if size > MOST_BYTES:
        print(f"That is more than {MOST_BYTES / 2**20:.0f} MiB; add to {given.has} what is there.")
        return 1
    print(f"There: tar xzf {given.archive.name} && sh {NAME}/run.sh")
    return 0


def _own_wheel(folder: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)


def _sources(top: Path) -> None:
    """Tests and benchmarks, as git has them or would take them."""
    listed = ["git", "ls-files", "-co", "--exclude-standard", "tests", "benchmarks"]
    names = subprocess.run(listed, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    for name in ["pyproject.toml", *names.splitlines()]:
        if (ROOT / name).is_file():
            _copied(ROOT / name, top / name)


def _images(to: Path, data: Path | None) -> None:
    if data is None or not (data / "Set5").is_dir():
        print("ESRBENCH_DATA_ROOT has no Set5: the photographs of scikit-image take its place")
        return
    for folder in (*IMAGES, "lpips"):
        for path in sorted((data / folder).glob("*.p*")):  # PNG, and PyTorch's .pth
            _copied(path, to / folder / path.name)


def _weights(to: Path, weights: Path | None) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for name in SYSTEMS:
        found = weights_at_hand(find(name, scale=SCALE), weights_dir=weights)
        if found.path is not None and found.status == "found":
            _copied(found.path, to / found.path.name)
        elif found.missing:
            print(f"{name}: no weights at hand; its runtimes need none")


def _copied(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


if __name__ == "__main__":
    sys.exit(main())
