"""What a record says of memory: a line a shape, a column a way of looking."""

from __future__ import annotations

from dataclasses import dataclass

from esrbench.results.record import RunRecord

_KINDS = {
    "allocated": ("Allocated", "Peak of what torch's allocator handed out, reset after loading."),
    "reserved": ("Reserved", "Peak of what torch's allocator took from the device."),
    "process": ("Process", "What the driver gives the process afterwards, context included."),
    "live_tensors": ("Live tensors", "Peak bytes of tensors alive at once: weights, LR and what "
                                     "operators made."),
    "rss": ("Resident", "The runner's resident memory after the forward, libraries included."),
}  # fmt: skip


@dataclass(frozen=True)
class MemoryTable:
    """Peak memory of one forward, in MiB."""

    headings: list[tuple[str, str]]
    """Of each column: its heading, and what it means."""
    lines: list[tuple[str, list[str]]]
    """LR shape, and one text a column; "" for what is missing."""


def memory_table(record: RunRecord) -> MemoryTable | None:
    """The table; None for a record that says nothing of memory by kind.

    Kinds that no shape has are left out.
    """
    by_shape = dict(record.memory_by_shape)
    if not by_shape and record.memory and record.complexity is not None:
        _, _, height, width = record.complexity.input_shape
        by_shape = {f"{height}x{width}": record.memory}  # older records have this one alone
    kinds = [kind for kind in _KINDS if any(peaks.get(kind) for peaks in by_shape.values())]
    if not kinds:
        return None
    return MemoryTable(
        [_KINDS[kind] for kind in kinds],
        [
            (shape.replace("x", "×"), [_mebibytes(peaks.get(kind)) for kind in kinds])
            for shape, peaks in by_shape.items()
        ],
    )


def _mebibytes(value: int | None) -> str:
    return "" if value is None else f"{value / 2**20:,.1f}"
