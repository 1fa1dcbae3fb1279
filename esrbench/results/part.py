"""What every part of a record has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Strict: a field that this version does not know is an error, never dropped."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings")
