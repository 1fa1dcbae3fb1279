"""The names and shapes in a checkpoint, read without torch and without running anything.

A pickle is a program. Here it is followed with every function it may name replaced by one that
does nothing, so that the judge can look at a checkpoint it was given and learn only what tensors
it claims to hold. Their values are read in the runner, by ``checkpoint.py``.
"""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, TypeVar

from esrbench.errors import SubmissionError

T = TypeVar("T")

Shapes = dict[str, tuple[int, ...]]
"""Name of a parameter or buffer -> its shape."""

WRAPPERS = ("params_ema", "params", "state_dict", "model_state_dict", "model", "net")
"""Where training programs put the state dict; the averaged weights of BasicSR come first."""
PREFIXES = ("module.", "_orig_mod.")
"""What DataParallel and torch.compile put before every name."""

_LARGEST = 100_000_000
"""Bytes of a header or of a pickle without its tensors; anything longer is no checkpoint."""
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
"""What torch wrote first, up to version 1.5, when checkpoints were no zip files yet."""


def is_safetensors(path: Path) -> bool:
    """Whether the file starts as the format does: a header length, then that much JSON."""
    return _safetensors_header(path) is not None


def is_pickled(path: Path) -> bool:
    """Whether the file is what ``torch.save`` writes: a zip with a ``data.pkl``, or pickles."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return _pickle_in(archive) is not None
    with path.open("rb") as file:
        return file.read(1) == b"\x80"  # the opcode that states a pickle's version


def read_shapes(path: Path) -> Shapes:
    """The tensors the checkpoint at ``path`` claims to hold, without ``module.`` prefixes.

    Raises SubmissionError when it holds none, or is damaged.
    """
    header = _safetensors_header(path)
    content: Any
    if header is not None:
        content = {
            name: _Claimed(entry["shape"])
            for name, entry in header.items()
            if isinstance(entry, dict) and isinstance(entry.get("shape"), list)
        }
    else:
        content = _unpickled(path)
    state = state_in(content, _Claimed)
    if state is None:
        raise SubmissionError(
            f"{path} holds no state dict: no tensors by name, at the top or under "
            f"{', '.join(WRAPPERS)}; save model.state_dict()."
        )
    return {name: claimed.shape for name, claimed in state.items()}


def state_in(content: Any, tensor: type[T]) -> dict[str, T] | None:
    """The tensors by name in what a training program saved, without ``PREFIXES``; None without any.

    Looked for at the top, then in the entries called ``WRAPPERS``, then in the only entry that
    holds others.
    """
    while isinstance(content, Mapping):
        if content and all(isinstance(value, tensor) for value in content.values()):
            return _without_prefixes({str(name): value for name, value in content.items()})
        inner = [content[name] for name in WRAPPERS if isinstance(content.get(name), Mapping)]
        others = [value for value in content.values() if isinstance(value, Mapping)]
        content = inner[0] if inner else others[0] if len(others) == 1 else None
    return None


def _without_prefixes(state: dict[str, T]) -> dict[str, T]:
    for prefix in PREFIXES * 2:  # in either order
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def without_first_part(state: Mapping[str, T]) -> dict[str, T] | None:
    """``state`` without the ``model.`` before each of its names; None where they share none.

    Whatever holds the network while it is trained puts it there (a LightningModule, say).
    """
    first = next(iter(state), "").partition(".")[0]
    if not state or not all(name.startswith(f"{first}.") for name in state):
        return None
    return {name.removeprefix(f"{first}."): value for name, value in state.items()}


def _safetensors_header(path: Path) -> dict[str, Any] | None:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= _LARGEST or file.read(1) != b"{":
            return None
        try:
            header = json.loads(b"{" + file.read(length - 1))
        except ValueError:
            return None
    return header if isinstance(header, dict) else None


def _pickle_in(archive: zipfile.ZipFile) -> str | None:
    found = [n for n in archive.namelist() if n.count("/") <= 1 and n.endswith("data.pkl")]
    return found[0] if found else None


def _unpickled(path: Path) -> Any:
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                return _legacy(file)
        with zipfile.ZipFile(path) as archive:
            name = _pickle_in(archive)
            if name is None or archive.getinfo(name).file_size > _LARGEST:
                raise SubmissionError(f"{path} is a zip file, but no checkpoint of torch's.")
            return _Inert(io.BytesIO(archive.read(name))).load()
    except (SubmissionError, OSError):
        raise
    except Exception as why:  # a damaged or hostile pickle can raise nearly anything
        what = type(why).__name__
        raise SubmissionError(f"{path} is no checkpoint torch can have written ({what}).") from None


def _legacy(file: BinaryIO) -> Any:
    """The object in a checkpoint of old: magic, protocol and system information come before it."""
    if _Inert(file).load() != _LEGACY_MAGIC:
        raise pickle.UnpicklingError("no magic number")
    for _ in ("protocol", "system"):
        _Inert(file).load()
    return _Inert(file).load()


class _Claimed:
    """A tensor the checkpoint says it holds."""

    def __init__(self, shape: Any) -> None:
        self.shape = tuple(int(size) for size in shape)


class _Nothing:
    """Stands in for whatever a pickle names: takes anything, does nothing."""

    def __new__(cls, *_: Any, **__: Any) -> _Nothing:
        """Any arguments are right."""
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __setitem__(self, key: Any, value: Any) -> None: ...

    def append(self, item: Any) -> None:
        """Ignore it."""

    def extend(self, items: Any) -> None:
        """Ignore them."""


def _tensor(storage: Any, offset: Any, size: Any, *_: Any) -> _Claimed:
    del storage, offset
    return _Claimed(size)


def _parameter(data: Any, *_: Any) -> Any:
    return data


_KNOWN: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): dict,
    ("torch", "Size"): tuple,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
}


class _Inert(pickle._Unpickler):
    """Follows a pickle and calls nothing of its choosing.

    The one written in Python: the one in C takes memory for whatever index a pickle names.
    """

    def _ignore_state(self) -> None:
        """Attributes (such as a state dict's ``_metadata``) are set on nothing."""
        stack: list[Any] = self.stack  # type: ignore[attr-defined]  # typeshed leaves it out
        stack.pop()

    dispatch: ClassVar[dict[int, Any]] = {
        **pickle._Unpickler.dispatch,
        pickle.BUILD[0]: _ignore_state,
    }

    def find_class(self, module: str, name: str, /) -> Any:
        """A function of this file, whatever is asked for."""
        return _KNOWN.get((module, name), _Nothing)

    def persistent_load(self, pid: Any) -> None:
        """Tensors' storages are not read."""
