"""Build a network through its repository's own ``define_G(options)``. Runner only.

So do KAIR (``models/select_network.py``) and BasicSR before 2020 (``models/networks.py``): which
class an option means, and with which arguments, stands there.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from esrbench.errors import SubmissionError
from esrbench.submission.formats.repository.class_load import importing
from esrbench.submission.formats.repository.construct import needed_besides
from esrbench.submission.formats.repository.import_paths import import_roots, module_name

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest


class _Options(dict[str, Any]):
    """Options in which what is not said is None, as both frameworks hand them on."""

    def __missing__(self, key: str) -> None:
        return None


def load(request: LoadRequest) -> nn.Module:
    """The network with its weights; raises SubmissionError, in a sentence."""
    from torch import nn

    from esrbench.submission.formats.repository.finish import finished
    from esrbench.submission.formats.repository.served import stand_in_notes

    roots = import_roots(request.folder, request.path)
    options = _as_options({**request.arguments["options"], "is_train": False, "dist": False})
    for block in ("netG", "network_G"):  # both frameworks hand the scale on
        if isinstance(options.get(block), dict):
            options[block].setdefault("scale", request.scale)
    with importing(request.folder, roots, request.path) as finder:
        define = importlib.import_module(module_name(roots, request.path)).define_G
        more = needed_besides(define)
        if more:
            raise SubmissionError(
                f"define_G of {request.path.name} takes {' and '.join(more)} besides the options, "
                "and what to give only the repository's own program knows. A model.py that calls "
                "it can be measured."
            )
        network = define(options)
    if not isinstance(network, nn.Module):
        name = request.arguments["network"]
        raise SubmissionError(
            f"define_G of {request.path.name} makes {type(network).__name__} for {name}, which is "
            "no network."
        )
    if isinstance(network, nn.DataParallel):
        network = network.module
    request.notes.extend(stand_in_notes(finder, network))
    return finished(network, request)


def _as_options(value: Any) -> Any:
    if isinstance(value, dict):
        return _Options({key: _as_options(inner) for key, inner in value.items()})
    return [_as_options(inner) for inner in value] if isinstance(value, list) else value
