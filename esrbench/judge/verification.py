"""Whose word a row's figures are: the graph's, or the submission's own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from esrbench.flags import CLAIMED, GRAPH_DIFFERS, RECOUNT_DIFFERS
from esrbench.image import Image
from esrbench.judge.chance import Asking
from esrbench.judge.imaging import Imaging
from esrbench.judge.parts import Counts, Memory, Verified
from esrbench.judge.witness import Graph, GraphDiffers, NoGraph, Witness, agreed, clause
from esrbench.results.record import Verification

_MORE = 1.01
"""Two counts of the same network are the same number; more by this factor is another network."""
_BY_GRAPH = (
    "Outputs, counts and memory are those of its exported graph, run where none of its code is."
)
_BUT_FOR_MEMORY = (
    "Outputs and counts are those of its exported graph, run where none of its code is; its "
    "memory is that of its own process."
)
_HIDDEN_WEIGHTS = "weights-outside-parameters"


@dataclass(frozen=True)
class Standing:
    """What is known of a row before its figures are."""

    graph: Graph | None
    part: Verified

    @property
    def verified(self) -> bool:
        """Whether there is a graph whose figures count."""
        return self.graph is not None

    def imaging(self, own: Imaging) -> Imaging:
        """Whose outputs are scored."""
        return replace(own, runner=self.graph.runner) if self.graph else own


def nobodys_code(why: str) -> Standing:
    """Of what has no code by its author: there is nobody whose word it could be."""
    told = Verification(status="verified", sentence=f"{why} No code of its author runs.")
    return Standing(None, Verified(verification=told))


def standing(witness: Witness, asking: Asking, image: Image) -> Standing:
    """Wait for the graph and hold it against what ``asking`` has loaded.

    Raises what the submission's own runner fails with.
    """
    try:
        graph = witness.graph()
        own = asking.imaging
        beside = replace(own, runner=graph.runner)
        apart = agreed(own, beside, graph.traced, image, asking.tolerance)
    except NoGraph as why:
        flags = (GRAPH_DIFFERS,) if isinstance(why, GraphDiffers) else ()
        told = Verification(status="claimed", sentence=f"Not verified: {clause(str(why))}.")
        return Standing(None, Verified(verification=told, flags=(CLAIMED, *flags)))
    told = Verification(
        status="verified",
        sentence=_BY_GRAPH,
        difference=apart,
        images=3,
        operators=graph.nodes,
        tensor_bytes=graph.tensor_bytes,
    )
    return Standing(graph, Verified(verification=told))


def flattering_less(own: Counts, graph: Counts, told: Verified) -> tuple[Counts, Verified]:
    """The counts that are shown, and what is told of them: the graph's, where these are more."""
    hidden = _HIDDEN_WEIGHTS in graph.flags and _HIDDEN_WEIGHTS not in own.flags
    flags = (_HIDDEN_WEIGHTS,) if hidden else ()
    more = [key for key, (said, seen) in _compared(own, graph).items() if seen > _MORE * said]
    if not more:
        return own, replace(told, flags=(*told.flags, *flags))
    claimed = {"params": own.params, "macs": own.macs, "activations": own.activations,
               "convs": own.convs}  # fmt: skip
    verification = told.verification.model_copy(update={"claimed": claimed})
    shown = replace(
        graph,
        macs=_most(own.macs, graph.macs),
        activations=_most(own.activations, graph.activations),
        convs=_most(own.convs, graph.convs),
        params=max(own.params, graph.params),
    )
    flags = (*told.flags, RECOUNT_DIFFERS, *flags)
    return shown, replace(told, verification=verification, flags=flags)


def _compared(own: Counts, graph: Counts) -> dict[str, tuple[int, int]]:
    """What each counted in the same way, where both could."""
    pairs = {
        "params": (own.params, graph.params),
        "macs_fvcore": (own.complexity.macs_fvcore, graph.complexity.macs_fvcore),
        "macs_dispatch": (own.complexity.macs_dispatch, graph.complexity.macs_dispatch),
        **{
            key: (own.complexity.facts.get(key), graph.complexity.facts.get(key))
            for key in ("activations_dispatch", "convs_dispatch")
        },
    }
    return {k: (said, seen) for k, (said, seen) in pairs.items() if said is not None and seen}


def _most(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)


def but_for_memory(told: Verified, own: Memory) -> Verified:
    """``told``, which says so where the memory is not the graph's: torch sees none of it."""
    if own.headline_bytes is not None:
        return told
    verification = told.verification.model_copy(update={"sentence": _BUT_FOR_MEMORY})
    return replace(told, verification=verification)


def larger_memory(own: Memory, graph: Memory) -> Memory:
    """The one whose peak at the counting input is larger; an honest graph frees no later."""
    if own.headline_bytes is None or graph.headline_bytes is None:
        return own
    if graph.headline_bytes <= own.headline_bytes:
        return own
    first = next(iter(own.by_shape))
    return replace(
        own, headline_bytes=graph.headline_bytes,
        by_shape={**own.by_shape, first: graph.headline},
    )  # fmt: skip
