"""The bounds that a manifest gives of a network whose work depends on the image, counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Literal, cast

from esrbench.errors import SubmissionError
from esrbench.judge.connection import Runner
from esrbench.judge.parts import Reason, Steadiness
from esrbench.judge.spread import new_seed
from esrbench.results.record import CountSpread
from esrbench.runner import requests

Built = Mapping[str, AbstractContextManager[Runner]]
"""Runners that have the network loaded as each bound has it, by the bound's name."""


def with_bounds(steady: Steadiness, bounds: Built, shape: Sequence[int]) -> Steadiness:
    """``steady`` with the MACs at ``shape`` of the networks of ``bounds``; where the work depends
    on no image there is nothing to bound.

    An image that cost more than the most, or less than the least, shows that the manifest is
    wrong: then the bounds are left out, with the reason.
    """
    if steady.spread is None or steady.spread.over != "images" or not bounds:
        return steady
    found: dict[str, int] = {}
    for name, opened in bounds.items():
        try:
            with opened as runner:
                answer = runner.ask(requests.Count(shape=tuple(shape), seed=new_seed()))
        except SubmissionError as why:
            return _without(steady, f"The bound `{name}` of its manifest: {why}")
        if answer.macs_dispatch is not None:
            found[name] = answer.macs_dispatch
    wrong = _contradicted(steady.spread, found)
    if wrong:
        return _without(steady, wrong)
    known = cast("dict[Literal['least', 'most'], int]", found)
    return replace(steady, spread=steady.spread.model_copy(update={"bounds": known}))


def _contradicted(spread: CountSpread, found: Mapping[str, int]) -> str | None:
    macs = spread.macs
    if macs.high > found.get("most", macs.high):
        return (
            f"Its manifest says that no image costs more than {found['most'] / 1e9:.4f} G MACs; "
            f"one cost {macs.high / 1e9:.4f} G."
        )
    if macs.low < found.get("least", macs.low):
        return (
            f"Its manifest says that no image costs less than {found['least'] / 1e9:.4f} G MACs; "
            f"one cost {macs.low / 1e9:.4f} G."
        )
    return None


def _without(steady: Steadiness, why: str) -> Steadiness:
    return replace(steady, reasons=(*steady.reasons, Reason("phase", "bounds", why)))
