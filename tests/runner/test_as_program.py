"""A file that reads arguments, or ends, while it is loaded: its defaults, or a sentence."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from esrbench.errors import SubmissionError
from esrbench.runner.as_program import as_program

ENTRY = Path("/nowhere/net.py")


def _parse(**option: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", **option)  # type: ignore[arg-type]
    return parser.parse_args()


def test_defaults_are_left_and_the_arguments_of_the_process_are_put_back() -> None:
    before = list(sys.argv)
    with as_program(ENTRY):
        assert sys.argv == [str(ENTRY)]
        assert _parse(default=8).width == 8
    assert sys.argv == before


def test_a_parser_that_wants_more_is_named() -> None:
    with (
        pytest.raises(SubmissionError, match=r"net\.py parses arguments .*required: --width"),
        as_program(ENTRY),
    ):
        _parse(required=True)


def test_an_exit_is_a_sentence() -> None:
    with pytest.raises(SubmissionError, match=r"net\.py ends the program"), as_program(ENTRY):
        sys.exit(0)
