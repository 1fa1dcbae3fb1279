"""A network with published weights that answers the same patches: its answers are learnt, too."""

from __future__ import annotations

import torch
from torch import Tensor

from esrbench import load_model
from esrbench.submission.find import find
from training.losses import LOSSES, Loss


class Teacher:
    """Answers in [0, 1], float32, without gradients; never trained."""

    def __init__(self, name: str, scale: int, device: torch.device) -> None:
        """Raises UsageError for an unknown name, UnavailableError where its weights are absent."""
        self._data_range = find(name, scale=scale).data_range
        network = load_model(name, scale).to(device)
        self._network = network.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def __call__(self, lr: Tensor) -> Tensor:
        """SR (N, 3, H * s, W * s) of LR (N, 3, H, W), both in [0, 1]."""
        sr: Tensor = self._network(lr * self._data_range)
        return (sr / self._data_range).clamp(0, 1)


def distilled(
    loss: Loss, answer: Tensor, truth: Tensor, taught: Tensor | None, share: float
) -> Tensor:
    """``loss`` to the truth, ``share`` of it replaced by the loss to what the teacher answered."""
    far = LOSSES[loss]
    if taught is None:
        return far(answer, truth)
    return (1 - share) * far(answer, truth) + share * far(answer, taught)
