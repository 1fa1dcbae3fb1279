"""An honest submission's record does not depend on who else was scored in the same command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from esrbench.results.record import RunRecord
from esrbench.results.store import ResultsStore

pytestmark = pytest.mark.slow  # two commands, and every submission starts a runner

HONEST = "return F.interpolate(x, scale_factor=4, mode='bicubic').clamp(0, 1)"
# What an attacker does in its forward, beside answering; each ends, or not, as it may.
ATTACKS = {
    "kills": "[os.kill(int(p), 9) for p in os.listdir('/proc') if p.isdigit()]",
    "fills": "open('full', 'wb').write(bytes(1 << 26))",
    "stays": "subprocess.Popen(['sleep', '600'], start_new_session=True)",
    "ends": "os._exit(0)",
    "prints": "print('\\x1b[2J' * 100_000)",
    "patches": "torch.nn.functional.conv2d = torch.Tensor.add_ = lambda *a, **k: a[0]",
    "threads": "torch.set_num_threads(64); torch.set_default_dtype(torch.float64)",
    "forges": "[os.write(n, b'{}') for n in range(3, 64) if os.path.exists(f'/proc/self/fd/{n}')]",
    "writes": "pathlib.Path(torch.__file__).with_name('x.py').write_text('raise SystemExit')",
    "forks": "[os.fork() for _ in range(3)]",
}
FAST = ("kills", "patches")
OF_THE_RUN = {
    "id", "created", "command", "seal", "environment", "memory", "pictures", "memory_by_shape",
    "generalisation",  # its twins are drawn anew in every run
}  # fmt: skip


def written(folder: Path, body: str) -> str:
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text(f"name: {folder.name}\nscale: 4\n")
    (folder / "model.py").write_text(
        "import os, pathlib, subprocess, torch\nimport torch.nn.functional as F\n"
        f"class Net(torch.nn.Module):\n    def forward(self, x):\n        {body}\n"
        f"        {HONEST}\n"
        "def build():\n    return Net()\n"
    )
    return str(folder)


def scored(results: Path, submissions: list[str]) -> dict[str, RunRecord]:
    """The records of one command, by their names."""
    words = ["score", "--offline", "--threads", "1", "--no-timing", "--time-limit", "60"]
    command = [sys.executable, "-m", "esrbench", *words, "--results", str(results), *submissions]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=1200)
    assert "Traceback" not in ended.stderr
    assert ended.returncode in (0, 1), ended.stderr
    return {record.submission: record for record in ResultsStore(results).records()}


def findings(record: RunRecord) -> dict[str, Any]:
    """All but times, what one process's memory came to, and what names the run."""
    data = json.loads(record.model_dump_json(exclude=OF_THE_RUN))
    for images in data["images"].values():
        for image in images:
            image.pop("forward_ms")
    return data


@pytest.mark.parametrize("names", [FAST, tuple(ATTACKS)], ids=["some", "all"])
def test_an_honest_record_is_the_same_beside_attackers(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    honest = written(tmp_path / "honest", "pass")
    alone = scored(tmp_path / "alone", [honest])["honest"]
    attackers = [written(tmp_path / name, ATTACKS[name]) for name in names]
    half = len(attackers) // 2
    beside = scored(tmp_path / "beside", [*attackers[:half], honest, *attackers[half:]])
    assert beside.keys() == {"honest", *names}
    assert alone.status == "ok"
    assert findings(beside["honest"]) == findings(alone)
