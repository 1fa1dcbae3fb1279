"""What counts as measured already, and what does not."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from esrbench.results.entry import spec_sha256
from esrbench.results.measured import Wanted, measured_already
from esrbench.results.record import DatasetFacts
from esrbench.results.store import ResultsStore
from esrbench.results.verify import verify
from tests.results.records import edit, record

CONTENT, IMAGES = "a" * 64, "1" * 64
NOW = datetime.now(timezone.utc)


def wanted(**changes: object) -> Wanted:
    """A run as the record above is of."""
    given = record()
    values = {"label": "net", "submission_sha256": CONTENT, "device": given.device,
              "spec_sha256": spec_sha256(given.protocol_spec), "precision": "fp32",
              "harness_version": "0", "harness_commit": None, "timing": False}  # fmt: skip
    return Wanted(**{**values, **changes})  # type: ignore[arg-type]


SET5 = {"Set5": DatasetFacts(images=5, sha256=IMAGES, lr_source="files")}
# what the record differs in, what is wanted, whether it counts, words of what is said
COUNTS = [
    ({}, {}, True, "measured already"),
    ({"submission_sha256": "b" * 64}, {}, False, None),
    ({"submission": "other"}, {}, False, None),
    ({"harness_version": "1"}, {}, False, None),
    ({"sandbox": "none"}, {"sandbox": "bwrap"}, False, None),
    ({}, {"timing": True}, False, None),
    ({"datasets": SET5}, {"datasets": {"Set5": IMAGES}}, True, "measured already"),
    ({"datasets": SET5}, {"datasets": {"Set5": "2" * 64}}, False, "Set5 had other images"),
    ({}, {"datasets": {"Set5": IMAGES}}, False, "Set5 was not at hand"),
    ({"flags": ["no-weights"]}, {"datasets": {"Set5": IMAGES}}, True, "without weights"),
    ({"status": "failed", "reason": "It hung."}, {"timing": True}, True, "It hung. --again fail"),
    ({"status": "rejected", "reason": "No."}, {"again_failed": True}, False, None),
    ({"created": (NOW + timedelta(days=2)).isoformat()}, {}, False, "dated in the future"),
    ({"created": (NOW + timedelta(minutes=5)).isoformat()}, {}, True, "measured already"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "asked", "counts", "words"), COUNTS)
def test_what_counts_as_measured(tmp_path: Path, changes, asked, counts, words) -> None:
    store = ResultsStore(tmp_path)
    store.add(record(**{"submission_sha256": CONTENT, **changes}))
    answer = measured_already(store, wanted(**asked))
    assert (answer.measured is not None) == counts
    said = answer.measured.sentence if answer.measured else answer.why_not
    assert said is None if words is None else words in (said or "")


EDITS = [{"params": 7}, {"quality": {"Set5": {"psnr_y": 40.0}}}, {"seal": None}, {"seal": "0" * 64}]


@pytest.mark.parametrize("changes", EDITS)
def test_an_edited_record_is_no_measurement(tmp_path: Path, changes: dict[str, object]) -> None:
    store = ResultsStore(tmp_path)
    path = store.add(record(submission_sha256=CONTENT))
    edit(path, **changes)
    answer = measured_already(store, wanted())
    assert answer.measured is None
    assert "edited after it was measured" in (answer.why_not or "")


def test_white_space_and_order_are_no_edit(tmp_path: Path) -> None:
    path = ResultsStore(tmp_path).add(record(quality={"Set5": {"psnr_y": 1e-7}}))
    data = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(data.items()))))
    assert verify(tmp_path).ok


def test_an_index_that_says_measured_is_not_believed(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    path = store.add(record(submission_sha256=CONTENT))
    store.latest()
    kept = path.stat()
    text = path.read_text()
    path.write_text(text.replace('"params": null', '"params": 1234')[: len(text)])
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert measured_already(store, wanted()).measured is None
