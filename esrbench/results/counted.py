"""Of a record: what was counted, and how far it depends on the image or on chance."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from esrbench.results.part import Part


class MacsOfOperator(Part):
    """One operator's share of the MACs."""

    operator: str
    macs: int
    calls: int


class CountsElsewhere(Part):
    """MACs at another size than the rest, by each way of counting."""

    input_shape: tuple[int, int, int, int]
    macs_fvcore: int | None = None
    macs_dispatch: int | None = None
    macs_ntire2022: int | None = None
    macs_arm: int | None = None


class Complexity(Part):
    """Everything counted, beside the headline figures of the record."""

    input_shape: tuple[int, int, int, int]
    params_before_forward: int | None = None
    params_after_forward: int | None = None
    buffers: int | None = None
    """Elements of registered buffers."""
    constant_elements: int | None = None
    """Elements of tensors the module can reach that are neither parameters nor buffers."""
    macs_fvcore: int | None = None
    macs_dispatch: int | None = None
    macs_ntire2022: int | None = None
    macs_arm: int | None = None
    """By ARM's counter, halved: transposed convolutions are charged for each output pixel."""
    activations_fvcore: int | None = None
    unsupported_ops: dict[str, int] = Field(default_factory=dict)
    """Operators fvcore gave no count for, with their calls."""
    opaque_ops: list[str] = Field(default_factory=list)
    """Operators neither counter sees through."""
    by_operator: list[MacsOfOperator] = Field(default_factory=list)
    by_module: dict[str, int] = Field(default_factory=dict)
    """MACs by module path."""
    facts: dict[str, Any] = Field(default_factory=dict)
    """More static facts: receptive field, depth, weight file bytes, ..."""
    as_published: CountsElsewhere | None = None
    """At the input that the authors' figure is for, where that is another one."""


class Spread(Part):
    """A figure that is not the same each time."""

    mean: float
    low: float
    high: float

    @property
    def varies(self) -> bool:
        """Whether it ever is another: of what depends on the image not every count need be."""
        return self.low != self.high


class CountSpread(Part):
    """Counts, at the counting input's size, of a network that does not always do the same work."""

    over: Literal["images", "draws"]
    """What decides: what the image shows, or chance."""
    dataset: str | None = None
    """Whose LR images, cropped to that size, the means are over; None: over draws."""
    by_input: dict[str, dict[str, int]]
    """MACs (at torch's dispatcher), activations and convs by image, probe or draw."""
    macs: Spread
    activations: Spread
    convs: Spread
    """Low and high are over all inputs, black, white and noise included."""
    bounds: dict[Literal["least", "most"], int] = Field(default_factory=dict)
    """MACs, at torch's dispatcher, of the network built to do the least and the most it ever does,
    where its manifest says how (``bounds``)."""
