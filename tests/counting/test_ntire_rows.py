"""The official figures of NTIRE's submissions, to the last digit.

Numbers: rows of the table of 84 NTIRE submissions, recomputed from the teams' own code at
1x3x256x256 (year and team are given); params, GMACs by fvcore and by NTIRE 2022's hook counter,
activations in millions, conv calls.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch

from esrbench.counting.count import count
from esrbench.errors import EsrbenchError
from esrbench.submission.find import find
from esrbench.submission.load import build_model


class Row(NamedTuple):
    params: int
    gmacs: float
    gmacs_2022: float
    activations_m: float
    convs: int


ROWS = {
    "span/c28": Row(150688, 9.833807872, 9.833807872, 41.680896, 22),  # 2026 team 0
    "imdn/ntire2022": Row(893936, 58.430849024, 58.53151232, 154.140672, 43),  # 2022 baseline
    "rlfn/ntire": Row(317218, 19.67485952, 19.695306752, 80.045184, 39),  # 2022 team 4
    "rfdn": Row(433448, 27.046231296, 27.10262256, 112.03424, 64),  # 2022 team 0
    "efdn": Row(276192, 16.703470848, 16.728798048, 111.116736, 65),  # 2022 team 1
}

BSRN_S = (156288, 9445817940, 65757744, 43)
"""2022 team 18, whose 1x1 convolutions are Linear layers; the hooks of 2022 counted those by
another rule than this project does, so that column is left out."""

OTHERS = {
    # params, GMACs by fvcore, activations in millions by fvcore: the official code of each paper,
    # run at 1x3x256x256, as printed to three and two digits.
    "span/c48": (426288, 27.868, 69.21),
    "rlfn/s": (470208, 29.146, 118.10),
    "bsrn/s": (156288, 9.446, 209.19),  # NTIRE 2022 team 18
    "ecbsr/m4c16": (16768, 1.085, 8.39),
    "ecbsr/m4c32": (51920, 3.379, 13.63),
    "ecbsr/m6c40": (105368, 6.866, 21.50),
    "etds/t": (21360, 1.387, 12.58),
    "etds/s": (54112, 3.530, 16.78),
    "etds/m": (72608, 4.737, 20.97),
    "etds/l": (169968, 11.108, 31.46),
    "safmn/safmn": (239520, 15.422, 87.27),
}


def counted(label):
    try:
        found = find(label, scale=4)
    except EsrbenchError:
        pytest.skip(f"there is no submission {label}: its official figures are left out")
    model = build_model(
        found.entry_file, found.entry_function, found.build_arguments, scale=found.scale
    )
    # Figures are those of the network, whatever its weights.
    return count(model, torch.rand(1, 3, 256, 256) * found.data_range)


@pytest.fixture(scope="module", params=ROWS)
def row(request):
    return ROWS[request.param], counted(request.param)


@pytest.mark.quick_cases(2)
def test_official_figures(row):
    official, counts = row
    assert counts.params == official.params
    assert counts.macs == round(official.gmacs * 1e9)
    assert counts.activations == round(official.activations_m * 1e6)
    assert counts.convs == official.convs


@pytest.mark.slow
def test_bsrn_s():
    counts = counted("bsrn/s")
    assert (counts.params, counts.macs, counts.activations, counts.convs) == BSRN_S


@pytest.mark.quick_cases(1)
def test_the_convention_of_2022(row):
    official, counts = row
    assert counts.macs_ntire2022 == round(official.gmacs_2022 * 1e9)


@pytest.mark.quick_cases(1)
def test_the_second_counter_agrees(row):
    _, counts = row
    assert counts.macs_dispatch == counts.macs
    assert counts.flags == ()
    assert counts.opaque_ops == ()


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("label", OTHERS)
def test_other_official_figures(label):
    params, gmacs, activations_m = OTHERS[label]
    counts = counted(label)
    assert counts.params == counts.facts["params_used"] == params
    assert round(counts.macs / 1e9, 3) == gmacs
    assert round(counts.activations_fvcore / 1e6, 2) == activations_m
    assert counts.flags == ()
