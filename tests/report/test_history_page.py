"""The pages of what was and what changed, and the command that makes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from esrbench.cli.app import app
from esrbench.report.history_page import history_id
from esrbench.report.site import Before, make_site, render_site
from esrbench.results.store import ResultsStore
from tests.leaderboard.test_history import dated, of


@pytest.fixture
def store(tmp_path: Path) -> ResultsStore:
    found = ResultsStore(tmp_path / "results")
    first = of("net", 31.0)
    for one in (first, of("net", 31.5, on="2026-01-07", content="b", revises=first.id)):
        found.add(one)
    found.add(dated("old_one", 30.0, 2019, 10**5))
    found.add(dated("other", 33.0, 2024, 10**6))
    return found


def test_the_page_has_the_years_and_the_lives(store: ResultsStore, tmp_path: Path) -> None:
    render_site(store, tmp_path)
    page = (tmp_path / "history.html").read_text(encoding="utf-8")
    (life,) = store.lives()
    assert f'id="{history_id(life[0])}"' in page
    assert "2 records, 1 revision" in page
    assert "(+0.50)" in page
    assert 'class="timeline wide"' in page.replace("drawn ", "")
    assert "any cost" in page
    (own,) = (tmp_path / "submissions").glob("net-*.html")
    assert f'href="../history.html#{history_id(life[0])}"' in own.read_text(encoding="utf-8")


def test_what_changed_has_a_page_only_when_asked(store: ResultsStore, tmp_path: Path) -> None:
    before = [r for r in store.records() if r.label != "other"]
    site = make_site(store, tmp_path, before=Before("<then>", before[:1]))
    assert site.changed is not None
    assert site.changed.startswith("2 new rows")
    page = (tmp_path / "changes.html").read_text(encoding="utf-8")
    assert "since &lt;then&gt;" in page
    assert "changes.html" in site.index.read_text(encoding="utf-8")
    render_site(store, tmp_path)
    assert not (tmp_path / "changes.html").exists()
    assert "changes.html" not in site.index.read_text(encoding="utf-8")


def run(store: ResultsStore, since: str) -> str:
    out = str(store.root.parent / "site")
    arguments = ["report", "--results", str(store.root), "--out", out, "--no-references"]
    done = CliRunner().invoke(app, [*arguments, "--since", since, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["changed"]


def test_since_a_date_and_since_a_folder(store: ResultsStore, tmp_path: Path) -> None:
    assert run(store, "2026-01-06") == "1 measured again"
    assert run(store, "2026-01-08") == "nothing changed"
    assert run(store, "2026-01-01") == "3 new rows"
    older = ResultsStore(tmp_path / "older")
    older.add(of("net", 31.0))
    assert run(store, str(older.root)).startswith("2 new rows")
