"""What sees every operator, without importing torch's compiler for it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from esrbench.counting import compiler


class DispatchMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """``TorchDispatchMode`` to derive from: define ``__torch_dispatch__`` as there.

    Torch hides that method from its compiler, and imports the compiler to do so at the first
    operator. Here it is hidden once there is a compiler to see it.

    Control flow of an exported program (``torch.cond``, ``while_loop``) is followed: the operators
    of what is taken are seen one by one, as if it stood there.
    """

    supports_higher_order_operators = True

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)  # type: ignore[no-untyped-call]
        own = cls.__dict__.get("__torch_dispatch__")
        if own is not None:
            cls.__torch_dispatch__ = _following(own)  # type: ignore[method-assign]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Asked by torch when a class is made: whether to hide it whatever it costs."""
        return False

    def __enter__(self) -> Any:
        """As of ``TorchDispatchMode``."""
        if compiler.loaded():
            _hide(type(self))
        return super().__enter__()  # type: ignore[no-untyped-call]


def _following(seen: Callable[..., Any]) -> Callable[..., Any]:
    """``seen`` for every operator, those inside control flow instead of it."""

    @functools.wraps(seen)
    def each(self: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        run = _CONTROL_FLOW.get(getattr(func, "__name__", ""))
        if run is None:
            return seen(self, func, types, args, kwargs)
        with self:
            return run(*args, **(kwargs or {}))

    return each


def _cond(pred: Any, true_fn: Any, false_fn: Any, operands: Any = ()) -> Any:
    return (true_fn if pred else false_fn)(*operands)


def _while_loop(cond_fn: Any, body_fn: Any, carried_inputs: Any, additional_inputs: Any) -> Any:
    carried = tuple(carried_inputs)
    while cond_fn(*carried, *additional_inputs):
        carried = tuple(body_fn(*carried, *additional_inputs))
    return carried


_CONTROL_FLOW: dict[str, Callable[..., Any]] = {"cond": _cond, "while_loop": _while_loop}
"""Torch's operators that call functions, by name, and what each comes to."""


def _hide(mode: type[DispatchMode]) -> None:
    seen = mode.__torch_dispatch__
    if not hasattr(seen, "is_hidden"):
        hidden: Any = compiler.hidden(seen)
        hidden.is_hidden = True
        mode.__torch_dispatch__ = hidden  # type: ignore[method-assign]
