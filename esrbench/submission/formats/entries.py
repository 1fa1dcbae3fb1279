"""Which entry of a checkpoint holds the state dict, and what stands before its names.

Training programs save more than a network: its running average, an optimiser, a discriminator, a
loss with a network of its own. What is taken is said, as it decides the figures.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from esrbench.submission import limits

T = TypeVar("T")

WRAPPERS = ("params_ema", "params", "state_dict", "model_state_dict", "model", "net")
"""Where training programs put the state dict; before these come averaged weights."""
PREFIXES = ("module.", "_orig_mod.")
"""What DataParallel and torch.compile put before every name."""

_AVERAGED = re.compile(r"(?:^|[_.])(?:ema|averaged|swa)(?:[_.]|$)", re.IGNORECASE)
"""``params_ema``, ``state_dict_ema``, ``model_ema``, ``ema_model.``: a mean over the training."""
_COUNTERS = frozenset({"n_averaged", "initted", "step"})
"""What AveragedModel and its kin keep beside the averaged tensors."""
_UNNAMED = "shadow_params"
"""Where torch_ema keeps its averages: a list."""
_BUFFERS = frozenset({"running_mean", "running_var", "num_batches_tracked"})
"""What batch normalisation keeps beside its parameters, which an average leaves alone."""
_ADVERSARY = re.compile(r"discriminator|net_?d|^d$", re.IGNORECASE)
_NO_NETWORK = re.compile(rf"optim|sched|scaler|loss|{_ADVERSARY.pattern}", re.IGNORECASE)
_TRIED = 64


@dataclass(frozen=True)
class Taken(Generic[T]):
    """The tensors by name, and where they were."""

    state: dict[str, T]
    entry: str = ""
    """``model.state_dict``: the entries that lead there; empty for the top."""
    beside: tuple[str, ...] = ()
    """Entries with tensors that were not taken."""

    @property
    def averaged(self) -> bool:
        """Whether these are averaged weights, by their entry's name."""
        return bool(_AVERAGED.search(self.entry))

    @property
    def sentence(self) -> str | None:
        """What was taken, where there was a choice; None for a plain state dict."""
        if not self.entry or (not self.beside and not self.averaged):
            return None
        kind = "the averaged weights, " if self.averaged else ""
        rest = f" (not {', '.join(self.beside)})" if self.beside else ""
        return f"{kind}entry {self.entry}{rest}"


def find_state(content: Any, tensor: type[T]) -> Taken[T] | None:
    """The state dict in what a training program saved; None where there is none, or several.

    Averaged weights come first, then the entries called ``WRAPPERS``, then tensors at this level,
    then the only other entry that holds any.
    """
    return _find(content, tensor, {}, 0)


def _find(
    content: Any, tensor: type[T], known: dict[int, Taken[T] | None], depth: int
) -> Taken[T] | None:
    """As ``find_state``; ``known`` are the mappings looked at, as one may hold itself."""
    if not isinstance(content, Mapping) or depth > limits.NESTING:
        return None
    if id(content) not in known:
        known[id(content)] = None
        tensors = {str(k): v for k, v in content.items() if isinstance(v, tensor)}
        inner = {
            str(name): Taken(found.state, ".".join(filter(None, (str(name), found.entry))))
            for name, value in content.items()
            if isinstance(value, Mapping)
            and (found := _find(value, tensor, known, depth + 1)) is not None
        }
        known[id(content)] = _of_level(content, tensors, inner)
    return known[id(content)]


def _of_level(
    content: Mapping[Any, Any], tensors: dict[str, T], inner: dict[str, Taken[T]]
) -> Taken[T] | None:
    chosen = _chosen(content, inner, len(tensors))
    if chosen is not None:
        others = [name for name in inner if name != chosen and not _NO_NETWORK.search(name)]
        taken = Taken(inner[chosen].state, inner[chosen].entry, tuple(others))
        return _with_unnamed_average(content, chosen, taken)
    networks = [found for name, found in inner.items() if not _NO_NETWORK.search(name)]
    if not tensors or any(len(found.state) >= len(tensors) for found in networks):
        return None
    return Taken(_without_prefixes(tensors))


def _with_unnamed_average(content: Mapping[Any, Any], chosen: str, raw: Taken[T]) -> Taken[T]:
    """The averages that torch_ema keeps beside the weights, under the weights' names.

    They are a list in the order of ``model.parameters()``. Where it does not fit those of ``raw``,
    one for one, ``raw`` is taken and the list is named among what was not.
    """
    if raw.averaged:
        return raw
    for name, value in content.items():
        shadow = value.get(_UNNAMED) if isinstance(value, Mapping) else None
        if not isinstance(shadow, list | tuple) or not shadow:
            continue
        entry = f"{name}.{_UNNAMED}"
        learnt = [key for key in raw.state if key.rsplit(".", 1)[-1] not in _BUFFERS]
        if _shapes(shadow) == _shapes(raw.state[key] for key in learnt):
            averaged = dict(zip(learnt, shadow, strict=True))
            return Taken({**raw.state, **averaged}, entry, (chosen, *raw.beside))
        return Taken(raw.state, raw.entry, (*raw.beside, entry))
    return raw


def _shapes(tensors: Iterable[Any]) -> list[tuple[int, ...] | None]:
    return [
        tuple(shape) if (shape := getattr(t, "shape", None)) is not None else None for t in tensors
    ]


def candidates(content: Any, tensor: type[T]) -> list[str]:
    """The entries that hold tensors, for a message that asks which is meant."""
    if not isinstance(content, Mapping):
        return []
    return [
        str(name)
        for name, value in content.items()
        if isinstance(value, Mapping) and find_state(value, tensor)
    ]


def _chosen(content: Mapping[Any, Any], inner: Mapping[str, Taken[T]], here: int) -> str | None:
    for name in inner:
        if _AVERAGED.search(name):
            return name
    for name in WRAPPERS:
        if name in inner:
            return name
    if any(isinstance(content.get(name), Mapping) for name in WRAPPERS):
        return None  # the place for the network is there, and empty
    networks = [name for name in inner if not _NO_NETWORK.search(name)]
    # With a discriminator beside it, its author is to say that the other one is meant.
    if len(networks) != 1 or any(_ADVERSARY.search(name) for name in inner):
        return None
    return networks[0] if here < len(inner[networks[0]].state) else None


def _without_prefixes(state: dict[str, T]) -> dict[str, T]:
    for prefix in PREFIXES * 2:  # in either order
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def prefix_of(names: Collection[str], wanted: Collection[str]) -> str | None:
    """What stands before ``wanted`` in ``names``; None where not all of them are there.

    Empty where they are there as they are. Of several (``ema_model.`` beside ``online_model.``)
    the averaged one, else the first.
    """
    if not wanted:
        return None
    known = frozenset(names)
    anchor = max(wanted, key=len)
    found: list[str] = []
    for name in known:
        if name.endswith(anchor) and len(found) < _TRIED:
            prefix = name.removesuffix(anchor)
            whole = not prefix or prefix.endswith(".")
            if whole and all(prefix + other in known for other in wanted):
                found.append(prefix)
    if "" in found:
        return ""
    return min(found, key=lambda prefix: (not _AVERAGED.search(prefix), len(prefix)), default=None)


def under(state: Mapping[str, T], prefix: str) -> dict[str, T]:
    """The tensors whose names begin with ``prefix``, without it."""
    return {n.removeprefix(prefix): v for n, v in state.items() if n.startswith(prefix)}


def cut_sentence(prefix: str, state: Mapping[str, Any]) -> str | None:
    """What cutting ``prefix`` from the names in ``state`` means, in words; None where it is plain.

    >>> cut_sentence("ema_model.", {"ema_model.a": 0, "online_model.a": 0})
    "the averaged weights, under 'ema_model.'; 1 other tensor is left out (online_model.a)"
    """
    others = [name for name in state if not name.startswith(prefix)]
    counted = _AVERAGED.search(prefix) or "n_averaged" in others
    kind = "the averaged weights, " if counted else ""
    others = [name for name in others if name not in _COUNTERS]
    if not kind and not others:
        return None
    text = f"{kind}under {prefix!r}"
    if others:
        verb = "other tensor is" if len(others) == 1 else "other tensors are"
        text += f"; {len(others)} {verb} left out ({others[0]}{', ...' if others[1:] else ''})"
    return text


def prefixes(names: Collection[str]) -> Iterator[str]:
    """Every prefix that a good part of ``names`` share, the empty one first, averaged ones next."""
    yield ""
    counts: dict[str, int] = {}
    for name in names:
        parts = name.split(".")[: limits.NESTING]
        for depth in range(1, len(parts)):
            prefix = ".".join(parts[:depth]) + "."
            counts[prefix] = counts.get(prefix, 0) + 1
    shared = [prefix for prefix, count in counts.items() if count * 3 >= len(names)]
    yield from sorted(
        shared, key=lambda prefix: (not _AVERAGED.search(prefix), -counts[prefix], len(prefix))
    )[:_TRIED]
