"""Output that is closed, full, ASCII or left by its reader; paths that never were submissions."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from esrbench.data.images import read_rgb, write_png
from esrbench.protocol.load import load_protocol
from esrbench.results.store import ResultsStore
from tests.results.records import record

ESRBENCH = f"{sys.executable} -m esrbench"


def shell(command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """``command`` as a person's shell runs it; ``esrbench`` in it is this one."""
    return subprocess.run(
        ["bash", "-c", command.replace("esrbench ", f"{ESRBENCH} ", 1)],
        capture_output=True, timeout=300, cwd=cwd, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder with one record, whose name no ASCII terminal can show."""
    spec = load_protocol("quick").model_dump(mode="json")
    ResultsStore(tmp_path / "r").add(record(submission="réseau", protocol_spec=spec))
    return tmp_path


# command, exit codes that are right, words on standard error
STREAMS = [
    ("esrbench export --results r > /dev/full", {3}, b"No space left on device"),
    ("esrbench export --results r | head -c 0", {0, 141}, b""),
    ("esrbench export --results r >&-", {0}, b""),
    ("esrbench export --results r 2>&- >&-", {0}, b""),
    ("LC_ALL=C PYTHONUTF8=0 PYTHONIOENCODING=ascii esrbench export --results r", {0}, b""),
    ("mkdir e; esrbench export --results e", {2}, b"no records to export"),
]


@pytest.mark.parametrize(("command", "codes", "words"), STREAMS)
def test_no_stream_ends_in_a_traceback(results: Path, command, codes, words) -> None:
    if "/dev/full" in command and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = shell(command, results)
    assert done.returncode in codes, done.stderr
    assert b"Traceback" not in done.stderr
    assert words in done.stderr


NO_SUBMISSION = ["''", "' '", "notes.txt", "photographs", "empty"]


def test_what_never_was_a_submission_leaves_no_record(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Dear organisers,\n")
    (tmp_path / "empty").mkdir()
    write_png(tmp_path / "photographs" / "a.png", np.zeros((8, 8, 3), np.uint8))
    for path in NO_SUBMISSION[:1]:
        assert shell(f"esrbench score {path} --results r --offline", tmp_path).returncode == 2
    done = shell(f"esrbench score {' '.join(NO_SUBMISSION)} --results r --offline --json", tmp_path)
    assert done.returncode == 2, done.stderr
    document = json.loads(done.stdout)
    assert document["records"] == []
    assert len(document["errors"]) == len(NO_SUBMISSION)
    assert not list((tmp_path / "r").rglob("*.json")) or not ResultsStore(tmp_path / "r").records()


def test_damaged_and_foreign_files_are_said_once_and_the_rest_is_shown(results: Path) -> None:
    (results / "r" / "notes.json").write_text("{}")
    (results / "r" / "cut.json").write_text('{"schema_version": 1')
    done = shell("esrbench export --results r -f markdown", results)
    assert done.returncode == 0
    assert "réseau" in done.stdout.decode()
    assert done.stderr.decode().count("Left out: ") == 2
    shell("esrbench report --results r -o pages", results)
    assert "cut.json is not a readable record" in (results / "pages" / "index.html").read_text()


def test_results_verify_names_the_edited_record(results: Path) -> None:
    (path,) = (results / "r").glob("[!.]*.json")
    assert shell("esrbench results verify r", results).returncode == 0
    path.write_text(path.read_text().replace('"params": null', '"params": 1'))
    done = shell("esrbench results verify r --json", results)
    assert done.returncode == 1
    (finding,) = [f for f in json.loads(done.stdout)["findings"] if f["level"] == "fault"]
    assert finding["path"] == path.name


def test_what_pillow_warns_programmers_of_is_not_printed(tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[270], tags[315] = "description" * 30, "artist" * 30
    kept = io.BytesIO()
    Image.new("RGB", (16, 16)).save(kept, "JPEG", exif=tags)
    data = kept.getvalue()
    at = data.index(b"Exif\0\0")  # its segment begins with its length, two bytes before
    end = at - 2 + int.from_bytes(data[at - 2 : at], "big")
    cut = data[: at - 2] + (62).to_bytes(2, "big") + data[at : at + 60] + data[end:]
    for folder in ("SR", "HR"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.jpg").write_bytes(cut)
    with pytest.warns(UserWarning, match="Tag data larger than file"):
        read_rgb(tmp_path / "SR" / "a.jpg")
    assert shell("esrbench metrics SR HR --crop 0 -m psnr_rgb", tmp_path).stderr == b""


def test_a_home_that_cannot_be_written_costs_a_plot_nothing(results: Path) -> None:
    spec = load_protocol("quick").model_dump(mode="json")
    drawn = record(protocol_spec=spec, params=1000, quality={"Set5": {"psnr_y": 30.0}})
    ResultsStore(results / "p").add(drawn)
    (results / "file").write_text("no folder")
    home = "HOME=$PWD/file XDG_CONFIG_HOME= ESRBENCH_CACHE="
    kept = shell(
        f"{home}$PWD/cache esrbench plot --results p --x params --y psnr_y:Set5 -o a.png", results
    )
    assert kept.returncode == 0, kept.stderr
    assert b"atplotlib" not in kept.stderr
    nowhere = shell(
        f"{home}$PWD/file esrbench plot --results p --x params --y psnr_y:Set5 -o b.png", results
    )
    assert nowhere.returncode == 0, nowhere.stderr
    assert nowhere.stderr.count(b"cannot be written") == 1
    assert b"atplotlib" not in nowhere.stderr
    assert (results / "a.png").read_bytes() == (results / "b.png").read_bytes()


def test_an_export_without_a_row_that_has_figures_says_so(tmp_path: Path) -> None:
    spec = load_protocol("quick").model_dump(mode="json")
    failed = record(protocol_spec=spec, status="rejected", reason="No build().")
    ResultsStore(tmp_path / "r").add(failed)
    for form in ("latex --rows net", "bibtex", "latex --columns params -o t.tex"):
        done = shell(f"esrbench export --results r --no-references -f {form}", tmp_path)
        assert done.returncode == 2, form
        assert b"has figures for" in done.stderr
    assert not (tmp_path / "t.tex").exists()
