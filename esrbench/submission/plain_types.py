"""What a checkpoint's pickle may name beside tensors: types that only hold values, and no code.

Training programs save the best PSNR as a numpy scalar, and the options they were given as whatever
they had them in. Some are read as a plainer type, so that none has to be installed.
"""

from __future__ import annotations

import argparse
from collections import OrderedDict
from typing import Any


def plain_types() -> list[Any]:
    """As ``torch.serialization.safe_globals`` takes them: types, or ``(what stands in, name)``."""
    held = [argparse.Namespace, list, dict, int, float]
    return [*_numpy_types(), *held, *((what, name) for name, what in _STAND_INS.items())]


def _empty(*_: Any) -> OrderedDict[Any, Any]:
    """A defaultdict without its default; its items follow."""
    return OrderedDict()


def _path(*parts: Any) -> str:
    """A path as text: one of another system cannot be made here."""
    return "/".join(part for part in parts if isinstance(part, str))


_STAND_INS: dict[str, Any] = {
    "collections.defaultdict": _empty,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "pathlib.PureWindowsPath": _path,
    "pathlib.WindowsPath": _path,
    "pathlib._local.PosixPath": _path,
    "pathlib._local.WindowsPath": _path,
    "addict.addict.Dict": OrderedDict,
    "easydict.EasyDict": OrderedDict,
    "lightning.fabric.utilities.data.AttributeDict": OrderedDict,
    "lightning_fabric.utilities.data.AttributeDict": OrderedDict,
    "lightning.pytorch.utilities.parsing.AttributeDict": OrderedDict,
    "pytorch_lightning.utilities.parsing.AttributeDict": OrderedDict,
}


def _numpy_types() -> list[Any]:
    """What numpy's own pickles name for numbers and arrays."""
    import numpy
    from numpy import dtypes

    try:
        from numpy._core import multiarray
    except ImportError:  # numpy 1
        from numpy.core import multiarray  # type: ignore[no-redef]

    named = [
        (getattr(multiarray, function), f"numpy.{core}.multiarray.{function}")
        for function in ("scalar", "_reconstruct")
        for core in ("core", "_core")
    ]
    kinds = [getattr(dtypes, name) for name in dir(dtypes) if name.endswith("DType")]
    # Not arrays of objects: what is in them could be anything.
    return [*named, numpy.ndarray, numpy.dtype, *(k for k in kinds if k.__name__ != "ObjectDType")]
