"""Measure a submission, or a module in memory, as ``esrbench score`` does."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.errors import UsageError
from esrbench.results.record import RunRecord

if TYPE_CHECKING:
    from torch import nn

__all__ = ["score"]


def score(
    model: str | Path | nn.Module,
    *,
    scale: int | None = None,
    protocol: str = "quick",
    datasets: Sequence[str] | None = None,
    device: str = "auto",
    timing: bool = True,
    verify: bool = True,
    results: str | Path | None = None,
    data_root: str | Path | None = None,
    in_process: bool = False,
) -> RunRecord:
    """Measure quality, params, MACs, activations, memory and runtime; one record comes back.

    The network runs in a process of its own, as on the command line. A module in memory is
    exported (``torch.export``, free height and width) and its graph is what is measured; a module
    that does not export is measured from a submission folder, or ``in_process``.

    Args:
        model: A bundled name (``span/c28``), a folder, a checkpoint, a graph, a repository; or a
            module that takes float32 (N, 3, H, W) in [0, 1] to (N, 3, H * scale, W * scale).
        scale: Upscaling factor; a module needs it.
        protocol: ``quick``, ``classic``, ``ntire2022`` to ``ntire2026``, or a YAML file.
        datasets: Instead of the protocol's own.
        device: ``cpu``, ``cuda``, ``cuda:N``; ``auto`` takes a GPU where there is one.
        timing: Whether runtime is measured; the longest part.
        verify: Whether the exported graph is what is scored, in a process without the submission's
            code (``record.verification``).
        results: The folder the record is kept in, where a run that stands is not made again. None
            keeps nothing.
        data_root: Folder of datasets; None for ``ESRBENCH_DATA_ROOT``.
        in_process: Score a module in this process instead, on the device it is on: quality and
            counts, no runtime and no memory. The row says so and is never ranked.

    Returns:
        The record: ``record.quality["Set5"]["psnr_y"]``, ``record.params``, ``record.macs``,
        ``record.runtime_ms.median`` and everything that says how they came about. A submission
        that fails has ``record.status`` and ``record.reason`` instead.

    Raises:
        UsageError: There is no such submission, protocol or dataset; or ``in_process`` without a
            module and its scale.
        SubmissionError: The submission cannot be read, or the module not exported.
        UnavailableError: This machine lacks the device or the data.

    Example:
        >>> record = score("nearest", scale=4, device="cpu", timing=False)
        >>> round(record.quality["skimage8"]["psnr_y"], 2), record.params
        (28.53, 0)
    """
    from esrbench.api.in_memory import as_path
    from esrbench.api.settings import data_root as root_from
    from esrbench.api.settings import say, weights_dir
    from esrbench.data.catalogue import load_catalogue
    from esrbench.judge.bench import Bench
    from esrbench.judge.limits import Limits
    from esrbench.judge.machine import resolve_machine
    from esrbench.judge.options import Options
    from esrbench.judge.score import score as score_submission
    from esrbench.protocol.load import resolve_protocol
    from esrbench.submission.find import find

    if in_process and (isinstance(model, str | Path) or scale is None):
        raise UsageError("in_process=True takes a module, and its upscaling factor as scale=.")
    where = _device(model, device, in_process)
    with _folder(results) as folder:
        options = Options(
            protocol=resolve_protocol(protocol, datasets=list(datasets) if datasets else None),
            catalogue=load_catalogue(),
            machine=resolve_machine(where, 0, Limits.answer_seconds, None),
            results=folder,
            data_root=root_from(data_root),
            weights_dir=weights_dir(),
            timing=timing,
            say=say,
            verify=verify,
            pictures=("none",) if results is None else None,
        )
        with Bench(options) as bench:
            bench.store.ensure_writable()
            if in_process and scale is not None and not isinstance(model, str | Path):
                from esrbench.api.in_process import score_in_process

                return score_in_process(model, scale, bench)
            with as_path(model, scale) as path:
                return score_submission(find(path, scale=scale), bench)


def _device(model: str | Path | nn.Module, device: str, in_process: bool) -> str:
    """The device a module is on where it is scored in this process, else the one asked for."""
    if not in_process or isinstance(model, str | Path):
        return device
    from esrbench.api.deployed import device_of

    return str(device_of(model))


@contextmanager
def _folder(results: str | Path | None) -> Iterator[Path]:
    """The results folder; one that is gone afterwards for None."""
    if results is not None:
        yield Path(results)
        return
    with tempfile.TemporaryDirectory(prefix="esrbench-score-") as folder:
        yield Path(folder)
