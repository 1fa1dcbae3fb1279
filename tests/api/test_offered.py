"""What ``import esrbench`` offers is said in three places, which agree with what each file has."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import esrbench


def test_all_of_it_is_in_all() -> None:
    assert sorted(esrbench.__all__) == sorted(esrbench._OFFERED)
    assert set(esrbench.__all__) <= set(dir(esrbench))


def test_type_checkers_see_the_same() -> None:
    tree = ast.parse(Path(esrbench.__file__).read_text())
    seen = {
        alias.name: (node.module or "").rpartition(".")[2]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("esrbench.api.")
        for alias in node.names
    }
    assert seen == esrbench._OFFERED


@pytest.mark.parametrize("file", sorted(set(esrbench._OFFERED.values())))
def test_each_file_offers_what_it_is_asked_for(file: str) -> None:
    offered = {name for name, where in esrbench._OFFERED.items() if where == file}
    assert set(importlib.import_module(f"esrbench.api.{file}").__all__) == offered
