"""The training loop: from a recipe and images to weights, resumable to the iteration."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from training.average import WeightsMean
from training.checkpoint import Checkpoint, load_checkpoint
from training.images import TrainingImages
from training.journal import Entry, Journal
from training.patches import Patches
from training.prefetch import ahead
from training.recipe import Recipe
from training.schedule import learning_rate, stage_at
from training.trainee import Trainee
from training.validation import Validation

LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"l1": F.l1_loss, "l2": F.mse_loss}


@dataclass(frozen=True)
class Place:
    """Where a run computes and where it keeps its files."""

    out: Path
    device: torch.device
    threads: int = 1
    """That cut patches."""

    @property
    def checkpoint(self) -> Path:
        """The run's state, replaced every epoch."""
        return self.out / "checkpoint.pt"

    @property
    def journal(self) -> Path:
        """One JSON line an epoch."""
        return self.out / "log.jsonl"


class Training:
    """One run. ``seconds`` is the time it has computed for, over all its sessions."""

    def __init__(
        self,
        recipe: Recipe,
        trainee: Trainee,
        images: TrainingImages,
        place: Place,
        validation: Validation | None = None,
    ) -> None:
        """Takes up the checkpoint in ``place.out`` if there is one."""
        self.recipe, self.place, self.validation = recipe, place, validation
        self.trainee = trainee.to(place.device)
        self.trainee.deployed_to(place.device)
        self.patches = Patches(
            images, recipe.batch, recipe.patch // recipe.scale, recipe.seed, recipe.flat
        )
        trained = [p for p in trainee.network.parameters() if p.requires_grad]
        self.optimiser = torch.optim.Adam(trained, lr=recipe.stages[0].lr, betas=(0.9, 0.99))
        self.mean = WeightsMean(trainee.network, recipe.ema)
        self.iteration = 0
        self.seconds = 0.0
        self._resume()
        self.journal = Journal(place.journal, upto=self.iteration)

    def run(self, until: int | None = None) -> None:
        """Train to iteration ``until`` (default: the recipe's last); a checkpoint is left there.

        An interrupt (Ctrl-C) leaves one too.
        """
        until = self.recipe.iterations if until is None else min(until, self.recipe.iterations)
        batches = ahead(
            self.patches.at, self.iteration, until,
            depth=2 + self.place.threads, threads=self.place.threads,
        )  # fmt: skip
        losses: list[Tensor] = []
        bar = tqdm(total=self.recipe.iterations, initial=self.iteration, unit="it", disable=None)
        self._since = time.monotonic() - self.seconds
        try:
            for lr, hr in batches:
                losses.append(self._step(lr, hr))
                self.iteration += 1
                bar.update()
                if self.iteration % self.recipe.steps_per_epoch == 0:
                    bar.set_postfix_str(self._end_of_epoch(losses))
                    losses = []
        finally:
            bar.close()
            self._save()

    def _step(self, lr: Tensor, hr: Tensor) -> Tensor:
        """One step of the optimiser; the loss, detached."""
        _, stage, step = stage_at(self.recipe, self.iteration)
        rate = learning_rate(stage, step, stage.epochs * self.recipe.steps_per_epoch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        device = self.place.device
        target = hr.to(device, non_blocking=True).float() / 255
        loss = LOSSES[stage.loss](self.trainee(lr.to(device).float() / 255), target)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        if self.recipe.gradient_norm is not None:
            network = self.trainee.network
            torch.nn.utils.clip_grad_norm_(network.parameters(), self.recipe.gradient_norm)
        self.optimiser.step()
        self.mean.update(self.trainee.network, self.iteration)
        return loss.detach()

    def _end_of_epoch(self, losses: list[Tensor]) -> str:
        """Validate, write down, save; the words for the progress bar."""
        loss = float(torch.stack(losses).mean())
        _, stage, _ = stage_at(self.recipe, self.iteration - 1)
        found = None
        if self.validation is not None:
            network = self.trainee.deployed(self.mean.state)
            found = round(self.validation.psnr_y(network, self.place.device), 4)
        rate = float(self.optimiser.param_groups[0]["lr"])
        seconds = round(time.monotonic() - self._since, 3)
        self.journal.add(Entry(self.iteration, stage.loss, loss, rate, seconds, found))
        self._save()
        watched = f", {self.validation.name} {found:.2f} dB" if self.validation and found else ""
        return f"{stage.loss} {loss:.5f}{watched}"

    def _save(self) -> None:
        self.seconds = time.monotonic() - self._since
        cuda = self.place.device.type == "cuda"
        Checkpoint(
            iteration=self.iteration,
            network=self.trainee.network.state_dict(),
            network_mean=self.mean.state,
            optimiser=self.optimiser.state_dict(),
            random=torch.get_rng_state(),
            random_cuda=torch.cuda.get_rng_state(self.place.device) if cuda else None,
            seconds=self.seconds,
            recipe=self.recipe.model_dump(mode="json"),
        ).save(self.place.checkpoint)

    def _resume(self) -> None:
        found = load_checkpoint(self.place.checkpoint, self.recipe, self.place.device)
        if found is None:
            return
        self.trainee.network.load_state_dict(found.network)
        self.mean.state = found.network_mean
        self.optimiser.load_state_dict(found.optimiser)
        torch.set_rng_state(found.random.cpu())
        if found.random_cuda is not None and self.place.device.type == "cuda":
            torch.cuda.set_rng_state(found.random_cuda.cpu(), self.place.device)
        self.iteration, self.seconds = found.iteration, found.seconds
