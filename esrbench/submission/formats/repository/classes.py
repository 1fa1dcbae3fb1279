"""The file of a repository that defines a network, found by the network's name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from esrbench.errors import SubmissionError, nearest
from esrbench.submission.formats.repository.import_paths import installed_basicsr
from esrbench.submission.formats.repository.python_text import content_of, statements
from esrbench.submission.formats.repository.tree import files_in

OF_BASICSR = {
    "ArcFace", "BasicVSR", "BasicVSRPlusPlus", "DFDNet", "DUF", "ECBSR", "EDSR", "EDVR",
    "HiFaceGAN", "IconVSR", "MSRResNet", "RCAN", "RIDNet", "RRDBNet", "SPADEGenerator", "SpyNet",
    "SRVGGNetCompact", "StyleGAN2Generator", "SwinIR", "TOFlow",
}  # fmt: skip
"""The networks that BasicSR itself brings, for a sentence where a fork relies on them."""
_REGISTERED = ("ARCH_REGISTRY", "NETWORK_REGISTRY", "ARCHS", "register")


@dataclass(frozen=True)
class Place:
    """A class, or a function, that makes the network."""

    file: Path
    registered: bool
    is_arch: bool
    """Whether the framework itself would look there: ``x_arch.py``, or a folder ``archs``."""


def find_network(root: Path, name: str, option: Path) -> Path:
    """The file that defines the network ``name``, which ``option`` asks for.

    As BasicSR does, registered classes in ``*_arch.py`` go first; of equals the one whose folders
    agree most with the option file's.

    Raises SubmissionError where there is none, or where two are alike.
    """
    sources = list(files_in(root, (".py",)))
    places = _defining(sources, name)
    if not places:
        places = _defining([f for b in installed_basicsr() for f in files_in(b, (".py",))], name)
    if not places:
        raise SubmissionError(_absent(root, sources, name, option))
    best = max(_rank(place, option) for place in places)
    chosen = [place.file for place in places if _rank(place, option) == best]
    if len({content_of(file) for file in chosen}) > 1:
        named = " and ".join(str(file.relative_to(root)) for file in chosen[:3])
        raise SubmissionError(
            f"{option.name} asks for {name}, which {named} both define; rename one of them, as "
            "nothing says which is meant."
        )
    return chosen[0]


def _defining(sources: Iterable[Path], name: str) -> list[Place]:
    wanted = re.compile(rb"^(class|def)\s+" + re.escape(name).encode() + rb"\b", re.MULTILINE)
    found = []
    for file in sources:
        content = content_of(file)
        if not wanted.search(content):
            continue
        definition = _definition(content, name)
        if definition is not None:
            in_folder = any(part in ("archs", "arch", "networks") for part in file.parts)
            is_arch = file.stem.endswith("_arch") or file.stem.startswith("network_") or in_folder
            found.append(Place(file, _is_registered(definition), is_arch))
    return found


def _definition(content: bytes, name: str) -> ast.ClassDef | ast.FunctionDef | None:
    """The class (or function) of that name at the top level; the last, as Python keeps it."""
    body = statements(content)
    found = [s for s in body if isinstance(s, (ast.ClassDef, ast.FunctionDef)) and s.name == name]
    return found[-1] if found else None


def _is_registered(definition: ast.ClassDef | ast.FunctionDef) -> bool:
    said = " ".join(ast.unparse(decorator) for decorator in definition.decorator_list)
    return any(word in said for word in _REGISTERED)


def _rank(place: Place, option: Path) -> tuple[bool, bool, int]:
    agree = 0
    for own, asked in zip(place.file.parts, option.parts, strict=False):
        if own != asked:
            break
        agree += 1
    return place.registered, place.is_arch, agree


def _absent(root: Path, sources: list[Path], name: str, option: Path) -> str:
    wanted = f"{option} asks for the network {name}, and no file of {root.name} defines it"
    if name in OF_BASICSR:
        return (
            f"{wanted}: it is one that BasicSR itself brings. Install it beside "
            "(pip install basicsr --no-deps), or use a repository that has it."
        )
    pattern = re.compile(rb"^class\s+(\w+)\s*\(", re.MULTILINE)
    archs = [file for file in sources if file.stem.endswith("_arch")] or sources
    known = {found.decode() for file in archs for found in pattern.findall(content_of(file))}
    hint = nearest(name, known)
    return f"{wanted}{hint if hint.startswith('; did') else '.'}"
