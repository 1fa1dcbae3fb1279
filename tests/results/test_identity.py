"""A submission is its content under a name: which records are rows, and how they are told apart.

Each case is what two people do; the expected rows follow from that rule, by hand.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from esrbench.report.export import export
from esrbench.report.paths import page_names
from esrbench.results.lookalike import skeleton
from esrbench.results.store import ResultsStore
from tests.results.records import record

A, B, C = "a" * 64, "b" * 64, "c" * 64


def run(day: int, sha: str | None, source: str | None = None, **changes: Any) -> dict[str, Any]:
    """A record of ``day`` of January with this content."""
    values = {"id": f"20260101t0000{day:02d}z-00000{day}", "created": f"2026-01-{day:02d}T00:00:00",
              "submission_sha256": sha, "source": source}  # fmt: skip
    return {**values, **changes}


def labels(folder: Path, *runs: dict[str, Any]) -> list[tuple[str, int]]:
    """Each row's name and the day its record is of."""
    store = ResultsStore(folder)
    for values in runs:
        store.add(record(**values))
    return [(r.label, int(r.created[8:10])) for r in store.latest()]


ROWS = {
    "two people's checkpoints of one name": (
        [run(1, A, "alice/net.pth"), run(2, B, "bob/net.pth")],
        [("net (alice)", 1), ("net (bob)", 2)],
    ),
    "the same content twice, in two places": (
        [run(1, A, "alice/net.pth"), run(2, A, "bob/net.pth")],
        [("net", 2)],
    ),
    "new weights in the same place": (
        [run(1, A, "alice/net.pth"), run(2, B, "alice/net.pth")],
        [("net (aaaaaaa)", 1), ("net (bbbbbbb)", 2)],
    ),
    "new weights that say so": (
        [run(1, A, "alice/net.pth"), run(2, B, "alice/net.pth", revises=run(1, A)["id"])],
        [("net", 2)],
    ),
    "a revision stays the row when the first content is measured once more": (
        [run(1, A), run(2, B, revises=run(1, A)["id"]), run(3, A)],
        [("net", 2)],
    ),
    "a revision of what is not here": ([run(1, A), run(2, B, revises="gone")],
                                       [("net (aaaaaaa)", 1), ("net (bbbbbbb)", 2)]),
    "revisions in a circle": (
        [run(1, A, revises=run(2, B)["id"]), run(2, B, revises=run(1, A)["id"])],
        [("net", 2)],
    ),
    "records without any hash, as imports and old ones are": (
        [run(1, None), run(2, None)],
        [("net", 2)],
    ),
    "what comes with esrbench, in its next version": (
        [run(1, A, "bundled"), run(2, B, "bundled")],
        [("net", 2)],
    ),
    "what comes with esrbench, and somebody's of its name": (
        [run(1, A, "bundled"), run(2, B, "bob/net")],
        [("net (bundled)", 1), ("net (bob)", 2)],
    ),
    "a failure does not hide a measurement of the same content": (
        [run(1, A), run(2, A, status="failed", reason="It raised.")],
        [("net", 1)],
    ),
    "a broken manifest that was mended": (
        [run(1, None, "alice/net", status="rejected", reason="no name"), run(2, A, "alice/net")],
        [("net", 2)],
    ),
    "a broken manifest of somebody else's": (
        [run(1, None, "bob/net", status="rejected", reason="no name"), run(2, A, "alice/net")],
        [("net (bob)", 1), ("net (alice)", 2)],
    ),
    "the same code, with its weights at last": (
        [run(1, A, code_sha256=C, flags=["no-weights"]), run(2, B, code_sha256=C)],
        [("net", 2)],
    ),
    "names that differ by case": (
        [run(1, A, "alice/net"), run(2, B, "bob/NET", submission="NET")],
        [("net (alice)", 1), ("NET (bob)", 2)],
    ),
    "names that differ by a letter of another script": (
        [run(1, A, "x/net"), run(2, B, "x/nеt", submission="nеt")],
        [("net (x/net)", 1), ("nеt (x/nеt)", 2)],
    ),
    "the same name in two Unicode forms, and one content": (
        [run(1, A, submission="né"), run(2, A, submission="ne\u0301")],
        [("ne\u0301", 2)],
    ),
    "other scales are called alike": (
        [run(1, A, "alice/net"), run(2, B, "bob/net"), run(3, C, "alice/net", scale=2)],
        [("net (alice)", 1), ("net (bob)", 2), ("net (alice)", 3)],
    ),
    "a folder's name that would move a cursor": (
        [run(1, A, "a\x1b[2J/net"), run(2, B, "bob/net")],
        [("net (a\\x1b[2J)", 1), ("net (bob)", 2)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_rows(case: str, tmp_path: Path) -> None:
    runs, expected = ROWS[case]
    assert labels(tmp_path, *runs) == expected


def test_a_date_in_the_future_does_not_win(tmp_path: Path) -> None:
    far = (datetime.now(timezone.utc) + timedelta(days=400)).isoformat(timespec="seconds")
    store = ResultsStore(tmp_path)
    store.add(record(**run(1, A, params=1, created=far)))
    store.add(record(**run(2, A, params=2)))
    assert [r.params for r in store.latest()] == [2]


def test_every_output_has_both_rows_and_says_why(tmp_path: Path) -> None:
    quality = {"quality": {"Set5": {"psnr_y": 30.0}}}
    labels(tmp_path, run(1, A, "alice/net.pth", **quality), run(2, B, "bob/net.pth", **quality))
    records = ResultsStore(tmp_path).latest()
    for form in ("csv", "json", "markdown", "latex", "model-index"):
        text = export(records, form)
        assert "net (alice)" in text, form
        assert "net (bob)" in text, form
    assert sorted(page_names(records).values())[0].startswith("submissions/net-alice-x4-quick")
    assert "alice/net.pth (content aaaaaaa), beside bob/net.pth" in records[0].told[0]


ALIKE = [("SPAN", "span"), ("Ѕрan", "span"), ("ｓｐａｎ", "span"), ("spa\u200bn", "span"),
         ("v1", "vl"), ("my_net", "my-net"), ("O", "0")]  # fmt: skip
APART = [("span", "spam"), ("rlfn", "rfdn"), ("net2", "net3"), ("x2", "x4")]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_alike(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_not_alike(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)
