"""What one command, or its bare peer, takes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from esrbench.sandbox.tree import members, own_cpu_seconds

_LOOK = 0.02


@dataclass(frozen=True)
class Spent:
    """One command: seconds of the clock, CPU seconds of it and all it started, its own peak."""

    wall: float
    cpu: float
    """As often as they were looked at: the last 0.02 s of each process are not in it. What forks
    take is told to nobody who waits for them."""
    peak_mib: float
    """Resident memory of the judge's process alone."""


def command(*words: str) -> Spent:
    """``esrbench WORDS`` to its end; ends this program where it fails."""
    begun = time.perf_counter()
    judge = subprocess.Popen(
        [sys.executable, "-m", "esrbench", *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said: list[str] = []
    assert judge.stderr is not None
    reader = threading.Thread(target=said.extend, args=(judge.stderr,), daemon=True)
    reader.start()
    peak = 0.0
    taken: dict[int, float] = {}
    while True:
        peak = max(peak, _peak_mib(judge.pid))
        for one in members(judge.pid):
            taken[one] = max(taken.get(one, 0.0), own_cpu_seconds(one))
        pid, status = os.waitpid(judge.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(_LOOK)
    wall = time.perf_counter() - begun
    reader.join(5)
    judge.returncode = os.waitstatus_to_exitcode(status)
    if judge.returncode:
        raise SystemExit(
            f"esrbench {words[0]} ended with {judge.returncode}: {''.join(said)[-600:]}"
        )
    return Spent(round(wall, 3), round(sum(taken.values()), 3), round(peak, 1))


def _peak_mib(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return 0.0


def bare(number: int, names: Sequence[str], data_root: Path | None) -> Spent:
    """Forwards and metrics of ``number`` such networks in this process, one after the other."""
    import torch

    from esrbench.data.catalogue import load_catalogue
    from esrbench.data.dataset import open_dataset
    from esrbench.metrics.scorer import Scorer
    from esrbench.protocol.load import load_protocol

    torch.set_num_threads(1)
    scorer = Scorer(load_protocol("quick").metrics, crop=4)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 48, 3, padding=1), torch.nn.PixelShuffle(4))
    pairs = []
    for name in names:
        dataset = open_dataset(name, 4, data_root=data_root, catalogue=load_catalogue())
        pairs += [(pair.read_lr(), pair.read_hr()) for pair in dataset.pairs]
    begun, cpu = time.perf_counter(), time.process_time()
    for lr, hr in pairs:
        x = torch.from_numpy(lr.transpose(2, 0, 1).copy())[None].float() / 255
        with torch.no_grad():
            sr = network(x).clamp(0, 1)[0].permute(1, 2, 0).mul(255).round().byte().numpy()
        scorer.score(sr, hr)
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return Spent(round(number * wall, 3), round(number * cpu, 3), 0.0)


def import_torch() -> Spent:
    """The peer of whatever must start a runner."""
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", "import torch"]) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return Spent(time.perf_counter() - begun, used.ru_utime + used.ru_stime, 0.0)


def wall_of(spent: Sequence[Spent]) -> float:
    """The median of the clock, in seconds."""
    return median(one.wall for one in spent)


def cpu_of(spent: Sequence[Spent]) -> float:
    """The median of the CPU time, in seconds."""
    return median(one.cpu for one in spent)


def seconds_of(spent: Sequence[Spent]) -> str:
    """Every repeat by the clock, and the median of the CPU time, in words."""
    walls = ", ".join(f"{one.wall:.1f}" for one in spent)
    return f"{walls} s (CPU {cpu_of(spent):.1f})"
