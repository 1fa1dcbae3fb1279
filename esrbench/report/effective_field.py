"""The effective receptive field as a small picture inside the page."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from esrbench.results.record import RunRecord

_RANGE = 1e-6
"""What is weaker than this share of the strongest pixel is drawn as nothing."""


@dataclass(frozen=True)
class FieldPicture:
    """How much each LR pixel moves the centre of the output."""

    address: str
    """A PNG as a data address: black is nothing, white the strongest, in logarithms between."""
    side: int
    side_95: int | None
    """Side in LR pixels of the centred square that holds 95% of the influence."""
    side_99: int | None


def field_picture(record: RunRecord) -> FieldPicture | None:
    """The record's map, drawn; None where it has none that is a square of finite numbers."""
    facts = record.complexity.facts.get("effective_field") if record.complexity else None
    if not isinstance(facts, dict) or not isinstance(facts.get("map"), list):
        return None
    try:
        values = np.asarray(facts["map"], dtype=float)
    except (TypeError, ValueError):
        return None
    if values.ndim != 2 or not values.size or not np.isfinite(values).all() or values.max() <= 0:
        return None
    share = np.clip(values / values.max(), _RANGE, 1.0)
    grey = np.rint(255 * (1 - np.log(share) / np.log(_RANGE))).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG", optimize=True)
    address = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
    sides = (facts.get("side_95"), facts.get("side_99"))
    return FieldPicture(
        address, values.shape[1], *(s if isinstance(s, int) else None for s in sides)
    )
