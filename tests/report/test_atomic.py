"""What a file is written through, and what is never replaced."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from esrbench.errors import UnavailableError, UsageError
from esrbench.report.atomic import write_bytes, write_text

WRITE = "import sys; from pathlib import Path; from esrbench.report.atomic import write_text; "


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    assert write_text(path, "one")
    assert not write_text(path, "one")
    assert write_text(path, "two")
    assert path.read_text() == "two"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(mode)
    write_text(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_text(tmp_path / "a", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "dangling"])
def test_a_link_stays_and_what_it_names_is_written(tmp_path: Path, there: bool) -> None:
    real, link = tmp_path / "far" / "real.csv", tmp_path / "latest.csv"
    real.parent.mkdir()
    if there:
        real.write_text("old")
    link.symlink_to("far/real.csv")
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_fifo_is_written_to(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    write_bytes(fifo, b"rows")
    reader.join(10)
    assert got == [b"rows"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/proc/self/fd/1", "link"])
@pytest.mark.parametrize("to_file", [True, False], ids=["file", "pipe"])
def test_standard_output(tmp_path: Path, name: str, to_file: bool) -> None:
    """What is printed before and after stays, whether it goes to a pipe or to a file."""
    if name == "link":
        (tmp_path / "link").symlink_to("/proc/self/fd/1")
    code = f"{WRITE}print('first', flush=True); write_text(Path({name!r}), 'rows'); print('.')"
    out = tmp_path / "out"
    with out.open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=file if to_file else subprocess.PIPE, cwd=tmp_path
        )
    assert done.returncode == 0
    assert (out.read_bytes() if to_file else done.stdout) == b"first\nrows.\n"
    assert sorted(p.name for p in tmp_path.iterdir()) in (["out"], ["link", "out"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs mknod")
@pytest.mark.parametrize(("minor", "fails"), [(3, False), (7, True)], ids=["null", "full"])
def test_a_device_is_written_to_and_stays(tmp_path: Path, minor: int, fails: bool) -> None:
    """Nodes of its own in the folder, as /dev/null and /dev/full are."""
    node = tmp_path / "node"
    try:
        os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        node.open("wb").close()
    except OSError:
        pytest.skip("no device nodes here")
    if fails:
        with pytest.raises(UnavailableError, match="No space left"):
            write_text(node, "x")
    else:
        write_text(node, "x")
    assert stat.S_ISCHR(node.stat().st_mode)


def test_a_folder_and_a_place_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        write_text(tmp_path, "x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UnavailableError, match="cannot be written"):
        write_text(tmp_path / "file" / "below", "x")
    with pytest.raises(UnavailableError, match="cannot be written"):
        write_text(tmp_path / ("n" * 300), "x")
