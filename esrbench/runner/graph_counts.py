"""Counts of a network that came as a graph, where modules to count by are gone."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from esrbench.submission.formats.frozen import Frozen
from esrbench.submission.formats.onnx_session import OnnxModule

_BY_MODULE = ("activations", "activations_fvcore", "convs", "macs_ntire2022", "macs_arm")
_BY_OPERATOR = ("macs", "macs_fvcore", "macs_dispatch")


def of_graph(module: nn.Module, counts: dict[str, Any]) -> dict[str, Any]:
    """``counts`` (``Counts.as_dict()``) with no zero that means "nobody could look".

    A program's and a script's convolutions are operators and are counted as such; what is counted
    by modules alone is None. Of an ONNX graph nothing but the parameters is known.
    """
    if isinstance(module, OnnxModule):
        return _without(counts, (*_BY_MODULE, *_BY_OPERATOR), "onnxruntime runs this graph unseen.")
    if counted_by_module(module):
        return counts
    facts = counts.get("facts", {})
    counts = _without(counts, _BY_MODULE, "It is a graph, which has no modules to count by.")
    for key in ("activations", "convs"):
        counts[key] = facts.get(f"{key}_dispatch")
        if counts[key] is not None:
            del counts["missing"][key]
    return counts


def counted_by_module(module: nn.Module) -> bool:
    """Whether it is made of modules, and no graph of operators."""
    return not isinstance(module, Frozen | torch.jit.ScriptModule)


def _without(counts: dict[str, Any], keys: tuple[str, ...], why: str) -> dict[str, Any]:
    missing = {key: why for key in keys if key in counts}
    return {**counts, **dict.fromkeys(missing), "missing": {**counts["missing"], **missing}}
