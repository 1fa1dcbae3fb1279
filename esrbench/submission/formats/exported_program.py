"""``torch.export``: a ``.pt2`` archive with the graph and its weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from esrbench.errors import SubmissionError
from esrbench.submission.formats.graph_file import facts_in_zip, graph_submission, zip_names
from esrbench.submission.submission import Submission

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest


def detect(path: Path) -> bool:
    """A zip with a program in it: ``models/*.json``, or ``serialized_exported_program.json``."""
    names = [name.partition("/")[2] or name for name in zip_names(path)]
    return "archive_format" in names or "serialized_exported_program.json" in names


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """The program as a submission; raises UsageError when nothing says its scale."""
    del variant  # a program has none
    facts = facts_in_zip(path)
    return graph_submission(path, "pt2", "a torch.export program", facts, scale)


def _for_one_image(program: Any) -> bool:
    """Whether the program was exported for a batch of one and takes no other."""
    inputs = program.graph_signature.user_inputs
    values = [n.meta.get("val") for n in program.graph.nodes if n.name in inputs]
    shape: Any = getattr(values[0], "shape", ()) if len(values) == 1 else ()
    return len(shape) == 4 and type(shape[0]) is int and shape[0] == 1


def load(request: LoadRequest) -> nn.Module:
    """The program's module; raises SubmissionError when this torch cannot read it."""
    import torch

    from esrbench.submission.formats.frozen import Frozen

    try:
        program = torch.export.load(request.path)
        if request.device != "cpu":
            from torch.export.passes import move_to_device_pass

            program = move_to_device_pass(program, request.device)
        return Frozen(program.module(), one_by_one=_for_one_image(program))
    except Exception as why:  # versions, operators, guards: whatever it is, it does not load
        first = str(why).split("\n")[0][:200]
        raise SubmissionError(f"torch cannot load the program {request.path.name}: {first}.") from (
            why
        )
