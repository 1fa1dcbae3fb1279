"""The ranked counter: fvcore, as NTIRE has called it since 2024.

One multiply-add is one; an operator fvcore has no rule for counts nothing, so those are listed.
"""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from esrbench.counting.eager import eager


@dataclass(frozen=True)
class FvcoreCounts:
    """What fvcore makes of one traced forward."""

    macs: int
    """``FlopCountAnalysis(model, example).total()``."""
    activations: int
    """``ActivationCountAnalysis``: outputs of convolutions and matrix products."""
    by_operator: dict[str, int]
    unsupported: dict[str, int]
    """Operators without a rule, with their calls."""
    uncalled: list[str]
    """Modules that never ran."""


def fvcore_counts(model: nn.Module, example: Tensor) -> FvcoreCounts:
    """Trace once and count; raises whatever fvcore or the tracer raises.

    fvcore traces with ``torch.jit``, which needs real tensors and takes a forward's time.
    """
    with _quiet(), torch.no_grad(), eager():
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(model, example)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        analysis.tracer_warnings("none")
        activations = _count_activations_too(analysis)
        macs = int(analysis.total())
        return FvcoreCounts(
            macs=macs,
            activations=int(sum(activations.values())),
            by_operator={name: int(n) for name, n in analysis.by_operator().items()},
            unsupported=dict(analysis.unsupported_ops()),
            uncalled=sorted(n for n in analysis.uncalled_modules() if _has_forward(model, n)),
        )


def _count_activations_too(analysis: Any) -> Counter[str]:
    """Let fvcore's activation rules run on the same trace: a second one would double the time.

    Each rule for MACs is wrapped in one that also notes the activations and returns the same.
    """
    from fvcore.nn.activation_count import _DEFAULT_SUPPORTED_OPS as ACTIVATION_RULES

    noted: Counter[str] = Counter()

    def both(name: str, macs_rule: Any, activation_rule: Any) -> Any:
        def rule(inputs: Any, outputs: Any) -> Any:
            activations = activation_rule(inputs, outputs)
            several = isinstance(activations, Counter)
            noted[name] += sum(activations.values()) if several else activations
            return macs_rule(inputs, outputs)

        return rule

    for name, activation_rule in ACTIVATION_RULES.items():
        macs_rule = analysis._op_handles[name]
        # A rule that returns a bare number is named after its operator by fvcore either way.
        analysis.set_op_handle(name, both(name, macs_rule, activation_rule))
    return noted


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither the tracer's warnings nor torch.jit's deprecation belong on a user's screen."""
    logger = logging.getLogger("fvcore")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _has_forward(model: nn.Module, path: str) -> bool:
    """Whether a module is one that could be called; containers and identities are not."""
    containers = (nn.ModuleList, nn.ModuleDict, nn.Module, nn.Identity)
    forward = type(model.get_submodule(path)).forward
    return all(forward is not container.forward for container in containers)
