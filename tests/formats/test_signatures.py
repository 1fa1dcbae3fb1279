"""The table of bundled networks: read once, and again only where a system's code changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from esrbench import bundled
from esrbench.submission.formats import signatures as module


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Two systems of one network each; which of them the child was asked for, each time."""
    for name in ("one", "two"):
        (tmp_path / "systems" / name).mkdir(parents=True)
        (tmp_path / "systems" / name / "submission.yaml").write_text("name: x")
        (tmp_path / "systems" / name / "model.py").write_text("x = 1")
    questions: list[list[str]] = []

    def child(question: str, names: list[str], seconds: int) -> list[dict[str, Any]]:
        assert (question, seconds) == ("signatures", 600)
        questions.append(names)
        facts = {"variant": None, "scale": 4, "title": "x", "trained": False}
        return [{"name": name, **facts, "shapes": {"w": [3, 3]}} for name in names]

    monkeypatch.setattr(bundled, "submissions", lambda: tmp_path / "systems")
    monkeypatch.setattr(module, "ask_child", child)
    return questions


def read(cache: Path) -> list[str]:
    module._signatures.cache_clear()
    return [found.label for found in module._signatures(cache)]


def test_only_what_changed_is_read_again_and_it_is_said(
    asked: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache"
    assert read(cache) == ["one x4", "two x4"]
    assert "of 2 bundled systems, once until" in capsys.readouterr().err
    assert read(cache) == ["one x4", "two x4"]
    assert capsys.readouterr().err == ""
    (tmp_path / "systems" / "two" / "model.py").write_text("x = 2")
    assert read(cache) == ["one x4", "two x4"]
    assert "of 1 bundled system, once until" in capsys.readouterr().err
    assert asked == [["one", "two"], ["two"]]


@pytest.mark.parametrize(
    "content", ["", "[]", "[" * 100_000, '{"one": 1}', '{"one": ["x", [{"name": "one"}]]}', "null"]
)
def test_a_damaged_table_is_made_again(
    asked: list[list[str]], tmp_path: Path, content: str
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "signatures.json").write_text(content)
    assert read(tmp_path / "cache") == ["one x4", "two x4"]
    assert asked == [["one", "two"]]
    assert sorted(json.loads((tmp_path / "cache" / "signatures.json").read_text())) == [
        "one",
        "two",
    ]
