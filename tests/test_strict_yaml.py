"""YAML that a person or a stranger wrote: read, or refused in one sentence, in bounded time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from esrbench.errors import EsrbenchError, UsageError
from esrbench.strict_yaml import load, read_yaml

DOUBLING = "a0: &a0 [x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)

REFUSED = {
    "an alias within itself": ("a: &x [1, *x]", "line 1: *x stands within itself"),
    "a merge of itself": ("a: &x {<<: *x}", "*x stands within itself"),
    "aliases that double": (DOUBLING, "holds more than 200000 values, aliases written out"),
    "5,000 digits": ("a: " + "9" * 5000, "a number of 5000 digits"),
    "a long hexadecimal": ("a: 0x" + "f" * 9000, "'a' holds a number of more than 64 bits"),
    "nested deep": ("a: " + "[" * 70 + "]" * 70, "nested more than 64 deep"),
    "nested thousands deep": ("a: " + "[" * 50_000, "not valid YAML"),
    "a key twice": ("scale: 2\nname: x\nscale: 4", "line 3: the key 'scale' stands a second time"),
    "not a number": ("a: .nan", "'a' is nan"),
    "infinite": ("a: [1, -.inf]", "'a' is -inf"),
    "no such date": ("a: 2024-13-45", "month must be in 1..12"),
    "a Python object": ("a: !!python/object:os.system x", "the tag 'tag:yaml.org,2002:python/"),
    "a tag of another kind": ("a: !!timestamp x", "is not needed here"),
    "a control character": ("a: \x07", "not valid YAML"),
    "nothing": ("", "expected `key: value` lines, found nothing"),
    "a list": ("[1]", "found a list"),
    "two documents": ("a: 1\n---\na: 2", "not valid YAML"),
    "large": ("# " + "x" * (4 << 20), "larger than 4 MiB"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    text, says = REFUSED[kind]
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as refusal:
        read_yaml(path)
    assert says in str(refusal.value)
    assert str(refusal.value).startswith(str(path))
    assert len(str(refusal.value)) < 300
    assert str(refusal.value).isprintable()


def test_an_alias_of_something_whole_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}")
    assert read_yaml(path) == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}}


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, says in (("pipe", "not a regular file"), ("", "not a regular"), ("no", "not exist")):
        with pytest.raises(UsageError, match=says):
            read_yaml(tmp_path / name)
    (tmp_path / "latin").write_bytes(b"a: \xe9")
    with pytest.raises(UsageError, match="not text in UTF-8"):
        read_yaml(tmp_path / "latin")


class Weights(BaseModel):
    model_config = {"extra": "forbid"}
    file: str = ""
    url: str = ""


class Manifest(BaseModel):
    model_config = {"extra": "forbid"}
    scale: int = 4
    scales: tuple[int, ...] = ()
    title: str = ""
    weights: Weights = Weights()


SAYS_WHAT_TO_WRITE = [
    ("scale: 1.5", "'scale' takes a whole number such as 4, not 1.5."),
    ("scale: four", "'scale' takes a whole number such as 4, not four."),
    ("scales: 4", "'scales' takes a list: write [4]."),
    ("title: 7", "'title' takes text, not 7; put it in quotes if it is meant so."),
    (
        "weights: file.pth",
        "'weights' takes `key: value` lines (file, url), not file.pth; write "
        "`weights: {file: file.pth}`.",
    ),
    ("weights: {fil: a}", "unknown key 'weights.fil'; did you mean 'file'?"),
    ("k" * 900 + ": 1", "unknown key 'kkkk"),
    ("".join(f"k{i}: 1\n" for i in range(99)), "And 94 more faults."),
]


@pytest.mark.parametrize(("text", "says"), SAYS_WHAT_TO_WRITE)
def test_a_fault_says_what_to_write(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as refusal:
        load(path, Manifest)
    assert says in str(refusal.value)
    assert len(str(refusal.value)) < 1000


WORDS = ["a", "b", ": ", "- ", "  ", "? ", "&x ", "*x", "<<", "!!int ", "0x", "1e9", ".inf", "---"]
PIECES = st.lists(
    st.sampled_from(
        [*WORDS, *"[]{},~%#|>'\"!\t\0\n1é\u2028", "2024-01-01", "9" * 5000, "yes", "1:2"]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(text=PIECES | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        said = str(load(path, Manifest).scale)
    except EsrbenchError as why:
        said = str(why)
    assert said.startswith(str(path)) or said.lstrip("-").isdigit()
