"""The end of a run: the deployed network's weights as float32 safetensors, checked."""

from __future__ import annotations

from pathlib import Path

import torch

from esrbench.errors import SubmissionError
from esrbench.submission.weights import sha256_of
from training.trainee import State, Trainee

TOLERANCE = 1e-4
"""Largest difference between the two forms, of images in [0, 1]."""


def export(trainee: Trainee, state: State, path: Path) -> str:
    """Write ``state`` of the trained form as the deployed form's, atomically; the file's sha256.

    Raises SubmissionError when the deployed network is not the trained one after a clamp.
    """
    from safetensors.torch import save_file

    with torch.no_grad():
        weights = trainee.deployed_state(state)
    apart = difference(trainee, state)
    if not apart <= TOLERANCE:
        raise SubmissionError(
            f"The deployed network's output is {apart:.2g} from the trained one's (of images in "
            f"[0, 1]; {TOLERANCE:.0e} is allowed), so nothing was written; correct the "
            "convert_state_dict() of its model.py and run the same command again."
        )
    plain = {k: v.detach().float().cpu().contiguous().clone() for k, v in weights.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    save_file(plain, beside, metadata={"format": "pt"})
    beside.chmod(0o644)
    beside.replace(path)
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
