"""Import a repository's packages without running what their ``__init__`` would. Runner only.

A package is there as its folder; a name is looked up in it when it is asked for, through the one
statement of its ``__init__.py`` that binds it. So ``from basicsr.utils import get_root_logger``
does not import OpenCV. What ``basicsr`` itself would have to give comes from ``stand_ins.py``.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from esrbench.submission.formats.repository.absent_parts import (
    Absent,
    Anything,
    NotServed,
    unusable,
)
from esrbench.submission.formats.repository.bindings import Binding, binding_of, stars_of
from esrbench.submission.formats.repository.import_paths import (
    Found,
    RepositoryFinder,
    absolute,
    found_in,
    installed_basicsr,
    is_installed,
    top_level,
)
from esrbench.submission.formats.repository.pip_names import TOOLS

BASICSR = "basicsr"
PACKAGED = {
    f"{BASICSR}.{name}" for name in ("archs", "models", "models.archs", "ops", "utils")
}  # fmt: skip
"""Packages of BasicSR that are there even where no folder is."""


class LazyPackages(RepositoryFinder):
    """Finds the modules below ``roots``, and those of BasicSR that a repository takes from it."""

    def __init__(
        self, roots: Sequence[Path], *, idle: Collection[str] = (), basicsr_only: bool = False
    ) -> None:
        self.roots = tuple(roots)
        self.idle = frozenset(idle)
        """Packages that are imported and never used, besides ``TOOLS``."""
        self.basicsr_only = basicsr_only
        """Whether everything else is found as Python finds it."""
        self.served: set[str] = set()
        """Names that the stand-ins gave: ``basicsr.utils.registry.ARCH_REGISTRY``."""
        self.absent: set[str] = set()
        """Packages authors measure with, which are not installed and not needed."""
        self.lenient = False
        """Whether any package that is not installed is taken for one of those."""

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module where it is the repository's, or BasicSR's; None leaves it to Python."""
        parent, _, name = fullname.rpartition(".")
        if not parent and self.basicsr_only and name != BASICSR:
            return None
        if not parent:
            found = top_level(self.roots, name)
            tool = name in TOOLS or name in self.idle or (self.lenient and name != BASICSR)
            if found is None and tool and not is_installed(name) and not _asked_by_a_library():
                self.absent.add(name)
                absent = Anything(fullname) if self.lenient else Absent(fullname)
                return importlib.machinery.ModuleSpec(fullname, _Loader(absent), is_package=True)
            if found is None and name == BASICSR:
                found = Found(folders=installed_basicsr())
        elif isinstance(package := sys.modules.get(parent), Absent):
            inner = type(package)(fullname)
            return importlib.machinery.ModuleSpec(fullname, _Loader(inner), is_package=True)
        else:
            if not isinstance(package, LazyPackage):
                return None
            found = self._inside(package, fullname, name)
        return self._spec(fullname, found)

    def _inside(self, package: LazyPackage, fullname: str, name: str) -> Found | None:
        """The repository's own module, else a stand-in's, else that of an installed BasicSR."""
        installed = [f for f in package.folders if _is_installed_basicsr(f)]
        own = found_in([f for f in package.folders if f not in installed], name)
        if own is not None:
            beside = found_in(installed, name) if own.folders else None
            return Found(own.file, (*own.folders, *(beside.folders if beside else ())))
        return found_in(installed, name)

    def _spec(self, fullname: str, found: Found | None) -> importlib.machinery.ModuleSpec | None:
        served = _parts(fullname)
        from_installed = found is not None and found.file and _is_installed_basicsr(found.file)
        if served and fullname not in PACKAGED and (found is None or from_installed):
            file = found.file if found else None
            module: ModuleType = ServedModule(fullname, self, file)
            return importlib.machinery.ModuleSpec(fullname, _Loader(module))
        if found is not None and found.file is not None:
            loaded = _loaded_from(found.file)
            if loaded is not None:
                return importlib.machinery.ModuleSpec(fullname, _Loader(loaded))
            return importlib.util.spec_from_file_location(fullname, found.file)
        if found is None and fullname not in {BASICSR, *PACKAGED}:
            return None
        package = LazyPackage(fullname, self, found.folders if found else ())
        return importlib.machinery.ModuleSpec(fullname, _Loader(package), is_package=True)


class LazyPackage(ModuleType):
    """A package whose names are looked up one at a time."""

    def __init__(self, name: str, finder: LazyPackages, folders: tuple[Path, ...]) -> None:
        super().__init__(name)
        self.finder = finder
        self.folders = folders
        self.__path__ = [str(folder) for folder in folders]
        self._ran = False

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return self._all()
        if name.startswith("__") or name in {"finder", "folders", "_ran"}:
            raise AttributeError(name)
        try:
            value = self._found(name)
        except ImportError as why:
            value = self._stand_in(name, str(why))
            if value is None:
                raise
        if value is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__dict__[name] = value
        return value

    def _found(self, name: str) -> Any:
        init = self._init()
        binding = binding_of(init, name) if init else None
        # Compiled extensions of BasicSR are behind these names: ours need none.
        if self.__name__.startswith("basicsr.ops.") and (part := self._stand_in(name)) is not None:
            return part
        if init and binding is not None and binding.kind != "own":
            return self._imported(binding, name)
        if init and binding is not None:
            self._run(init)
            return self.__dict__.get(name)
        for star in stars_of(init) if init else ():
            module = importlib.import_module(absolute(star.module, star.level, self.__name__))
            if hasattr(module, name):
                return getattr(module, name)
        if self.finder._inside(self, f"{self.__name__}.{name}", name) is not None:
            return importlib.import_module(f"{self.__name__}.{name}")
        return self._stand_in(name)

    def _imported(self, binding: Binding, name: str) -> Any:
        module = absolute(binding.module, binding.level, self.__name__)
        if binding.kind == "import":
            return importlib.import_module(module)
        wanted = binding.name or name
        if module == self.__name__:  # from . import x
            return importlib.import_module(f"{module}.{wanted}")
        held = importlib.import_module(module)
        try:
            return getattr(held, wanted)
        except AttributeError:
            return importlib.import_module(f"{module}.{wanted}")

    def _stand_in(self, name: str, why: str = "") -> Any:
        part = _parts(self.__name__).get(name)
        if part is not None:
            self.finder.served.add(f"{self.__name__}.{name}")
        elif self.__name__.split(".")[0] == BASICSR and self.__name__ != "basicsr.archs":
            # Imported and, as often as not, never used: it speaks up when it is.
            what = f"{self.__name__}.{name}"
            part = None if self._init() is None else unusable(what, why and _not_given(why))
        return part

    def _init(self) -> Path | None:
        files = (folder / "__init__.py" for folder in self.folders)
        return next((file for file in files if file.is_file()), None)

    def _run(self, init: Path) -> None:
        """Run the ``__init__`` after all: it defines the name itself."""
        if not self._ran:
            self._ran = True
            self.__dict__["__file__"] = str(init)
            exec(compile(init.read_bytes(), str(init), "exec"), self.__dict__)

    def _all(self) -> list[str]:
        init = self._init()
        if init:
            self._run(init)
        return [name for name in self.__dict__ if not name.startswith("_")]


class ServedModule(ModuleType):
    """A module of BasicSR whose parts are ours; ``file`` is an installed one's, for the others."""

    def __init__(self, name: str, finder: LazyPackages, file: Path | None) -> None:
        super().__init__(name)
        self._finder, self._file = finder, file

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        part = _parts(self.__name__).get(name)
        if part is None and self._file is not None:
            hidden = f"_installed_{self.__name__.replace('.', '_')}"
            part = getattr(_from_file(hidden, self._file), name, None)
        if part is None:
            raise NotServed(
                f"needs {name} of {self.__name__}, which esrbench has no stand-in for: "
                "pip install basicsr --no-deps"
            )
        self._finder.served.add(f"{self.__name__}.{name}")
        self.__dict__[name] = part
        return part


class _Loader(importlib.abc.Loader):
    """Gives a module that is there already."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The module; its own spec stays where it was loaded under another name."""
        del spec
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do."""


def _asked_by_a_library() -> bool:
    """Whether an installed library imports: what it can do without it is to find missing."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith("<frozen importlib") and file != __file__:
            return "site-packages" in file or "dist-packages" in file
        frame = frame.f_back
    return False


def _not_given(why: str) -> str:
    return f"which its own {BASICSR} does not give ({' '.join(why.split())[:120]})"


def _parts(module: str) -> dict[str, Any]:
    """What the stand-ins serve of ``module``."""
    if module.split(".")[0] != BASICSR:
        return {}
    from esrbench.submission.formats.repository.stand_ins import PARTS

    return PARTS.get(module, {})


def _is_installed_basicsr(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in installed_basicsr())


def _loaded_from(file: Path) -> ModuleType | None:
    """The module that was loaded from ``file`` under whatever name, so that it is loaded once."""
    for module in list(sys.modules.values()):
        if type(module) is ModuleType and module.__dict__.get("__file__") == str(file):
            return module
    return None


def _from_file(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
