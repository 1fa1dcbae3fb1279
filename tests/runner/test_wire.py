"""Messages arrive whole or not at all."""

from __future__ import annotations

import os
import struct

import pytest

from esrbench.runner.shared import SharedArray
from esrbench.runner.wire import MAX_MESSAGE, WireClosed, WireError, read_message, write_message


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    for descriptor in (read, write):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_what_is_written_is_read(pipe) -> None:
    read, write = pipe
    messages = [{"op": "load", "nonce": "a"}, {"values": [1, 2.5, None, "ü"]}]
    for message in messages:
        write_message(write, message)
    assert [read_message(read) for _ in messages] == messages


def test_an_end_between_messages_is_closed(pipe) -> None:
    read, write = pipe
    os.close(write)
    with pytest.raises(WireClosed):
        read_message(read)


# what stands on the pipe, and what is wrong with it
BROKEN = [
    (struct.pack(">I", 10) + b"{}", "within a message"),
    (struct.pack(">I", MAX_MESSAGE + 1), "bytes"),
    (struct.pack(">I", 3) + b"{x}", "not JSON"),
    (struct.pack(">I", 2) + b"[]", "not an object"),
]


@pytest.mark.parametrize(("data", "words"), BROKEN)
def test_what_is_no_message_is_refused(pipe, data, words) -> None:
    read, write = pipe
    os.write(write, data)
    os.close(write)
    with pytest.raises(WireError, match=words):
        read_message(read)


def test_waiting_may_give_up(pipe) -> None:
    read, _ = pipe

    def too_late() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        read_message(read, too_late)


def test_two_mappings_of_one_array_see_the_same_and_it_grows() -> None:
    with SharedArray.create() as judge, SharedArray(os.dup(judge.descriptor)) as runner:
        judge.view((2, 3))[...] = 7
        assert runner.view((2, 3)).sum() == 42
        judge.view((1000, 1000))[-1, -1] = 5
        assert runner.view((1000, 1000))[-1, -1] == 5
        assert judge.view((2, 3)).sum() == 42
