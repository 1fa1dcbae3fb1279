"""ONNX: the judge reads a few small fields (``onnx_file.py``), and onnxruntime runs the graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.submission import limits
from esrbench.submission.formats.graph_file import graph_submission
from esrbench.submission.formats.onnx_file import external_files, is_model, metadata
from esrbench.submission.submission import Submission

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest


def detect(path: Path) -> bool:
    """Named ``.onnx``, and a message that opens with a version number and has a graph."""
    return path.suffix.lower() == ".onnx" and is_model(path)


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """The graph as a submission, with the files beside it that hold its tensors.

    Raises UsageError when nothing says its scale, SubmissionError when its tensors lie elsewhere.
    """
    del variant  # a graph has none
    limits.check_size(path, limits.WEIGHTS_BYTES, "a graph")
    more = tuple(sorted(set(external_files(path))))
    return graph_submission(path, "onnx", "an ONNX graph", metadata(path), scale, more)


def load(request: LoadRequest) -> nn.Module:
    """The graph as a module; raises SubmissionError when onnxruntime cannot take it.

    Also when it takes float16 and its manifest does not say so.
    """
    from esrbench.submission.formats.onnx_session import OnnxModule

    return OnnxModule(request.path, request.scale, request.device, request.track)
