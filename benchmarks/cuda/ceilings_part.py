"""The device's ceilings, and how near each system comes to what they allow."""

from __future__ import annotations

from esrbench.judge.roofline import device_ceilings, roofline
from esrbench.protocol.schema import Timing, parse_shape
from esrbench.runner.requests import LookIntoLayers
from esrbench.timing.environment import device_name, environment
from esrbench.timing.schedule import measure as time_lane

from .setting import Outcome, Row, Setting
from .systems import SCALE, ready, systems

LOOKED_AT = 4
RECIPE = Timing(warmup_seconds=0.3, max_seconds=0.6, block_seconds=0.1, baseline=None)


def measure(setting: Setting) -> Outcome:
    """Passes where nothing beats a ceiling, and lower precision is not slower."""
    name = device_name(setting.device)
    versions = environment(setting.device)["versions"]
    found = device_ceilings(setting.machine(), name, versions, again=True)
    if found is None:
        return Outcome(False, "the ceilings could not be measured")
    rows: list[Row] = []
    skipped = []
    for system in systems(setting)[:LOOKED_AT]:
        if setting.left() < 4:
            skipped.append(f"{system}: the time is up")
            continue
        rows.append(_row(system, found, setting))
    rates = found["macs_per_s"]
    beaten = [row["system"] for row in rows if row["impossible"]]
    faster = setting.dry or rates["fp16"] >= rates["fp32"]
    figure = (
        f"{found['copy_bytes_per_s'] / 1e12:.2f} TB/s, "
        + ", ".join(f"{name} {rate / 1e12:.1f}" for name, rate in rates.items())
        + f" TMAC/s, {1e6 * found['launch_s']:.1f} us a launch"
    )
    beats = f"; beaten by {', '.join(beaten)}" if beaten else ""
    return Outcome(not beaten and faster, figure + beats, rows, skipped, {"ceilings": found})


def _row(name: str, ceilings: dict[str, object], setting: Setting) -> Row:
    shape = setting.shapes[0]
    _, channels, height, width = parse_shape(shape)
    with ready(name, setting) as system:
        lane = system.lane()
        median = time_lane(lane, None, shape, RECIPE).runtime.median
        answer = system.runner.ask(LookIntoLayers())
    pixels = 4 * channels * height * width
    held = roofline(
        answer.layers, ceilings, track="fp32", median_ms=median,
        compulsory_bytes=answer.weight_bytes + pixels * (1 + SCALE**2),
    )  # fmt: skip
    return {
        "system": name, "shape": shape, "ms": median, "bound": held.bound,
        "share of the floor": held.share, "arithmetic ms": held.arithmetic_ms,
        "memory ms": held.memory_ms, "launches ms": held.launch_ms,
        "impossible": held.impossible,
    }  # fmt: skip
