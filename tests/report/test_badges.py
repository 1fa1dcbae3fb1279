"""Every flag that the harness can raise has a row that says what it means, and so a badge."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import esrbench
from esrbench.flags import FLAGS
from esrbench.leaderboard.ranking import Row
from esrbench.report.badges import CODES, badges_of, known
from tests.report.records import record

ROOMS = ("judge", "timing", "counting")


def raised(tree: ast.AST) -> Iterator[str]:
    """Texts added to a ``flags``, given as ``flags=``, kept under that name as a dict's keys, or
    yielded by a function of flags; what is imported from ``esrbench.flags`` has its row there."""
    for node in ast.walk(tree):
        found: list[ast.AST] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = ast.unparse(node.func.value)
            if node.func.attr in {"append", "add"} and holder.split(".")[-1] == "flags":
                found += node.args
        if isinstance(node, ast.keyword) and node.arg == "flags":
            found += [part for part in ast.walk(node.value) if isinstance(part, ast.Tuple)]
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "flags":
            found += [key for key in getattr(node.value, "keys", []) if key]
        if isinstance(node, ast.FunctionDef) and "flags" in node.name:
            found += [y.value for y in ast.walk(node) if isinstance(y, ast.Yield) and y.value]
        for part in found:
            for constant in getattr(part, "elts", [part]):
                if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                    yield constant.value


def test_every_flag_has_a_row() -> None:
    package = Path(esrbench.__file__).parent
    flags = {
        flag
        for room in ROOMS
        for source in (package / room).rglob("*.py")
        for flag in raised(ast.parse(source.read_text(encoding="utf-8")))
    } - {"missing", "own"}  # keys by which constants of the table are looked up
    assert {"below-floor", "opaque-ops", "few-blocks", "mutates-input"} <= flags
    assert [flag for flag in sorted(flags) if flag not in FLAGS] == []


def test_every_badge_means_one_plain_sentence() -> None:
    said = {code: known(code).meaning for code in (*FLAGS, *CODES)}
    assert {
        code: text for code, text in said.items() if not re.fullmatch(r"[^.]+(\.[^. ]+)*\.", text)
    } == {}


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
