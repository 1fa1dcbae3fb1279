"""What a child process is given of the judge's environment."""

from __future__ import annotations

import os
import site
from pathlib import Path

import esrbench
from esrbench.timing.allocator import allocator_environment
from esrbench.timing.nvml import which_gpu
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


def child_environment(scratch: str, threads: int, device: str = "cpu") -> dict[str, str]:
    """The environment of a runner whose home and temporary folder is ``scratch``.

    Libraries read the number of threads when they are loaded, so it is told here already; and
    which GPUs there are.
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
        **_one_gpu(device),
    )
    return environment


def device_inside(device: str) -> str:
    """What ``device`` is called in a runner, which sees one GPU alone where that has a name."""
    return "cuda:0" if which_gpu(device) is not None else device


def _one_gpu(device: str) -> dict[str, str]:
    """The card that ``device`` is, by its UUID: numbers mean one card here and another in walls.

    CUDA counts the fastest card first unless told to go by the bus, as the driver does.
    """
    gpu = which_gpu(device)
    order = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    return {**order, "CUDA_VISIBLE_DEVICES": gpu.uuid} if gpu is not None else order
