"""Import ``lpips``, which imports torchvision, and say what is wrong where that fails."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from esrbench.errors import UnavailableError


def import_lpips() -> Any:
    """The ``lpips`` package.

    Raises UnavailableError, with the command that cures it, where lpips or torchvision is absent
    or where torchvision was built for another torch.
    """
    _torchvision()
    try:
        return importlib.import_module("lpips")
    except ImportError as why:
        raise UnavailableError(
            f"LPIPS needs the lpips package ({_line(why)}): pip install lpips"
        ) from None


def _torchvision() -> None:
    """Import torchvision's models, as lpips does."""
    try:
        importlib.import_module("torchvision.models")
    except ModuleNotFoundError as why:
        if why.name == "torchvision":
            raise UnavailableError(
                f"LPIPS needs torchvision, which is not installed: {_cure()}"
            ) from None
        raise UnavailableError(_misfit(why)) from None
    except (ImportError, RuntimeError, AttributeError, OSError) as why:
        # "operator torchvision::nms does not exist", "has no attribute 'extension'",
        # "undefined symbol": the three ways in which a torchvision for another torch fails.
        raise UnavailableError(_misfit(why)) from None


def _misfit(why: Exception) -> str:
    return (
        f"LPIPS is left out: torchvision {_version('torchvision')} does not fit torch "
        f"{_version('torch')} ({_line(why)}); cure: {_cure()}"
    )


def _cure() -> str:
    """The command that installs the torchvision made for the torch that is here."""
    torch = _version("torch")
    command = f"pip install --force-reinstall 'torch=={torch}' torchvision"
    build = torch.partition("+")[2]
    if build:  # such builds are not on PyPI
        command += f" --index-url https://download.pytorch.org/whl/{build}"
    return command


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(unknown version)"


def _line(why: Exception) -> str:
    return (str(why).splitlines() or [type(why).__name__])[0].rstrip(".")
