"""Where a forward spends its time, and how far that is from what the device allows."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from esrbench.errors import SubmissionError
from esrbench.judge.connection import Runner
from esrbench.judge.device_facts import DeviceFacts
from esrbench.judge.parts import Facts, Reason
from esrbench.judge.roofline import roofline
from esrbench.protocol.schema import parse_shape
from esrbench.results.record import Runtime
from esrbench.runner.requests import LookIntoLayers


def measure_layers(
    runner: Runner, scale: int, track: str, timed: Runtime, device: DeviceFacts
) -> Facts:
    """The table of layers and the roofline, on the images the runner was sent to be timed on.

    A network that cannot be looked into so (a compiled one) lacks both and says why.
    """
    try:
        answer = runner.ask(LookIntoLayers())
    except SubmissionError as why:
        return Facts(reasons=(Reason("phase", "layers", f"Time by layer: {why}"),))
    if device.ceilings is None:
        return Facts()
    _, channels, height, width = parse_shape(timed.shape)
    lr_bytes = 4 * channels * height * width
    hold = partial(
        roofline,
        answer.layers,
        track=track,
        compulsory_bytes=answer.weight_bytes + lr_bytes * (1 + scale**2),
        median_ms=timed.median,
    )
    found = hold(device.ceilings)
    if found.impossible:  # or the ceilings were measured while the machine was busy
        device.raise_ceilings()
        found = hold(device.ceilings)
    return Facts(
        facts={
            "layers": [row.model_dump() for row in answer.layers],
            "roofline": {**asdict(found), "ceilings": device.ceilings},
        },
        flags=("below-floor",) if found.impossible else (),
    )
