"""A record, made once, of who was measured, what the phases found, and how the run ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from esrbench.flags import LATE
from esrbench.judge.parts import (
    Counts,
    Facts,
    Generalised,
    Loaded,
    Memory,
    Part,
    Quality,
    Steadiness,
    Timed,
    Verified,
)
from esrbench.judge.who import Who
from esrbench.results.record import Chance, Complexity, RunRecord, Status

P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: Status = "ok"
    reason: str | None = None
    """One sentence where it is not ok, or where quality could not be measured."""


def assemble(who: Who, parts: Sequence[Part], outcome: Outcome) -> RunRecord:
    """The record of one run; of a failed one, with all that was found before it failed."""
    loaded, memory = _first(parts, Loaded), _last(parts, Memory)
    steady = _steadiness(_all(parts, Steadiness))
    counts = _on_average(_last(parts, Counts), steady)
    quality, timed = _all(parts, Quality), _all(parts, Timed)
    environment = {key: value for part in parts for key, value in part.environment.items()}
    known = {**vars(who), "environment": {**who.environment, **environment}}
    params = counts or loaded
    verified, probed = _last(parts, Verified), _last(parts, Generalised)
    return RunRecord(
        **known,
        status=outcome.status,
        reason=outcome.reason,
        flags=sorted({*_of_its_entry(who), *(flag for part in parts for flag in part.flags)}),
        notes=[note for part in parts for note in part.notes],
        params=params.params if params else None,
        macs=counts.macs if counts else None,
        activations=counts.activations if counts else None,
        convs=counts.convs if counts else None,
        count_spread=steady.spread if steady else None,
        chance=_chance(steady, quality),
        verification=verified.verification if verified else None,
        generalisation=probed.generalisation if probed else None,
        complexity=_complexity(counts, _all(parts, Facts)),
        peak_memory_bytes=memory.headline_bytes if memory else None,
        process_memory_bytes=memory.process_bytes if memory else None,
        memory=dict(memory.headline) if memory else {},
        memory_by_shape={k: dict(v) for k, v in memory.by_shape.items()} if memory else {},
        runtime_ms=timed[0].runtime if timed else None,
        runtime_by_shape=[shape.runtime for shape in timed],
        timing_blocks=[block for shape in timed for block in shape.blocks],
        quality={of.dataset: dict(of.means) for of in quality},
        infinite={of.dataset: dict(of.infinite) for of in quality if of.infinite},
        images={of.dataset: list(of.images) for of in quality},
        datasets={of.dataset: of.facts for of in quality},
        pictures=[picture for of in quality for picture in of.pictures],
        signatures={key: how for part in parts for key, how in part.signatures.items()},
        missing=_missing(parts, counts),
    )


def _missing(parts: Sequence[Part], counts: Counts | None) -> dict[str, str]:
    """Why something is empty; nothing of MACs that came later, as a mean of counts does."""
    missing = {why.key: why.sentence for part in parts for why in part.reasons}
    if counts is not None and counts.macs is not None:
        missing.pop("macs", None)
    return missing


def _of_its_entry(who: Who) -> tuple[str, ...]:
    return (LATE,) if who.challenge is not None and who.challenge.late else ()


def _steadiness(parts: Sequence[Steadiness]) -> Steadiness | None:
    """What was found at first, with the chance that only showed later."""
    if not parts:
        return None
    chance = next((part.chance for part in parts if part.chance), None)
    return replace(parts[0], chance=chance)


def _on_average(counts: Counts | None, steady: Steadiness | None) -> Counts | None:
    """The counts, where they are not always the same by their means.

    These are the dispatcher's: what fvcore saw of one image stays beside them.
    """
    if counts is None or steady is None or steady.spread is None or not steady.mean_is_ranked:
        return counts
    spread = steady.spread
    macs = round(spread.macs.mean)
    return replace(
        counts,
        macs=macs,
        activations=round(spread.activations.mean),
        convs=round(spread.convs.mean),
        complexity=counts.complexity.model_copy(update={"macs_dispatch": macs}),
    )


def _chance(steady: Steadiness | None, quality: Sequence[Quality]) -> Chance | None:
    if steady is None or steady.chance is None:
        return None
    passes = {of.dataset: [dict(means) for means in of.passes] for of in quality if of.passes}
    return steady.chance.model_copy(update={"passes": passes})


def _complexity(counts: Counts | None, facts: Sequence[Facts]) -> Complexity | None:
    if counts is None:
        return None
    more = {key: value for part in facts for key, value in part.facts.items()}
    return counts.complexity.model_copy(update={"facts": {**counts.complexity.facts, **more}})


def _all(parts: Sequence[Part], kind: type[P]) -> list[P]:
    return [part for part in parts if isinstance(part, kind)]


def _first(parts: Sequence[Part], kind: type[P]) -> P | None:
    return next(iter(_all(parts, kind)), None)


def _last(parts: Sequence[Part], kind: type[P]) -> P | None:
    """The newest word: the graph's counts after the submission's own, say."""
    return next(iter(reversed(_all(parts, kind))), None)
