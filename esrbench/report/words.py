"""Words of others in a page: escaped, and their control characters written out, never sent."""

from __future__ import annotations

import markupsafe
from markupsafe import Markup

from esrbench.printable import printable

_LINES = "\n\t"
"""White space to a page."""


def escape(text: object) -> Markup:
    """``text`` as it may stand in HTML; Markup stays as it is."""
    return markupsafe.escape(shown(text))


def shown(value: object) -> object:
    r"""Plain text with ``\x1b`` for an escape and ``\u202e`` for what turns letters around.

    Anything else, Markup too, as it is: what Jinja prints goes through this.
    """
    return printable(value, keep=_LINES) if type(value) is str else value
