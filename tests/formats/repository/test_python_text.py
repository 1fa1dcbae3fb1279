"""A file of a repository that is no source costs neither memory nor the stack."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from esrbench.submission.formats.repository.import_paths import is_installed
from esrbench.submission.formats.repository.lazy_packages import LazyPackages
from esrbench.submission.formats.repository.packages import parts_of
from esrbench.submission.formats.repository.python_text import content_of, statements


@pytest.mark.parametrize(
    "source",
    [b"(" * 100_000, b"x = " + b"[" * 5000 + b"]" * 5000, b"-" * 200_000 + b"1", b"\0", b"print 1"],
)
def test_what_python_cannot_read_has_no_statements(source: bytes) -> None:
    assert statements(source) == []


def test_a_sparse_file_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "x_arch.py"
    file.write_bytes(b"import torch\n")
    assert len(statements(content_of(file))) == 1
    with file.open("ab") as opened:
        opened.truncate(10 << 30)
    assert content_of(file) == b""
    assert content_of(tmp_path / "absent.py") == b""
    (tmp_path / "net.py").write_text("import x_arch\n")
    assert [path.name for path in parts_of(tmp_path, tmp_path / "net.py").files] == [
        "net.py",
        "x_arch.py",
    ]


def test_a_bare_folder_among_libraries_is_one(  # as mpl_toolkits, which has no __init__.py
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site-packages/nobodys_toolkits/axes").mkdir(parents=True)
    (tmp_path / "here/nobodys_folder").mkdir(parents=True)
    for place in ("site-packages", "here"):
        monkeypatch.syspath_prepend(tmp_path / place)
    assert is_installed("nobodys_toolkits")
    assert not is_installed("nobodys_folder")


def test_what_a_library_can_do_without_is_missing_for_it(  # as pandas asks for pytz
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site-packages").mkdir()
    tries = (
        "try:\n    import nobodys_zones\n    there = True\nexcept ImportError:\n    there = False\n"
    )
    (tmp_path / "site-packages/a_library_of_tests.py").write_text(tries)
    (tmp_path / "own_of_tests.py").write_text(tries)
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    finder = LazyPackages((tmp_path,))
    finder.lenient = True
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    assert importlib.import_module("a_library_of_tests").there is False
    assert importlib.import_module("own_of_tests").there is True
    for name in ("a_library_of_tests", "own_of_tests", "nobodys_zones"):
        del sys.modules[name]
