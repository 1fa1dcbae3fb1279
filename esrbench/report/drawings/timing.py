"""A submission's timing: every sample over time with the clock, and runtime against pixels."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from esrbench.report.drawings.paper import Sheet, axes, dots, drawing, n, plain, polyline, text
from esrbench.report.drawings.scale import from_zero, linear, logarithmic
from esrbench.report.timing_facts import DrawnBlock, Size

_SAMPLES = Sheet(520, 240, right=50, top=26, shown=720)
_SIZES = Sheet(480, 260, left=60, shown=600)


def samples_drawing(blocks: Sequence[DrawnBlock]) -> Markup:
    """One dot a call at the time it began, the baseline's hollow; the clock on the right axis.

    "" where no call was kept.
    """
    calls = {lane: [at for b in blocks if b.lane == lane for at in b.calls()]
             for lane in ("baseline", "submission")}  # fmt: skip
    every = [*calls["baseline"], *calls["submission"]]
    if not every:
        return Markup("")
    x = linear([at for at, _ in every], *_SAMPLES.across, margin=0.02)
    y = from_zero([ms for _, ms in every], *_SAMPLES.up)
    parts = [axes(_SAMPLES, x, y, "time since the timing began [s]", "one call [ms]")]
    parts += [
        dots([(x.at(at), y.at(ms)) for at, ms in calls[lane]], f"sample {lane}")
        for lane in calls
        if calls[lane]
    ]
    clocks = [(b.started, b.clock) for b in blocks if b.clock]
    if clocks:
        scale = from_zero([mhz for _, mhz in clocks], *_SAMPLES.up)
        steps: list[tuple[float, float]] = []
        for at, mhz in clocks:
            if steps:
                steps.append((x.at(at), steps[-1][1]))
            steps.append((x.at(at), scale.at(mhz)))
        right = _SAMPLES.across[1]
        parts.append(polyline(steps, "clock"))
        parts += [text(right + 4, scale.at(v) + 4, plain(v), kind="clock") for v in scale.ticks(5)]
    parts.append(_key(bool(calls["baseline"]), bool(clocks)))
    return drawing(_SAMPLES, f"{len(every)} timing samples over time", *parts)


def _key(baseline: bool, clock: bool) -> str:
    """Which dot is what, above the axes."""
    entries = [("submission", "submission"), *([("baseline", "baseline")] if baseline else [])]
    at, parts = _SAMPLES.left + 4, []
    for lane, words in entries:
        parts.append(dots([(at, 12)], f"sample {lane}") + text(at + 8, 16, words))
        at += 96
    if clock:
        parts.append(f'<path class="clock" d="M{n(at)} 12h16"/>' + text(at + 22, 16, "clock [MHz]"))
    return "".join(parts)


def sizes_drawing(sizes: Sequence[Size]) -> Markup:
    """The median at each LR size, both axes logarithmic, with the 5th to the 95th percentile and
    the dotted line of time in proportion to pixels."""
    times = [t for s in sizes for t in (s.p5, s.ms, s.p95) if t > 0]
    x = logarithmic([s.pixels for s in sizes], *_SIZES.across)
    y = logarithmic(times, *_SIZES.up)
    first, last = sizes[0], sizes[-1]
    ticks = [(float(s.pixels), s.shape.replace("x", "×")) for s in sizes]
    end = min(last.pixels, first.pixels * y.high / first.ms)
    parts = [axes(_SIZES, x, y, "LR pixels", "median [ms]", ticks)]
    ends = [(first.pixels, first.ms), (end, first.ms * end / first.pixels)]
    parts.append(polyline([(x.at(a), y.at(b)) for a, b in ends], "dotted"))
    parts.append(polyline([(x.at(s.pixels), y.at(s.ms)) for s in sizes], "front"))
    for s in sizes:
        at = n(x.at(s.pixels))
        parts.append(f'<path class="spread" d="M{at} {n(y.at(s.p5))}V{n(y.at(s.p95))}"/>')
        parts.append(f'<circle class="best" cx="{at}" cy="{n(y.at(s.ms))}" r="4"/>')
    return drawing(_SIZES, "Runtime against LR pixels", *parts)
