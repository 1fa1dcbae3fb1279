"""The training loop: from a recipe and images to weights, resumable to the iteration."""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor

from esrbench.errors import UsageError
from training.average import WeightsMean
from training.checkpoint import Checkpoint, Source, load_checkpoint
from training.depthwise import fast_depthwise
from training.images import TrainingImages
from training.interrupt import stop_on_signal
from training.journal import Entry, Journal
from training.optimiser import optimiser_of
from training.patches import Patches
from training.place import Place
from training.prefetch import ahead
from training.progress import Progress
from training.recipe import Recipe
from training.schedule import learning_rate, stage_at
from training.teacher import Teacher, distilled
from training.trainee import Trainee
from training.validation import Validation

SAVE_SECONDS = 60.0
"""A kill loses no more than this much work."""


class Training:
    """One run. ``seconds`` is the time it has computed for, over all its sessions."""

    def __init__(
        self,
        recipe: Recipe,
        trainee: Trainee,
        images: TrainingImages,
        place: Place,
        validation: Validation | None = None,
        started_from: str | None = None,
    ) -> None:
        """Takes up the checkpoint in ``place.out`` if there is one.

        ``started_from`` is the sha256 of the checkpoint that ``trainee`` was warm-started from.
        """
        self.recipe, self.place, self.validation = recipe, place, validation
        self.trainee = trainee.to(place.device).to(memory_format=torch.channels_last)
        self.trainee.deployed_to(place.device)
        self.patches = [
            Patches(
                images,
                stage.batch or recipe.batch,
                (stage.patch or recipe.patch) // recipe.scale,
                recipe.seed,
                recipe.flat,
            )
            for stage in recipe.stages
        ]
        named = recipe.teacher
        self.teacher = Teacher(named, recipe.scale, place.device) if named is not None else None
        self.optimiser = optimiser_of(recipe, trainee.network)
        self.mean = WeightsMean(trainee.network, recipe.ema)
        self.source = Source(recipe.model_dump(mode="json"), images.fingerprint, started_from)
        self.iteration = 0
        self.seconds = 0.0
        self._loss_sum = torch.zeros((), dtype=torch.float64, device=place.device)
        self._resume()
        self.journal = Journal(place.journal, upto=self.iteration)

    @property
    def finished(self) -> bool:
        """Whether the recipe's last iteration is done."""
        return self.iteration >= self.recipe.iterations

    def run(self, until: int | None = None) -> None:
        """Train to iteration ``until`` (default: the recipe's last); a checkpoint is left there.

        Ctrl-C and SIGTERM end it after the iteration under way. Raises UsageError when the loss is
        no number any more; the checkpoint is one from before, then.
        """
        until = self.recipe.iterations if until is None else min(until, self.recipe.iterations)
        batches = ahead(
            self._batch, self.iteration, until,
            depth=2 + self.place.threads, threads=self.place.threads,
        )  # fmt: skip
        progress = Progress(self.iteration, self.recipe.iterations)
        self._since = self._saved = time.monotonic()
        self._since -= self.seconds
        try:
            with stop_on_signal() as stop, fast_depthwise(self.place.device):
                for lr, hr in batches:
                    self._step(lr, hr)
                    progress.step()
                    if self.iteration % self.recipe.steps_per_epoch == 0:
                        progress.epoch(self._end_of_epoch())
                    elif time.monotonic() - self._saved > SAVE_SECONDS:
                        self._save()
                    if stop.asked:
                        break
                self._save()
        finally:
            batches.close()
            progress.close()

    def _batch(self, iteration: int) -> tuple[Tensor, Tensor]:
        """LR and HR patches of one iteration, uint8, as its stage has them."""
        return self.patches[stage_at(self.recipe, iteration)[0]].at(iteration)

    def _step(self, lr: Tensor, hr: Tensor) -> None:
        """One step of the optimiser."""
        _, stage, step = stage_at(self.recipe, self.iteration)
        rate = learning_rate(stage, step, stage.epochs * self.recipe.steps_per_epoch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        device = self.place.device
        target = hr.to(device, non_blocking=True).float() / 255
        x = lr.to(device, memory_format=torch.channels_last).float() / 255
        taught = self.teacher(x) if self.teacher is not None else None
        loss = distilled(stage.loss, self.trainee(x), target, taught, self.recipe.taught)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        if self.recipe.gradient_norm is not None:
            network = self.trainee.network
            torch.nn.utils.clip_grad_norm_(network.parameters(), self.recipe.gradient_norm)
        self.optimiser.step()
        self.mean.update(self.trainee.network, self.iteration)
        self._loss_sum += loss.detach()
        self.iteration += 1

    def _end_of_epoch(self) -> str:
        """Validate, write down, save; how the epoch went, in words."""
        loss = float(self._loss_sum) / self.recipe.steps_per_epoch
        self._loss_sum.zero_()
        if not math.isfinite(loss):
            raise UsageError(
                f"The loss is {loss} after {self.iteration:,} iterations; lower `lr` (or set "
                "`gradient_norm`) in the recipe and start anew with --fresh."
            )
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
        self._saved = time.monotonic()
        self.seconds = self._saved - self._since
        cuda = self.place.device.type == "cuda"
        Checkpoint(
            iteration=self.iteration,
            network=self.trainee.network.state_dict(),
            network_mean=self.mean.state,
            optimiser=self.optimiser.state_dict(),
            random=torch.get_rng_state(),
            random_cuda=torch.cuda.get_rng_state(self.place.device) if cuda else None,
            loss_sum=self._loss_sum,
            seconds=self.seconds,
            source=self.source,
        ).save(self.place.checkpoint)

    def _resume(self) -> None:
        found = load_checkpoint(self.place.checkpoint, self.source, self.place.device)
        if found is None:
            return
        self.trainee.network.load_state_dict(found.network)
        self.mean.state = found.network_mean
        self.optimiser.load_state_dict(found.optimiser)
        torch.set_rng_state(found.random.cpu())
        if found.random_cuda is not None and self.place.device.type == "cuda":
            torch.cuda.set_rng_state(found.random_cuda.cpu(), self.place.device)
        self._loss_sum = found.loss_sum
        self.iteration, self.seconds, self.source = found.iteration, found.seconds, found.source
