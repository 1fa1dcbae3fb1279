"""What teams hand in: kept once, with its time, and never outside its folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest

from esrbench.challenge.add import add
from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.init import init
from esrbench.challenge.status import status
from esrbench.challenge.take_in import content_sha256, take_in
from esrbench.errors import SubmissionError, UnavailableError, UsageError
from tests.report.records import record


@pytest.fixture
def folder(tmp_path: Path) -> ChallengeFolder:
    return ChallengeFolder(init(tmp_path / "challenge", protocol="quick").parent)


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    made = tmp_path / "mynet"
    made.mkdir()
    (made / "model.py").write_text("def build(): ...\n")
    return made


def test_a_hash_is_over_paths_lengths_and_bytes(entry: Path) -> None:
    content = b"def build(): ...\n"
    told = b"model.py\0" + str(len(content)).encode() + b"\0" + content
    assert content_sha256(entry) == hashlib.sha256(told).hexdigest()


def test_every_version_is_kept_and_the_same_one_once(folder: ChallengeFolder, entry: Path) -> None:
    comment = "# a remark of the organiser's\n"
    folder.file.write_text(folder.file.read_text().replace("teams:", comment + "teams:"))
    first = add(folder.root, "a", str(entry), check=False)
    again = add(folder.root, "a", str(entry), check=False)
    (entry / "model.py").write_text("def build(): return None\n")
    second = add(folder.root, "a", str(entry), check=False)
    assert [(x.number, x.new) for x in (first, again, second)] == [(1, True), (1, False), (2, True)]
    assert first.path.read_text() == "def build(): ...\n"
    assert second.path.read_text() == "def build(): return None\n"
    assert comment in folder.file.read_text()
    assert [len(team.submissions) for team in folder.read().teams] == [2]


def test_late_is_marked_and_the_newest_in_time_stands(folder: ChallengeFolder, entry: Path) -> None:
    close = folder.read().dates.close
    assert close is not None
    in_time = add(folder.root, "a", str(entry), check=False, received=close)
    (entry / "model.py").write_text("better\n")
    too_late = close.replace(year=close.year + 1)
    late = add(folder.root, "a", str(entry), check=False, received=too_late)
    assert (in_time.late, late.late) == (False, True)
    challenge = folder.read()
    standing = challenge.standing_entry(challenge.team("a"))
    assert standing is not None
    assert standing.sha256 == in_time.sha256


def test_what_may_not_be_taken(folder: ChallengeFolder, entry: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no .*nothing-here to take in"):
        take_in(folder, "a", str(tmp_path / "nothing-here"))
    with pytest.raises(UsageError, match="--sha256"):
        take_in(folder, "a", "https://example.org/net.zip")
    with pytest.raises(UsageError, match="https address"):
        take_in(folder, "a", "file:///etc/passwd")
    with pytest.raises(UnavailableError, match="cannot be had"):
        take_in(folder, "a", "ext::sh -c true", at="HEAD")
    (entry / "hr").symlink_to("/etc")
    with pytest.raises(SubmissionError, match="hr is a link"):
        take_in(folder, "a", str(entry))
    (entry / "hr").unlink()
    os.mkfifo(entry / "pipe")
    with pytest.raises(SubmissionError, match="pipe is a link or no regular file"):
        take_in(folder, "a", str(entry))
    assert not list(folder.entries.iterdir())


def test_a_commit_of_a_repository(folder: ChallengeFolder, entry: Path) -> None:
    def git(*words: str) -> str:
        named = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        done = subprocess.run(
            ["git", "-C", str(entry), *named, *words], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    git("add", "model.py")
    git("commit", "-qm", "first")
    commit = git("rev-parse", "HEAD")
    (entry / "model.py").write_text("changed since\n")
    received, path = take_in(folder, "a", str(entry), at=commit)
    assert (received.source, received.at) == ("git", commit)
    assert {p.name: p.read_text() for p in path.iterdir()} == {"model.py": "def build(): ...\n"}


def test_a_team_may_hand_in_so_often(folder: ChallengeFolder, entry: Path) -> None:
    text = folder.file.read_text().replace("per_team: null", "per_team: 1")
    folder.file.write_text(text)
    add(folder.root, "a", str(entry), check=False)
    with pytest.raises(UsageError, match=r"allows 1 \(limits.per_team\)"):
        add(folder.root, "a", str(entry), check=False)


def test_what_does_not_fit_is_kept_and_said(folder: ChallengeFolder, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import nothing_so_called\n")
    added = add(folder.root, "a", str(broken))
    assert not added.fits
    assert "defines no build()" in " ".join(added.answers)
    assert added.path.is_file()


def test_status_counts_records_of_the_standing_version(
    folder: ChallengeFolder, entry: Path
) -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone.utc)
    for team in ("a", "b", "c"):
        (entry / "model.py").write_text(team)
        add(folder.root, team, str(entry), check=False, received=moment)
    challenge = folder.read()

    def of(team: str, sha256: str, **changes: object) -> object:
        told = {
            "challenge": challenge.name, "rules_sha256": challenge.rules_sha256, "team": team,
            "track": "main", "entry_sha256": sha256, "received": moment.isoformat(),
        }  # fmt: skip
        return record(team, challenge=told, **changes)

    standing = challenge.team("a").submissions[0].sha256
    rejected = challenge.team("b").submissions[0].sha256
    records = [
        of("a", standing, environment={"run_seconds": 40.0}),
        of("b", rejected, status="rejected", reason="/srv/cache/b/model.py: NaN"),
        of("c", "0" * 64),  # an earlier version's
    ]
    found = status(folder, challenge, records)  # type: ignore[arg-type]
    assert [(c.team, c.state, c.reason) for c in found.cells] == [
        ("a", "ok", None),
        ("b", "rejected", "model.py: NaN"),  # a table is no place for folders
        ("c", "waiting", None),
    ]
    assert (found.done, found.to_do) == (2, 3)
    assert found.seconds_left() == 40.0  # one to go, at the mean of those whose time is known
