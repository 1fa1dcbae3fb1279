"""The LR sizes a submission is timed at, and those its memory is measured at."""

from __future__ import annotations

from esrbench.data.dataset import Dataset
from esrbench.data.images import image_size
from esrbench.judge.bench import Bench
from esrbench.protocol.schema import parse_shape
from esrbench.results.record import RunRecord

Size = tuple[int, int]


def timed_shapes(record: RunRecord, bench: Bench) -> list[str]:
    """The protocol's shapes, ``HxW`` each; a dataset's name stands for the sizes of its LR images.

    For NTIRE's way they are the datasets themselves: each image once, at its own size.
    """
    if bench.options.protocol.timing.policy == "ntire":
        return list(record.quality) or [d.name for d in bench.datasets(record.scale)]
    shapes: list[str] = []
    for shape in bench.options.protocol.timing.shapes:
        shapes += [shape] if shape[0].isdigit() else _named(bench.dataset(shape, record.scale))
    return list(dict.fromkeys(shapes))


def memory_shapes(record: RunRecord, bench: Bench) -> list[str]:
    """The counting input's size first, then what is timed; of a dataset its largest LR image."""
    _, _, height, width = bench.options.protocol.counting_input(record.scale)
    shapes = [f"{height}x{width}"]
    for shape in timed_shapes(record, bench):
        shapes.append(
            shape if shape[0].isdigit() else _named(bench.dataset(shape, record.scale))[-1]
        )
    return list(dict.fromkeys("x".join(map(str, parse_shape(shape)[2:])) for shape in shapes))


def lr_sizes(dataset: Dataset) -> list[Size]:
    """Heights and widths of its LR images, each once, by the number of pixels."""
    sizes = {image_size(pair.lr_path) for pair in dataset.pairs}
    return sorted(sizes, key=lambda size: (size[0] * size[1], size))


def _named(dataset: Dataset) -> list[str]:
    return [f"{height}x{width}" for height, width in lr_sizes(dataset)]
