"""Which of two networks is faster, and how sure are we."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.timing.compare import Comparison

if TYPE_CHECKING:
    from torch import nn

__all__ = ["compare"]


def compare(
    a: str | Path | nn.Module,
    b: str | Path | nn.Module,
    *,
    shape: str = "256x256",
    scale: int | None = None,
    device: str = "auto",
    max_seconds: float = 20.0,
) -> Comparison:
    """Time two networks in turn, in several pairs of fresh processes, and compare them.

    As ``esrbench compare``: blocks in turn A B B A, new natural inputs for every call, the ratio
    of paired blocks with its 95% interval. Modules in memory are compared by their exported
    graphs.

    Args:
        a: As for :func:`score`.
        b: What it is compared with.
        shape: LR height x width.
        scale: Upscaling factor; modules need it.
        device: ``cpu``, ``cuda``, ``cuda:N`` or ``auto``.
        max_seconds: Of measuring, warm-ups included. While another process is timing on the device
            this one waits, and says on standard error for whom.

    Returns:
        A :class:`esrbench.timing.compare.Comparison`: ``ratio`` of the times of ``a`` to those of
        ``b`` (below 1: ``a`` is faster), its interval ``low`` to ``high``, ``verdict``, and
        ``sentence()``, which says it in words.

    Raises:
        UsageError: There is no such submission, or ``shape`` is none.
        SubmissionError: One of them does not run; its name is in the message.

    Example:
        >>> compare("nearest", "bicubic", shape="64x64").verdict  # doctest: +SKIP
        <Verdict.FASTER: 'FASTER'>
    """
    from esrbench.api.in_memory import as_path
    from esrbench.api.settings import say, weights_dir
    from esrbench.errors import UsageError
    from esrbench.judge.compare import compare_submissions
    from esrbench.judge.limits import Limits
    from esrbench.judge.machine import resolve_machine
    from esrbench.protocol.schema import Timing, parse_shape
    from esrbench.submission.find import find

    try:
        parse_shape(shape)
    except ValueError as why:
        raise UsageError(f"shape: {why}.") from None
    with as_path(a, scale) as first, as_path(b, scale) as second:
        return compare_submissions(
            find(first, scale=scale),
            find(second, scale=scale),
            shape=shape,
            timing=Timing(max_seconds=max_seconds),
            machine=resolve_machine(device, 0, Limits.answer_seconds, None),
            weights_dir=weights_dir(),
            say=say,
        )
