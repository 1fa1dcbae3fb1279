"""Which packages a machine lacks, and their wheels for its Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHON = "3.12"
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64",
             "manylinux2014_x86_64", "manylinux1_x86_64")  # fmt: skip
_THERE = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0", "sys_platform": "linux",
          "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix",
          "implementation_name": "cpython", "platform_python_implementation": "CPython",
          "extra": ""}  # fmt: skip
ALSO = ("pytest", "hypothesis")
"""Beside what esrbench requires: what its tests are run with."""


def assumed(path: Path) -> set[str]:
    """The packages of a list, by their canonical names."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return {canonicalize_name(line) for line in lines if line}


def lacking(has: Iterable[str]) -> dict[str, str]:
    """Name and version, as installed here, of all that ``has`` lacks, requirements included."""
    there, found = set(has), {}
    waiting = [*_required("esrbench"), *ALSO]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in there or name in found:
            continue
        found[name] = metadata.version(name)
        waiting += _required(name)
    return dict(sorted(found.items()))


def granted(has: Iterable[str]) -> list[str]:
    """Those of ``has`` that esrbench, its tests, or what the bundle brings for them, require."""
    brought = lacking(has)
    wanted = {*ALSO, *(n for name in ("esrbench", *brought) for n in _required(name))}
    return sorted({canonicalize_name(name) for name in wanted} & set(has))


def _required(name: str) -> Iterator[str]:
    for line in metadata.requires(name) or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(_THERE):
            yield requirement.name


def wheels(packages: dict[str, str], folder: Path) -> None:
    """Put a wheel of each into ``folder``: the published one, or one made of the sources.

    Raises CalledProcessError where there is neither.
    """
    for name, version in packages.items():
        wanted = f"{name}=={version}"
        platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
        there = ("--python-version", PYTHON, "--implementation", "cp", *platforms)
        published = _pip(
            "download", "--no-deps", "--only-binary=:all:", *there, "-d", str(folder), wanted
        )
        if published.returncode:
            made = _pip("wheel", "--no-deps", "-w", str(folder), wanted)
            made.check_returncode()


def _pip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip", "-q", *words], capture_output=True, text=True, check=False
    )
