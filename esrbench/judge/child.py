"""What a child process is given of the judge's environment."""

from __future__ import annotations

import os
import site
from pathlib import Path

import esrbench
from esrbench.timing.allocator import allocator_environment
from esrbench.timing.threads import thread_environment

_PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_HOME",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "VIRTUAL_ENV",
)
"""A submission needs no more; tokens and paths of the person who runs the judge stay here."""


def child_environment(scratch: str, threads: int) -> dict[str, str]:
    """The environment of a runner whose home and temporary folder is ``scratch``.

    Libraries read the number of threads when they are loaded, so it is told here already.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # The package may be found through the judge's working directory, which the runner leaves.
    package_root = str(Path(esrbench.__file__).resolve().parent.parent)
    own = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [package_root, *(str(Path(path).resolve()) for path in own if path)]
    environment.update(
        thread_environment(threads),
        **allocator_environment(),
        HOME=scratch,
        USER="runner",
        LOGNAME="runner",
        TMPDIR=scratch,
        PYTHONPATH=os.pathsep.join(dict.fromkeys(paths)),
        PYTHONUSERBASE=site.getuserbase(),
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONUNBUFFERED="1",
        # Deterministic cuBLAS workspaces; without it torch refuses deterministic algorithms.
        CUBLAS_WORKSPACE_CONFIG=":4096:8",
    )
    return environment
