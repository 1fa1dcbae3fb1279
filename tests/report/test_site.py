"""The site from records alone: what is on it, what is not, and what happens twice."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from esrbench.errors import UnavailableError, UsageError
from esrbench.literature.entry import Entry
from esrbench.report.atomic import write_bytes
from esrbench.report.memory import Memory
from esrbench.report.site import render_site
from esrbench.results.record import About, Picture
from esrbench.results.store import ResultsStore
from tests.report.records import awkward, failed, record, runtime, without_weights


def store_of(tmp_path: Path, *records: object) -> ResultsStore:
    store = ResultsStore(tmp_path / "results")
    for one in records:
        store.add(one)  # type: ignore[arg-type]
    return store


class Links(HTMLParser):
    """What a page points to, and the elements it has."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tags: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [v for k, v in attrs if k in {"href", "src"} and v]


def test_every_local_link_leads_somewhere(site: Path) -> None:
    pages = [site / "index.html", *(site / "submissions").glob("*.html")]
    assert len(pages) == 1 + len(awkward())
    for page in pages:
        for target in Links(page).targets:
            if target.startswith(("#", "http", "data:")):
                continue
            assert (page.parent / target.split("#")[0]).exists(), f"{page.name}: {target}"


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """Links a reader may click are fine; scripts, styles, images and fonts are the site's own."""
    for page in [site / "index.html", *(site / "submissions").glob("*.html")]:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r'(?:src|<link[^>]*href)="(?:https?:)?//', text)
    assert "http" not in (site / "assets" / "style.css").read_text()


def test_names_with_html_are_text(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in index
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;/&lt;b&gt;&amp;&#34;&#39;" in index


def test_the_table_is_there_without_javascript(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    row = re.search(r"<tr data-i=\d+><td>(\d+)<th scope=row><a[^>]*>span/<wbr>c28</a>(.*)", index)
    assert row
    assert "<td>31.74" in row[2]
    assert "The child process died of signal 11" in index
    assert "No weights at hand" in index


def test_no_number_is_made_up(site: Path) -> None:
    """A failed row has no figures: its cells are empty, not 0."""
    index = (site / "index.html").read_text(encoding="utf-8")
    row = next(line for line in index.splitlines() if ">crasher</a>" in line)
    cells = re.findall(r"<td>([^<]*)", row)
    assert set(cells) == {""}
    assert "NaN" not in index
    assert ">nan" not in index


def test_no_records(tmp_path: Path) -> None:
    index = render_site(ResultsStore(tmp_path / "results"), tmp_path / "out")
    assert "No records yet" in index.read_text()


def test_only_failed_rows(tmp_path: Path) -> None:
    index = render_site(store_of(tmp_path, failed(), without_weights()), tmp_path / "out")
    assert "Not ranked (2)" in index.read_text()


def test_published_figures_have_a_section_of_their_own(tmp_path: Path) -> None:
    entry = Entry.model_validate(
        {"name": "dream", "title": "Dream", "paper": "https://arxiv.org/abs/2001.00001",
         "source": "table 7", "figures": {4: {"quality": {"Set5": {"psnr_y": 99.0}}}}}
    )  # fmt: skip
    store = store_of(tmp_path, record("a", datasets_scored=["skimage8", "Set5"]), failed())
    index = render_site(store, tmp_path / "out", literature=[entry]).read_text()
    assert "2 submissions, 1 as published, 1 table" in index
    assert "Not ranked (1)" in index
    section = index.partition("As published, not measured here (1)")[2]
    (row,) = re.findall(r"<tr data-i=.*", section)
    assert ">dream (published)</a><small>table 7</small>" in row
    assert "<td>99.00<td>" in row  # neither bold nor underlined
    assert "<b " not in row
    (page,) = (tmp_path / "out" / "submissions").glob("dream-published-*.html")
    for measured in ("Measured against published", ">Device<", ">Sandbox<", "Signatures"):
        assert measured not in page.read_text()


def test_one_protocol(tmp_path: Path) -> None:
    store = store_of(tmp_path, record("a"), record("b", protocol_name="classic"))
    index = render_site(store, tmp_path / "out", protocol="classic").read_text()
    assert ">b</a>" in index
    assert ">a</a>" not in index
    with pytest.raises(UsageError, match="did you mean 'classic'"):
        render_site(store, tmp_path / "out", protocol="clasic")


def test_the_second_time_nothing_is_written(tmp_path: Path) -> None:
    store = store_of(tmp_path, record("a"), record("b"))
    out = tmp_path / "out"
    render_site(store, out)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}
    render_site(store, out)
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("psnr", [20.0, 40.0])
def test_a_newcomer_moves_ranks_and_writes_no_other_page(tmp_path: Path, psnr: float) -> None:
    """Last or first: the others' pages stay as they are, and their ranks stand in one script."""
    store = store_of(tmp_path, record("a", psnr=32.0), record("b", psnr=31.0))
    out = tmp_path / "out"
    render_site(store, out)
    before = {p: p.stat().st_mtime_ns for p in (out / "submissions").iterdir()}
    store.add(record("d", psnr=psnr, ms=400.0, gmacs=0.01))
    render_site(store, out)
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert len(list((out / "submissions").iterdir())) == 3
    (script,) = (out / "data" / "tables").glob("standings-*.js")
    told = json.loads(script.read_text().removeprefix("esrbench.standings(").removesuffix(");\n"))
    assert told["of"] == 3
    assert sorted(told["ranks"].values()) == ["1", "2", "3"]


def test_a_submission_may_be_called_like_a_tables_script(tmp_path: Path) -> None:
    """Scripts of tables and of rows stand in folders of their own."""
    store = store_of(tmp_path, record("standings"), record("pictures-x"), record("tables"))
    out = tmp_path / "out"
    for _ in range(2):
        render_site(store, out)
        assert len(list((out / "data").glob("*.js"))) == 3


def test_a_lost_page_is_made_again_and_a_stale_one_goes(tmp_path: Path) -> None:
    store = store_of(tmp_path, record("a"), record("b"))
    out = tmp_path / "out"
    render_site(store, out)
    (page,) = (out / "submissions").glob("a-*.html")
    page.unlink()
    mine = out / "submissions" / "notes.html"
    mine.write_text("my own notes")
    for stale in store.root.glob("b_*.json"):
        stale.unlink()
    render_site(store, out)
    assert page.exists()
    assert not list((out / "submissions").glob("b-*.html"))
    assert mine.exists()


@pytest.mark.parametrize("kept", [b"[" * 100_000, b"[]", b"\xff"], ids=["deep", "list", "bytes"])
def test_a_damaged_memory_makes_every_page_again(tmp_path: Path, kept: bytes) -> None:
    memory = Memory(tmp_path)
    assert memory.is_new("a.html", 1)
    (tmp_path / "a.html").write_text("a")
    memory.keep()
    assert not Memory(tmp_path).is_new("a.html", 1)
    (tmp_path / ".pages.json").write_bytes(kept)
    assert Memory(tmp_path).is_new("a.html", 1)


def test_pictures_are_copied_and_shown(site: Path) -> None:
    (page,) = (site / "submissions").glob("span-c28-x4-quick-*-fp32.html")
    text = page.read_text()
    assert 'src="../pictures/one/sr.png" width="96" height="96"' in text
    assert (site / "pictures" / "one" / "hr.png").is_file()


def test_a_picture_outside_the_store_is_never_copied(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    path = "../secret.png"
    stolen = Picture(dataset="d", name="n", lr=path, sr=path, hr=path, box=(0, 0, 4, 4))
    render_site(store_of(tmp_path, record("a", pictures=[stolen])), tmp_path / "out")
    assert not list((tmp_path / "out").rglob("secret*"))


def test_a_links_scheme_must_be_http(tmp_path: Path) -> None:
    about = About(title="t", paper="javascript:alert(1)", code="https://example.org")
    render_site(store_of(tmp_path, record("a", about=about)), tmp_path / "out")
    (page,) = (tmp_path / "out" / "submissions").glob("*.html")
    assert 'href="javascript' not in page.read_text()
    assert 'href="https://example.org"' in page.read_text()


def test_a_crash_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    write_bytes(path, b"old")

    def broken(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(UnavailableError, match="No space left"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_torch_is_not_imported(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, esrbench.report.site, esrbench.report.export;"
        "import esrbench.leaderboard.ntire_import, esrbench.report.plots.kinds;"
        "assert not {'torch', 'plotly'} & set(sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)


def test_a_reason_shows_its_first_clause_and_keeps_the_whole(tmp_path: Path) -> None:
    reason = "span/c48 has no weights: the official ones are only on a drive that needs a browser."
    index = render_site(store_of(tmp_path, without_weights(reason=reason)), tmp_path / "out")
    assert (
        "<summary>span/c48 has no weights</summary>"
        "the official ones are only on a drive that needs a browser.</details>"
    ) in index.read_text()


def test_a_metric_that_no_row_has_is_said_once(tmp_path: Path) -> None:
    lacking = {"skimage8": {"psnr_y": 31.0, "lpips_alex": None}}
    rows = [
        record(n, quality=lacking, missing={"lpips_alex": "the backbone is missing"}) for n in "ab"
    ]
    index = render_site(store_of(tmp_path, *rows), tmp_path / "out").read_text()
    assert index.count("No row has LPIPS: the backbone is missing") == 1
    assert 'data-k="skimage8.lpips_alex"' not in index
    one_has = [rows[0], record("c")]
    index = render_site(store_of(tmp_path / "2", *one_has), tmp_path / "out2").read_text()
    assert "No row has" not in index


def test_layers_and_roofline_on_the_page(site: Path) -> None:
    (page,) = (site / "submissions").glob("span-c28-x4-quick-*-fp32.html")
    text = page.read_text()
    assert "Held back most by memory traffic" in text
    assert "<code>block_1.conv</code>" in text
    assert "&lt;i&gt;add&lt;/i&gt;" in text
    assert text.count(">whole forward</text>") == 1
    assert "layers: " not in text
    (other,) = (site / "submissions").glob("span-c48-x4-quick-*-fp32.html")
    assert "Where the time goes" not in other.read_text()


def test_a_figure_that_is_off_is_marked_on_the_page(tmp_path: Path) -> None:
    published = {
        "source": "the paper's table",
        "params": 150_688,
        "quality": {"Set5": {"psnr_y": 31.71}},
    }
    one = record("a", about=About(title="t", published=published), params=150_688)
    one.quality["Set5"] = {"psnr_y": 31.7359}
    render_site(store_of(tmp_path, one), tmp_path / "out")
    (page,) = (tmp_path / "out" / "submissions").glob("*.html")
    table = page.read_text().partition("Measured against published")[2].partition("</section>")[0]
    marked = [row for row in table.split("<tr>") if ">off</b>" in row]
    assert len(marked) == 1
    assert "PSNR Y on Set5" in marked[0]
    assert "Published: the paper&#39;s table." in table


def test_energy_is_shown_where_a_record_has_it_and_nowhere_else(tmp_path: Path) -> None:
    """From the record's JSON to the column, the cell and the page: 0.4321 J."""
    spent = runtime(5.0, ratio=1.0, energy=0.43211)
    with_it = record("a", runtime_ms=spent, runtime_by_shape=[spent])
    index = render_site(store_of(tmp_path, with_it, record("b")), tmp_path / "out")
    text = index.read_text()
    assert 'data-k="energy_j"' in text
    assert "<td>0.432" in text
    pages = {p.name[0]: p.read_text() for p in (tmp_path / "out" / "submissions").iterdir()}
    assert "Energy" in pages["a"]
    assert "Energy" not in pages["b"]
    without = render_site(store_of(tmp_path / "2", record("b")), tmp_path / "out2").read_text()
    assert "nergy" not in without


def test_a_record_of_an_older_esrbench(tmp_path: Path) -> None:
    """Records lack what was not measured then: every optional part is left out in turn."""
    whole = json.loads(record("a").model_dump_json())
    for i, (key, field) in enumerate(type(record("a")).model_fields.items()):
        if not field.is_required() and key != "schema_version":
            path = tmp_path / "results" / f"{i}.json"
            path.parent.mkdir(exist_ok=True)
            lacking = {k: v for k, v in whole.items() if k != key}
            path.write_text(json.dumps({**lacking, "id": f"id{i}", "submission": f"no-{key}"}))
    index = render_site(ResultsStore(tmp_path / "results"), tmp_path / "out").read_text()
    assert ">no-<wbr>environment</a>" in index
    assert ">no-<wbr>timing_<wbr>blocks</a>" in index


def test_the_shipped_records_are_rendered(tmp_path: Path) -> None:
    shipped = Path(__file__).resolve().parents[2] / "reports" / "results"
    index = render_site(ResultsStore(shipped), tmp_path / "out")
    drawn = index.read_text().count('<svg class="drawn')
    assert drawn == 2  # for a screen, and for a phone
    for page in (tmp_path / "out" / "submissions").iterdir():
        assert "timing samples over time" in page.read_text()
