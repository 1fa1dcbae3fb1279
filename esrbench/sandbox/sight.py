"""What a confined process gets to see of the file system: what it runs on, and its own files."""

from __future__ import annotations

import os
import site
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import esrbench
from esrbench import bundled
from esrbench.errors import SubmissionError

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
_FILES = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/OpenCL",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/fs/cgroup/cpu.max",
)
COMPILERS = ("/usr/lib/gcc", "/usr/libexec/gcc", "/usr/local/lib/gcc", "/usr/local/libexec/gcc")
"""Without what stands there no gcc compiles, and whatever was compiled runs on."""
_MOST_FILES = 20_000
_DEEPEST = 24


@dataclass(frozen=True)
class Sight:
    """Paths one process may read, beside the system's; each is seen where it really is."""

    readable: tuple[Path, ...] = ()
    """Files and folders: the submission's own, and its weights."""
    writable: Path | None = None
    """A folder it may write results into; None for none beside its scratch."""
    hidden: tuple[Path, ...] = ()
    """Folders that are empty for it even where they lie within what is readable."""
    device: str = "cpu"
    compiler: bool = False
    """Whether it may find one: ``torch.compile`` needs it."""


def own_files(
    folder: Path, files: Iterable[Path] | None, weights: Path | None, *, of: str
) -> tuple[Path, ...]:
    """What the submission ``of`` may read: its ``folder``, or only ``files`` of it; its weights.

    Raises SubmissionError where a link in it leads out of its folder, or where it holds what is
    neither file nor folder: such a thing would show it what is not its own.
    """
    root = folder.resolve()
    chosen = [root] if files is None else [_within(path, root, of) for path in files]
    if files is None:
        _look_through(root, of)
    if weights is not None:
        # One beside the code is the submission's own word; others the judge found by their hash.
        inside = weights.absolute().is_relative_to(folder.absolute())
        chosen.append(_within(weights, root, of) if inside else weights.resolve())
    return tuple(dict.fromkeys(chosen))


def _within(path: Path, root: Path, of: str) -> Path:
    real = path.resolve()
    if not real.is_relative_to(root):
        raise SubmissionError(
            f"{path.name} of {of} is a link that leads out of its folder; put the file there."
        )
    return real


def _look_through(root: Path, of: str) -> None:
    seen = 0
    for parent, folders, files in os.walk(root):
        here = Path(parent)
        if len(here.relative_to(root).parts) > _DEEPEST:
            raise SubmissionError(f"{of} has folders nested deeper than {_DEEPEST}.")
        seen += len(folders) + len(files)
        if seen > _MOST_FILES:
            raise SubmissionError(f"{of} has more than {_MOST_FILES} files.")
        for name in (*folders, *files):
            mode = (here / name).lstat().st_mode
            if stat.S_ISLNK(mode):
                _within(here / name, root, of)
            elif not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise SubmissionError(f"{of} holds {name}, which is neither a file nor a folder.")


@lru_cache(maxsize=1)
def of_python() -> tuple[Path, ...]:
    """What the interpreter and its libraries need, this package included, each as it is named."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    found = [Path(path) for path in (*_SYSTEM, *_FILES, *sorted(prefixes))]
    found += _hops(Path(sys.executable))
    for entry in dict.fromkeys([*sys.path, *_user_site()]):
        found += _importable(entry)
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__"):  # a finder instead of a path
            found += [Path(place) for place in getattr(module, "MAPPING", {}).values()]
    for variable in ("LD_LIBRARY_PATH", "CUDA_HOME"):
        found += [Path(p) for p in os.environ.get(variable, "").split(os.pathsep) if p]
    found.append(Path(esrbench.__file__).parent)
    return tuple(path for path in dict.fromkeys(found) if path.exists())


def hidden_in_libraries() -> tuple[Path, ...]:
    """Folders of installed packages that hold ground truth, or other people's submissions."""
    from esrbench.data.built_in import scikit_image_folder
    from esrbench.errors import UnavailableError

    hidden = [bundled.submissions()]
    try:
        hidden.append(scikit_image_folder())
    except UnavailableError:
        return tuple(hidden)
    return tuple(path.resolve() for path in hidden if path.is_dir())


def around(paths: Iterable[Path], hidden: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """``paths`` without what is ``hidden``, and the folders whose names alone may be listed.

    For rules that can only allow, and allow all that is below: a folder around a hidden one is
    given up for its children.
    """
    avoid = [path.resolve() for path in hidden]
    allowed: list[Path] = []
    listed: list[Path] = []
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        real = path.resolve()
        if any(real == one for one in avoid):
            continue
        if real.is_dir() and any(one.is_relative_to(real) for one in avoid):
            listed.append(path)
            waiting.extend(path.iterdir())
        else:
            allowed.append(path)
    return allowed, listed


def _hops(program: Path) -> Iterator[Path]:
    """A program's folder, and those of every link on the way to the file that is run."""
    for _ in range(16):
        yield program.parent
        if not program.is_symlink():
            return
        program = program.parent / program.readlink()


def _importable(entry: str) -> Iterator[Path]:
    """What can be imported from one entry of ``sys.path``, and nothing else that lies there.

    An installed folder counts as a whole. Any other (a checkout, whatever ``PYTHONPATH`` names) may
    hold anything beside packages; the working directory is never looked into.
    """
    path = Path(entry)
    if not entry or not path.is_absolute() or not path.exists() or path == Path.cwd():
        return
    installed = "site-packages" in path.parts or "dist-packages" in path.parts
    if path.is_file() or installed or path.is_relative_to(sys.base_prefix):
        yield path
        return
    if path == Path(esrbench.__file__).resolve().parent.parent:
        return
    for child in path.iterdir():
        if child.suffix in {".py", ".so"} or (child / "__init__.py").is_file():
            yield child


def _user_site() -> list[str]:
    return [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
