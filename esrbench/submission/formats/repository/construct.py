"""Call a network's class, or a function that makes it, with what its options say. Runner only."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from esrbench.errors import SubmissionError

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest

_SCALES = ("upscale", "scale", "upscale_factor", "upscaling_factor", "sr_scale")
_GIVEN: dict[str, Callable[[int], Any]] = {
    **dict.fromkeys(_SCALES, lambda scale: scale),
    **dict.fromkeys(
        ("num_in_ch", "num_out_ch", "in_chans", "in_channels", "out_channels", "in_ch", "out_ch"),
        lambda scale: 3,
    ),
    "task": lambda scale: "lsr",
}
"""What a fork's own test adds to the options of a network whose constructor cannot do without."""
_ALL_OF_THEM = {"opt", "opts", "option", "options", "args", "arg", "cfg", "config", "conf",
                "configs", "params", "param", "hparams", "network_opt", "opt_net"}  # fmt: skip
"""What a constructor calls the one argument that stands for all options."""


class Options(dict[str, Any]):
    """Options by key and by attribute, as forks read them in their own way.

    Raises KeyError and AttributeError as they would for what is not there.
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def constructed(make: Any, request: LoadRequest) -> nn.Module:
    """``make`` called with the options' arguments, and with what it cannot do without.

    Raises SubmissionError where they do not fit, or where a network does not come of it.
    """
    from torch import nn

    name, inside = request.arguments["network"], request.path.name
    signature = inspect.signature(make)
    arguments = _arguments(signature, request)
    try:
        signature.bind(**arguments)
    except TypeError as why:
        takes = ", ".join(signature.parameters) or "nothing"
        raise SubmissionError(
            f"{name} of {inside} cannot be built with the options of "
            f"{request.arguments['option']}: {why}; it takes {takes}."
        ) from None
    network = make(**arguments)
    if not isinstance(network, nn.Module):
        raise SubmissionError(f"{name} of {inside} makes {type(network).__name__}, no network.")
    return network


def _arguments(signature: inspect.Signature, request: LoadRequest) -> dict[str, Any]:
    """The options as keywords, or under the one name that stands for all of them."""
    arguments = dict(request.arguments["arguments"])
    needed = _needed(signature)
    if len(needed) == 1 and needed[0].lower() in _ALL_OF_THEM - arguments.keys():
        scales = dict.fromkeys(("scale", "upscale"), request.scale)
        request.notes.append(f"{needed[0]} given: the options of its network, and the scale")
        return {needed[0]: _as_options({**scales, **arguments})}
    for name in needed:
        if name not in arguments and name in _GIVEN:
            arguments[name] = _GIVEN[name](request.scale)
            request.notes.append(f"{name}={arguments[name]!r} given, which the options leave open")
    return arguments


def needed_besides(make: Any) -> list[str]:
    """What a function cannot do without besides its first argument."""
    return _needed(inspect.signature(make))[1:]


def _needed(signature: inspect.Signature) -> list[str]:
    """The parameters without a default that can be given by name."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = signature.parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.kind in kinds]


def _as_options(value: Any) -> Any:
    if isinstance(value, dict):
        return Options({key: _as_options(inner) for key, inner in value.items()})
    return [_as_options(inner) for inner in value] if isinstance(value, list) else value
