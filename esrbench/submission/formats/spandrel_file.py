"""A checkpoint of a network that spandrel knows: its ModelDescriptor's module. Runner only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esrbench.errors import SubmissionError

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest


def load(request: LoadRequest) -> nn.Module:
    """The network with its weights; raises SubmissionError where spandrel cannot build it."""
    from esrbench.submission.checkpoint import read_state_dict
    from esrbench.submission.formats.entries import under
    from esrbench.submission.formats.spandrel_known import model_loader

    try:
        loader = model_loader()
    except ImportError:
        raise SubmissionError(
            f"{request.path.name} needs spandrel: pip install 'esrbench[spandrel]'."
        ) from None
    said = request.arguments
    state = under(read_state_dict(request.path, said.get("key")), said.get("prefix", ""))
    try:
        found = loader.load_from_state_dict(state)
    except Exception as why:  # an UnsupportedModelError, or whatever building it raises
        raise SubmissionError(
            f"spandrel cannot load {request.path.name}: {type(why).__name__}: {why}."
        ) from None
    model: nn.Module = found.model
    return model
