"""Build the network of a BasicSR fork from its class and its options. Runner only."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

from esrbench.errors import SubmissionError
from esrbench.submission.formats.repository.construct import constructed
from esrbench.submission.formats.repository.gone import GONE
from esrbench.submission.formats.repository.import_paths import found_in, import_roots, module_name
from esrbench.submission.formats.repository.lazy_packages import LazyPackages
from esrbench.submission.formats.repository.packages import install_line, parts_of

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest


def load(request: LoadRequest) -> nn.Module:
    """The network with its weights, with what its ``model_type`` does around it.

    Raises SubmissionError, in a sentence, for whatever the repository does wrong.
    """
    from esrbench.submission.formats.repository.finish import finished
    from esrbench.submission.formats.repository.served import stand_in_notes

    roots = import_roots(request.folder, request.path)
    option = request.folder / request.arguments["option"]
    with importing(request.folder, roots, request.path) as finder, _called_with(option):
        module = importlib.import_module(module_name(roots, request.path))
        make = getattr(module, request.arguments["attribute"])
        network = constructed(make, request)
    request.notes.extend(stand_in_notes(finder, network))
    return finished(network, request)


@contextlib.contextmanager
def _called_with(option: Path) -> Iterator[None]:
    """While entered, the command line is a fork's own: some read it when a network is imported."""
    before, sys.argv = sys.argv, ["test.py", "-opt", str(option)]
    try:
        yield
    finally:
        sys.argv = before


@contextlib.contextmanager
def importing(
    folder: Path,
    roots: Sequence[Path],
    file: Path,
    *,
    way_out: str = "",
    run_from: Path | None = None,
) -> Iterator[LazyPackages]:
    """Import from a repository; what fails is told in a sentence, with every missing package.

    ``way_out`` is a sentence behind what a network's own code raises where other arguments may
    mend it, and ``run_from`` the folder that a fork is run from, where that is not its own.

    The finder stays: a forward may import too.
    """
    import torch

    GONE.serve()
    finder = LazyPackages(roots, idle=parts_of(folder, file).idle)
    sys.meta_path.insert(0, finder)
    os.chdir(run_from or folder)  # from where a fork is run, and finds files it reads
    cuda = torch.cuda.is_available()
    try:
        yield finder
    except SubmissionError:
        raise
    except ImportError as why:
        raise SubmissionError(import_fault(folder, file, why)) from None
    except Exception as why:
        said = " ".join(str(why).split())[:300]
        mends = way_out and not isinstance(why, (AttributeError, NameError, TypeError))
        hint = f" {way_out}" if mends else ""
        if not cuda and "cuda" in said.lower():
            hint = " It wants a GPU: --device cuda."
        if isinstance(why, (URLError, ConnectionError, socket.gaierror)):
            raise SubmissionError(
                f"{folder.name} fetches something from the network while it is built"
                f"{_place(why, folder)}, where a submission has none; build it without, or put "
                "the file where it looks first."
            ) from None
        unknown = re.search(r"'Namespace' object has no attribute '(\w+)'", said)
        if unknown:
            raise SubmissionError(
                f"{folder.name} asks for an argument that it does not have itself, --{unknown[1]}"
                f"{_place(why, folder)}: it cannot build this model either."
            ) from None
        raise SubmissionError(
            f"{file.relative_to(folder) if file.is_relative_to(folder) else file.name} raised "
            f"{type(why).__name__}: {said}{_place(why, folder)}.{hint}"
        ) from why


def import_fault(folder: Path, file: Path, why: ImportError) -> str:
    """An import that failed in words: every package missing, a part of BasicSR, or a cycle."""
    missing: dict[str, Path] = {}
    for own in (file, *_files_of(why, folder)):
        missing.update(parts_of(folder, own).missing)
    top = (why.name or "").partition(".")[0]
    if isinstance(why, ModuleNotFoundError) and why.name == top and not (folder / top).exists():
        missing.setdefault(top, file)
    if missing:
        return f"{folder.name} {install_line(folder, missing)}"
    said = " ".join(str(why).split())[:300].removesuffix(" (unknown location)").rstrip(".")
    if top == "basicsr":
        return (
            f"{folder.name} needs {why.name}, a module of BasicSR that it does not bring: "
            "pip install basicsr --no-deps."
        )
    hidden = _own_of_that_name(folder, file, top) if top in sys.stdlib_module_names else None
    if hidden is not None:
        return (
            f"{folder.name}: `import {top}` means the standard library's, which hides "
            f"{hidden.relative_to(folder)}; rename that."
        )
    if "partially initialized" in said:
        return f"{folder.name}: its files import each other in a circle: {said}."
    if said.startswith(("needs ", "uses ")):
        return f"{folder.name} {said}."
    return f"{folder.name} imports what is not there: {said}."


def _own_of_that_name(folder: Path, file: Path, name: str) -> Path | None:
    """The repository's own module that has the name of one of the standard library's."""
    found = found_in(import_roots(folder, file), name)
    return None if found is None else found.file or found.folders[0]


def _place(error: BaseException, folder: Path) -> str:
    """`` (basicsr/archs/x_arch.py, line 12)``: the last line of the repository's own."""
    lines = list(_lines_of(error, folder))
    return f" ({lines[-1][0].relative_to(folder)}, line {lines[-1][1]})" if lines else ""


def _files_of(error: BaseException, folder: Path) -> list[Path]:
    return list(dict.fromkeys(file for file, _ in _lines_of(error, folder)))


def _lines_of(error: BaseException, folder: Path) -> Iterator[tuple[Path, int]]:
    """The repository's own lines that ``error`` passed."""
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_absolute() and file.is_relative_to(folder):
            yield file, trace.tb_lineno
        trace = trace.tb_next
