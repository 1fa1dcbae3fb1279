"""What the drawings share: the sheet, its axes and its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from esrbench.report.drawings.scale import Scale
from esrbench.report.words import escape

LETTER = 6.4
"""Mean width of a letter in pixels; text is 12 pixels high on a sheet shown at its own size."""


@dataclass(frozen=True)
class Sheet:
    """A drawing's size and the place its axes leave, in pixels."""

    width: int
    height: int
    left: float = 54
    right: float = 14
    top: float = 14
    bottom: float = 44
    shown: int = 0
    """The widest it is shown; 0 for its own width."""

    @property
    def across(self) -> tuple[float, float]:
        """From the left axis to the right edge."""
        return self.left, self.width - self.right

    @property
    def up(self) -> tuple[float, float]:
        """From the lower axis to the upper edge."""
        return self.height - self.bottom, self.top


def n(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    """Words at a place; escaped here."""
    styled = f' class="{kind}"' if kind else ""
    return f'<text x="{n(x)}" y="{n(y)}" text-anchor="{anchor}"{styled}>{escape(words)}</text>'


def polyline(points: Iterable[tuple[float, float]], kind: str) -> str:
    """A line through ``points``."""
    path = " ".join(f"{n(x)},{n(y)}" for x, y in points)
    return f'<polyline class="{kind}" points="{path}"/>'


def dots(points: Iterable[tuple[float, float]], kind: str) -> str:
    """Many round points as one path: a line of no length, with round ends."""
    path = "".join(f"M{n(x)} {n(y)}h0" for x, y in points)
    return f'<path class="{kind}" d="{path}"/>'


def plain(value: float) -> str:
    """A tick's figure: ``0.05``, ``200``, ``1,000``."""
    return f"{value:,.10g}"


def axes(
    sheet: Sheet, x: Scale, y: Scale, x_title: str, y_title: str,
    x_ticks: Sequence[tuple[float, str]] | None = None,
    y_words: Callable[[float], str] = plain,
) -> str:  # fmt: skip
    """Grid, ticks with their figures, and what the axes are."""
    (left, right), (bottom, top) = sheet.across, sheet.up
    narrow = sheet.width < 500
    marks = x_ticks or [(v, plain(v)) for v in x.ticks(5 if narrow else 9)]
    parts = []
    for value, words in marks:
        at = x.at(value)
        parts.append(f'<path class="grid" d="M{n(at)} {n(top)}V{n(bottom)}"/>')
        parts.append(text(at, bottom + 16, words, "middle"))
    for value in y.ticks(6):
        at = y.at(value)
        parts.append(f'<path class="grid" d="M{n(left)} {n(at)}H{n(right)}"/>')
        parts.append(text(left - 6, at + 4, y_words(value), "end"))
    parts.append(f'<path class="axis" d="M{n(left)} {n(top)}V{n(bottom)}H{n(right)}"/>')
    parts.append(text((left + right) / 2, sheet.height - 6, x_title, "middle"))
    middle = (top + bottom) / 2
    parts.append(
        f'<text transform="translate(11 {n(middle)}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_title)}</text>"
    )
    return "".join(parts)


def drawing(sheet: Sheet, what: str, *parts: str, kind: str = "") -> Markup:
    """The ``<svg>`` element; ``what`` is its name for readers who do not see it."""
    return Markup(
        f'<svg class="drawn {kind}" viewBox="0 0 {sheet.width} {sheet.height}" '
        f'style="max-width:{sheet.shown or sheet.width}px" role="img" aria-label="{escape(what)}">'
        f"{''.join(parts)}</svg>"
    )
