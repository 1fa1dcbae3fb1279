"""Muon: momentum whose steps are made orthogonal, so that every direction of a layer learns alike.

For convolutions that mix channels, seen as matrices (out, in x height x width); everything else
(first and last layer, depthwise kernels, norms, biases) has Adam. Described by K. Jordan (2024),
https://kellerjordan.github.io/posts/muon; the step's length as in arXiv 2502.16982, so that Adam's
learning rates serve.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

import torch
from torch import Tensor, nn

ADAM_RMS = 0.2
"""Root mean square of a step in units of the learning rate, about what Adam's steps have."""
_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Of the Newton-Schulz iteration: drives singular values into 0.7 to 1.2 in five steps."""


class Muon(torch.optim.Optimizer):
    """Muon for ``mixing``, Adam for ``others``; both with the one learning rate ``lr``."""

    def __init__(
        self,
        mixing: Iterable[Tensor],
        others: Iterable[Tensor],
        lr: float,
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.99),
    ) -> None:
        groups = [{"params": list(mixing), "muon": True}, {"params": list(others), "muon": False}]
        defaults = {"lr": lr, "momentum": momentum, "betas": betas}
        super().__init__([group for group in groups if group["params"]], defaults)

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step along the gradients that the parameters hold."""
        for group in self.param_groups:
            trained = [p for p in group["params"] if p.grad is not None]
            if group["muon"]:
                self._orthogonal(trained, group)
            else:
                for parameter in trained:
                    self._adam(parameter, self.state[parameter], group)

    def _orthogonal(self, trained: list[Tensor], group: dict[str, Any]) -> None:
        """Matrices of one shape go through the iteration together."""
        alike: defaultdict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)
        for parameter in trained:
            gradient, state = cast(Tensor, parameter.grad), self.state[parameter]
            if not state:
                state["momentum"] = torch.zeros_like(parameter)
            momentum = state["momentum"].lerp_(gradient, 1 - group["momentum"])
            ahead = gradient.lerp(momentum, group["momentum"]).flatten(1)  # Nesterov's
            alike[ahead.shape].append((parameter, ahead))
        for shape, pairs in alike.items():
            steps = orthogonal(torch.stack([ahead for _, ahead in pairs]))
            length = group["lr"] * ADAM_RMS * math.sqrt(max(shape))
            for (parameter, _), step in zip(pairs, steps, strict=True):
                parameter.sub_(step.view(parameter.shape), alpha=length)

    def _adam(self, parameter: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        gradient = cast(Tensor, parameter.grad)
        first, second = group["betas"]
        if not state:
            state.update(step=0, mean=torch.zeros_like(parameter))
            state["square"] = torch.zeros_like(parameter)
        state["step"] += 1
        mean = state["mean"].lerp_(gradient, 1 - first)
        square = state["square"].lerp_(gradient.square(), 1 - second)
        root = (square / (1 - second ** state["step"])).sqrt_().add_(1e-8)
        parameter.addcdiv_(mean, root, value=-group["lr"] / (1 - first ** state["step"]))


def orthogonal(matrices: Tensor) -> Tensor:
    """About the nearest semi-orthogonal matrix to each of (k, m, n): five Newton-Schulz steps."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = _QUINTIC
    for _ in range(5):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    steps: Tensor = x.mT if tall else x
    return steps


def mixing(network: nn.Module) -> list[Tensor]:
    """Weights of the convolutions and linear layers that mix channels, but the first and last."""
    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    return [
        layer.weight
        for layer in layers[1:-1]
        if layer.weight.requires_grad and layer.weight.shape[1] > 1 and layer.weight.shape[0] > 1
    ]
