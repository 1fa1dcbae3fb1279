"""What the public report may hold, and that nothing hidden is anywhere in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.publish import Published, publish
from esrbench.challenge.redact import public_record
from esrbench.challenge.schema import Challenge
from esrbench.challenge.sheets import write_sheets
from esrbench.errors import UsageError
from esrbench.flags import CLAIMED
from esrbench.results.record import Picture, RunRecord
from esrbench.results.trusted import Verification
from esrbench.strict_yaml import parse
from tests.report.records import record

SECRET = "zebra-crossing-0917"
PATH = "/home/organiser/secret/data"
CLOSE = datetime(2026, 2, 1, tzinfo=timezone.utc)
PUBLISH = datetime(2026, 3, 1, tzinfo=timezone.utc)
ENTRIES = {"alpha": "a" * 64, "beta": "b" * 64, "gamma": "c" * 64}

RULES = f"""\
name: esr
dates: {{open: 2026-01-01T00:00:00Z, close: {CLOSE.isoformat()}, publish: {PUBLISH.isoformat()}}}
tracks: [{{name: main, protocol: quick}}]
datasets:
  - {{name: skimage8}}
  - {{name: Secret10, visibility: hidden, role: test}}
teams:
"""


def image(name: str, value: float) -> dict[str, Any]:
    return {
        "name": name, "values": {"psnr_y": value}, "lr_size": (8, 8), "notes": [f"odd: {name}"],
    }  # fmt: skip


def crops(root: Path, prefix: str, seed: int) -> dict[str, str]:
    """Three small pictures of noise below ``root``; their paths by kind."""
    rng = np.random.default_rng(seed)
    paths = {}
    for kind in ("lr", "sr", "hr"):
        path = f"pictures/{prefix}-{kind}.png"
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).save(root / path)
        paths[kind] = path
    return paths


def of_team(folder: ChallengeFolder, team: str, seed: int, **changes: Any) -> RunRecord:
    root = folder.store.root
    told = {
        "challenge": "esr", "rules_sha256": "0" * 64, "team": team, "track": "main",
        "entry_sha256": ENTRIES[team], "received": "2026-01-20T00:00:00+00:00",
    }  # fmt: skip
    quality = {"skimage8": {"psnr_y": 30.0 + seed}, "Secret10": {"psnr_y": 28.123456 + seed}}
    fields: dict[str, Any] = {
        "challenge": told,
        "quality": quality,
        "images": {
            "skimage8": [image("astronaut", 30.0)],
            "Secret10": [image(f"{SECRET}-{i}", 28.0) for i in range(3)],
        },
        "pictures": [
            Picture(dataset=name, name=f"{name}-1", box=(0, 0, 8, 8), **crops(root, prefix, n))
            for n, (name, prefix) in enumerate(
                [("skimage8", f"{team}-open"), ("Secret10", f"{team}-{SECRET}")], 10 * seed
            )
        ],
        "command": f"esrbench score {PATH}/{team}",
        "environment": {"host": "judge-7", "data_root": PATH},
        "missing": {"lpips_alex": f"no backbone in {PATH}"},
    }
    return record(team, **{**fields, **changes})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ChallengeFolder:
    folder = ChallengeFolder(tmp_path_factory.mktemp("challenge"))
    rows = "".join(
        f"  - {{id: {team}, name: Team {team}, members: [A. {team}], submissions: "
        f"[{{source: folder, sha256: {sha}, received: 2026-01-20T00:00:00Z}}]}}\n"
        for team, sha in ENTRIES.items()
    )
    folder.file.write_text(RULES + rows)
    folder.store.root.mkdir()
    folder.store.add(of_team(folder, "alpha", 1))
    folder.store.add(of_team(folder, "beta", 2))
    failed = f"In the quality pass: {SECRET}-1 in {PATH}: its output is NaN"
    folder.store.add(of_team(folder, "gamma", 3, status="rejected", reason=failed, quality={}))
    return folder


@pytest.fixture(scope="module")
def written(folder: ChallengeFolder) -> Published:
    return publish(folder.root, now=PUBLISH + timedelta(days=1))


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def test_nothing_hidden_is_anywhere_in_the_public_report(
    folder: ChallengeFolder, written: Published
) -> None:
    public = written.public.parent
    pictures = [path for path in files(folder.store.root) if SECRET in path.name]
    pixels = {hashlib.sha256(np.asarray(Image.open(p)).tobytes()).hexdigest() for p in pictures}
    assert len(pixels) == 9
    shown = 0
    for path in files(public):
        content = path.read_bytes()
        for secret in (SECRET, PATH, "judge-7", "esrbench score", "output is NaN"):
            assert secret.encode() not in content, f"{secret} in {path}"
            assert secret not in str(path.relative_to(public))
        if path.suffix == ".png":
            digest = hashlib.sha256(np.asarray(Image.open(path)).tobytes()).hexdigest()
            assert digest not in pixels, path
            shown += 1
    assert shown >= 6  # the crops of the public set


def test_means_of_hidden_sets_are_rounded_as_the_file_says(written: Published) -> None:
    table = (written.public.parent / "esr.csv").read_text()
    assert "29.12" in table
    assert "29.123" not in table
    assert "29.123456" in (written.organisers.parent / "index.html").read_text() or any(
        "29.123456" in path.read_text() for path in files(written.organisers.parent)
        if path.suffix in {".html", ".js"}
    )  # fmt: skip


def test_a_threshold_is_held_against_unrounded_figures() -> None:
    """26.8964 dB is shown as 26.90 and misses 26.90 (NTIRE 2026's entry PDS, official file)."""
    rules = parse(yaml.safe_load(RULES + "  - {id: alpha}\n"), Challenge, "rules")
    spec = {"name": "esr-main", "thresholds": {"Secret10": {"psnr_y": 26.90}}}
    row = record("alpha", quality={"Secret10": {"psnr_y": 26.8964}}, protocol_spec=spec)
    shown = public_record(row, rules, rules.teams[0], rules.datasets)
    assert shown.quality["Secret10"]["psnr_y"] == 26.90
    assert "below-threshold" in shown.flags


def test_a_sheet_tells_what_is_missed_and_no_hidden_figure(tmp_path: Path) -> None:
    rules = parse(yaml.safe_load(RULES + "  - {id: alpha}\n"), Challenge, "rules")
    least = {"Secret10": {"psnr_y": 27.0}, "skimage8": {"psnr_y": 31.0}}
    spec = {"name": "esr-main", "thresholds": least, "cost_limits": {"params": 100}}
    figures = {"Secret10": {"psnr_y": 26.8964}, "skimage8": {"psnr_y": 30.5}}
    row = record("alpha", quality=figures, protocol_spec=spec, params=120)
    for shown, of_hidden in ((rules.datasets, "PSNR Y on Secret10 is under 27.00"), (
        rules.datasets[:1], "a threshold on a set whose figures are not public yet")):  # fmt: skip
        public = public_record(row, rules, rules.teams[0], shown)
        (sheet,) = write_sheets(rules, [(row, public)], tmp_path)
        text = sheet.read_text()
        assert of_hidden in text
        assert "PSNR Y on skimage8 30.5000 dB is under 31.00" in text
        assert "params 0.12 K is over 0.1 K" in text
        assert "26.89" not in text


@pytest.mark.parametrize(("allow", "rank"), [("", "Not ranked"), ("claimed", "Rank 1")])
def test_a_claimed_entry_is_ranked_where_the_rules_allow_it(
    tmp_path: Path, allow: str, rank: str
) -> None:
    told = f"[{{source: folder, sha256: {ENTRIES['alpha']}, received: 2026-01-20T00:00:00Z}}]"
    folder = ChallengeFolder(tmp_path)
    rules = RULES.replace("teams:", f"allow: [{allow}]\nteams:")
    folder.file.write_text(f"{rules}  - {{id: alpha, submissions: {told}}}\n")
    folder.store.root.mkdir()
    why = Verification(status="claimed", sentence=f"Not verified: {PATH}/model.py draws.")
    folder.store.add(of_team(folder, "alpha", 1, flags=[CLAIMED], verification=why))
    (sheet,) = publish(folder.root, now=PUBLISH).sheets
    assert rank in sheet.read_text()
    public = folder.published / "public"
    assert not [path for path in files(public) if PATH.encode() in path.read_bytes()]
    assert (",1," in (public / "esr.csv").read_text().splitlines()[1]) is (rank == "Rank 1")


def test_organisers_see_why(written: Published) -> None:
    pages = "".join(
        path.read_text() for path in files(written.organisers.parent) if path.suffix == ".html"
    )
    assert f"{SECRET}-1" in pages


def test_a_sheet_says_what_failed_without_naming_a_hidden_image(written: Published) -> None:
    sheets = {path.stem: path.read_text() for path in written.sheets}
    assert set(sheets) == set(ENTRIES)
    assert "**Rank 1.**" in sheets["beta"]
    assert "its output is NaN" in sheets["gamma"]
    assert not any(SECRET in text or PATH in text for text in sheets.values())


def test_a_sheet_without_a_figure_has_no_empty_table(tmp_path: Path) -> None:
    rules = parse(yaml.safe_load(RULES + "  - {id: alpha}\n"), Challenge, "rules")
    costs = ("params", "macs", "activations", "convs", "peak_memory_bytes", "runtime_ms")
    nothing = {"quality": {}, "complexity": None, "status": "rejected", **dict.fromkeys(costs)}
    row = record("alpha").model_copy(update=nothing)
    public = public_record(row, rules, rules.teams[0], rules.datasets)
    (sheet,) = write_sheets(rules, [(row, public)], tmp_path)
    assert sheet.read_text().endswith("\nNo figure of it was measured.\n")
    assert "|---|" not in sheet.read_text()


def test_test_sets_are_shown_from_the_day_of_publishing(folder: ChallengeFolder) -> None:
    early = publish(folder.root, folder.root / "early", now=CLOSE)
    table = (early.public.parent / "esr.csv").read_text()
    assert "skimage8" in table
    assert "Secret10" not in table
    final = publish(folder.root, folder.root / "final", final=True, now=CLOSE)
    assert "Secret10" in (final.public.parent / "esr.csv").read_text()


def test_ids_instead_of_names(folder: ChallengeFolder, tmp_path: Path) -> None:
    rules = folder.file.read_text()
    try:
        folder.file.write_text(rules + "publish: {names: ids, pictures: false}\n")
        written = publish(folder.root, tmp_path / "out", now=PUBLISH)
    finally:
        folder.file.write_text(rules)
    for path in files(written.public.parent):
        assert b"Team alpha" not in path.read_bytes()
        assert b"A. alpha" not in path.read_bytes()
        assert path.suffix != ".png"


def test_nothing_measured_yet(tmp_path: Path) -> None:
    folder = ChallengeFolder(tmp_path)
    folder.file.write_text(RULES + "  []\n")
    with pytest.raises(UsageError, match="no record yet"):
        publish(tmp_path)
