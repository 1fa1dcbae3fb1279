"""Every flag that the harness can raise has a row that says what it means, and so a badge."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import esrbench
from esrbench.flags import FLAGS
from esrbench.leaderboard.ranking import Row
from esrbench.report.badges import badges_of, known
from tests.report.records import record

ROOMS = ("judge", "timing", "complexity")


def raised(tree: ast.AST) -> Iterator[str]:
    """Texts given to ``flags.append`` or ``.add``, and keys of a dict called ``flags``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = ast.unparse(node.func.value)
            if node.func.attr in {"append", "add"} and holder.split(".")[-1] == "flags":
                yield from (a.value for a in node.args if isinstance(a, ast.Constant))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "flags":
            keys = node.value.keys if isinstance(node.value, ast.Dict) else []
            yield from (k.value for k in keys if isinstance(k, ast.Constant))


def test_every_flag_has_a_row() -> None:
    package = Path(esrbench.__file__).parent
    flags = {
        flag
        for room in ROOMS
        for source in (package / room).rglob("*.py")
        for flag in raised(ast.parse(source.read_text(encoding="utf-8")))
    }
    assert {"below-floor", "no-weights", "opaque-ops", "few-blocks"} <= flags
    assert [flag for flag in sorted(flags) if flag not in FLAGS] == []


def test_an_unknown_flag_shows_as_it_is() -> None:
    row = Row(record("a", flags=["new-flag", "output-bfloat16-float32"]), rank=1)
    by_code = {b.code: b for b in badges_of(row)}
    assert by_code["new-flag"].label == "new flag"
    meaning = "Its outputs are bfloat16 and float32, not float32 throughout."
    assert by_code["output-bfloat16-float32"].meaning == meaning


def test_the_gravest_come_first() -> None:
    row = Row(record("a", flags=["few-blocks", "below-floor"]), rank=1)
    assert [b.code for b in badges_of(row)][:2] == ["below-floor", "few-blocks"]
    assert known("below-floor").tone == "bad"
