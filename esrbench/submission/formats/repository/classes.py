"""The file of a repository that defines a network, found by the network's name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from esrbench.errors import SubmissionError, nearest
from esrbench.submission.formats.repository.import_paths import installed_basicsr
from esrbench.submission.formats.repository.known_as import KnownAs, known_as
from esrbench.submission.formats.repository.python_text import content_of
from esrbench.submission.formats.repository.tree import files_in

OF_BASICSR = {
    "ArcFace", "BasicVSR", "BasicVSRPlusPlus", "DFDNet", "DUF", "ECBSR", "EDSR", "EDVR",
    "HiFaceGAN", "IconVSR", "MSRResNet", "RCAN", "RIDNet", "RRDBNet", "SPADEGenerator", "SpyNet",
    "SRVGGNetCompact", "StyleGAN2Generator", "SwinIR", "TOFlow",
}  # fmt: skip
"""The networks that BasicSR itself brings, for a sentence where a fork relies on them."""


@dataclass(frozen=True)
class Place:
    """A class, or a function, that makes the network."""

    file: Path
    known: KnownAs
    by_framework: int
    """How surely the framework itself looks there: 3 for ``archs/x_arch.py``, which BasicSR reads,
    2 for that name or such a folder, 1 for what Python can import at all."""


def find_network(root: Path, name: str, option: Path) -> tuple[Path, str]:
    """The file that defines the network ``name``, which ``option`` asks for, and its name there.

    As BasicSR does, registered classes in ``archs/*_arch.py`` go first; of equals the one whose
    folders agree most with the option file's.

    Raises SubmissionError where there is none, or where two are alike.
    """
    sources = list(files_in(root, (".py",)))
    places = _leading_to(sources, name)
    if not places:
        places = _leading_to([f for b in installed_basicsr() for f in files_in(b, (".py",))], name)
    if not places:
        raise SubmissionError(_absent(root, sources, name, option))
    best = max(_rank(place, option) for place in places)
    chosen = [place for place in places if _rank(place, option) == best]
    if len({content_of(place.file) for place in chosen}) > 1:
        named = " and ".join(str(place.file.relative_to(root)) for place in chosen[:3])
        raise SubmissionError(
            f"{option.name} asks for {name}, which {named} both define; rename one of them, as "
            "nothing says which is meant."
        )
    return chosen[0].file, chosen[0].known.attribute


def _leading_to(sources: Iterable[Path], name: str) -> list[Place]:
    """Where ``name`` leads; other names for something count where nothing is called so."""
    found = [
        Place(file, known, _by_framework(file))
        for file in sources
        if (known := known_as(content_of(file), name)) is not None
    ]
    return [place for place in found if place.known.defined or place.known.registered] or found


def _by_framework(file: Path) -> int:
    if not file.stem.isidentifier():  # `select_network copy.py`: nothing imports it
        return 0
    in_folder = any(part in ("archs", "arch", "networks") for part in file.parts)
    named = file.stem.endswith("_arch") or file.stem.startswith("network_")
    return 3 if named and file.parent.name == "archs" else 2 if named or in_folder else 1


def _rank(place: Place, option: Path) -> tuple[bool, bool, int, int]:
    agree = 0
    for own, asked in zip(place.file.parts, option.parts, strict=False):
        if own != asked:
            break
        agree += 1
    by_framework = place.by_framework
    return by_framework > 0, place.known.registered, by_framework, agree


def _absent(root: Path, sources: list[Path], name: str, option: Path) -> str:
    if name == "define_G":
        return (
            f"{option} has the form of KAIR's, whose define_G(options) builds the network, and no "
            f"file of {root.name} has a define_G."
        )
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
