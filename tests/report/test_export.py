"""Exports of three rows written out by hand."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest
import yaml

from esrbench.errors import UsageError
from esrbench.quantities.costs import MARKS
from esrbench.report.export import FORMATS, export, export_bytes
from esrbench.report.formats import tex
from esrbench.results.record import RunRecord
from tests.report.records import awkward, failed, record, runtime


def rows() -> list[RunRecord]:
    return [
        record("a_b", quality={"skimage8": {"psnr_y": 31.5}}, params=1500, ms=10.0),
        record("c", quality={"skimage8": {"psnr_y": 30.25}}, params=3_200_000, ms=4.0),
        failed("d"),
    ]


def test_csv_is_unrounded_and_empty_where_nothing_is() -> None:
    lines = list(csv.DictReader(io.StringIO(export(rows(), "csv"))))
    assert [line["submission"] for line in lines] == ["a_b", "c", "d"]
    assert lines[1]["skimage8.psnr_y"] == "30.25"
    assert lines[1]["params"] == "3200000"
    assert lines[2]["rank"] == lines[2]["params"] == lines[2]["runtime_ms"] == ""
    assert lines[2]["apart"].startswith("failed: The child process")


def test_csv_cells_are_no_formulas() -> None:
    text = export([record("=HYPERLINK(1)")], "csv")
    assert next(csv.DictReader(io.StringIO(text)))["submission"] == "'=HYPERLINK(1)"


def test_json_is_one_document_with_signatures() -> None:
    data = json.loads(export(rows(), "json"))
    (table,) = data["tables"]
    assert table["signatures"]["psnr_y"].startswith("PSNR|y")
    assert table["rows"][0]["rank"] == 1
    assert table["rows"][2]["rank"] is None
    assert table["rows"][2]["macs"] is None


def test_what_the_runtime_is_stands_beside_it() -> None:
    """One table of one file has means, the next medians; both are called runtime_ms there."""
    timed = {p: runtime(10.0, policy=p) for p in ("block", "ntire")}
    both = [record(p, runtime_ms=of, runtime_by_shape=[of]) for p, of in timed.items()]
    for line in csv.DictReader(io.StringIO(export(both, "csv"))):
        ms = {"median": "10.0", "mean": "10.1"}[line["runtime_statistic"]]
        assert (line["runtime_ms"], line["submission"] == "ntire") == (ms, ms == "10.1")


def test_json_holds_no_nan() -> None:
    text = export(awkward(), "json")
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert '"Infinity"' in text


def test_markdown() -> None:
    lines = export(rows(), "markdown").splitlines()
    assert lines[2].startswith("| # | Submission | skimage8 PSNR Y [dB] | Params [K] |")
    assert lines[4].startswith(r"| 1 | a\_b | **31.50** | **1.5** |")
    assert lines[5].startswith("| 2 | c | 30.25 | 3,200.0 |")
    assert lines[6].startswith("|  | d |  |  |")


def test_latex_has_rules_bold_and_underline() -> None:
    text = export(rows(), "latex")
    for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\multicolumn{1}{c}{skimage8}"):
        assert rule in text
    assert r"1 & a\_b & \textbf{31.50} & \textbf{1.5}" in text
    assert r"2 & c & \underline{30.25} & \underline{3{,}200.0}" in text


def test_model_index_is_yaml() -> None:
    (model, _) = yaml.safe_load(export(rows(), "model-index"))["model-index"]
    assert model["name"] == "a_b"
    assert model["results"][0]["metrics"][0] == {
        "type": "psnr_y",
        "value": 31.5,
        "name": "PSNR Y",
        "args": {
            "signature": "PSNR|y|crop:4|f64|mean-image|v1",
            "protocol": "quick",
            "measured_with": "esrbench 0.1.0",
        },
    }
    assert "source" not in model["results"][0]  # the Hub takes one only with an address


def challenge() -> list[RunRecord]:
    """Two rows of NTIRE 2026: the baseline, and one ten times as slow (score beyond 10^4)."""
    name = {"DIV2K_LSDIR_valid": {"psnr_rgb": 27.0}}
    return [
        record("span", "c28", protocol_name="ntire2026", quality=name, params=150_688,
               gmacs=9.833807872, ms=7.74),
        record("slow", protocol_name="ntire2026", quality=name, ms=77.4, gmacs=9.833807872,
               params=150_688),
        record("low", protocol_name="ntire2026", ms=8.0,
               quality={"DIV2K_LSDIR_valid": {"psnr_rgb": 20.0}}),
    ]  # fmt: skip


def test_a_challenges_score_is_exported() -> None:
    """exp(2) = 7.389; 0.8 exp(20) + 0.2 exp(2) = 388,132,157."""
    latex = export(challenge(), "latex")
    assert r"\multicolumn{1}{c}{Score}" in latex
    assert r"1 & span/c28 & 7.389 &" in latex
    assert r"2 & slow & $3.881 \cdot 10^{8}$ &" in latex
    assert latex.index(r"slow &") < latex.index("\n\\midrule\n & low")
    assert "| # | Submission | Score |" in export(challenge(), "markdown")
    (first, *_) = csv.DictReader(io.StringIO(export(challenge(), "csv")))
    assert (first["score_runtime"], first["official_rank"]) == ("7.38905609893065", "1")


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_nothing_to_export_is_no_error(format: str) -> None:
    assert isinstance(export([], format), str)


def test_unknown_format() -> None:
    with pytest.raises(UsageError, match="did you mean 'latex'"):
        export([], "latx")


def test_ties_are_marked() -> None:
    same = [record(n, quality={"skimage8": {"psnr_y": 30.0}}, runtime_ms=runtime(5)) for n in "ab"]
    assert "| =1 | a |" in export(same, "markdown")


def test_parquet_holds_what_csv_holds() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow (esrbench[parquet]) is not installed")
    import pandas as pd

    frame = pd.read_parquet(io.BytesIO(export_bytes(rows(), "parquet")), engine="pyarrow")
    assert list(frame["submission"]) == ["a_b", "c", "d"]
    assert frame["skimage8.psnr_y"][1] == 30.25
    assert frame["params"][1] == 3_200_000
    assert frame["rank"].isna().tolist() == [False, False, True]
    assert frame["runtime_ms"].isna().tolist() == [False, False, True]
    for records in ([], awkward()):
        again = pd.read_parquet(io.BytesIO(export_bytes(records, "parquet")), engine="pyarrow")
        assert len(again) == len(records)


def test_parquet_without_pyarrow_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'esrbench\[parquet\]'"):
        export_bytes(rows(), "parquet")


def test_parquet_is_not_printed() -> None:
    with pytest.raises(UsageError, match="--out"):
        export(rows(), "parquet")


def test_bytes_of_a_text_format_are_its_text() -> None:
    assert export_bytes(rows(), "csv").decode() == export(rows(), "csv")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        (" =1+1", "' =1+1"),
        ("+1", "'+1"),
        ("@sum", "'@sum"),
        ("a\r=1", r"'a\x0d=1"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("plain - text", "plain - text"),
    ],
)
def test_a_spreadsheet_runs_nothing(text: str, cell: str) -> None:
    rows = list(csv.DictReader(io.StringIO(export([failed(reason=text)], "csv"))))
    assert rows[0]["apart"] == f"failed: {text}" or "\\x" in rows[0]["apart"]
    named = list(csv.DictReader(io.StringIO(export([record(text)], "csv"))))
    assert named[0]["submission"] == cell


def test_macs_that_differ_carry_the_mark_everywhere() -> None:
    """fvcore counts 1 G, the dispatcher 5 G; the honest row has 2 G and is the better one."""
    from tests.report.records import complexity

    rows = [record("a", gmacs=2.0), record("b", gmacs=1.0, complexity=complexity(10**9, 5 * 10**9))]
    by_name = {r["submission"]: r for r in csv.DictReader(io.StringIO(export(rows, "csv")))}
    assert (by_name["b"]["macs"], by_name["b"]["macs_other"], by_name["b"]["macs_mark"]) == (
        "5000000000",
        "1000000000",
        "≠",
    )
    assert by_name["a"]["macs_mark"] == ""
    latex = export(rows, "latex")
    assert r"\textbf{2.000}" in latex
    assert r"\underline{5.000}$^{\neq}$" in latex
    assert "two counters of MACs differ" in latex
    markdown = export(rows, "markdown")
    assert "**2.000**" in markdown
    assert "5.000≠" in markdown


def test_counts_are_whole_numbers_in_every_row_and_figures_are_not() -> None:
    """A small network's and a large one's alike: 243 and 16768, never 243.0 above 16768."""
    rows = [
        record(name, params=params, quality={"skimage8": {"psnr_y": 30.0}}, ms=2000.0)
        for name, params in (("small", 243), ("large", 16768), ("none", 0))
    ]
    lines = export(rows, "csv").splitlines()
    names = lines[0].split(",")
    columns = {key: [line.split(",")[names.index(key)] for line in lines[1:]] for key in names}
    assert sorted(columns["params"]) == ["0", "16768", "243"]
    assert columns["skimage8.psnr_y"] == ["30.0"] * 3
    assert columns["runtime_ms"] == ["2000.0"] * 3


def test_latex_has_every_sign_that_a_cell_may_carry() -> None:
    """A row whose work depends on the image has one of its own."""
    for sign in MARKS:
        assert tex.raised(sign).startswith("$^{\\"), sign
        assert tex.words(sign).isascii(), sign
