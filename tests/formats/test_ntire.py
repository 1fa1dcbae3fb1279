"""An NTIRE repository, unmodified, in miniature.

Numbers: the output of the network whose weights lie in its model_zoo.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from esrbench.errors import SubmissionError
from esrbench.submission.find import find, list_variants
from esrbench.submission.formats.ntire_repository import branches
from esrbench.submission.weights import WeightsUnavailable, locate_weights
from tests.formats.conftest import small_network
from tests.formats.running import LR, counts, output


def expected(data_range: float) -> np.ndarray:
    with torch.inference_mode():
        x = torch.from_numpy(LR).permute(0, 3, 1, 2) * (data_range / 255)
        return small_network()(x).numpy()


def test_the_branches_are_read_as_syntax(ntire_repository: Path) -> None:
    read = [(b.model_id, b.name, b.data_range, b.checkpoints) for b in branches(ntire_repository)]
    assert read == [
        (0, "00_Small_baseline", 1.0, ("model_zoo/team00_small.pth",)),
        (1, "01_Cuda", 255.0, ("model_zoo/team01_cuda.pth",)),
        (3, "03_NeedsMore", 1.0, ()),
        (4, "04_NoCheckpoint", 1.0, ("model_zoo/team04_lost.pth",)),
        (5, "05_Pickle", 1.0, ("model_zoo/team05_pickle.pth",)),
        (6, "06_Tiled", 1.0, ("model_zoo/team00_small.pth",)),
        (-1, "-1_Gone", 1.0, ()),
    ]
    assert list_variants(str(ntire_repository)) == ["0", "1", "3", "4", "5", "6", "-1"]


@pytest.mark.parametrize("variant", ["1", "01", "01_Cuda"])
def test_one_model(ntire_repository: Path, variant: str) -> None:
    found = find(str(ntire_repository), variant=variant)
    assert (found.label, found.scale, found.data_range) == ("NTIRE2031_ESR/01_Cuda", 4, 255.0)
    assert locate_weights(found) == ntire_repository / "model_zoo" / "team01_cuda.pth"
    assert found.year == 2031


# 1: `.cuda()`, `device="cuda"` and map_location are answered by the CPU.
@pytest.mark.parametrize(("variant", "data_range"), [("0", 1.0), ("1", 255.0)])
def test_runs_on_a_cpu(ntire_repository: Path, variant: str, data_range: float) -> None:
    found = find(str(ntire_repository), variant=variant)
    atol = 1e-6 * data_range
    np.testing.assert_allclose(output(found), expected(data_range), atol=atol, rtol=1e-5)


def test_in_tiles_where_the_repository_says_so(ntire_repository: Path) -> None:
    sr, whole = output(find(str(ntire_repository), variant="6")), expected(1.0)
    # 13x17 pixels are cut into tiles of 13x13 from columns 0 and 4: what lies left of column 4 is
    # the first tile's alone, and the seam shows right of it.
    np.testing.assert_allclose(sr[..., :16], whole[..., :16], atol=1e-6, rtol=1e-5)
    assert np.abs(sr - whole).max() > 1e-3


def test_a_missing_checkpoint_is_said_and_counts_are_made(ntire_repository: Path) -> None:
    found = find(str(ntire_repository), variant="4")
    with pytest.raises(WeightsUnavailable, match=r"lacks model_zoo/team04_lost\.pth"):
        locate_weights(found)
    made = counts(found)
    assert (made.params, made.convs) == (1344, 1)


REFUSED = [
    ("3", "needs basicsr_that_nobody_has .* pip install basicsr_that_nobody_has"),
    ("5", r"team05_pickle.pth is a pickle that needs code \(torch.nn.modules.container"),
    ("-1", "imports what is not there: No module named 'models.team07_gone'"),
]


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(("variant", "words"), REFUSED)
def test_a_row_says_what_is_missing(ntire_repository: Path, variant: str, words: str) -> None:
    with pytest.raises(SubmissionError, match=words):
        output(find(str(ntire_repository), variant=variant))


def test_an_id_that_is_not_there(ntire_repository: Path) -> None:
    with pytest.raises(SubmissionError, match="no model 2; its ids: 0, 1, 3, 4, 5, 6, -1"):
        find(str(ntire_repository), variant="2")


def test_tiles_average_where_they_overlap() -> None:
    from esrbench.submission.formats.tiles import Tiled

    nearest = torch.nn.Upsample(scale_factor=2)
    x = torch.rand(1, 3, 90, 50)
    torch.testing.assert_close(Tiled(nearest, 40, 2)(x), nearest(x))
    # A tile's own mean, taken from every pixel of it: with tiles of 40 and steps of 8, row 0
    # belongs to the first tile alone.
    rows = torch.arange(60.0).reshape(1, 1, 60, 1).expand(1, 3, 60, 40).clone()

    class Mean(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.mean(dim=(2, 3), keepdim=True).expand_as(x).clone()

    tiled = Tiled(Mean(), 40, 1)(rows)
    # Tiles start at 0, 8, 16 and 20, with means 19.5, 27.5, 35.5 and 39.5.
    assert tiled[0, 0, 0, 0] == 19.5
    assert tiled[0, 0, 8, 0] == (19.5 + 27.5) / 2
    assert tiled[0, 0, 59, 0] == 39.5


def test_a_changed_model_has_another_hash(ntire_repository: Path) -> None:
    before = find(str(ntire_repository), variant="0").code_sha256()
    file = ntire_repository / "models" / "team00_small.py"
    file.write_text(file.read_text() + "# changed\n")
    assert find(str(ntire_repository), variant="0").code_sha256() != before
