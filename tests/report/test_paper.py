"""The table a paper prints, written out by hand for a few rows."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from esrbench.errors import UsageError
from esrbench.leaderboard.literature import with_literature
from esrbench.leaderboard.references import with_references
from esrbench.leaderboard.table import build_tables
from esrbench.literature.entry import Entry
from esrbench.literature.shelf import shipped
from esrbench.report.export import export
from esrbench.report.formats.bibtex import to_bibtex
from esrbench.report.formats.paper import Paper, to_paper
from esrbench.report.paper_script import paper_parts
from esrbench.results.record import About, RunRecord
from tests.report.records import awkward, record


def row(
    name: str, psnr: float, ssim: float, params: int, scale: int = 4, **more: object
) -> RunRecord:
    changes: dict[str, object] = {
        "about": About(title=name.upper(), authors="A. One, B. Two", year=2024,
                       paper="https://arxiv.org/abs/2311.12770"),
        **more,
    }  # fmt: skip
    return record(
        name, protocol_name="classic", scale=scale, params=params,
        quality={"Set5": {"psnr_y": psnr, "ssim_y": ssim}}, **changes,
    )  # fmt: skip


ROWS = [
    row("bicubic", 28.42, 0.8104, 0, about=About(title="Bicubic")),
    row("rlfn", 32.24, 0.8952, 543_000),
    row("span", 32.20, 0.8953, 498_000),
    row("mine_x", 32.30, 0.8940, 400_000),
    row("cheat", 35.0, 0.95, 1000, flags=["below-floor"]),
    row("rlfn", 33.9, 0.92, 527_000, scale=3),
    row("span", 34.0, 0.91, 470_000, scale=3),
]


PAGE = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs}\begin{document}"


def body(paper: Paper, rows: list[RunRecord] = ROWS) -> list[str]:
    text = to_paper(build_tables(rows), paper)
    return [line for line in text.splitlines() if " & " in line]


def test_psnr_and_ssim_in_one_cell_best_and_second_each_for_itself() -> None:
    wanted = Paper(("params", "Set5"), ("bicubic", "rlfn", "span", "mine_x"), "mine_x")
    assert body(wanted, ROWS[:5]) == [
        r"Method & Params [K] & Set5 PSNR/SSIM \\",
        r"Bicubic & 0 & 28.42/0.8104 \\",
        r"RLFN~\cite{rlfn2024} & 543.0 & \underline{32.24}/\underline{0.8952} \\",
        r"SPAN~\cite{span2024} & \underline{498.0} & 32.20/\textbf{0.8953} \\",
        r"\textbf{MINE\_X} (ours) & \textbf{400.0} & \textbf{32.30}/0.8940 \\",
    ]


def test_a_row_that_is_set_apart_has_a_dagger_and_is_never_best() -> None:
    text = to_paper(build_tables(ROWS[:5]), Paper(("Set5",), style="psnr"))
    assert r"CHEAT~\cite{cheat2024}$^{\dagger}$ & 35.00 \\" in text
    assert (
        r"\par\footnotesize $\dagger$\ Not compared with the others (cheat: below floor)." in text
    )


def test_scales_are_groups() -> None:
    lines = body(Paper(("Set5",), ("rlfn", "span"), style="plain"))
    assert lines == [
        r"Scale & Method & Set5 PSNR & Set5 SSIM \\",
        r"$\times$3 & RLFN~\cite{rlfn2024} & \underline{33.90} & \textbf{0.9200} \\",
        r" & SPAN~\cite{span2024} & \textbf{34.00} & \underline{0.9100} \\",
        r"$\times$4 & RLFN~\cite{rlfn2024} & \textbf{32.24} & \underline{0.8952} \\",
        r" & SPAN~\cite{span2024} & \underline{32.20} & \textbf{0.8953} \\",
    ]


@pytest.mark.parametrize(
    ("paper", "says"),
    [(Paper(("parms",)), "did you mean 'params'"), (Paper(rows=("spam",)), "did you mean 'span'"),
     (Paper(ours="nobody"), "No record of 'nobody'")],
)  # fmt: skip
def test_wrong_words(paper: Paper, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        to_paper(build_tables(ROWS), paper)


def test_bibtex_has_the_keys_that_the_table_cites() -> None:
    entries = export(ROWS, "bibtex")
    assert "@misc{span2024," in entries
    assert "author = {A. One and B. Two}" in entries
    assert "eprint = {2311.12770}" in entries
    assert "bicubic" not in entries


@pytest.mark.skipif(
    not (shutil.which("pdflatex") or shutil.which("tectonic")), reason="neither is installed"
)
@pytest.mark.parametrize("rows", [ROWS, awkward()], ids=["paper", "awkward"])
def test_it_compiles(tmp_path: Path, rows: list[RunRecord]) -> None:
    tables = to_paper(build_tables(rows), Paper()) + export(rows, "latex")
    (tmp_path / "a.tex").write_text(f"{PAGE}\n{tables}\n\\end{{document}}\n", encoding="utf-8")
    if shutil.which("tectonic"):
        command = ["tectonic", "a.tex"]
    else:
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "a.pdf").stat().st_size > 1000


def with_the_published() -> tuple[str, str]:
    """A paper's tables and its bibliography, everything that was published beside ours."""
    rows = with_literature(with_references(ROWS), shipped())
    tables = build_tables(rows)
    return to_paper(tables, Paper(("params", "Set5"))), to_bibtex(tables)


def test_whatever_is_cited_is_in_the_bibliography_once() -> None:
    tables, bibliography = with_the_published()
    cited = set(re.findall(r"\\cite\{([^}]+)\}", tables))
    there = re.findall(r"^@\w+\{([^,]+),", bibliography, re.MULTILINE)
    assert len(cited) > 5
    assert sorted(there) == sorted(cited)


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("pdflatex") and shutil.which("bibtex")), reason="no TeX")
def test_a_paper_with_the_published_rows_compiles_with_its_bibliography(tmp_path: Path) -> None:
    tables, bibliography = with_the_published()
    (tmp_path / "b.bib").write_text(bibliography, encoding="utf-8")
    ends = "\\bibliographystyle{plain}\\bibliography{b}\n\\end{document}\n"
    (tmp_path / "a.tex").write_text(f"{PAGE}\n{tables}\n{ends}", encoding="utf-8")
    for program, word in (("pdflatex", "a.tex"), ("bibtex", "a"), *2 * [("pdflatex", "a.tex")]):
        words = ["-interaction=nonstopmode"] if program == "pdflatex" else []
        done = subprocess.run([program, *words, word], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:]
    assert "undefined" not in (tmp_path / "a.log").read_text(errors="replace")


def test_the_notes_of_every_scale_are_told_once() -> None:
    rows = [*ROWS[:3], row("odd", 33.0, 0.9, 9, scale=3, flags=["below-floor"]), *ROWS[4:]]
    text = to_paper(build_tables(rows), Paper(("Set5",)))
    assert text.count("(odd: below floor)") == text.count("(cheat: below floor)") == 1


def test_the_copy_button_has_the_same_cells_as_the_export() -> None:
    (table,) = build_tables(ROWS[:5])
    parts = paper_parts(table)
    wanted = {"params", "Set5.psnr_y"}
    at = [i for i, column in enumerate(parts["columns"]) if wanted & set(column["keys"])]
    copied = [
        " & ".join([name, *(cells[i] for i in at)]) + r" \\" for name, *cells in parts["rows"]
    ]
    names = tuple(r.record.label for r in table.rows)
    printed = to_paper([table], Paper(("params", "Set5"), names)).splitlines()
    assert copied == printed[5 : 5 + len(copied)]
    assert parts["comment"] == printed[0]
    assert printed[-1] in [note for _, note in parts["notes"]]


def test_rows_choose_what_is_cited_and_change_no_rank() -> None:
    entries = export(ROWS, "bibtex", only=("span",))
    assert entries.count("@misc") == 1
    lines = export(ROWS[:5], "csv", only=("span",)).splitlines()
    whole = next(line for line in export(ROWS[:5], "csv").splitlines() if ",span," in line)
    assert lines[1:] == [whole]
    with pytest.raises(UsageError, match="did you mean 'span'"):
        export(ROWS, "model-index", only=("spam",))


def test_a_published_row_keeps_its_title_beside_the_measured_one() -> None:
    """One note for all; a count with the digits of its source; a missing SSIM is a dash."""
    entry = {
        "name": "rlfn", "title": "RLFN", "paper": "https://arxiv.org/abs/2205.07514", "year": 2022,
        "figures": {4: {"params": 543000, "quality": {"Set5": {"psnr_y": 32.24}}}},
    }  # fmt: skip
    rows = with_literature(ROWS[:3], [Entry.model_validate(entry)])
    text = to_paper(build_tables(rows), Paper(("params", "Set5")))
    assert r"RLFN~\cite{rlfn2022}$^{\dagger}$ & 543 & 32.24/-- \\" in text
    assert r"RLFN~\cite{rlfn2024} & " in text
    assert r"\dagger$\ Not compared with the others: as published, not measured here." in text
