"""How long a run will take, said before it starts: rough at first, from this machine's own later.

A forward costs about its MACs, which before anything is counted are as many for an LR pixel as
the network has parameters. How fast this device works through them is learned from the newest
record that was measured on it; without one a usual rate stands in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esrbench.data.dataset import Dataset
from esrbench.data.images import image_size
from esrbench.protocol.schema import Protocol, parse_shape
from esrbench.results.record import RunRecord

SECONDS = "phase_seconds"
"""Where a record's environment keeps how long each phase took."""
_MACS_PER_S = {"cpu": 2e10, "cuda": 2e12}
"""Of one CPU thread, and of a GPU; small networks reach no device's best."""
_SCORED_PER_S = {"cpu": 8e5, "cuda": 4e6}
"""HR pixels a second for PSNR, SSIM and LPIPS."""
_START, _COUNTING, _FACTS = 6.0, 3.0, 1.0
"""Seconds that loading, counting and the facts at the end take whatever the network's size."""
_FORKED = 0.5
"""... and loading, where runners are forks of a process that has started already."""
_UNSURE = 5.0
"""Seconds of work that say as much as what is usual."""
_UNKNOWN = 300_000
"""MACs for an LR pixel where nothing is known of a network."""


@dataclass(frozen=True)
class Estimate:
    """Seconds by phase."""

    by_phase: Mapping[str, float]

    @property
    def total(self) -> float:
        """Seconds in all."""
        return sum(self.by_phase.values())

    @property
    def timing(self) -> float:
        """Seconds for which it needs the device alone."""
        return self.by_phase.get("timing", 0.0)

    def sentence(self) -> str:
        """``about 4 min: loading and counting 20 s, quality 1 min, timing 2 min``."""
        parts = [f"{name} {in_time(s)}" for name, s in self.by_phase.items() if s >= 1]
        return f"about {in_time(self.total)}: {', '.join(parts)}"


def estimate(
    protocol: Protocol,
    datasets: Sequence[Dataset],
    scale: int,
    *,
    device: str,
    threads: int,
    macs_a_pixel: float | None = None,
    timing: bool = True,
    network: bool = True,
    earlier: RunRecord | None = None,
    first: bool = True,
) -> Estimate:
    """What ``protocol`` will take on ``datasets``; ``earlier`` was measured on the same device.

    ``first``: whether it is the first of its command, before which nothing was imported.
    Without a ``network``, as of a function of folders, nothing is counted and nothing timed.
    """
    kind = "cuda" if device.startswith("cuda") else "cpu"
    pixels = sum(h * w for d in datasets for h, w in (image_size(p.lr_path) for p in d.pairs))
    each = macs_a_pixel or _UNKNOWN
    rate = _MACS_PER_S[kind] * (1 if kind == "cuda" else threads)
    ahead = each * pixels / rate + pixels * scale**2 / _SCORED_PER_S[kind]
    slower = _learned(earlier, scale, each, rate, kind)
    start = _START if first or timing or kind != "cpu" else _FORKED
    if not network:
        return Estimate({"loading": start, "quality": ahead * slower})
    _, _, height, width = protocol.counting_input(scale)
    counting = start + _COUNTING + 12 * each * height * width / rate
    by_phase = {"loading and counting": counting * slower, "quality": ahead * slower}
    if timing:
        by_phase["timing"] = sum(_timed(protocol, shape, each, rate) for shape in _shapes(protocol))
    return Estimate({**by_phase, "the rest": _FACTS * slower})


def in_time(seconds: float) -> str:
    """``40 s``, ``4 min``, ``1.5 h``."""
    if seconds < 90:
        return f"{max(1, round(seconds, -1) if seconds > 15 else round(seconds)):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _shapes(protocol: Protocol) -> list[str]:
    return [s if s[0].isdigit() else "256x256" for s in protocol.timing.shapes]


def _timed(protocol: Protocol, shape: str, each: float, rate: float) -> float:
    """Warm-up of both lanes and blocks until the time is up, never fewer than four calls."""
    _, _, height, width = parse_shape(shape)
    call = each * height * width / rate
    timing = protocol.timing
    lanes = 1 if timing.baseline is None else 2
    warm = lanes * max(timing.warmup_seconds, 3 * call)
    return warm + max(timing.max_seconds, 4 * lanes * call)


def _learned(earlier: RunRecord | None, scale: int, each: float, rate: float, kind: str) -> float:
    """How much slower than usual this device was last time, over the phases that were measured.

    Over all of them together, and the less sure the shorter they were: of a few small images the
    quality pass alone tells nothing. What loading takes goes by what was imported before.
    """
    took = earlier.environment.get(SECONDS) if earlier is not None else None
    if earlier is None or not isinstance(took, dict):
        return 1.0
    pixels = sum(i.lr_size[0] * i.lr_size[1] for images in earlier.images.values() for i in images)
    own = macs_a_pixel(earlier) or each
    usual = {"quality": own * pixels / rate + pixels * scale**2 / _SCORED_PER_S[kind]}
    if earlier.complexity is not None:
        n, _, height, width = earlier.complexity.input_shape
        usual |= {"counting": _COUNTING + 12 * own * n * height * width / rate}
    known = [phase for phase in usual if took.get(phase)]
    expected = _UNSURE + sum(usual[phase] for phase in known)
    return min(20.0, max(0.1, (_UNSURE + sum(float(took[p]) for p in known)) / expected))


def macs_a_pixel(record: RunRecord) -> float | None:
    """The MACs of one LR pixel, from the count; None where there is none."""
    if not record.macs or record.complexity is None:
        return None
    n, _, height, width = record.complexity.input_shape
    return record.macs / (n * height * width)
