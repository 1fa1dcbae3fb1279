"""Where a challenge stands, as one page that needs nothing beside it. For its organisers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from esrbench.challenge.journal import Ruling
from esrbench.challenge.schema import Challenge
from esrbench.challenge.status import Status

_TEMPLATE = Path(__file__).with_name("status.html.jinja")


def status_page(challenge: Challenge, status: Status, rulings: Sequence[Ruling]) -> str:
    """HTML; what a submission said is shown as text. ``rulings``: all, the first of them too."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    counts = status.counts
    return template.render(
        title=challenge.title or challenge.name,
        status=status,
        not_ok=counts.get("failed", 0) + counts.get("rejected", 0),
        left=in_words(status.seconds_left()),
        rulings=[ruling for ruling in rulings if ruling.why],
        made=f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M}",
    )


def in_words(seconds: float | None) -> str | None:
    """``4 min``, ``3.5 h``; None for None or nothing left."""
    if not seconds:
        return None
    return f"{seconds / 3600:.1f} h" if seconds > 5400 else f"{max(1, round(seconds / 60))} min"
