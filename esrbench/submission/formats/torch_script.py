"""TorchScript: a zip with ``constants.pkl`` and code in a language of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.errors import SubmissionError
from esrbench.submission.formats.graph_file import facts_in_zip, graph_submission, zip_names
from esrbench.submission.submission import Submission

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest


def detect(path: Path) -> bool:
    """A zip with the constants and the code of a scripted or traced module."""
    names = [name.partition("/")[2] for name in zip_names(path)]
    return "constants.pkl" in names and any(name.startswith("code/") for name in names)


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """The module as a submission; raises UsageError when nothing says its scale."""
    del variant  # a script has none
    facts = facts_in_zip(path)
    return graph_submission(path, "torchscript", "a TorchScript module", facts, scale)


def load(request: LoadRequest) -> nn.Module:
    """The scripted module; raises SubmissionError when this torch cannot read it."""
    import torch

    try:
        read: Callable[..., nn.Module] = torch.jit.load
        return read(request.path, map_location=request.device)
    except Exception as why:  # RuntimeError mostly: a damaged file, an operator of elsewhere
        first = str(why).strip().split("\n")[0][:200]
        raise SubmissionError(f"torch cannot load the script {request.path.name}: {first}.") from (
            None
        )
