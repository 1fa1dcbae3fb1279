"""Networks in this process: quality while they train, their counts, and published ones to use."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch
from torch import nn

from esrbench.api.deployed import as_deployed, device_of, scored_images
from esrbench.api.settings import data_root, weights_dir
from esrbench.counting.count import count
from esrbench.counting.counts import Counts
from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import Dataset, open_dataset
from esrbench.errors import UnavailableError
from esrbench.metrics.mean import mean_over_images
from esrbench.metrics.scorer import Scorer

__all__ = ["complexity", "evaluate", "load_model"]


def evaluate(
    module: nn.Module,
    *,
    scale: int,
    datasets: Sequence[str] = ("Set5",),
    metrics: Sequence[str] = ("psnr_y", "ssim_y"),
) -> dict[str, dict[str, float | None]]:
    """Quality of ``module`` as it is now, for training loops: the leaderboard's own figures.

    Runs in this process, on the module's own device, in eval mode, float32 and without gradients;
    the module's training mode is put back. Images stay decoded in memory between calls.

    Args:
        module: Takes a float32 tensor (1, 3, H, W) in [0, 1] to (1, 3, H * scale, W * scale).
        scale: Its upscaling factor; also the crop border.
        datasets: Names of the catalogue (``esrbench datasets list``), below
            ``ESRBENCH_DATA_ROOT``; ``skimage8`` needs none.
        metrics: Keys of :data:`METRICS`.

    Returns:
        ``{dataset: {metric: mean over its images}}``; a metric is None where it cannot be had.

    Raises:
        UsageError: An unknown name, or an output of another size.
        UnavailableError: A dataset is not on this machine; the message says how to get it.

    Example:
        >>> from torch import nn
        >>> nearest = nn.Upsample(scale_factor=4, mode="nearest")
        >>> figures = evaluate(nearest, scale=4, datasets=["skimage8"], metrics=["psnr_y"])
        >>> round(figures["skimage8"]["psnr_y"], 2)
        28.53
    """
    scorer = _scorer(tuple(metrics), scale)
    found: dict[str, dict[str, float | None]] = {}
    with as_deployed(module):
        for name in datasets:
            dataset = _dataset(name, scale, data_root(None))
            images = list(scored_images(module, dataset, scorer))
            found[name] = mean_over_images([i.values for i in images], [i.pixels for i in images])[
                0
            ]
    return found


def complexity(
    module: nn.Module, input_shape: tuple[int, int, int, int] = (1, 3, 256, 256)
) -> Counts:
    """Params, MACs by two counters, activations and convolutions of ``module``.

    The counts of the leaderboard: fvcore's MACs (the NTIRE convention; one multiply-add is one
    MAC) and the dispatcher's, which sees what fvcore does not (fused attention, functional
    calls). Counted on a copy, which runs up to three times; ``module`` stays as it is.

    Args:
        module: On any device; its weights do not matter.
        input_shape: (N, C, H, W) of the input, float32.

    Returns:
        Plain numbers: ``params``, ``macs_fvcore``, ``macs_dispatch``, ``activations``, ``convs``
        and more (see :class:`esrbench.counting.counts.Counts`). A figure that a counter cannot
        have is None, with the reason in ``missing``; ``flags`` says what hides.

    Raises:
        SubmissionError: The module fails on this input.

    Example:
        >>> from torch import nn
        >>> counts = complexity(nn.Conv2d(3, 8, 3, padding=1), (1, 3, 16, 16))
        >>> counts.params, counts.macs_fvcore, counts.convs
        (224, 55296, 1)
    """
    own = copy.deepcopy(module).eval()
    with torch.no_grad():
        return count(own, torch.rand(*input_shape, device=device_of(own)))


def load_model(name: str | Path, scale: int | None = None) -> nn.Module:
    """A network with its weights, ready to be called, in this process.

    The submission's own code runs here, without the walls that scoring puts around it: load what
    you trust.

    Args:
        name: A bundled system (``span``, ``span/c28``), a folder with ``submission.yaml``, a
            checkpoint, or any other form that ``esrbench score`` takes.
        scale: Its upscaling factor; None for x4 if there is one, else the first it has.

    Returns:
        The module on the CPU, in eval mode. Takes float32 (N, 3, H, W) in ``[0, data_range]``,
        1 for nearly all, to (N, 3, H * scale, W * scale).

    Raises:
        UsageError: There is no such thing.
        SubmissionError: It does not load.
        UnavailableError: Its weights are not at hand and cannot be fetched.

    Example:
        >>> import torch
        >>> model = load_model("nearest", scale=3)
        >>> model(torch.rand(1, 3, 8, 8)).shape
        torch.Size([1, 3, 24, 24])
    """
    from esrbench.submission.find import find
    from esrbench.submission.formats.load_request import LoadRequest
    from esrbench.submission.formats.registry import LOADERS
    from esrbench.submission.load import build_model
    from esrbench.submission.weights import choose_weights, locate_weights

    folder = weights_dir()
    found = choose_weights(find(str(name), scale=scale), None, weights_dir=folder)
    weights = locate_weights(found, weights_dir=folder)
    if found.form in LOADERS:
        arguments = dict(found.build_arguments)
        request = LoadRequest(
            path=found.entry_file,
            arguments=arguments,
            scale=found.scale,
            device="cpu",
            folder=found.folder,
            weights=weights,
            weights_key=found.weights_key,
        )
        return LOADERS[found.form](request).eval()
    return build_model(
        found.entry_file,
        found.entry_function,
        found.build_arguments,
        found.scale,
        weights,
        found.weights_key,
    ).eval()


@lru_cache(maxsize=16)
def _dataset(name: str, scale: int, root: Path | None) -> Dataset:
    return open_dataset(name, scale, data_root=root, catalogue=load_catalogue())


@lru_cache(maxsize=16)
def _scorer(metrics: tuple[str, ...], crop: int) -> Scorer:
    scorer = Scorer(metrics, crop=crop, data_root=data_root(None), weights_dir=weights_dir())
    if len(scorer.missing) == len(scorer.keys) > 0:
        raise UnavailableError(" ".join(scorer.missing.values()))
    return scorer
