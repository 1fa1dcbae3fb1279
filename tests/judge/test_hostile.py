"""Whole runs of submissions that say one thing and do another: flagged, beside an honest one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.judge.bench import Bench
from esrbench.judge.launch import Machine
from esrbench.judge.options import Options
from esrbench.judge.score import score
from esrbench.results.record import RunRecord
from esrbench.submission.find import find
from tests.judge.test_score import SMALL

pytestmark = pytest.mark.slow

Scored = Callable[..., RunRecord]
NETWORK = """
class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(3, 48, 3, padding=1)
        nn.init.normal_(self.first.weight, 0, 1e-3)
    def forward(self, x):
        return F.interpolate(x, scale_factor=4, mode='bilinear') + F.pixel_shuffle(self.first(x), 4)
inner = Inner().eval()
"""
EXPORTING = "torch.compiler.is_exporting()"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scored]:
    """Scores a folder as ``--verify`` does, without a clock."""
    options = Options(
        protocol=SMALL, catalogue=load_catalogue(), machine=Machine(threads=1),
        results=tmp_path_factory.mktemp("results"), offline=True, timing=False, verify=True,
    )  # fmt: skip
    with Bench(options) as bench:
        yield lambda folder: score(find(str(folder)), bench)


def forward(text: str) -> dict[str, str]:
    return {"top": NETWORK, "forward": text}


def test_an_honest_one_is_verified(write_submission, scored: Callable[[Path], RunRecord]) -> None:
    record = scored(write_submission("honest", **forward("return inner(x)")))
    assert (record.status, record.flags) == ("ok", [])
    told = record.verification
    assert told is not None
    assert (told.status, told.difference, told.operators) == ("verified", 0.0, 4)
    assert told.tensor_bytes is not None
    assert told.tensor_bytes > 4 * 48 * 28  # the weights and biases, and a few bytes of names
    assert record.generalisation is not None
    assert abs(record.generalisation.drop) < record.generalisation.margin


HIDES = f"""
if {EXPORTING}:
    return inner(x)
return F.interpolate(x, scale_factor=4, mode='bilinear')
"""


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        (f"return inner(x) if not {EXPORTING} else inner(x) + 0.01", "graph-differs"),
        (f"return inner(x) if x.shape[-1] < 90 or {EXPORTING} else 0.99 * inner(x)",
         "graph-differs"),
        (HIDES, "graph-differs"),
        ("return inner(x) if float(x.mean()) > -1 else x", "claimed"),
    ],
    ids=["exports another", "another on the test images", "runs less", "does not export"],
)  # fmt: skip
def test_a_dishonest_one_is_flagged(write_submission, scored, text: str, flag: str) -> None:
    record = scored(write_submission("other", **forward(text)))
    assert record.status == "ok"
    assert flag in record.flags
