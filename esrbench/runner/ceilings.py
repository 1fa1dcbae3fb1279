"""What the device can do at best: bytes copied, MACs computed and operators launched a second.

Measured in a runner without a submission. Each is the best of several tries, since whatever
disturbs a try makes it slower.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

_COPY_BYTES = 256 * 2**20
_TRY_SECONDS = 0.4
_SLOW_SECONDS = 1.0
_LAUNCHES = 200
_SIZES = {"cpu": (1024, 128), "cuda": (8192, 512)}
"""Sides of the largest matrices and images: enough to fill the device."""
_PRECISIONS = {
    "cpu": {"fp32": torch.float32, "bf16": torch.bfloat16},
    "cuda": {
        "fp32": torch.float32,
        "tf32": torch.float32,
        "fp16": torch.float16,
        "bf16": torch.bfloat16,
    },
}
"""By track; what has no rate of its own is held against ``fp32``'s."""


def measure_ceilings(device: torch.device) -> dict[str, object]:
    """``copy_bytes_per_s``, ``macs_per_s`` by precision, and ``launch_s``, the time of an operator
    that does nothing."""
    wait: Callable[[], None] = lambda: None  # noqa: E731
    if device.type == "cuda":
        wait = lambda: torch.cuda.synchronize(device)  # noqa: E731
    source = torch.ones(_COPY_BYTES // 4, device=device)
    target = torch.empty_like(source)
    copied = _best(lambda: target.copy_(source), wait)
    one = torch.zeros(1, device=device)

    def launches() -> None:
        for _ in range(_LAUNCHES):
            one.add_(1.0)

    rates: dict[str, float] = {}
    for name, dtype in _PRECISIONS[device.type].items():
        with _tf32(name == "tf32"):
            rates[name] = _macs_per_s(dtype, device, wait)
    return {
        "copy_bytes_per_s": 2 * _COPY_BYTES / copied,
        "macs_per_s": rates,
        "launch_s": _best(launches, wait) / _LAUNCHES,
    }


@contextmanager
def _tf32(allowed: bool) -> Iterator[None]:
    """Whether float32 products may be rounded to TF32, which many times more of fit into a second.

    By the switches that ``runner/flags.py`` sets; what they were comes back.
    """
    libraries: tuple[Any, ...] = (torch.backends.cuda.matmul, torch.backends.cudnn)
    before = [library.allow_tf32 for library in libraries]
    try:
        for library in libraries:
            library.allow_tf32 = allowed
        yield
    finally:
        for library, was in zip(libraries, before, strict=True):
            library.allow_tf32 = was


def _macs_per_s(dtype: torch.dtype, device: torch.device, wait: Callable[[], None]) -> float:
    """The best of 3x3 convolutions of several widths and of a large matrix product.

    The larger the work, the better the rate; but a CPU without instructions for ``dtype`` takes
    half a minute for what others do in no time, so the first that is slow is the last.
    """
    best = 0.0
    for macs, work in _products(dtype, device):
        seconds = _best(work, wait)
        best = max(best, macs / seconds)
        if seconds > _SLOW_SECONDS:
            break
    return best


def _products(
    dtype: torch.dtype, device: torch.device
) -> Iterator[tuple[int, Callable[[], object]]]:
    """MACs, and what computes as many, the least work first."""
    size, side = _SIZES[device.type]
    for channels in (32, 64, 128):
        x = torch.randn(1, channels, side, side, device=device, dtype=dtype)
        weight = torch.randn(channels, channels, 3, 3, device=device, dtype=dtype)
        yield 9 * channels**2 * side**2, partial(F.conv2d, x, weight, padding=1)
    left = torch.randn(size, size, device=device, dtype=dtype)
    yield size**3, partial(torch.matmul, left, left)


def _best(work: Callable[[], object], wait: Callable[[], None]) -> float:
    """The shortest of several runs, seconds; slow work is run once."""

    def run() -> float:
        begun = time.perf_counter()
        work()
        wait()
        return time.perf_counter() - begun

    best = run()
    until = time.perf_counter() + _TRY_SECONDS
    while best < _SLOW_SECONDS and time.perf_counter() < until:
        best = min(best, run())
    return best
