"""Bytes are made up here; a MiB is 2^20 of them."""

from __future__ import annotations

import pytest

from esrbench.report.memory_table import memory_table
from tests.report.records import record

MIB = 2**20


@pytest.mark.parametrize(
    ("by_shape", "headings", "lines"),
    [
        (
            {"256x256": {"allocated": 3 * MIB, "process": 600 * MIB},
             "960x540": {"allocated": 24 * MIB, "process": None}},
            ["Allocated", "Process"],
            [("256×256", ["3.0", "600.0"]), ("960×540", ["24.0", ""])],
        ),
        (
            {"256x256": {"live_tensors": MIB // 2, "rss": 2048 * MIB, "process": None}},
            ["Live tensors", "Resident"],
            [("256×256", ["0.5", "2,048.0"])],
        ),
    ],
)  # fmt: skip
def test_a_line_a_shape_and_a_column_a_kind(by_shape, headings, lines) -> None:
    table = memory_table(record(memory_by_shape=by_shape))
    assert table is not None
    assert [heading for heading, _ in table.headings] == headings
    assert table.lines == lines


def test_a_record_without_shapes_shows_the_counting_input() -> None:
    older = record(memory={"live_tensors": MIB}, memory_by_shape={})
    _, _, height, width = older.complexity.input_shape
    assert memory_table(older).lines == [(f"{height}×{width}", ["1.0"])]


def test_no_memory_no_table() -> None:
    assert memory_table(record(memory={}, memory_by_shape={})) is None
