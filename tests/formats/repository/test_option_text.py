"""Option files as they are found, and as somebody hostile would write them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from esrbench.errors import SubmissionError
from esrbench.submission.formats.repository.option_text import (
    LARGEST,
    read_option_text,
    with_numbers,
)

TOML = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python has no tomllib before 3.11")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("a.yml", "a: ~", None),
        ("a.yml", "a: 2e-4", 2e-4),
        ("a.yml", "a: -1E5", -1e5),
        ("a.yml", "a: !!float 5e-4", 5e-4),
        ("a.yml", "a: 1.", 1.0),
        ("a.yml", "a: 1conv", "1conv"),
        ("a.yml", "a: '4'", "4"),
        ("a.yml", "a: !!python/tuple [4, [8, 2e-4]]", (4, [8, 2e-4])),
        ("a.yml", "x: &x {b: 1}\na: {<<: *x, c: 2}", {"b": 1, "c": 2}),
        ("a.json", '{"a": "http://x" // said\n}', "http://x"),
        ("a.json", '{"a": [1, // one\n 2]}', [1, 2]),
        ("a.json", "\ufeff{\"a\": null}", None),
        ("a.json", "{'a': ['//x', 2,],\t/* two\n lines */ }", ["//x", 2]),  # as json5, HFST
        pytest.param("a.toml", "[a]\nb = [1, 2e-4] # as neosr", {"b": [1, 2e-4]}, marks=TOML),
    ],
)  # fmt: skip
def test_values(tmp_path: Path, name: str, text: str, value: Any) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert with_numbers(read_option_text(path)["a"]) == value


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefghijk", "bcdefghijkl", strict=True)
)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yml", "a: !!python/object/apply:os.system [exit]", "line 1: the tag .* would run code"),
        ("a.yml", "b: 1\na: !include x", "line 2: the tag !include"),
        ("a.yml", "b: 1\na: [4, 4],\nc: 2", "line 2: `a: \\[4, 4\\],` ends in a comma"),
        ("a.yml", "a: b: c", "line 1: not valid YAML"),
        ("a.yml", "- a", "expected `key: value` lines, found list"),
        ("a.yml", LAUGHS, "aliases, more than an option file needs"),
        ("a.yml", "a: &a [*a]", "nested too deeply"),
        ("a.yml", "a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("a.yml", "x" * (LARGEST + 1), f"longer than {LARGEST:,} bytes"),
        ("a.yml", "a: 2020-13-45", "not valid YAML"),
        ("a.json", '{"a": 1,\n "b" = 2}', "line 2: not valid JSON"),
        ("a.json", '{"a": !!python/object:os.x 1}', "line 1: not valid JSON"),
        pytest.param("a.toml", "[a", "not valid TOML", marks=TOML),
        ("a.json", "[" * 100_000, "nested too deeply"),
    ],
)
def test_faults_are_sentences(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SubmissionError, match=said):
        read_option_text(path)
