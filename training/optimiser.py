"""Which optimiser a recipe asks for."""

from __future__ import annotations

import torch
from torch import nn

from training.muon import Muon, mixing
from training.recipe import Recipe

BETAS = (0.9, 0.99)


def optimiser_of(recipe: Recipe, network: nn.Module) -> torch.optim.Optimizer:
    """For the parameters of ``network`` that are trained."""
    trained = [p for p in network.parameters() if p.requires_grad]
    rate = recipe.stages[0].lr
    if recipe.optimiser == "muon":
        matrices = mixing(network)
        apart = {id(p) for p in matrices}
        return Muon(matrices, [p for p in trained if id(p) not in apart], rate, betas=BETAS)
    return torch.optim.Adam(trained, lr=rate, betas=BETAS, fused=True)
