"""Take in what a team hands over: copied once under its content's hash, and never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.schema import Received
from esrbench.data.fetch import fetch
from esrbench.errors import SubmissionError, UnavailableError, UsageError

Source = Literal["folder", "git", "release-file", "codabench"]
MOST_FILES = 5000
MOST_BYTES = 4 * 2**30
_LEFT_OUT = {".git", "__pycache__", ".venv"}


def take_in(
    folder: ChallengeFolder,
    team: str,
    source: str,
    *,
    at: str | None = None,
    sha256: str | None = None,
    received: datetime | None = None,
    variant: str | None = None,
) -> tuple[Received, Path]:
    """Copy ``source`` below ``entries/TEAM/``; the entry and the folder that now holds it.

    ``source`` is a folder or file here, a git repository with the commit ``at``, or an ``https``
    address with the ``sha256`` of the file there. The same content twice is kept once.

    Raises UsageError for what is none of these, SubmissionError for links or too much in it,
    UnavailableError when it cannot be had or kept.
    """
    moment = received or datetime.now(timezone.utc).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="esrbench-entry-") as work, _sentences(source):
        gathered = Path(work) / "entry"
        gathered.mkdir()
        kind, where = _gather(source, gathered, Path(work), at, sha256)
        digest = content_sha256(gathered)
        entry = Received(source=kind, at=where, sha256=digest, received=moment, variant=variant)
        target = folder.entries / team / digest[:16]
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=".taking-"))
            shutil.copytree(gathered, staging, dirs_exist_ok=True)
            staging.chmod(0o755)
            staging.rename(target)
    return entry, target


def content_sha256(folder: Path) -> str:
    """Hash of every file below ``folder``: its path, length and bytes, in the order of paths.

    Raises SubmissionError for links and special files, and for more than an entry may hold.
    """
    digest = hashlib.sha256()
    total = 0
    paths = sorted(_files(folder), key=lambda path: path.relative_to(folder).parts)
    if len(paths) > MOST_FILES:
        raise SubmissionError(f"It holds {len(paths)} files; {MOST_FILES} at most are taken.")
    for path in paths:
        size = path.stat().st_size
        total += size
        if total > MOST_BYTES:
            raise SubmissionError(f"It holds more than {MOST_BYTES / 2**30:g} GiB.")
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        for name in [*folders, *names]:
            path = Path(parent) / name
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise SubmissionError(
                    f"{path.relative_to(folder)} is a link or no regular file; hand in files only."
                )
            if stat.S_ISREG(mode):
                yield path


def _gather(
    source: str, into: Path, work: Path, at: str | None, sha256: str | None
) -> tuple[Source, str | None]:
    path = Path(source).expanduser()
    if at is not None:
        return "git", _clone(source, at, into, work)
    if source.startswith("https://"):
        return "release-file", _fetch(source, sha256, into, work)
    if "://" in source:
        raise UsageError(f"{source}: give a path, an https address, or a git repository with --at.")
    if path.is_dir():
        for found in _files(path):
            target = into / found.relative_to(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, target)
        return "folder", path.name
    if path.is_file():
        shutil.copyfile(path, into / path.name)
        return "folder", path.name
    raise UsageError(f"There is no {path} to take in.")


def _fetch(url: str, sha256: str | None, into: Path, work: Path) -> str:
    if sha256 is None:
        raise UsageError(f"{url}: give the file's --sha256; nothing is fetched unchecked.")
    fetched = fetch(url, work / "part", limit=MOST_BYTES)
    if fetched.sha256 != sha256.lower():
        raise UnavailableError(
            f"{url} was fetched but its sha256 is {fetched.sha256}, not {sha256}; it was not taken."
        )
    shutil.move(work / "part", into / Path(url.partition("?")[0]).name)
    return url


def _clone(source: str, commit: str, into: Path, work: Path) -> str:
    """The files of one commit, without the repository's hooks, history or submodules."""
    if commit.startswith("-") or source.startswith("-"):
        raise UsageError(f"{source} at {commit}: neither may begin with a dash.")
    safe = {
        "PATH": os.environ.get("PATH", ""),
        "GIT_ALLOW_PROTOCOL": "https:file",  # ext:: and ssh:// run programs
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(work),
    }
    steps = (
        ["git", "clone", "--quiet", "--no-checkout", "--", source, str(work / "clone")],
        ["git", "-C", str(work / "clone"), "rev-parse", "--verify", f"{commit}^{{commit}}"],
        [
            "git", "-C", str(work / "clone"), "-c", f"core.hooksPath={os.devnull}",
            "--work-tree", str(into), "checkout", "--quiet", commit, "--", ".",
        ],
    )  # fmt: skip
    printed = ""
    for step in steps:
        done = subprocess.run(step, env=safe, capture_output=True, text=True, timeout=600)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["git failed"])[-1]
            raise UnavailableError(f"{source} at {commit} cannot be had: {why}")
        printed = done.stdout.strip() or printed
    return printed


@contextmanager
def _sentences(source: str) -> Iterator[None]:
    try:
        yield
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"{source} did not arrive within ten minutes.") from None
    except FileNotFoundError as why:
        raise UnavailableError(f"{why.filename} is needed and not installed.") from None
    except OSError as why:
        raise UnavailableError(f"{source} cannot be kept: {why.strerror or why}.") from None
