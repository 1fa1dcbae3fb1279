"""Measured beside published, numbers by hand."""

from __future__ import annotations

from esrbench.report.published import against_published
from esrbench.results.record import About
from tests.report.records import failed, record


def test_quality_by_difference_and_cost_by_share() -> None:
    about = About(
        title="t",
        published={
            "params": 150_000,
            "quality": {"Set5": {"psnr_y": 31.7}, "Set14": {"ssim_y": 0.8}},
        },
    )
    lines = against_published(
        record("a", about=about, params=151_500, quality={"Set5": {"psnr_y": 31.7359}})
    )
    assert [(a.name, a.published, a.measured, a.difference) for a in lines] == [
        ("Params (K)", "150.0", "151.5", "+1.0 %"),
        ("PSNR Y on Set5 (dB)", "31.70", "31.74", "+0.04"),
        ("SSIM Y on Set14", "0.8000", "", ""),
    ]


def test_equal_is_plus_minus_zero() -> None:
    about = About(title="t", published={"params": 150_688})
    assert against_published(record("a", about=about, params=150_688))[0].difference == "±0.0 %"


def test_words_in_the_published_figures_are_passed_over() -> None:
    about = About(title="t", published={"params": "about 150 K", "quality": [], "note": 3})
    assert against_published(record("a", about=about)) == []
    assert (
        against_published(failed("a", about=About(title="t", published={"params": 1000})))[
            0
        ].measured
        == ""
    )


def test_another_machines_runtime_is_shown_but_not_held_against() -> None:
    about = About(title="t", published={"runtime_ms": 7.74})
    (line,) = against_published(record("a", about=about, ms=810.0))
    assert (line.published, line.measured, line.difference) == ("7.7", "810.0", "another device")
