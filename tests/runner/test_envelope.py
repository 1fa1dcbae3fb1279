"""An answer is taken when it is exactly of its type and bounds, and named by field when not."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from esrbench.counting.counts import Counts
from esrbench.runner import answers, requests
from esrbench.runner.bounded import MAX_SENTENCE
from esrbench.runner.envelope import (
    Answered,
    Failed,
    open_reply,
    open_request,
    seal_answer,
    seal_failure,
    seal_request,
)
from esrbench.runner.serve import OPERATIONS
from esrbench.runner.wire import WireError

SWITCHES = {
    "threads": 1,
    "cuda_matmul_tf32": False,
    "cudnn_tf32": False,
    "cudnn_benchmark": False,
    "autocast_cpu": False,
    "autocast_cuda": False,
    "default_dtype": "torch.float32",
}
FORWARDED = {
    "shape": [1, 3, 8, 8],
    "dtype": "torch.float32",
    "ms": 1.5,
    "input_untouched": True,
    "flags": SWITCHES,
}
TIMED = {
    "shape": [1, 3, 8, 8],
    "call_ms": [1.0, 2],
    "process_ms": 3.0,
    "clock": "perf_counter_ns",
    "tampered": [],
    "flags": SWITCHES,
}


def reply(answer: object, **more: object) -> bytes:
    return json.dumps({"nonce": "n", "kind": "answer", "answer": answer, **more}).encode()


def test_a_good_answer_is_the_model() -> None:
    found = open_reply(reply(FORWARDED), answers.Forwarded)
    assert isinstance(found, Answered)
    assert found.answer.shape == (1, 3, 8, 8)
    assert found.answer.flags == answers.Switches(**SWITCHES)


# answer's type, what it says, what is named
NONSENSE = [
    (answers.Forwarded, [], "answer"),
    (answers.Forwarded, None, "answer"),
    (answers.Forwarded, {}, "answer.shape"),
    (answers.Forwarded, {**FORWARDED, "shape": "1x3x8x8"}, "answer.shape"),
    (answers.Forwarded, {**FORWARDED, "shape": [1, 3, 8, True]}, "answer.shape.3"),
    (answers.Forwarded, {**FORWARDED, "shape": [1, 3, 8, -8]}, "answer.shape.3"),
    (answers.Forwarded, {**FORWARDED, "shape": [1, 3, 8, 8.0]}, "answer.shape.3"),
    (answers.Forwarded, {**FORWARDED, "shape": [1] * 65}, "answer.shape"),
    (answers.Forwarded, {**FORWARDED, "dtype": "torch.float32<b>"}, "answer.dtype"),
    (answers.Forwarded, {**FORWARDED, "ms": -1.0}, "answer.ms"),
    (answers.Forwarded, {**FORWARDED, "ms": "1"}, "answer.ms"),
    (answers.Forwarded, {**FORWARDED, "input_untouched": 1}, "answer.input_untouched"),
    (answers.Forwarded, {**FORWARDED, "flags": {}}, "answer.flags.threads"),
    (answers.Forwarded, {**FORWARDED, "runtime_ms": 1}, "answer.runtime_ms"),
    (answers.Timed, {**TIMED, "call_ms": None}, "answer.call_ms"),
    (answers.Timed, {**TIMED, "call_ms": [1.0, None]}, "answer.call_ms.1"),
    (answers.Timed, {**TIMED, "call_ms": [1e300]}, "answer.call_ms.0"),
    (answers.Timed, {**TIMED, "clock": "c" * 401}, "answer.clock"),
    (answers.Ceilings, {"copy_bytes_per_s": 0, "macs_per_s": {}, "launch_s": 1}, "answer.copy"),
    (answers.Remembered, {"memory": {"live_tensors": 2**53 + 1}}, "answer.memory.live_tensors"),
    (answers.WrittenGraph, {"multiple": 0}, "answer.multiple"),
    (answers.Done, {"x": 1}, "answer.x"),
]


@pytest.mark.parametrize(("kind", "said", "field"), NONSENSE, ids=range(len(NONSENSE)))
def test_a_bad_answer_is_named_by_its_field(kind, said, field) -> None:
    with pytest.raises(WireError, match=field):
        open_reply(reply(said), kind)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"nonce": "n", "kind": "praise", "text": "good"}',
        b'{"nonce": 1, "kind": "raised", "text": "x"}',
        b'{"nonce": "n", "kind": "raised", "text": "x", "answer": {}}',
        json.dumps({"nonce": "n", "kind": "raised", "text": "x" * 1001}).encode(),
        reply({}, ok=True),
    ],
)
def test_an_envelope_is_held_to_as_well(body) -> None:
    with pytest.raises(WireError):
        open_reply(body, answers.Done)


def test_what_names_the_fault_drives_no_terminal() -> None:
    with pytest.raises(WireError) as raised:
        open_reply(reply({"\x1b[2J" + "x" * 5000: 1}), answers.Done)
    assert "\x1b" not in str(raised.value)
    assert len(str(raised.value)) <= 200


def test_a_reason_is_cut_to_what_is_taken() -> None:
    found = open_reply(seal_failure("n", "raised", "long " * 5000), answers.Done)
    assert isinstance(found, Failed)
    assert len(found.text) <= MAX_SENTENCE


QUESTIONS = [
    requests.Hello(),
    requests.Count(shape=(1, 3, 8, 8)),
    requests.Pool(sizes=((8, 9), (7, 6))),
    requests.TimeBlock(indices=(0, 1), gains=(0.9, 1.0), room=100, policy="block"),
    requests.WriteGraph(kind="pt2", path="/x", facts={"scale": 4, "title": "ü"}),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.op)
def test_a_question_arrives_as_it_was_asked(question) -> None:
    known = {op: row[0] for op, row in OPERATIONS.items()}
    assert open_request(seal_request("n", question), known) == ("n", question)


def test_every_question_is_served_and_says_what_answers_it() -> None:
    kinds = [kind for kind in vars(requests).values() if isinstance(kind, type)]
    concrete = [
        kind for kind in kinds if issubclass(kind, requests.Request) and "[" not in kind.__name__
    ]
    named = set(concrete) - {requests.Request}
    assert named == {row[0] for row in OPERATIONS.values()}
    assert all(issubclass(kind.answer(), answers.Answer) for kind in named)


def test_an_answer_sealed_is_the_answer_opened() -> None:
    answer = answers.Forwarded.model_validate(FORWARDED, strict=False)
    found = open_reply(seal_answer("n", answer), answers.Forwarded)
    assert isinstance(found, Answered)
    assert found.answer == answer


def test_counts_cross_field_by_field() -> None:
    assert {field.name for field in fields(Counts)} == set(answers.Counted.model_fields)
