"""Whatever a runner does, it costs its own row, which says what happened; and nothing is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from esrbench.judge.connection import Runner, RunnerFailure, RunnerRejected
from esrbench.judge.limits import Limits
from esrbench.judge.output import check_shape
from esrbench.runner.requests import Forward
from esrbench.sandbox import scratch
from esrbench.sandbox.process import runs
from esrbench.sandbox.sight import Sight

HERE = Path(__file__).parent
PROTOCOL = r"broke the harness's protocol \(.*"
MEMORY = "more than the 0.3 GiB of memory"

# the trick, and what the row says of it
TRICKS = [
    ("a_list", PROTOCOL + "not an object"),
    ("no_keys", PROTOCOL + "answer.shape: Field required"),
    ("more_keys", PROTOCOL + "answer.psnr_y: Extra"),
    ("text_for_a_number", PROTOCOL + "answer.ms"),
    ("a_yes_for_a_number", PROTOCOL + "answer.shape.2"),
    ("deep_nesting", PROTOCOL + "nested deeper than 16"),
    ("a_number_of_a_thousand_digits", PROTOCOL + "beyond 2.53"),
    ("not_a_number", PROTOCOL + "with NaN"),
    ("endless_time", PROTOCOL + "with Infinity"),
    ("negative_time", PROTOCOL + "answer.ms: .* greater than or equal to 0"),
    ("another_shape", "returned 1x3x4503599627370496x4503599627370496, not 1x3x32x32"),
    ("an_answer_nobody_asked_for", "an answer nobody asked for"),
    ("an_answer_ahead", "an answer nobody asked for"),
    ("no_json", PROTOCOL + "not JSON"),
    ("four_gigabytes", PROTOCOL + "4294967295 bytes"),
    ("half_a_message", PROTOCOL + "ended within a message"),
    ("a_byte_at_a_time", "no answer within 3 s"),
    ("silence", "no answer within 3 s"),
    ("a_stop", "no answer within 3 s"),
    ("a_closed_pipe", PROTOCOL + "closed the pipe"),
    ("a_quiet_end", "exit code 0 instead of an answer"),
    ("a_crash", "crashed with SIGSEGV"),
    ("a_driven_terminal", r"raised \\x1b\]0;owned\\x07\\x1b\[2J\\u202egpj.exe PSNR Y 99.99"),
    ("markup", "raised <script>"),
    ("a_flood_of_output", "printed more than 64 MiB"),
    ("last_words_that_drive_a_terminal", r"exit code 7 .* printed last: \\x1b\[2J\\x1b\]0;owned"),
    ("memory_of_children", MEMORY),
    ("memory_of_a_file_without_name", MEMORY),
    ("memory_of_the_pixels", MEMORY),
    ("many_processes", "more than 256 processes"),
    ("valid_answers_for_ever", "took more than 6 s in all"),
    ("a_nest_of_folders", "exit code 3"),
    ("a_locked_folder", "exit code 3"),
    ("links_to_others", "exit code 3"),
    ("a_process_that_stays", "exit code 3"),
]
LIMITS = Limits(answer_seconds=3, memory_bytes=int(0.3 * 2**30))


def impostor(trick: str) -> Runner:
    class Impostor(Runner):
        PROGRAM = (str(HERE / "impostor.py"), trick)

    limits = replace(LIMITS, run_seconds=6) if "for_ever" in trick else LIMITS
    return Impostor(limits, threads=1, sight=Sight(readable=(HERE,)))


@pytest.mark.quick_cases(8)
@pytest.mark.parametrize(("trick", "words"), TRICKS, ids=[trick for trick, _ in TRICKS])
def test_an_impostor_is_told_and_leaves_nothing(trick, words, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    with impostor(trick) as runner:
        family = set(runner.pids)
        with pytest.raises((RunnerFailure, RunnerRejected), match=words) as raised:
            for _ in range(20):
                shape = runner.ask(Forward(slot=0, shape=(1, 3, 8, 8))).shape
                check_shape(shape, (1, 3, 8, 8), 4)
        family |= set(runner.pids)
    said = str(raised.value)
    assert len(said) <= 1200
    assert all(character.isprintable() for character in said)
    assert not any(runs(pid) for pid in family)
    assert list(tmp_path.iterdir()) == []


def test_every_trick_is_in_the_table() -> None:
    text = (HERE / "impostor.py").read_text()
    assert all(f"def {trick}(nonce" in text for trick, _ in TRICKS)
    assert text.count("(nonce: str) -> None:") == len(TRICKS)
