"""What sees every operator, without importing torch's compiler for it."""

from __future__ import annotations

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from esrbench.counting import compiler


class DispatchMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """``TorchDispatchMode`` to derive from: define ``__torch_dispatch__`` as there.

    Torch hides that method from its compiler, and imports the compiler to do so at the first
    operator. Here it is hidden once there is a compiler to see it.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Asked by torch when a class is made: whether to hide it whatever it costs."""
        return False

    def __enter__(self) -> Any:
        """As of ``TorchDispatchMode``."""
        if compiler.loaded():
            _hide(type(self))
        return super().__enter__()  # type: ignore[no-untyped-call]


def _hide(mode: type[DispatchMode]) -> None:
    seen = mode.__torch_dispatch__
    if not hasattr(seen, "is_hidden"):
        hidden: Any = compiler.hidden(seen)
        hidden.is_hidden = True
        mode.__torch_dispatch__ = hidden  # type: ignore[method-assign]
