"""The facts beside the counts: receptive fields, input sizes, bytes of the weight file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from esrbench.counting.effective_field import effective_field
from esrbench.counting.input_sizes import input_sizes
from esrbench.counting.parameters import count_parameters
from esrbench.counting.receptive_field import receptive_field
from esrbench.errors import UnavailableError


def static_facts(
    model: nn.Module, *, scale: int, data_range: float = 1.0, weights: Path | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """``(facts, missing)``, JSON-able, for ``Complexity.facts`` and ``RunRecord.missing``.

    Facts: ``receptive_field`` ({height, width, bounded}), ``effective_field`` ({map, side_95,
    side_99}), ``input_sizes`` ({smallest, multiple, failing}), ``weight_file_bytes``,
    ``weight_file_bytes_per_param``. Takes a few seconds for a model of 20 GMACs. A fact that cannot
    be had is left out, with the reason in ``missing``.
    """
    facts: dict[str, Any] = {}
    missing: dict[str, str] = {}

    def note(name: str, measure: Callable[[], Any]) -> None:
        try:
            facts[name] = measure()
        except UnavailableError as error:
            missing[name] = str(error)
        except Exception as error:
            first_line = (str(error).splitlines() or [""])[0][:160]
            missing[name] = (
                f"The model failed in this measure: {type(error).__name__}: {first_line}"
            )

    note("receptive_field", lambda: vars(receptive_field(model)))
    with _one_thread():
        note("effective_field", lambda: effective_field(model, data_range=data_range).as_dict())
        note("input_sizes", lambda: _sizes(model, scale))
    if weights is not None:
        facts["weight_file_bytes"] = weights.stat().st_size
        params = count_parameters(model)
        if params:
            facts["weight_file_bytes_per_param"] = weights.stat().st_size / params
    return facts, missing


@contextmanager
def _one_thread() -> Iterator[None]:
    """For many forwards of inputs so small that threads mostly wait for each other.

    On two busy cores RLFN's two measures took 12.9 s of CPU time by two threads, 0.6 s by one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _sizes(model: nn.Module, scale: int) -> dict[str, Any]:
    found = input_sizes(model, scale)
    return {**vars(found), "failing": list(found.failing)}
