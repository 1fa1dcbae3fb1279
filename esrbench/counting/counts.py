"""The figures of one count, as they go into a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Counts:
    """Everything counted of a model at one input shape; plain numbers, MACs never doubled."""

    input_shape: tuple[int, ...]
    params: int
    """After the first forward: NTIRE's figure."""
    params_before_forward: int
    params_after_forward: int
    buffers: int
    """Elements of registered buffers."""
    constant_elements: int
    """Elements the model reaches that are neither parameters nor buffers."""
    macs: int | None
    """The ranked figure: fvcore's. None where it fails, with the reason in ``missing``."""
    macs_fvcore: int | None
    macs_dispatch: int | None
    """Multiply-adds of convolutions, products, attention, resampling and FFT that really ran."""
    macs_ntire2022: int
    macs_arm: int
    """By a counter that charges transposed convolutions for each output pixel."""
    activations: int
    """Output elements of Conv2d and ConvTranspose2d module calls (NTIRE)."""
    activations_fvcore: int | None
    convs: int
    """Conv2d and ConvTranspose2d module calls (NTIRE)."""
    unsupported_ops: Mapping[str, int] = field(default_factory=dict)
    """Operators fvcore gave no count for, with their calls."""
    opaque_ops: Sequence[str] = ()
    """What a counter could not see through, in words."""
    by_operator: Sequence[Mapping[str, Any]] = ()
    """``{"operator", "macs", "calls"}`` of the dispatcher's count, largest first."""
    by_module: Mapping[str, int] = field(default_factory=dict)
    """The dispatcher's MACs by module path, submodules included."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    flags: Sequence[str] = ()
    """``opaque-ops``, ``counters-differ``, ``params-change``, ``macs-change``,
    ``weights-outside-parameters``."""
    input_free: bool = False
    """Whether a forward on tensors without values did the same: then no value can change it."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Why a figure is None, by its name."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able: the fields of ``results.record.Complexity`` and the headline figures."""
        plain = asdict(self)
        for name in ("input_shape", "opaque_ops", "by_operator", "flags"):
            plain[name] = list(plain[name])
        return plain
