"""What a submission says, on a page: escape codes and marks of direction are seen, never sent."""

from __future__ import annotations

import json

import pytest
from markupsafe import Markup

from esrbench.report.numbers import breakable, script_json
from esrbench.report.words import escape, shown

WORDS = [
    ("plain, 超分, עברית ✓", "plain, 超分, עברית ✓"),
    ("esc \x1b[31m \x07 \x00 \x9b", r"esc \x1b[31m \x07 \x00 \x9b"),
    ("rtl \u202eevil\u2066", r"rtl \u202eevil\u2066"),
    ("two\nlines\tand a tab", "two\nlines\tand a tab"),
]


@pytest.mark.parametrize(("said", "seen"), WORDS)
def test_words_on_a_page(said: str, seen: str) -> None:
    assert shown(said) == seen
    assert escape(f"<{said}>") == f"&lt;{seen}&gt;"
    assert breakable(said) == seen


def test_markup_and_numbers_are_left() -> None:
    assert escape(Markup("<b>\u202e</b>")) == "<b>\u202e</b>"
    assert shown(3) == 3


def test_words_in_a_script() -> None:
    text = script_json({"name": "a\u202eb\x9b", "lines": "a\nb", "tag": "</script>"})
    assert text.isprintable()
    assert "</script>" not in text
    read = json.loads(text)
    assert read == {"name": r"a\u202eb\x9b", "lines": "a\nb", "tag": "</script>"}
