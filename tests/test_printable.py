"""What a stranger's words may hold, and what is shown of it."""

from __future__ import annotations

import pytest

from esrbench.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Straße 超分辨率 ✓ é", "Straße 超分辨率 ✓ é"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\rb\x07\x00", r"a\x0db\x07\x00"),
        ("\x9b2J", r"\x9b2J"),  # the one-byte form of ESC [
        ("abc\u202etxt.exe", r"abc\u202etxt.exe"),
        ("half \ud800", r"half \ud800"),
        ("two\nlines", r"two\x0alines"),
    ],
)
def test_control_characters_are_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_some_are_kept() -> None:
    assert printable("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\x1b"
