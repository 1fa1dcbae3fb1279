"""The rows are whole, and mean one thing each."""

from __future__ import annotations

import pytest

from esrbench.quantities import costs, metrics
from esrbench.quantities.costs import COSTS
from esrbench.quantities.metrics import METRICS, described, metric_named
from esrbench.quantities.quantity import Quantity
from esrbench.results.record import Complexity, RunRecord
from tests.report.records import complexity, record, runtime

ROWS: dict[str, Quantity] = {**METRICS, **COSTS}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_row_is_whole(row: Quantity) -> None:
    assert row.direction in {"lower", "higher"}
    assert row.heading
    assert row.label
    assert row.description.endswith(".")


def test_no_two_rows_share_a_heading_or_a_label() -> None:
    for words in ([r.heading for r in ROWS.values()], [r.label for r in ROWS.values()]):
        assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("word", "colour", "key"),
    [("psnr", "y", "psnr_y"), ("psnr", "rgb", "psnr_rgb"), ("ssim", "rgb", "ssim_rgb"),
     ("lpips", "y", "lpips_alex"), ("niqe", "y", "niqe"), ("psnr_y", "rgb", "psnr_y"),
     ("pnsr", "y", None)],
)  # fmt: skip
def test_words_for_metrics(word: str, colour: metrics.Colour, key: str | None) -> None:
    assert metric_named(word, colour) == key


@pytest.mark.parametrize(
    ("word", "key"),
    [("runtime", "runtime_ms"), ("flops", "macs"), ("memory", "peak_memory_bytes"),
     ("energy", "energy_j"), ("ratio", "runtime_ratio"), ("activations", "activations")],
)  # fmt: skip
def test_words_for_costs(word: str, key: str) -> None:
    found = costs.cost_named(word)
    assert found is not None
    assert found.key == key


def test_what_has_no_row_is_better_in_no_direction() -> None:
    assert described("mine").direction == "unknown"
    assert described("psnr_y_pooled").direction == "higher"  # was ranked upside down once


def macs(fvcore: int | None, dispatch: int | None, protocol: str = "quick") -> RunRecord:
    counted: Complexity = complexity(fvcore or 1).model_copy(
        update={"macs_fvcore": fvcore, "macs_dispatch": dispatch}
    )
    return record("a", macs=fvcore, complexity=counted, protocol_name=protocol)


@pytest.mark.parametrize(
    ("fvcore", "dispatch", "protocol", "ranked", "beside", "mark"),
    [
        # scaled_dot_product_attention is nothing to fvcore: 15.7 M and 149.9 M
        (15_700_000, 149_900_000, "quick", 149_900_000, 15_700_000, "≠"),
        (15_700_000, 149_900_000, "ntire2026", 15_700_000, 149_900_000, "≠"),
        (104_000, 100_000, "quick", 104_000, 100_000, "≠"),  # fvcore may be the larger
        (100_900, 100_000, "quick", 100_900, None, ""),  # within 1%
        (0, 100_000, "quick", 100_000, 0, "≠"),
        (None, 100_000, "quick", 100_000, None, ""),
        (100_000, None, "quick", 100_000, None, ""),
    ],
)
def test_of_two_counts_of_macs_the_larger_is_ranked_but_under_flops_the_official(
    fvcore: int | None, dispatch: int | None, protocol: str, ranked: int, beside: int | None,
    mark: str,
) -> None:  # fmt: skip
    found = macs(fvcore, dispatch, protocol)
    row = COSTS["macs"]
    assert (row.value(found), row.beside(found), row.mark(found)) == (ranked, beside, mark)


def test_opaque_operators_make_a_lower_bound() -> None:
    counted = complexity(1000).model_copy(update={"opaque_ops": ["mine::conv"]})
    assert COSTS["macs"].mark(record("a", macs=1000, complexity=counted)) == "≥"


def test_one_runtime_has_one_name() -> None:
    block = record("a", runtime_ms=runtime(10.0))
    cold = record("b", runtime_ms=runtime(10.0, policy="ntire"))
    assert costs.statistic_of([block]) == "median"
    assert costs.statistic_of([cold]) == "mean"
    assert (costs.runtime_ms(block), costs.runtime_ms(cold)) == (10.0, pytest.approx(10.1))
