"""Whatever a file holds, each reader ends in a sentence: in bounded time, memory and depth.

The mutations are drawn from a fixed seed; each reader gets whole files of its format with bytes
changed, cut, repeated and put in.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import signal
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from esrbench.errors import EsrbenchError
from esrbench.sandbox.tree import members
from esrbench.submission import limits
from esrbench.submission.checkpoint import read_weights
from esrbench.submission.find import find
from esrbench.submission.formats.apart import apart
from esrbench.submission.formats.child import ask_child
from esrbench.submission.formats.keys import read_taken
from esrbench.submission.formats.registry import recognised
from esrbench.submission.manifest import read_manifest
from esrbench.submission.single_file import syntax_tree

STATE = {"conv.weight": torch.zeros(4, 3, 3, 3), "conv.bias": torch.zeros(4)}


def _message(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field of less than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def _onnx(location: bytes = b"net.onnx.data") -> bytes:
    """ir_version 8, and a graph with one stored tensor whose data lies outside."""
    entry = _message(13, _message(1, b"location") + _message(2, location))
    facts = _message(1, b"esrbench.json") + _message(2, b'{"scale": 4}')
    return b"\x08\x08" + _message(7, _message(5, entry)) + _message(14, facts)


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _saved(legacy: bool) -> bytes:
    buffer = io.BytesIO()
    torch.save({"params": STATE, "epoch": 3}, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


def _safetensors(folder: Path) -> bytes:
    save_file(STATE, folder / "a.safetensors")
    return (folder / "a.safetensors").read_bytes()


MANIFEST = b"""name: tiny
scale: [2, 4]
weights: {4: {file: w.pth, key: params}}
variants: {a: {build: {width: 3}}}
published: {4: {quality: {Set5: {psnr_y: 32.1}}}}
"""
SOURCE = b"SUBMISSION = {'scale': 4, 'data_range': 1.0}\ndef build(scale=4):\n    return None\n"


def _look(path: Path) -> None:
    if recognised(path):
        find(str(path), scale=4)


# the reader, the file's name, a whole file of its format
READERS: dict[str, tuple[Callable[[Path], Any], str, Callable[[Path], bytes]]] = {
    "manifest": (read_manifest, "submission.yaml", lambda _: MANIFEST),
    "source": (syntax_tree, "net.py", lambda _: SOURCE),
    "checkpoint, names": (read_taken, "a.pth", lambda _: _saved(False)),
    "checkpoint, values": (read_weights, "a.pth", lambda _: _saved(False)),
    "old checkpoint": (read_taken, "a.pth", lambda _: _saved(True)),
    "safetensors, names": (read_taken, "a.safetensors", _safetensors),
    "safetensors, values": (read_weights, "a.safetensors", _safetensors),
    "ONNX": (_look, "a.onnx", lambda _: _onnx()),
    "TorchScript": (
        _look,
        "a.pt",
        lambda _: _zip({"a/constants.pkl": b"x", "a/code/b.py": b"y", "a/data.pkl": b"z"}),
    ),
    "pt2": (
        _look,
        "a.pt2",
        lambda _: _zip({"a/archive_format": b"pt2", "a/extra/esrbench.json": b'{"scale": 4}'}),
    ),
    "zip": (
        lambda path: find(str(path)),
        "a.zip",
        lambda _: _zip({"submission.yaml": b"name: tiny\n", "model.py": SOURCE}),
    ),
}

Change = tuple[float, str, bytes]
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 0.999),
        st.sampled_from(["set", "insert", "cut", "repeat"]),
        st.binary(min_size=1, max_size=8) | st.sampled_from([b"\xff" * 8, b"\0" * 8, b"[" * 9]),
    ),
    min_size=1,
    max_size=4,
)


def _changed(data: bytes, changes: list[Change]) -> bytes:
    for where, kind, content in changes:
        at = int(where * len(data))
        if kind == "set":
            data = data[:at] + content + data[at + len(content) :]
        elif kind == "insert":
            data = data[:at] + content + data[at:]
        elif kind == "cut":
            data = data[:at] + data[at + 16 * len(content) :]
        else:
            data = data[:at] + data[at : at + 64] * 3 + data[at:]
    return data


@pytest.mark.parametrize("reader", READERS)
def test_mutations(reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESRBENCH_CACHE", str(tmp_path / "cache"))
    read, name, make = READERS[reader]
    whole, path = make(tmp_path), tmp_path / name

    @settings(
        max_examples=60,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(CHANGES)
    def once(changes: list[Change]) -> None:
        path.write_bytes(_changed(whole, changes))
        with contextlib.suppress(EsrbenchError):  # anything else is a traceback for a person
            read(path)

    path.write_bytes(whole)
    once()


def _header(header: Any) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def _pickled(*opcodes: bytes) -> bytes:
    """What follows magic, protocol and system information of an old checkpoint."""
    head = b"".join(pickle.dumps(x, 2) for x in (0x1950A86A20F9469CFC6C, 1001, {}))
    return head + b"\x80\x02" + b"".join(opcodes) + b"."


def _tensor(shape: Any, offsets: Any = (0, 4)) -> bytes:
    return _header({"a": {"dtype": "F32", "shape": shape, "data_offsets": offsets}})


BOMBS = {
    "JSON thousands deep": _header(b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "a shape that is a word": _tensor("x"),
    "a shape of words": _tensor(["x"]),
    "a negative size": _tensor([-1]),
    "a size of a thousand digits": _tensor([10**1000]),
    "2^31 elements": _tensor([1 << 31]),
    "offsets before the file": _tensor([1], [-4, 0]),
    "offsets behind the file": _tensor([1], [0, 1 << 60]),
    "a header without end": struct.pack("<Q", 1 << 40) + b"{",
    "an entry that holds itself": _pickled(b"}q\x00U\x05modelh\x00s"),
    "keys whose hash takes for ever": _pickled(
        b"}", b"(K\x01tq\x00", b"".join(b"(h\x00h\x00tq\x00" for _ in range(99)), b"K\x01s"
    ),
    "sets of the same": _pickled(b")q\x00", b"h\x00h\x00\x86q\x00" * 99, b"(h\x00\x91"),
    "a string longer than memory": _pickled(b"\x8d" + struct.pack("<Q", 1 << 60)),
    "nested lists": _pickled(b"]" * 100_000 + b"a" * 99_999),
    "a memo of a billion": _pickled(b"Nr\xff\xff\xff\x7f"),
    "endless": _pickled(b"N0" * 1_100_000),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS.keys())
def test_checkpoints_that_are_bombs(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(content + b"\0" * 64)
    with pytest.raises(EsrbenchError, match=r"a\.pth"):
        read_taken(path)


_NUMBERS = (
    st.integers(-2, 40)
    | st.sampled_from([2**31, 2**63, 2**64, 10**30])
    | st.booleans()
    | st.none()
    | st.floats()
    | st.text(max_size=3)
)
_ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "dtype": st.sampled_from(["F32", "F16", "BOOL", "F4", "f32", "", None, 3, ["F32"]]),
        "shape": st.lists(_NUMBERS, max_size=4) | _NUMBERS,
        "data_offsets": st.lists(_NUMBERS, max_size=3) | _NUMBERS,
        "more": _NUMBERS,
    },
)
HEADERS = st.dictionaries(
    st.text(max_size=4) | st.sampled_from(["__metadata__", "a", "a.b", "module.a"]),
    _ENTRIES | _NUMBERS | st.lists(_ENTRIES, max_size=2),
    max_size=4,
)


# each look into names is a process of its own
@pytest.mark.parametrize(
    ("read", "examples"), [(read_taken, 40), (read_weights, 120)], ids=["names", "values"]
)
def test_safetensors_headers_that_lie(
    tmp_path: Path, read: Callable[[Path], Any], examples: int
) -> None:
    path = tmp_path / "a.safetensors"

    @settings(max_examples=examples, derandomize=True, deadline=None, database=None)
    @given(HEADERS, st.integers(-9, 9))
    def once(header: dict[str, Any], longer: int) -> None:
        text = json.dumps(header).encode()
        length = max(0, len(text) + (longer if longer > 6 or longer < -6 else 0))
        path.write_bytes(struct.pack("<Q", length) + text + bytes(160))
        with contextlib.suppress(EsrbenchError):  # anything else is a traceback for a person
            read(path)

    once()


@pytest.mark.parametrize(
    ("entry", "whole"),
    [
        ({"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, True),
        ({"dtype": "BF16", "shape": [], "data_offsets": [0, 2]}, True),
        ({"dtype": "F32", "shape": [2, 0], "data_offsets": [0, 0]}, True),
        ({"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 23]}, False),
        ({"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 24]}, False),
        ({"dtype": "F32", "shape": [1000, 1000], "data_offsets": [0, 4]}, False),
        ({"dtype": "F32", "shape": [2.0, 3], "data_offsets": [0, 24]}, False),
        ({"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}, False),
        ({"shape": [2, 3], "data_offsets": [0, 24]}, False),
    ],
)
def test_a_safetensors_entry_has_the_bytes_that_its_shape_needs(
    tmp_path: Path, entry: dict[str, Any], whole: bool
) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(_header({"a": entry}) + bytes(24))
    if whole:
        assert read_taken(path).state == {"a": tuple(entry["shape"])}
    else:
        with pytest.raises(EsrbenchError, match="damaged safetensors file: its entry 'a'"):
            read_taken(path)


# How a look goes on for ever, or takes all memory; what the limits are is made small for the test.
GREEDY = {
    "waiting": (lambda path: time.sleep(60), {"LOOK_WAIT_SECONDS": 0.3}),
    "CPU time": (lambda path: sum(iter(int, 1)), {"LOOK_SECONDS": 0.3}),
    "memory": (lambda path: len(bytearray(1 << 31)), {}),
    "a crash": (lambda path: os.kill(os.getpid(), signal.SIGKILL), {}),
    "an answer without end": (lambda path: bytes(1 << 27), {}),
}


@pytest.mark.parametrize(("look", "bounds"), GREEDY.values(), ids=GREEDY.keys())
def test_a_look_that_takes_too_much_is_ended(
    tmp_path: Path, look: Any, bounds: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound, seconds in bounds.items():
        monkeypatch.setattr(limits, bound, seconds)
    before = members(os.getpid())
    with pytest.raises(EsrbenchError, match=r"a\.pth cannot be looked into"):
        apart(look, tmp_path / "a.pth")
    assert members(os.getpid()) == before  # nothing is left of it


def test_what_waits_without_computing_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LOOK_SECONDS", 0.1)
    assert apart(lambda path: time.sleep(0.4) or 7, tmp_path) == 7


def test_what_computes_for_too_long_beside_torch_is_ended() -> None:
    with pytest.raises(EsrbenchError, match=r"in 1 s of computing"):
        ask_child("convertible", {}, seconds=1)  # importing torch alone takes longer


OUTSIDE = [b"/etc/passwd", b"../secret.bin", b"missing.bin", b"", b"a\0b"]


@pytest.mark.parametrize("location", OUTSIDE)
def test_an_onnx_graph_with_tensors_elsewhere(tmp_path: Path, location: bytes) -> None:
    (tmp_path / "secret.bin").write_bytes(b"x")
    (tmp_path / "sub").mkdir()
    path = tmp_path / "sub" / "net_x4.onnx"
    path.write_bytes(_onnx(location))
    with pytest.raises(EsrbenchError, match=r"beside it|leads out of"):
        find(str(path))


def test_an_onnx_graph_with_tensors_beside_it(tmp_path: Path) -> None:
    (tmp_path / "net_x4.onnx").write_bytes(_onnx())
    (tmp_path / "net.onnx.data").write_bytes(b"one")
    before = find(str(tmp_path / "net_x4.onnx"))
    assert before.code_files == (tmp_path / "net_x4.onnx", tmp_path / "net.onnx.data")
    digest = before.code_sha256()
    (tmp_path / "net.onnx.data").write_bytes(b"two")
    assert find(str(tmp_path / "net_x4.onnx")).code_sha256() != digest


SOURCES = {
    "sums": b"x=" + b"+".join([b"1"] * 50_000),
    "signs": b"x=" + b"-" * 100_000 + b"1",
    "brackets": b"x=" + b"(" * 5_000 + b")" * 5_000,
    "attributes": b"x=a" + b".b" * 50_000,
    "a dict of lists": b"SUBMISSION={(): {[]: 1}}",
    "a list as key": b"SUBMISSION={[]: 1}\ndef build(): ...",
    "NUL": b"x=1\0",
    "no text": b"\xff\xfe\xfa",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_sources_that_are_bombs(tmp_path: Path, source: bytes) -> None:
    (tmp_path / "model.py").write_bytes(source)
    with pytest.raises(EsrbenchError, match=r"model\.py"):
        find(str(tmp_path / "model.py"))


@pytest.mark.parametrize("name", ["model.py", "a.pth", "a.onnx", "a.zip", "a.pt", "extra.py"])
def test_sparse_files_of_ten_gigabytes(tmp_path: Path, name: str) -> None:
    (tmp_path / "submission.yaml").write_text("name: tiny\n")
    (tmp_path / "model.py").write_bytes(SOURCE)
    with (tmp_path / name).open("wb") as file:
        file.write(b"\x80" if name.endswith(("pth", "pt")) else b"")
        file.truncate(10 << 30)
    path = tmp_path if name.endswith(".py") else tmp_path / name
    with pytest.raises(EsrbenchError, match=name):
        find(str(path))


LINKS = [("model.py", "leads out of"), ("blocks.py", "leads out of"), ("w.pth", "leads out of")]


@pytest.mark.parametrize(("name", "words"), LINKS)
def test_links_that_lead_out(tmp_path: Path, name: str, words: str) -> None:
    from esrbench.submission.weights import locate_weights

    (tmp_path / "secret").write_bytes(SOURCE)
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "submission.yaml").write_text("name: tiny\nweights: {file: w.pth}\n")
    (folder / "model.py").write_bytes(SOURCE)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(tmp_path / "secret")
    with pytest.raises(EsrbenchError, match=words):
        locate_weights(find(str(folder)))
