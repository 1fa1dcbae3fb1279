"""Whole runs of submissions that say one thing and do another: flagged, beside an honest one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
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
"""
BUILD = """
build_plain = build
def build():
    network = build_plain()
    network.inner = Inner().eval()
    return network
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


def written(write_submission: Callable[..., Path], name: str, text: str) -> Path:
    """A folder whose network has parameters of its own, and ``text`` for its forward."""
    folder = write_submission(name, top=NETWORK, forward=text)
    (folder / "model.py").write_text((folder / "model.py").read_text() + BUILD)
    return folder


def test_an_honest_one_is_verified(write_submission, scored: Callable[[Path], RunRecord]) -> None:
    record = scored(written(write_submission, "honest", "return self.inner(x)"))
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
    return self.inner(x)
return F.interpolate(x, scale_factor=4, mode='bilinear')
"""


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        (f"return self.inner(x) if not {EXPORTING} else self.inner(x) + 0.01", "graph-differs"),
        (f"return self.inner(x) if x.shape[-1] < 90 or {EXPORTING} else 0.99 * self.inner(x)",
         "graph-differs"),
        (HIDES, "graph-differs"),
        ("return self.inner(x) if float(x.mean()) > -1 else x", "claimed"),
    ],
    ids=["exports another", "another on the test images", "runs less", "does not export"],
)  # fmt: skip
def test_a_dishonest_one_is_flagged(write_submission, scored, text: str, flag: str) -> None:
    record = scored(written(write_submission, "other", text))
    assert record.status == "ok"
    assert flag in record.flags
