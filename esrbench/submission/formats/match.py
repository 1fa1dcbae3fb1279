"""Which of the networks that come with esrbench a checkpoint's names and shapes belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from esrbench.submission.formats.entries import prefix_of, prefixes, under
from esrbench.submission.formats.keys import Shapes
from esrbench.submission.formats.signatures import Signature

CANDIDATES = 3
_RELATED = 0.2
"""Below this share of names in common, a network is worth naming only where none is nearer."""


def prefix(shapes: Shapes, known: Sequence[Signature]) -> str:
    """What stands before the names of the nearest network in ``shapes``; often nothing.

    Where a network's names are all there behind a prefix (``model.``), that prefix, whatever other
    tensors stand beside; else the one that brings ``shapes`` nearest to a network.
    """
    for signature in known:
        found = prefix_of(shapes.keys(), signature.shapes.keys())
        if found and under(shapes, found) == signature.shapes:
            return found
    nearest, nearness = "", _nearness(shapes, known)
    for shared in prefixes(shapes.keys()):
        here = _nearness(under(shapes, shared), known) if shared else nearness
        if here > nearness:
            nearest, nearness = shared, here
    return nearest


def _nearness(shapes: Shapes, known: Sequence[Signature]) -> tuple[float, float]:
    return max((_agreement(shapes, signature) for signature in known), default=(0.0, 0.0))


def exact(shapes: Shapes, known: Iterable[Signature]) -> list[Signature]:
    """The networks with these names and shapes and no others."""
    return [signature for signature in known if signature.shapes == shapes]


def nearest_candidates(shapes: Shapes, known: Sequence[Signature]) -> list[str]:
    """The nearest networks, one a submission, each with what it lacks, in a few words.

    Nearness is the share of tensors that agree: by name and shape first, by name alone after.
    """
    ranked = sorted(known, key=lambda signature: _agreement(shapes, signature), reverse=True)
    chosen: dict[str, Signature] = {}
    for signature in ranked:
        if max(_agreement(shapes, signature)) >= (_RELATED if chosen else 0.01):
            chosen.setdefault(signature.name, signature)
    return [_lacks(shapes, signature) for signature in list(chosen.values())[:CANDIDATES]]


def _agreement(shapes: Shapes, signature: Signature) -> tuple[float, float]:
    union = len(shapes.keys() | signature.shapes.keys())
    same = sum(signature.shapes.get(name) == shape for name, shape in shapes.items())
    named = len(shapes.keys() & signature.shapes.keys())
    return same / union, named / union


def _lacks(shapes: Shapes, signature: Signature) -> str:
    """``span/c28 x4 (2 of 48 tensors are missing (conv_1.weight, ...); ...)``."""
    wanted = signature.shapes
    missing = [name for name in wanted if name not in shapes]
    beyond = [name for name in shapes if name not in wanted]
    unequal = [name for name in wanted if name in shapes and shapes[name] != wanted[name]]
    parts = []
    if missing:
        parts.append(f"{len(missing)} of its {len(wanted)} tensors are missing ({missing[0]} ...)")
    if beyond:
        parts.append(f"{len(beyond)} are none of its own ({beyond[0]} ...)")
    if unequal:
        name = unequal[0]
        parts.append(
            f"{len(unequal)} have another shape ({name} is {_size(shapes[name])}, "
            f"not {_size(wanted[name])})"
        )
    return f"{signature.label}: {', '.join(parts)}"


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a scalar"
