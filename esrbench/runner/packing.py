"""Write the loaded network down: its weights as safetensors, its graph as ``.pt2`` or ONNX."""

from __future__ import annotations

import json
import math
import re
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim, ExportedProgram

from esrbench.errors import SubmissionError
from esrbench.runner import answers, requests
from esrbench.runner.session import Session
from esrbench.submission.formats.graph_file import FACTS

_ABOUT = 40
"""LR pixels a side of the example a graph is traced with; any other size must do as well."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""What makes a terminal print in colour."""
_WINDOWS = (8, 16)
"""Of the transformers that fix a size modulo one (SwinIR 8, HAT 16)."""
_DYNAMIC = ({0: Dim.AUTO, 2: Dim.AUTO, 3: Dim.AUTO},)


def write_weights(session: Session, request: requests.WriteWeights) -> answers.WrittenWeights:
    """Write the tensors of the state dict; no file where there are none."""
    return answers.WrittenWeights(tensors=_weights(session.model().module, Path(request.path)))


def write_graph(session: Session, request: requests.WriteGraph) -> answers.WrittenGraph:
    """Write the graph as ``.pt2`` or ONNX.

    Raises SubmissionError where the network cannot be exported, or only at one size.
    """
    loaded, path = session.model(), Path(request.path)
    program, multiple = exported(loaded.module, max(loaded.min_size, _ABOUT), loaded.multiple)
    facts = {**request.facts, "multiple": multiple}
    if request.kind == "pt2":
        _saved(program, path, facts)
    else:
        _onnx(program, path, facts)
    return answers.WrittenGraph(multiple=multiple)


def _weights(module: nn.Module, path: Path) -> int:
    from safetensors.torch import save_file

    # Copies: safetensors refuses tensors that share memory, and tied weights do.
    state = {k: v.detach().cpu().contiguous().clone() for k, v in module.state_dict().items()}
    if state:
        save_file(state, path)
    return len(state)


def exported(module: nn.Module, size: int, multiple: int) -> tuple[ExportedProgram, int]:
    """The graph for any batch, height and width; for batches of one where it is only those.

    A network that pads to its window by itself has another graph for each size modulo the window.
    Then it is traced at multiples of the window, which the manifest is to say: the harness pads.
    """
    faults = []
    for step in dict.fromkeys(math.lcm(multiple, window) for window in (1, *_WINDOWS)):
        # A batch of one would be taken for a constant, and networks that squeeze it need just that.
        for batch in (2, 1):
            try:
                return _traced(module, batch, size, step), step
            except Exception as why:  # what torch.export cannot follow has many names
                faults.append(f"{type(why).__name__}: {' '.join(str(why).split())[:200]}")
    raise SubmissionError(f"torch.export cannot write this network as a graph: {faults[1]}.")


def _traced(module: nn.Module, batch: int, size: int, multiple: int) -> ExportedProgram:
    """The graph of sizes that are multiples of ``multiple``; raises where it fits only one."""
    height = size + -size % multiple
    width = height + multiple * -(-8 // multiple)
    device = next((p.device for p in module.parameters()), torch.device("cpu"))
    example = torch.rand(batch, 3, height, width, device=device)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(module, (example,), dynamic_shapes=_DYNAMIC)
    # Far from the example: a size kept as a fraction of it (height // 4) must show.
    other = torch.rand(1, 3, 2 * height + multiple, 2 * width + multiple, device=device)
    program.module()(other)
    return program


def _saved(program: ExportedProgram, path: Path, facts: dict[str, Any]) -> None:
    try:
        torch.export.save(program, path, extra_files={FACTS: json.dumps(facts)})
    except OSError:
        raise
    except Exception as why:  # an operator that the format has no word for
        said = " ".join(str(why).partition("Original exception")[0].split())[:200]
        raise SubmissionError(
            f"torch.export cannot write this network as a graph: {said}."
        ) from None


def _onnx(program: ExportedProgram, path: Path, facts: dict[str, Any]) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = torch.onnx.export(
                program, input_names=["lr"], output_names=["sr"], dynamo=True, verbose=False
            )
    except ImportError as why:
        raise SubmissionError(
            f"Writing ONNX needs {why.name or 'onnxscript'}: pip install 'esrbench[onnx]'."
        ) from None
    except Exception as why:  # operators that ONNX has no word for
        # The outermost says how to report a defect; the next one names the operator.
        said = " ".join(_COLOURS.sub("", str(why.__cause__ or why)).split())[:200]
        raise SubmissionError(f"torch.onnx cannot write this network: {said}.") from None
    assert made is not None
    made.model.metadata_props[FACTS] = json.dumps(facts)
    made.save(path, external_data=False)
