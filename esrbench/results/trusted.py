"""Of a record: whose word its figures are, and whether they hold on images that nobody has seen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from esrbench.results.part import Part


class Verification(Part):
    """Whose word the figures are: those of the exported graph, or what the submission's code says.

    A record of before this was asked, or of a run that did not ask, has none.
    """

    status: Literal["verified", "claimed"]
    sentence: str
    """How it was verified, or why it could not be."""
    difference: float | None = None
    """The largest between the outputs of graph and submission, or between two processes of what has
    no graph; of the data range."""
    images: int | None = None
    """How many outputs that is over."""
    operators: int | None = None
    """Of the graph."""
    tensor_bytes: int | None = None
    """Of the tensors that the graph holds."""
    claimed: dict[str, int | None] = Field(default_factory=dict)
    """What the submission's own process counted, where that is not what is shown."""
    recounted: dict[str, dict[str, int]] = Field(default_factory=dict)
    """Of what has no graph: counts in another process, by where and when."""
    weight_bytes_per_param: float | None = None
    """Of what has no graph."""


class Generalisation(Part):
    """Quality on images that nobody can have seen, against that on the test images they are of."""

    dataset: str
    metric: str
    drop: float
    """Mean over the images: on the test image less on its twin, dB."""
    margin: float
    """What an honest network may lose."""
    images: dict[str, tuple[float, float]]
    """By image: on the same part of the test image, and on its twin."""
