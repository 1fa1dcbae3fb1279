"""The kinds of value a message may hold, each with its bounds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from esrbench.runner.wire import MAX_INTEGER


class Part(BaseModel):
    """What a message is made of: of exactly these types and keys, finite, never changed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    def present(self) -> dict[str, Any]:
        """Its fields as plain values, without those that are None."""
        return {key: value for key, value in self.model_dump().items() if value is not None}


Number = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
"""A count, or bytes."""
Milliseconds = Annotated[float, Field(ge=0, le=1e10)]
Rate = Annotated[float, Field(gt=0, le=1e30)]
"""So many a second."""
Name = Annotated[str, Field(max_length=400)]
MAX_SENTENCE = 1000
Sentence = Annotated[str, Field(max_length=MAX_SENTENCE)]
Shape = Annotated[tuple[Number, ...], Field(max_length=64)]
"""Of a tensor: torch knows no more dimensions."""
Slot = Annotated[int, Field(ge=0, le=15)]
Named = Annotated[dict[Name, Number], Field(max_length=20_000)]
"""A number by name: by module, by operator."""
Sentences = Annotated[dict[Name, Sentence], Field(max_length=200)]
"""Reasons by the key of what is missing."""
Words = Annotated[tuple[Sentence, ...], Field(max_length=2000)]
