"""The end of a run: the deployed network's weights as float32 safetensors, checked."""

from __future__ import annotations

from pathlib import Path

import torch

from esrbench.submission.weights import sha256_of
from training.trainee import State, Trainee

TOLERANCE = 1e-4
"""Largest difference between the two forms, of images in [0, 1]."""


def export(trainee: Trainee, state: State, path: Path) -> str:
    """Write ``state`` of the trained form as the deployed form's; the file's sha256.

    Raises ArithmeticError when the deployed network is not the trained one after a clamp: then
    the submission's ``convert_state_dict`` is wrong.
    """
    from safetensors.torch import save_file

    with torch.no_grad():
        weights = trainee.deployed_state(state)
    apart = difference(trainee, state)
    if not apart <= TOLERANCE:
        raise ArithmeticError(f"the deployed network is {apart:.2g} from the one that was trained")
    plain = {k: v.detach().float().cpu().contiguous().clone() for k, v in weights.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(plain, path, metadata={"format": "pt"})
    return sha256_of(path)


@torch.no_grad()
def difference(trainee: Trainee, state: State) -> float:
    """Largest difference of the trained and the deployed form's clamped output on noise."""
    device = next(trainee.network.parameters()).device
    noise = torch.rand(2, 3, 24, 20, generator=torch.Generator().manual_seed(0)).to(device)
    kept = {k: v.clone() for k, v in trainee.network.state_dict().items()}
    trainee.network.load_state_dict(state)
    try:
        trained = trainee.network.eval()(noise * trainee.data_range) / trainee.data_range
    finally:
        trainee.network.train().load_state_dict(kept)
    deployed = trainee.deployed(state)(noise)
    return float((trained.clamp(0, 1) - deployed.clamp(0, 1)).abs().max())
