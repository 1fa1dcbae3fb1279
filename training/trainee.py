"""The network that is trained, and how it becomes the network that is deployed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.func import functional_call

from esrbench.errors import SubmissionError, UsageError
from esrbench.submission.checkpoint import read_state_dict
from esrbench.submission.load import build_model
from esrbench.submission.submission import Submission
from training.recipe import Form

State = dict[str, Tensor]
Convert = Callable[[State], State]

TRAINING_FORM = "training_form.py"


class Trainee(nn.Module):
    """Range [0, 1] outside, whatever the submission's own range is."""

    def __init__(self, submission: Submission, form: Form) -> None:
        """Builds both forms with fresh weights, from torch's random state.

        Raises UsageError when the submission has no training form and ``form`` asks for one.
        """
        super().__init__()
        self.form = form
        self.data_range = submission.data_range
        deployed = _built(submission, submission.entry_file)
        self._convert = _converter(deployed)
        self._deployed = [deployed]  # in a list: its parameters are not trained
        self._names = deployed.state_dict().keys()
        if form == "plain":
            self.network = deployed
        else:
            path = submission.folder / TRAINING_FORM
            if not path.is_file():
                raise UsageError(f"{submission.label} has no {TRAINING_FORM}; use `form: plain`.")
            self.network = _built(submission, path)
        self.network.train()

    def forward(self, lr: Tensor) -> Tensor:
        """SR (N, 3, H * s, W * s) of LR (N, 3, H, W); not clamped unless the network does so."""
        x = lr * self.data_range
        if self.form == "collapsed":
            state = self.deployed_state(dict(self.network.state_dict(keep_vars=True)))
            return self._call(state, x)
        y: Tensor = self.network(x)
        return y / self.data_range

    def deployed_state(self, state: State) -> State:
        """``state`` of :attr:`network` as one of the deployed form; differentiable."""
        return state if self.form == "plain" else self._convert(state)

    @torch.no_grad()
    def deployed(self, state: State) -> Callable[[Tensor], Tensor]:
        """The deployed network with ``state`` of :attr:`network`, range [0, 1] outside."""
        weights = self.deployed_state(state)
        network = self._deployed[0]

        def call(lr: Tensor) -> Tensor:
            trained = network.training
            network.eval()
            try:
                with torch.no_grad():
                    return self._call(weights, lr * self.data_range)
            finally:
                network.train(trained)

        return call

    def deployed_to(self, device: torch.device) -> None:
        """Move the deployed form (its buffers) to ``device``."""
        self._deployed[0].to(device)

    def _call(self, state: State, x: Tensor) -> Tensor:
        if state.keys() != self._names:
            odd = ", ".join(sorted(state.keys() ^ self._names)[:3])
            raise SubmissionError(f"convert_state_dict() does not give the deployed form: {odd}.")
        y: Tensor = functional_call(self._deployed[0], state, (x,))
        return y / self.data_range


def warm_start(network: nn.Module, state: Mapping[str, Tensor]) -> list[str]:
    """Take over what fits of ``state`` (of another scale, say); the names that stay fresh.

    Raises UsageError when nothing fits.
    """
    own = network.state_dict()
    fits = {k: v for k, v in state.items() if k in own and own[k].shape == v.shape}
    if not fits:
        raise UsageError("The checkpoint for the warm start has no tensor of this network.")
    network.load_state_dict({**own, **fits})
    return [name for name in own if name not in fits]


def read_network(path: Path) -> State:
    """The training form's weights: of a run's ``checkpoint.pt`` (its mean), or any state dict.

    Raises UsageError when there is no such file, SubmissionError when it holds no state dict.
    """
    if not path.is_file():
        raise UsageError(f"There is no checkpoint {path} to start from; give another one.")
    return read_state_dict(path, "network_mean" if path.suffix == ".pt" else None)


def _built(submission: Submission, path: Path) -> nn.Module:
    return build_model(
        path, submission.entry_function, submission.build_arguments, submission.scale
    )


def _converter(deployed: nn.Module) -> Convert:
    """``convert_state_dict`` of the file that ``deployed`` was built from; else nothing changes."""
    module = sys.modules[type(deployed).__module__]
    convert: Convert | None = getattr(module, "convert_state_dict", None)
    return convert or (lambda state: state)
