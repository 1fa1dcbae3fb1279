"""What travels to a node: files by their paths, held to one sha256 over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from esrbench.engines.plan import Job
from esrbench.errors import SubmissionError, UnavailableError
from esrbench.judge.launch import files_of
from esrbench.submission.submission import Submission

_LEFT_OUT = {".git", "__pycache__", ".venv"}


@dataclass(frozen=True)
class Content:
    """Files of one thing, as bytes."""

    files: Mapping[str, bytes]
    sha256: str

    @classmethod
    def of(cls, paths: Mapping[str, Path]) -> Content:
        """The files at ``paths``, called as they are to be called there.

        Raises UnavailableError where one cannot be read.
        """
        try:
            files = {name: path.read_bytes() for name, path in paths.items()}
        except OSError as why:
            raise UnavailableError(f"{why.filename} cannot be sent: {why.strerror}.") from None
        return cls(files, _sha256(files))

    def unpack(self, into: Path) -> None:
        """Write every file below ``into``; raises UnavailableError for what was not sent so."""
        if _sha256(self.files) != self.sha256:
            raise UnavailableError("What arrived is not what was sent: its sha256 is another one.")
        for name, content in self.files.items():
            relative = PurePosixPath(name)
            if relative.is_absolute() or ".." in relative.parts:
                raise UnavailableError(f"{name} would lie outside its folder.")
            target = into / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


@dataclass(frozen=True)
class Parcel:
    """A submission with its checkpoint, and where in it the job's path points to."""

    content: Content
    path: str

    def job_in(self, job: Job, folder: Path) -> Job:
        """``job`` for the parcel that was unpacked in ``folder``."""
        return replace(job, path=str(folder / self.path), checkpoint=None)


def parcel_of(job: Job, submission: Submission, weights: Path | None) -> Parcel:
    """All that a node needs of ``submission``; ``weights`` go beside, found there by their hash."""
    given = Path(job.path)
    folder = submission.folder.resolve()
    if given.is_file() and folder not in given.resolve().parents:
        paths = {f"entry/{given.name}": given}  # a zip: unpacked there as here
        inside = f"entry/{given.name}"
    else:
        listed = files_of(submission)
        files = list(_tree(folder)) if listed is None else [path.resolve() for path in listed]
        outside = [path for path in files if folder not in path.parents]
        if outside:
            raise SubmissionError(f"{outside[0].name} lies outside the submission's folder.")
        paths = {_name(folder, path): path for path in files}
        inside = _name(folder, given.resolve()) if given.is_file() else f"entry/{folder.name}"
    if weights is not None:
        paths[f"weights/{weights.name}"] = weights
    return Parcel(Content.of(paths), inside)


def data_of(paths: Iterable[Path], root: Path) -> Content:
    """Images below the data folder ``root``, to be laid below another one."""
    base = root.resolve()
    below = [path.resolve() for path in paths]
    return Content.of(
        {path.relative_to(base).as_posix(): path for path in below if base in path.parents}
    )


def _name(folder: Path, path: Path) -> str:
    return f"entry/{folder.name}/{path.relative_to(folder).as_posix()}"


def _tree(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _LEFT_OUT & set(path.relative_to(folder).parts):
            yield path


def _sha256(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()
