"""Measured beside published, numbers by hand."""

from __future__ import annotations

import pytest

from esrbench.report.published import against_published
from esrbench.results.record import About, CountsElsewhere
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


def test_macs_counted_another_way_are_held_against_both() -> None:
    """ARM-FSRCNN of width 56 on a patch of 32 pixels: half the 467,877,892 FLOPs of the authors'
    logs; by arithmetic 10,728 a pixel and 13,608 for the transposed convolution, which their
    counter takes 16 times."""
    about = About(
        title="t",
        published={"macs": 233_939_000, "macs_at": "1x3x32x32", "macs_by": "arm"},
    )
    here = CountsElsewhere(
        input_shape=(1, 3, 32, 32),
        macs_fvcore=1024 * (10_728 + 13_608),
        macs_arm=1024 * (10_728 + 16 * 13_608),
    )
    one = record("a", about=about)
    assert one.complexity is not None
    counted = one.complexity.model_copy(update={"as_published": here})
    lines = against_published(one.model_copy(update={"complexity": counted}))
    assert [(a.name, a.published, a.measured, a.difference, a.off) for a in lines] == [
        ("MACs, counter of ARM (G)", "0.2339", "0.2339", "±0.0 %", False),
        ("MACs (G)", "0.2339", "0.0249", "−89.3 %", True),
    ]
    (line,) = against_published(one)
    assert (line.measured, line.difference) == ("", "for 1x3x32x32")


OFF = [
    # An exact count may not differ at all, a rounded one by a unit of its last digit.
    (16_768, 16_768, False),
    (16_768, 16_769, True),
    (11_900, 11_840, False),
    (98_100, 97_776, True),
]


@pytest.mark.parametrize(("published", "measured", "off"), OFF)
def test_a_count_that_is_off(published: int, measured: int, off: bool) -> None:
    about = About(title="t", published={"params": published})
    (line,) = against_published(record("a", about=about, params=measured))
    assert line.off is off


# The reference record counts 1x3x256x256; 1280x720 at x4 is 1x3x180x320.
PLACES = [("1x3x256x256", True), ("1280x720 output", False), ("1024x1024 output", True)]


@pytest.mark.parametrize(("place", "alike"), PLACES)
def test_activations_and_macs_of_another_size_are_only_shown(place: str, alike: bool) -> None:
    published = {"macs": 14e9, "macs_at": place, "activations": 77e6}
    lines = against_published(record("a", about=About(title="t", published=published)))
    assert [line.difference == f"for {place}" for line in lines] == [not alike] * 2
    assert [line.off for line in lines] == [alike] * 2


def test_macs_of_ntires_first_counter_are_held_against_that_counter() -> None:
    # The 2022 baseline: 58,531,512,320 by the organisers' hooks, 58,430,849,024 by fvcore.
    published = {"macs": 58.53e9, "macs_at": "1x3x256x256", "macs_by": "ntire2022"}
    measured = record("a", about=About(title="t", published=published), macs=58_430_849_024)
    assert measured.complexity is not None
    measured.complexity.macs_ntire2022 = 58_531_512_320
    assert [(a.name, a.published, a.measured, a.off) for a in against_published(measured)] == [
        ("MACs, counter of 2022 (G)", "58.53", "58.53", False),
        ("MACs (G)", "58.53", "58.43", True),
    ]
    measured.about.published.pop("macs_by")
    assert against_published(measured)[0].off
