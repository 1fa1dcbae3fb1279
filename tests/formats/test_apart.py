"""What looks into a file that is not trusted can reach that file, and nothing besides."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from esrbench.sandbox import landlock
from esrbench.submission.formats.apart import apart

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or landlock.version() == 0, reason="there is no Landlock here"
)


def _reach(path: Path) -> dict[str, str]:
    """How each attempt ended, in the process that looks into ``path``."""

    def importing() -> object:
        import xml.dom.pulldom  # nobody has imported it yet

        return xml.dom.pulldom

    attempts = {
        "itself": path.read_bytes,
        "a library": importing,
        "a neighbour": (path.parent / "secret").read_bytes,
        "the folder": lambda: list(path.parent.iterdir()),
        "home": lambda: list(Path.home().iterdir()),
        "a new file": lambda: (path.parent / "new").write_bytes(b""),
        "itself, written": lambda: path.open("r+b"),
        "the network": lambda: socket.socket(socket.AF_INET),
    }
    found = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            found[name] = "done"
        except OSError as why:
            found[name] = type(why).__name__
    return found


def test_it_reaches_the_file_and_the_libraries_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "secret").write_bytes(b"y")
    found = apart(_reach, tmp_path / "file")
    assert {name for name, ended in found.items() if ended == "done"} == {"itself", "a library"}
    assert set(found.values()) == {"done", "PermissionError"}
    assert (tmp_path / "secret").read_bytes() == b"y"  # the judge itself has lost nothing
    assert not (tmp_path / "new").exists()
