"""Published figures: what an entry must say, where entries are kept, which come with esrbench."""

from __future__ import annotations

from pathlib import Path

import pytest

from esrbench.errors import UsageError
from esrbench.literature import shelf
from esrbench.literature.of_submissions import everything, printed_by_authors
from esrbench.submission.find import find
from tests.submissions.build import LABELS

GOOD = """\
name: othernet
title: OtherNet
source: table 3
figures:
  4: {params: 5000, macs: 1.0e+9, macs_at: 1280x720 output, quality: {Set5: {psnr_y: 31.5}}}
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "entry.yaml"
    path.write_text(text)
    return path


def test_an_entry_is_kept_beside_the_records(tmp_path: Path) -> None:
    results = tmp_path / "results"
    entry, kept = shelf.add(_file(tmp_path, GOOD), results)
    assert kept == results / "literature" / "othernet.yaml"
    assert entry in shelf.entries(results)
    assert entry not in shelf.entries()
    changed = GOOD.replace("31.5", "31.6")
    again, _ = shelf.add(_file(tmp_path, changed), results)
    assert [e for e in shelf.entries(results) if e.name == "othernet"] == [again]
    assert shelf.add(kept, results)[0] == again, "its own file is kept as it is"


BAD = [
    ("figures:\n  4: {params: 5}\n", "figures: {}\n", "not_found"),
    ("source: table 3\n", "", "need a source or a paper"),
    (", macs_at: 1280x720 output", "", "macs_at"),
    ("name: othernet", "name: other net", "no name"),
    ("  4:", "  40:", "scales"),
    ("params", "parms", "params"),
    ("source: table 3", "not_found: nothing", "figures, or not_found"),
]


@pytest.mark.parametrize(("old", "new", "said"), BAD)
def test_what_is_no_entry_is_said(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = GOOD.replace(old, new) if old in GOOD else GOOD.split("figures")[0] + new
    with pytest.raises(UsageError, match=said):
        shelf.add(_file(tmp_path, text), tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_what_was_looked_for_is_told() -> None:
    """Three systems with figures, six without, and two sizes of a seventh."""
    entries = {entry.name: entry for entry in shelf.shipped()}
    missing = {name for name, entry in entries.items() if entry.not_found}
    assert missing == {
        "hipa", "hffn", "wbsr", "tcfdn", "lden", "dynamic-graph-sr", "scnet-b", "scnet-l",
    }  # fmt: skip
    tcsr = entries["tcsr-b"].figures[4]
    assert tcsr.params == 682_000
    assert tcsr.quality["Urban100"] == {"psnr_y": 26.51, "ssim_y": 0.7994}


def test_every_bundled_system_that_prints_figures_has_an_entry() -> None:
    printed = {entry.name: entry for entry in printed_by_authors()}
    for label in LABELS:
        published = find(label).published
        if any(published.get(key) for key in ("params", "quality")):
            assert label in printed, label
    assert printed["carn/carn"].figures[2].macs == 222.8e9
    assert {entry.name for entry in everything()} >= {*printed, "tcsr-l", "lden"}
