"""The LR sizes a submission is timed at, and those its memory is measured at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from esrbench.data.dataset import Dataset
from esrbench.data.images import image_size
from esrbench.policies import POLICIES
from esrbench.protocol.schema import Protocol, parse_shape

Size = tuple[int, int]
Opened = Callable[[str], Dataset]
"""A dataset of the catalogue by its name, at the scale in question."""


def timed_shapes(protocol: Protocol, datasets: Sequence[Dataset], opened: Opened) -> list[str]:
    """The protocol's shapes, ``HxW`` each; a dataset's name stands for the sizes of its LR images.

    Under a cold policy they are the ``datasets`` themselves: each image once, at its own size.
    """
    if POLICIES[protocol.timing.policy].cold:
        return [dataset.name for dataset in datasets]
    shapes: list[str] = []
    for shape in protocol.timing.shapes:
        shapes += [shape] if shape[0].isdigit() else _named(opened(shape))
    return list(dict.fromkeys(shapes))


def memory_shapes(counting: Sequence[int], timed: Sequence[str], opened: Opened) -> list[str]:
    """The size of the counting input first, then what is timed; of a dataset its largest LR."""
    shapes = [f"{counting[-2]}x{counting[-1]}"]
    for shape in timed:
        shapes.append(shape if shape[0].isdigit() else _named(opened(shape))[-1])
    return list(dict.fromkeys("x".join(map(str, parse_shape(shape)[2:])) for shape in shapes))


def lr_sizes(dataset: Dataset) -> list[Size]:
    """Heights and widths of its LR images, each once, by the number of pixels."""
    sizes = {image_size(pair.lr_path) for pair in dataset.pairs}
    return sorted(sizes, key=lambda size: (size[0] * size[1], size))


def _named(dataset: Dataset) -> list[str]:
    return [f"{height}x{width}" for height, width in lr_sizes(dataset)]
