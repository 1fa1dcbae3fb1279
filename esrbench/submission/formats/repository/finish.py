"""What is left to do once a repository's network is built: weights, and padding. Runner only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from esrbench.errors import SubmissionError
from esrbench.submission.checkpoint import read_state_dict
from esrbench.submission.formats.as_if_cuda import CUDA_READ, read_cuda_as
from esrbench.submission.formats.entries import prefixes, under
from esrbench.submission.formats.repository.gone import GONE
from esrbench.submission.formats.repository.padded import Padded, Sizes, Taking, probed_sizes
from esrbench.submission.load import fill as fill_strictly

if TYPE_CHECKING:
    from esrbench.submission.formats.load_request import LoadRequest


Fill = Callable[[nn.Module, dict[str, Tensor], "LoadRequest"], None]


def finished(
    network: nn.Module,
    request: LoadRequest,
    *,
    fill: Fill | None = None,
    prepare: Callable[[nn.Module], None] | None = None,
) -> nn.Module:
    """``network`` on its device, filled with its weights, and padded as its fork does it.

    ``fill`` is a way of its own to take a state dict, ``prepare`` what is done before it runs.
    Raises SubmissionError where weights do not
    fit, or where the network takes no LR image.
    """
    if read_cuda_as(torch.device(request.device), network):
        request.notes.append(CUDA_READ.format(device=request.device))
    if request.weights is not None:
        if fill is None:
            _fill(network, request, request.weights)
        else:
            state = _state(request.weights, request)
            fill(network, _as_named(state, network.state_dict()), request)
    network = network.to(request.device).eval()
    if prepare is not None:
        prepare(network)
    index = request.arguments.get("output")
    if index is not None:
        network = Taking(network, index)
    padding = request.arguments.get("padding")
    if not padding:
        network = _padded_as_found(network, request)
        request.notes.extend(GONE.note())
        return network
    request.notes.extend(GONE.note())
    if padding["multiple"] == 1 and not padding["always"]:
        return network
    how = "by reflection" if padding["by"] == "reflect" else "by mirroring"
    more = ", by one window more where none is missing" if padding["always"] else ""
    request.notes.append(
        f"LR filled up to a multiple of {padding['multiple']} {how}{more}, SR cropped "
        f"({padding['said_by']})"
    )
    return Padded(
        network, request.scale, padding["multiple"], padding["by"], always=padding["always"]
    )


def _padded_as_found(network: nn.Module, request: LoadRequest) -> nn.Module:
    """``network``, filled up by reflection to the sizes that it was found to take."""
    device = torch.device(request.device)
    windows = set(_whole_numbers(request.arguments.get("arguments", {})))
    sizes = probed_sizes(network, request.scale, device, windows)
    if sizes == Sizes():
        return network
    needs = f"LR filled up to a multiple of {sizes.multiple}"
    if sizes.multiple == 1:
        needs = f"LR sides below {sizes.least} filled up to that"
    request.notes.append(f"{needs} by reflection, SR cropped (found by trying)")
    return Padded(network, request.scale, sizes.multiple, "reflect", least=sizes.least)


def _whole_numbers(value: Any) -> Iterator[int]:
    """The sizes a window may have, among the arguments."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if any(word in str(name) for word in ("window", "split", "patch", "size")):
                yield from _whole_numbers(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _whole_numbers(inner)
    elif type(value) is int:
        yield value


def _fill(network: nn.Module, request: LoadRequest, path: Path) -> None:
    state = _state(path, request)
    if request.arguments.get("strict", True):
        fill_strictly(network, state, path)
        return
    wanted = network.state_dict()
    state = _as_named(state, wanted)
    fits = {n: t for n, t in state.items() if n in wanted and wanted[n].shape == t.shape}
    if not fits:
        raise SubmissionError(f"No name and shape in {path.name} is the network's.")
    left = len(wanted) - len(fits)
    network.load_state_dict(fits, strict=False)
    if left or len(fits) < len(state):
        request.notes.append(
            f"{len(fits)} of {len(wanted)} tensors are {path.name}'s, {left} as the constructor "
            f"left them, {len(state) - len(fits)} of the file unused (strict_load is off)"
        )


def _state(path: Path, request: LoadRequest) -> dict[str, Tensor]:
    """The tensors under the entry the options name, else under a usual one, which is said."""
    key = request.weights_key
    if key is None:
        return read_state_dict(path)
    try:
        return read_state_dict(path, key)
    except SubmissionError as why:
        if "has no entry" not in str(why):
            raise
    state = read_state_dict(path)
    if request.arguments.get("key_said"):
        request.notes.append(f"{path.name} has no entry {key!r}; its usual one is taken")
    return state


def _as_named(state: dict[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The part of ``state`` behind the prefix that leaves the most names of the network's."""

    def known(prefix: str) -> int:
        return len(under(state, prefix).keys() & wanted.keys())

    return under(state, max(prefixes(state.keys()), key=known))
