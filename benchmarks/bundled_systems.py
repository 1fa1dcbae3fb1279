"""Every variant of the bundled systems, in the order that says most soonest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from torch import nn

from esrbench.submission.declared import bundled_names, declared_variants
from esrbench.submission.find import find
from esrbench.submission.load import build_model
from esrbench.submission.luma import adapted
from esrbench.submission.submission import Submission


def in_turn(only: Sequence[str] = ()) -> Iterator[Submission]:
    """The first variant of each system, then the second of each: x4 where it has that, else its
    own scale. ``only`` names the systems that are meant; without names all are."""
    names = [name for name in bundled_names() if not only or name in only]
    numbered = [(n, name, v) for name in names for n, v in enumerate(declared_variants(name))]
    for _, name, variant in sorted(numbered, key=lambda one: one[:2]):
        yield find(name, variant=variant)


def built(found: Submission, weights: Path | None = None) -> nn.Module:
    """The network as a score has it, in this process: RGB in and out, in its own range."""
    module, _ = adapted(
        build_model(
            found.entry_file, found.entry_function, found.build_arguments, found.scale, weights
        ).eval(),
        found.channels, scale=found.scale, data_range=found.data_range,
        multiple=found.multiple, min_size=found.min_size,
    )  # fmt: skip
    return module
