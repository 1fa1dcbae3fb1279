"""What was done to a folder shows: seals, the manifest, who signed it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from esrbench.errors import UsageError
from esrbench.results.manifest import MANIFEST
from esrbench.results.signing import sign, signature_of
from esrbench.results.store import ResultsStore
from esrbench.results.verify import verify
from tests.results.records import edit, record

CONTENT, IMAGES = "a" * 64, "1" * 64
NOW = datetime.now(timezone.utc)


def test_verify_names_what_is_wrong(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    store.add(record(id="a"))
    assert verify(tmp_path).ok
    edit(store.add(record(id="b")), params=3)
    store.add(record(id="c", created=(NOW + timedelta(days=9)).isoformat()))
    (tmp_path / "cut.json").write_text('{"schema_version": 1,')
    found = verify(tmp_path)
    assert not found.ok
    faults = " ".join(f.sentence for f in found.findings if f.level == "fault")
    assert all(words in faults for words in ("seal is broken", "in the future", "not a readable"))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SSH key of its own."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed: signatures are left out")
    path = tmp_path_factory.mktemp("key") / "id"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "alice@lab", "-f", str(path)],
        check=True,
    )
    return path


def test_a_signed_folder_shows_what_was_done_to_it(tmp_path: Path, key: Path) -> None:
    store = ResultsStore(tmp_path / "r")
    kept, lost = store.add(record(id="a")), store.add(record(id="b"))
    sign(store.root, key)
    signers = tmp_path / "signers"
    signers.write_text(f"alice {key.with_suffix('.pub').read_text()}")
    assert verify(store.root, signers).ok
    signature = signature_of(store.root, signers)
    assert signature is not None
    assert (signature.name, signature.calls_itself) == ("alice", "alice@lab")
    store.add(record(id="c"))
    assert verify(store.root, signers).ok  # added since: said, and no fault
    kept.write_text(kept.read_text().replace('"params": null', '"params": 5'))
    lost.unlink()
    faults = [f.sentence for f in verify(store.root, signers).findings if f.level == "fault"]
    assert any("not in the folder" in fault for fault in faults)
    assert any("not what the manifest says" in fault for fault in faults)


def test_a_signature_is_of_the_manifest_and_of_a_known_key(tmp_path: Path, key: Path) -> None:
    store = ResultsStore(tmp_path / "r")
    store.add(record())
    sign(store.root, key)
    nobody = tmp_path / "nobody"
    nobody.write_text("")
    assert "not in" in (signature_of(store.root, nobody) or pytest.fail("no signature")).sentence
    manifest = store.root / MANIFEST
    manifest.write_text(manifest.read_text().replace("alice@lab", "mallory"))
    assert not (signature_of(store.root) or pytest.fail("no signature")).good
    with pytest.raises(UsageError, match="There is no key"):
        sign(store.root, tmp_path / "none")
