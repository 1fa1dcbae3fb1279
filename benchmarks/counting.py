"""How long a count takes: fvcore, the own counter on real and on fake tensors, FlopCounterMode.

    python benchmarks/counting.py [SUBMISSION ...]

Prints milliseconds at 1x3x256x256 and the ratio to fvcore's in the same run; and for fake tensors
the time at 1280x720. Nothing here passes or fails.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from esrbench.counting.forward_pass import fake_pass, real_pass
from esrbench.counting.fvcore_counter import fvcore_counts
from esrbench.submission.find import find
from esrbench.submission.load import build_model

REPEATS = 3


def best_ms(call: Callable[[], object]) -> float:
    """The fastest of some calls."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return min(times)


def compare(label: str) -> None:
    """Print one submission's row."""
    found = find(label, scale=4)
    model = build_model(
        found.entry_file, found.entry_function, found.build_arguments, scale=found.scale
    )
    x = torch.rand(1, 3, 256, 256)

    def peer() -> None:
        with torch.no_grad(), FlopCounterMode(display=False):
            model(x)

    fvcore = best_ms(lambda: fvcore_counts(model, x))
    rows = {
        "fvcore": fvcore,
        "FlopCounterMode": best_ms(peer),
        "own, real": best_ms(lambda: real_pass(model, x)),
        "own, fake": best_ms(lambda: fake_pass(model, x.shape, x)),
        "own, fake, 720p": best_ms(lambda: fake_pass(model, (1, 3, 720, 1280), x)),
    }
    for name, milliseconds in rows.items():
        ratio = milliseconds / fvcore
        print(f"{found.label:16} {name:16} {milliseconds:8.0f} ms {ratio:6.2f} x fvcore")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["span/c28", "rlfn/ntire", "vapsr/s"]:
        compare(wanted)
