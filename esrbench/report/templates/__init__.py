"""The Jinja templates; everything they print is escaped unless it is Markup already.

Control characters in it are written out (``words.py``)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from esrbench.report.numbers import breakable, fixed, score_text, significant, with_prefix
    from esrbench.report.words import shown

    environment = Environment(
        loader=PackageLoader("esrbench.report", "templates"),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "breakable": breakable,
        "fixed": fixed,
        "significant": significant,
        "prefixed": with_prefix,
        "score": score_text,
    }
    return environment


def render(template: str, **values: object) -> str:
    """``template`` filled with ``values``; a name it lacks is an error, not an empty string."""
    return _environment().get_template(template).render(**values)
