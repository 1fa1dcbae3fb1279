"""The checkpoints of training runs: which they are, and that one runner scores them as many do."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from esrbench.cli.app import app
from esrbench.engines.checkpoints import checkpoints
from esrbench.engines.sweep import arrivals
from esrbench.errors import UsageError
from esrbench.results.store import ResultsStore
from tests.timing.fakes import FakeTime


def files(root: Path, *names: str) -> list[str]:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return [str(root / name) for name in names]


GROUPS = [
    # patterns, --group-by, --step-from: run and step of each
    (["runs/*/ckpt_*.pth"], "run", r"ckpt_(\d+)", [("a", 5), ("a", 10), ("b", 5)]),
    (["runs"], "run", None, [("a", 5), ("a", 10), ("b", 5), ("c", 7)]),  # c: above models/
    (["runs/*/models/*"], None, None, [("c", 7)]),
    (["runs/a/*"], None, None, [("a", 5), ("a", 10)]),
    (["runs/[ab]/*_10.pth", "runs/c/models/net_g_7.pth"], None, None, [("runs", 7), ("runs", 10)]),
    (["runs/a/*"], r"(run)s/", None, [("run", 5), ("run", 10)]),
]


@pytest.mark.parametrize(("patterns", "group_by", "step_from", "expected"), GROUPS)
def test_runs_and_steps(
    tmp_path: Path,
    patterns: list[str],
    group_by: str | None,
    step_from: str | None,
    expected: list[tuple[str, int]],
) -> None:
    names = ("a/ckpt_5.pth", "a/ckpt_10.pth", "b/ckpt_5.pth", "c/models/net_g_7.pth")
    files(tmp_path / "runs", *names, "c/models/net_g_latest.pth", "a/log.txt")
    wanted = [str(tmp_path / pattern) for pattern in patterns]
    found, left_out = checkpoints(wanted, group_by=group_by, step_from=step_from)
    assert [(one.run, one.step) for one in found] == expected
    assert all("latest" in why or "log" in why for why in left_out)


@pytest.mark.parametrize(
    ("names", "group_by", "step_from", "said"),
    [
        (["a/1.pth", "b/1.pth"], None, None, "are both step 1 of"),
        (["a/1.pth"], None, r"ckpt_\d+", "has no group"),
        (["a/1.pth"], "(", None, "is no regular expression"),
        (["a/1.pth"], "run_(x)", None, "finds no run in"),
        (["a/last.pth"], None, None, "says no step"),
        ([], None, None, "there is no such file"),
    ],
)
def test_what_is_no_sweep(
    tmp_path: Path, names: list[str], group_by: str | None, step_from: str | None, said: str
) -> None:
    given = files(tmp_path, *names) or [str(tmp_path / "none_*.pth")]
    with pytest.raises(UsageError) as fault:
        checkpoints(given, group_by=group_by, step_from=step_from)
    assert said in str(fault.value)


def test_a_checkpoint_arrives_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file grows between five looks; what was there is not told again."""
    known = files(tmp_path, "old.pth")
    growing = tmp_path / "models" / "new_2.pth"
    growing.parent.mkdir()
    looks = FakeTime(now=0.0)

    def train(seconds: float) -> None:
        looks.pass_ms(1e3 * seconds)
        if looks.now <= 25.0:
            with growing.open("ab") as file:
                file.write(b"0" * 64)

    clock = SimpleNamespace(monotonic=looks, sleep=train)
    monkeypatch.setattr("esrbench.engines.sweep.time", clock)
    told = arrivals(tmp_path, [Path(name) for name in known], every=5.0, patience=60.0)
    assert next(told) == [growing.resolve()]
    assert growing.stat().st_size == 5 * 64
    assert list(told) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--as", "nearest"], "add --no-timing"),
        (["--as", "nearest", "--no-timing", "--jobs", "2"], "leave out --jobs"),
        (["--group-by", "run"], "name it with --as"),
        (["--as", "nearest", "--no-timing", "--choose", "first"], "use best, last or"),
        (["--as", "nearest", "--no-timing", "--choose", "best:psnr:Set6"], "has no dataset 'Set6'"),
    ],
)
def test_options_that_do_not_fit(tmp_path: Path, options: list[str], said: str) -> None:
    (name,) = files(tmp_path, "a/ckpt_1.pth")
    results = str(tmp_path / "r")
    ended = CliRunner().invoke(app, ["score", name, "--results", results, *options])
    assert ended.exit_code != 0
    assert said in str(ended.exception) + ended.output


MODEL = """\
import torch
from torch import nn

def build():
    return Net()

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4))
        self.calls = 0   # what a checkpoint before it left in a network would show here

    def forward(self, x):
        self.calls += 1
        return self.body(x) + nn.functional.interpolate(x, scale_factor=4)
"""


@pytest.mark.slow
def test_one_runner_gives_the_figures_of_fresh_ones(tmp_path: Path) -> None:
    net = tmp_path / "net"
    files(net, "model.py", "submission.yaml")
    (net / "model.py").write_text(MODEL)
    (net / "submission.yaml").write_text("name: net\nscale: 4\nweights: {reason: in training}\n")
    runs = tmp_path / "runs/a"
    runs.mkdir(parents=True)
    for step in (1, 2, 3):
        torch.manual_seed(step)
        body = nn.Sequential(nn.Conv2d(3, 48, 3, padding=1)).state_dict()
        state = {f"body.{name}": 0.1 * value for name, value in body.items()}
        if step == 2:
            state["more"] = state.pop("body.0.bias")  # does not fit
        torch.save(state, runs / f"ckpt_{step}.pth")
    common = ["--results", str(tmp_path / "r"), "-p", "quick", "-d", "skimage8", "--threads", "1",
              "--no-timing", "--offline"]  # fmt: skip
    pattern = str(tmp_path / "runs/*/ckpt_*.pth")
    sweep = ["score", pattern, "--as", str(net), "--group-by", "run", *common]
    ended = CliRunner().invoke(app, sweep)
    assert ended.exit_code == 1, ended.output
    store = ResultsStore(tmp_path / "r")
    by_step = {r.swept.step: r for r in store.records() if r.swept}
    assert [by_step[step].status for step in (1, 2, 3)] == ["ok", "rejected", "ok"]
    assert "body.0.bias" in str(by_step[2].reason)

    alone = CliRunner().invoke(
        app, ["score", str(net), "--weights", str(runs / "ckpt_3.pth"), "--no-verify", *common]
    )
    assert alone.exit_code == 0, alone.output
    (fresh,) = [r for r in store.records() if r.swept is None]
    for figure in ("quality", "params", "macs", "activations", "convs", "signatures"):
        assert getattr(by_step[3], figure) == getattr(fresh, figure), figure
    assert by_step[1].quality != by_step[3].quality

    row, own = sorted(store.latest(), key=lambda r: r.swept is None)
    best = max((by_step[1], by_step[3]), key=lambda r: r.quality["skimage8"]["psnr_y"] or 0)
    assert (row.label, row.id, own.label) == ("net/a", best.id, "net")
    assert "of 3 checkpoints the best by" in row.told[0]

    again = CliRunner().invoke(app, sweep)
    assert again.exit_code == 1
    assert len(store.records()) == 4  # nothing is measured twice
