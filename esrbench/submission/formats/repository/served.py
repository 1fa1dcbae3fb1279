"""BasicSR for a ``model.py`` of one's own: vendored beside it, or served. Runner only."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from torch import nn

from esrbench.submission.formats.repository.lazy_packages import BASICSR, LazyPackages
from esrbench.submission.formats.repository.stand_ins import DCNv2Pack


class Served(LazyPackages):
    """Finds ``basicsr`` and nothing else."""

    def __init__(self, folder: Path) -> None:
        super().__init__((folder,), basicsr_only=True)

    def notes(self, network: nn.Module) -> list[str]:
        """Which parts of BasicSR were esrbench's own, in a sentence; empty for none."""
        return stand_in_notes(self, network)


def stand_in_notes(finder: LazyPackages, network: nn.Module) -> list[str]:
    """Say which parts of BasicSR were ours; one that is imported and not used is none of them."""
    used = {name.rpartition(".")[2] for name in finder.served}
    if not any(isinstance(module, DCNv2Pack) for module in network.modules()):
        used.discard("ModulatedDeformConvPack")
    listed = ", ".join(sorted(used))
    return [f"{listed} of BasicSR served by esrbench's stand-ins"] if used else []


@contextlib.contextmanager
def serving_basicsr(folder: Path) -> Iterator[Served]:
    """While entered, ``import basicsr`` leads to the one in ``folder`` and to the stand-ins.

    Afterwards it is as before, so that two submissions in one process do not meet.
    """
    finder = Served(folder)
    before = _imported()
    for name in before:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield finder
    finally:
        sys.meta_path.remove(finder)
        for name in _imported():
            del sys.modules[name]
        sys.modules.update(before)


def _imported() -> dict[str, ModuleType]:
    return {n: m for n, m in sys.modules.copy().items() if n.split(".")[0] == BASICSR}
