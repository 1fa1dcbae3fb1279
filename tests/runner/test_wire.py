"""Messages arrive whole or not at all."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import sys

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
    messages = [b'{"op": "load", "nonce": "a"}', '{"values": [1, 2.5, null, "ü"]}'.encode()]
    for message in messages:
        write_message(write, message)
    assert [read_message(read) for _ in messages] == messages


def test_an_end_between_messages_is_closed(pipe) -> None:
    read, write = pipe
    os.close(write)
    with pytest.raises(WireClosed):
        read_message(read)


# what stands on the pipe, and what is wrong with it
def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


BROKEN = [
    (struct.pack(">I", 10) + b"{}", "within a message"),
    (struct.pack(">I", MAX_MESSAGE + 1), "bytes"),
    (framed(b"{x}"), "not JSON"),
    (framed(b"\xff\xfe"), "not JSON"),
    (framed(b""), "not JSON"),
    (framed(b"[]"), "not an object"),
    (framed(b'"a"'), "not an object"),
    (framed(b'{"a":' + b"[" * 60_000 + b"]" * 60_000 + b"}"), "nested deeper than 16"),
    (framed(b'{"a":' * 17 + b"1" + b"}" * 17), "nested deeper than 16"),
    (framed(b'{"a":' + b"9" * 60_000 + b"}"), r"beyond 2\^53"),
    (framed(b'{"a":-9007199254740993}'), r"beyond 2\^53"),
    (framed(b'{"a":1e999}'), "not finite"),
    (framed(b'{"a":NaN}'), "with NaN"),
    (framed(b'{"a":-Infinity}'), "with -Infinity"),
]
"""``framed``: a length that is true, and what it is the length of."""

FINE = [
    b'{"a":9007199254740992,"b":-1.5e300}',
    b'{"a":"' + b"[" * 1000 + b'"}',  # brackets in a string nest nothing
    b'{"a":"\\"[[[[[[[[[[[[[[[[[[[["}',
    b'{"a":' * 16 + b"1" + b"}" * 16,
]


@pytest.mark.parametrize("body", FINE, ids=range(len(FINE)))
def test_what_is_a_message_is_read_as_it_is(pipe, body) -> None:
    read, write = pipe
    write_message(write, body)
    assert read_message(read) == body


@pytest.mark.parametrize(("data", "words"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_message_is_refused(pipe, data, words) -> None:
    read, write = pipe
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 2**20)
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


def test_two_mappings_of_one_array_see_the_same() -> None:
    with SharedArray.create() as judge, SharedArray(os.dup(judge.descriptor)) as runner:
        judge.view((2, 3))[...] = 7
        assert runner.view((2, 3)).sum() == 42
        runner.view((1000, 1000))[-1, -1] = 5
        assert judge.view((1000, 1000))[-1, -1] == 5
        assert judge.view((2, 3)).sum() == 42
        assert 0 < judge.bytes_used < 5_000_000
        with pytest.raises(ValueError, match="4 GiB"):
            judge.view((1 << 15, 1 << 15, 2))


def opened_again(descriptor: int) -> None:
    os.close(os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR | os.O_TRUNC))


# what the other side may try, of both arrays and of the judge's own
TRIES = [
    (False, lambda fd: os.ftruncate(fd, 0)),
    (False, lambda fd: os.ftruncate(fd, 1 << 40)),
    (False, lambda fd: os.posix_fallocate(fd, 0, 1 << 40)),
    (False, opened_again),
    (True, lambda fd: os.ftruncate(fd, 0)),
    (True, lambda fd: os.pwrite(fd, b"x", 0)),
    (True, lambda fd: mmap.mmap(fd, 4096)),
]


@pytest.mark.skipif(sys.platform != "linux", reason="seals are Linux's")
@pytest.mark.parametrize(("from_judge", "attempt"), TRIES, ids=range(len(TRIES)))
def test_what_is_shared_is_sealed(from_judge, attempt) -> None:
    with SharedArray.create(from_judge=from_judge) as array:
        array.view((4,))[...] = 3
        with pytest.raises((PermissionError, OSError)):
            attempt(array.descriptor)
        assert array.view((4,)).tolist() == [3, 3, 3, 3]
