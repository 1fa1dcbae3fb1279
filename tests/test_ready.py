"""Waiting on pipes, whatever the numbers of their descriptors."""

from __future__ import annotations

import fcntl
import os
import resource

import pytest

from esrbench.ready import ready


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_nothing_is_ready_until_there_is_something(pipe) -> None:
    out, into = pipe
    assert ready([out], within=0) == (set(), set())
    assert ready([out], [into], within=0) == (set(), {into})
    os.write(into, b"x")
    assert ready([out], within=60) == ({out}, set())


def test_an_end_is_something_to_read_and_a_place_to_write(pipe) -> None:
    out, _ = pipe
    closed_at_once, other = os.pipe()
    os.close(other)
    assert ready([closed_at_once, out], within=60) == ({closed_at_once}, set())
    os.close(closed_at_once)
    reader, writer = os.pipe()
    os.close(reader)
    assert ready([], [writer], within=60) == (set(), {writer})  # the write says that it is broken
    os.close(writer)


def test_a_descriptor_that_select_does_not_take(pipe) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2048:
        pytest.skip("this process may not have so many descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    try:
        high = fcntl.fcntl(pipe[0], fcntl.F_DUPFD, 1500)
        os.write(pipe[1], b"x")
        assert ready([high], within=60) == ({high}, set())
        os.close(high)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
