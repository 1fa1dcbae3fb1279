"""A pickle followed without running it: what tensors does it claim to hold?

A pickle is a program. Here it is followed with every function it may name replaced by one that
does nothing, and for a bounded number of steps, so that the judge can look at a checkpoint it was
given and learn only names and shapes.
"""

from __future__ import annotations

import io
import pickle
from typing import Any, ClassVar

from esrbench.submission import limits

_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
"""What torch wrote first, up to version 1.5, when checkpoints were no zip files yet."""


class Claimed:
    """A tensor the checkpoint says it holds."""

    def __init__(self, shape: Any) -> None:
        self.shape = checked_shape(shape)


def checked_shape(shape: Any) -> tuple[int, ...]:
    """``shape`` as a tuple; raises ValueError where no tensor can have it."""
    sizes = tuple(shape)
    elements = 1
    for size in sizes:
        if type(size) is not int or not 0 <= size < limits.TENSOR_SIZE:
            raise ValueError(f"{size!r} is no size of a tensor")
        elements *= size
    if elements >= limits.TENSOR_SIZE or len(sizes) > 16:
        raise ValueError("a tensor larger than any network's")
    return sizes


def content(data: bytes) -> Any:
    """What one pickle holds, tensors as ``Claimed``; nearly any exception where it is damaged."""
    return _Inert(io.BytesIO(data)).load()


def legacy_content(data: bytes) -> Any:
    """The object in a checkpoint of old, from its first bytes; exceptions as above.

    Magic, protocol and system information come before it.
    """
    file = io.BytesIO(data)
    if _Inert(file).load() != _LEGACY_MAGIC:
        raise pickle.UnpicklingError("no magic number")
    for _ in ("protocol", "system"):
        _Inert(file).load()
    return _Inert(file).load()


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


def _tensor(storage: Any, offset: Any, size: Any, *_: Any) -> Claimed:
    del storage, offset
    return Claimed(size)


def _parameter(data: Any, *_: Any) -> Any:
    return data


def _items(pairs: Any = (), *_: Any) -> dict[Any, Any]:
    """An OrderedDict as protocol 2 builds it: from nothing, or from a list of pairs."""
    found: dict[Any, Any] = {}
    for pair in pairs if isinstance(pairs, (list, tuple)) else ():
        key, value = pair
        if type(key) in _KEYS:
            found[key] = value
    return found


_KEYS = (str, bytes, int, float, bool, type(None))
"""What may be a key: the hash of a tuple of tuples of ... takes for ever."""


def _empty(*_: Any) -> dict[Any, Any]:
    """A defaultdict: its items follow."""
    return {}


_KNOWN: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): _items,
    ("collections", "defaultdict"): _empty,
    ("torch", "Size"): tuple,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
}


class _Counted(dict[int, Any]):
    """What each opcode does, asked for a bounded number of times."""

    left = limits.PICKLE_STEPS

    def __getitem__(self, opcode: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise pickle.UnpicklingError("too many steps")
        return super().__getitem__(opcode)


class _Inert(pickle._Unpickler):
    """Follows a pickle and calls nothing of its choosing.

    The one written in Python: the one in C takes memory for whatever index a pickle names.
    """

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.dispatch = _Counted(type(self).dispatch)  # type: ignore[misc]  # one count each

    def _ignore_state(self) -> None:
        """Attributes (such as a state dict's ``_metadata``) are set on nothing."""
        self._stack().pop()

    def _set_item(self) -> None:
        stack = self._stack()
        value, key = stack.pop(), stack.pop()
        self._set(stack[-1], [(key, value)])

    def _set_items(self) -> None:
        items = self.pop_mark()  # type: ignore[attr-defined]  # typeshed leaves these out
        self._set(self._stack()[-1], zip(items[::2], items[1::2], strict=False))

    def _set_of_items(self) -> None:
        """A dict, a set or a frozenset of what lies on the stack; sets hold no tensors."""
        items = self.pop_mark()  # type: ignore[attr-defined]
        made: dict[Any, Any] = {}
        self._set(made, zip(items[::2], items[1::2], strict=False))
        self._stack().append(made)

    def _empty_set(self) -> None:
        self._stack().append(_Nothing())

    def _frozen_set(self) -> None:
        self.pop_mark()  # type: ignore[attr-defined]
        self._stack().append(_Nothing())

    def _add_items(self) -> None:
        self.pop_mark()  # type: ignore[attr-defined]

    def _set(self, target: Any, items: Any) -> None:
        if not isinstance(target, dict):
            return
        for key, value in items:
            if type(key) in _KEYS:
                target[key] = value

    def _stack(self) -> list[Any]:
        stack: list[Any] = self.stack  # type: ignore[attr-defined]
        return stack

    dispatch: ClassVar[dict[int, Any]] = {
        **pickle._Unpickler.dispatch,
        pickle.BUILD[0]: _ignore_state,
        pickle.SETITEM[0]: _set_item,
        pickle.SETITEMS[0]: _set_items,
        pickle.DICT[0]: _set_of_items,
        pickle.EMPTY_SET[0]: _empty_set,
        pickle.FROZENSET[0]: _frozen_set,
        pickle.ADDITEMS[0]: _add_items,
    }

    def find_class(self, module: str, name: str, /) -> Any:
        """A function of this file, whatever is asked for."""
        return _KNOWN.get((module, name), _Nothing)

    def persistent_load(self, pid: Any) -> None:
        """Tensors' storages are not read."""
