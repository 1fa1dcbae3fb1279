"""challenge.yaml: what it may say, and what each fault is called."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from esrbench.challenge.baseline import hold_to_baseline
from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.init import init
from esrbench.challenge.journal import hold_to_rules, rulings
from esrbench.challenge.protocols import protocol_of
from esrbench.challenge.schema import Challenge, ChallengeBaseline
from esrbench.errors import UsageError
from esrbench.protocol.schema import Protocol
from esrbench.strict_yaml import parse

PLAIN: dict[str, Any] = {
    "name": "esr",
    "tracks": [{"name": "main", "protocol": "quick"}],
    "datasets": [{"name": "skimage8"}],
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"track": []}, "unknown key 'track'; did you mean 'tracks'?"),
        ({"name": "ESR 2026"}, "'ESR 2026' is no id"),
        ({"tracks": []}, "'tracks'"),
        ({"dates": {"open": "2026-03-01T12:00:00"}}, "say the time zone"),
        (
            {"dates": {"open": "2026-03-01T12:00:00Z", "close": "2026-02-01T12:00:00Z"}},
            "must follow each other",
        ),
        ({"teams": [{"id": "a"}, {"id": "a"}]}, "'a' stands there twice"),
        ({"teams": [{"id": "../a"}]}, "'../a' is no id"),
        ({"datasets": [{"name": "Set5", "visibility": "secret"}]}, "datasets.0.visibility"),
        ({"allow": ["claimd"]}, "allow: claimd: there is no such flag; did you mean 'claimed'?"),
        ({"allow": ["own-weights"]}, "takes no row out of the ranking"),
    ],
)
def test_a_fault_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as failure:
        parse({**PLAIN, **changes}, Challenge, "challenge.yaml")
    assert said in str(failure.value)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"teams": [{"id": "a"}]}, True),
        ({"contact": "someone"}, True),
        ({"thresholds": {"params": 1e5}}, False),
        ({"limits": {"seconds": 5}}, False),
        ({"verify": False}, False),
        ({"allow": ["claimed"]}, False),
        ({"dates": {"close": "2026-02-01T12:00:00Z"}}, False),
    ],
)
def test_rules_are_what_decides_a_figure_or_a_rank(changes: dict[str, Any], same: bool) -> None:
    plain, other = (Challenge.model_validate(data) for data in (PLAIN, {**PLAIN, **changes}))
    assert (plain.rules_sha256 == other.rules_sha256) is same


@pytest.mark.parametrize("protocol", ["quick", "classic", "ntire2022", "ntire2026"])
def test_a_new_challenge_can_be_read_and_its_track_measured(tmp_path: Path, protocol: str) -> None:
    folder = ChallengeFolder(init(tmp_path / "my challenge", protocol=protocol).parent)
    challenge = folder.read()
    made = protocol_of(folder, challenge, challenge.tracks[0])
    assert challenge.name == "my-challenge"
    assert made.name == "my-challenge-main"
    assert [d.name for d in challenge.datasets] == list(made.datasets)
    with pytest.raises(UsageError, match="there already"):
        init(folder.root)


def test_thresholds_come_from_the_protocol(tmp_path: Path) -> None:
    folder = ChallengeFolder(init(tmp_path / "c").parent)
    challenge = folder.read()
    # NTIRE 2026: at least 26.90 dB on the validation set (its report, NTIRE2026_ESR)
    assert challenge.thresholds == {"psnr_rgb": {"DIV2K_LSDIR_valid": 26.90}}
    made = protocol_of(folder, challenge, challenge.tracks[0])
    assert made.thresholds == {"DIV2K_LSDIR_valid": {"psnr_rgb": 26.90}}


def test_rules_may_change_freely_until_the_first_record_then_with_a_reason(tmp_path: Path) -> None:
    folder = ChallengeFolder(init(tmp_path / "c", protocol="quick").parent)
    first = hold_to_rules(folder, None)
    assert hold_to_rules(folder, None) == first
    text = folder.file.read_text()
    folder.file.write_text(text.replace("seconds: 600", "seconds: 60"))
    with pytest.raises(UsageError, match="--amend"):
        hold_to_rules(folder, " ")
    second = hold_to_rules(folder, "ten minutes were too long")
    assert [ruling.why for ruling in rulings(folder)] == [None, "ten minutes were too long"]
    assert second.rules_sha256 != first.rules_sha256


NO_RULINGS = {
    "JSON thousands deep": b"[" * 100_000,
    "a list": b"[]",
    "a number for a time": b'{"at": 3, "rules_sha256": "a"}',
    "a list for a hash": b'{"at": "x", "rules_sha256": ["a"]}',
    "another key": b'{"at": "x", "rules_sha256": "a", "by": "me"}',
    "a number of 5,000 digits": b"1" * 5_000,
    "no text": b"\xff\xfe",
    "an empty line": b"\n",
}


@pytest.mark.parametrize("line", NO_RULINGS.values(), ids=NO_RULINGS.keys())
def test_a_damaged_journal_is_a_sentence(tmp_path: Path, line: bytes) -> None:
    folder = ChallengeFolder(tmp_path)
    folder.journal.write_bytes(b'{"at": "x", "rules_sha256": "a"}\n' + line)
    with pytest.raises(UsageError, match=r"line 2: not a ruling"):
        rulings(folder)


def test_a_journal_without_end_is_not_read(tmp_path: Path) -> None:
    folder = ChallengeFolder(tmp_path)
    with folder.journal.open("wb") as file:
        file.truncate(10 << 30)
    with pytest.raises(UsageError, match="no journal"):
        rulings(folder)


def with_thresholds(tmp_path: Path, text: str) -> Protocol:
    folder = ChallengeFolder(init(tmp_path / "c", protocol="quick").parent)
    folder.file.write_text(folder.file.read_text().replace("thresholds: {}", f"thresholds: {text}"))
    challenge = folder.read()
    return protocol_of(folder, challenge, challenge.tracks[0])


def test_greatest_costs_are_the_protocols(tmp_path: Path) -> None:
    made = with_thresholds(tmp_path, "{params: 200000, flops: 2e10, psnr_y: {skimage8: 28}}")
    assert made.cost_limits == {"params": 200000, "macs": 2e10}
    assert made.thresholds == {"skimage8": {"psnr_y": 28}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{parms: 1}", "did you mean 'params'"),
        ("{psnr_y: 28}", "is no cost"),
        ("{psnr_z: {skimage8: 28}}", "did you mean 'psnr_y'"),
        ("{psnr_y: {Set5: 28}}", "'Set5', which is no dataset"),
    ],
)
def test_a_threshold_on_nothing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        with_thresholds(tmp_path, text)


def test_a_baseline_with_another_checkpoint_is_refused(tmp_path: Path) -> None:
    folder = ChallengeFolder(init(tmp_path / "c", protocol="quick").parent)
    network = tmp_path / "net"
    network.mkdir()
    (network / "model.py").write_text("def build(): ...\n")
    (network / "w.pth").write_bytes(b"weights")
    (network / "submission.yaml").write_text("name: net\nscale: 4\nweights: {file: w.pth}\n")
    digest = hashlib.sha256(b"weights").hexdigest()
    for sha256, fits in ((None, True), (digest, True), ("0" * 64, False)):
        told = ChallengeBaseline(submission=str(network), weights_sha256=sha256)
        challenge = folder.read().model_copy(update={"baseline": told})
        if fits:
            hold_to_baseline(folder, challenge, None)
            continue
        with pytest.raises(UsageError, match=rf"w.pth, has the sha256 {digest}, not 000"):
            hold_to_baseline(folder, challenge, None)
