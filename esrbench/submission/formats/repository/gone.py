"""What libraries had when a fork was written, and have no more. Runner only.

``np.int`` was ``int`` until NumPy 1.24, ``collections.Iterable`` is in ``collections.abc`` since
Python 3.3 and there alone since 3.10, ``torch._six`` went with Python 2. They mean what they meant.
"""

from __future__ import annotations

import collections
import collections.abc
import math
import sys
from types import ModuleType
from typing import Any

_NUMPY = {"int": int, "float": float, "bool": bool, "object": object, "complex": complex,
          "str": str, "long": int, "unicode": str}  # fmt: skip
_TORCH_SIX = {"container_abcs": collections.abc, "string_classes": (str, bytes),
              "int_classes": int, "inf": math.inf, "PY3": True, "PY37": True}  # fmt: skip


class WhatIsGone:
    """Serves names that libraries have dropped, once ``serve`` is called, and keeps which."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def serve(self) -> None:
        """From now on, for the life of the process."""
        import numpy as np
        import torch

        self._let_give(np, "numpy", _NUMPY)
        self._let_give(collections, "collections", vars(collections.abc))
        if "torch._six" not in sys.modules and not hasattr(torch, "_six"):
            six = ModuleType("torch._six")
            self._let_give(six, "torch._six", _TORCH_SIX)
            sys.modules["torch._six"] = six

    def note(self) -> list[str]:
        """What was asked for, in a sentence; empty for nothing."""
        if not self.used:
            return []
        return [f"{', '.join(sorted(self.used))}: gone from today's libraries, given as it was"]

    def _let_give(self, module: ModuleType, name: str, gone: dict[str, Any]) -> None:
        """Have ``module`` answer for those of ``gone`` that it lacks, before it asks itself."""
        own = module.__dict__.get("__getattr__")

        def answer(attribute: str) -> Any:
            if attribute in gone and not attribute.startswith("_"):
                self.used.add(f"{name}.{attribute}")
                return gone[attribute]
            if own is not None:
                return own(attribute)
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")

        module.__getattr__ = answer  # type: ignore[method-assign]


GONE = WhatIsGone()
"""Of this process: a runner has one submission."""
