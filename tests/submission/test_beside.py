"""Which files beside a lone ``model.py`` are its own: those that it imports, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from esrbench.submission.beside import imported_beside
from esrbench.submission.find import find

FILES = {
    "layers.py": "import torch",
    "blocks/__init__.py": "from .deep import conv\nfrom . import gate",
    "blocks/deep.py": "",
    "blocks/gate.py": "from ..layers import x",
    "blocks/unused.py": "",
    "bare/one.py": "",
    "types.py": "",
    "old.py": "print 'python 2'",
    "secret.py": "",
    "notes.txt": "",
}
BLOCKS = {"blocks/__init__.py", "blocks/deep.py", "blocks/gate.py", "layers.py"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import torch, types, numpy as np", set()),
        ("import layers", {"layers.py"}),
        ("from .types import x", {"types.py"}),
        ("from .layers import x", {"layers.py"}),
        ("from . import layers as l", {"layers.py"}),
        ("def build():\n    import layers", {"layers.py"}),
        ("try:\n    import layers\nexcept ImportError:\n    pass", {"layers.py"}),
        ("import blocks", BLOCKS),
        ("from blocks.deep import conv", BLOCKS),
        ("from blocks import *", BLOCKS),
        ("import bare.one", {"bare/one.py"}),
        ("from bare import one", {"bare/one.py"}),
        ("import old", {"old.py"}),
        ("from ... import secret", {"secret.py"}),  # beyond the top: Python will refuse it
        ("this is no python", set()),
    ],
)
def test_what_it_imports_is_its_own(tmp_path: Path, source: str, expected: set[str]) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    entry = tmp_path / "model.py"
    entry.write_text(source)
    found = imported_beside(entry)
    assert found[0] == entry
    assert {path.relative_to(tmp_path).as_posix() for path in found[1:]} == expected


def test_a_file_it_imports_is_part_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("from layers import build\n")
    (tmp_path / "layers.py").write_text("def build(): ...\n")
    before = find(str(tmp_path / "net.py")).code_sha256()
    (tmp_path / "other.py").write_text("")
    assert find(str(tmp_path / "net.py")).code_sha256() == before
    (tmp_path / "layers.py").write_text("def build(): return 1\n")
    assert find(str(tmp_path / "net.py")).code_sha256() != before
