"""What a YAML file may hold: limits that are passed by accident never, and by a bomb at once.

The events of the parser are looked at first, one by one and before anything is built, so that a
file of a few kilobytes cannot become gigabytes (an alias that doubles), a loop (an alias of what
it stands in), a deep recursion or a key that silently loses its first value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import yaml

BYTES = 4 * 2**20
DEPTH = 64
VALUES = 200_000
"""After every alias is written out."""
_INTEGER_BITS = 64
_DIGITS = 1000
_SHOWN = 40


class OutOfLimitsError(ValueError):
    """The document is refused; the text says why, as what follows ``FILE, line N: ``."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line


@dataclass
class _Open:
    """A mapping or sequence whose end has not come yet."""

    anchor: str | None
    is_mapping: bool
    values: int = 1
    children: int = 0
    keys: dict[str, int | None] = field(default_factory=dict)
    """By key: the line it stands in."""


def check_events(text: str, loader: type[Any]) -> None:
    """Raise OutOfLimitsError for a document that must not be built; yaml.YAMLError for no YAML."""
    standing: list[_Open] = []
    sizes: dict[str, int] = {}
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else None
        tag: str | None = getattr(event, "tag", None)
        if tag:
            raise OutOfLimitsError(f"the tag {tag[:_SHOWN]!r} is not needed here.", line)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(standing) >= DEPTH:
                raise OutOfLimitsError(f"nested more than {DEPTH} deep.", line)
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            standing.append(_Open(event.anchor, is_mapping))
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = standing.pop()
            if closed.anchor:
                sizes[closed.anchor] = closed.values
            _add(standing, closed.values, line)
        elif isinstance(event, yaml.AliasEvent):
            if any(one.anchor == event.anchor for one in standing):
                raise OutOfLimitsError(f"*{event.anchor} stands within itself.", line)
            _add(standing, sizes.get(event.anchor or "", 1), line)
        elif isinstance(event, yaml.ScalarEvent):
            _refuse_long_number(event.value, line)
            _refuse_second_key(standing, event.value, line)
            if event.anchor:
                sizes[event.anchor] = 1
            _add(standing, 1, line)


def check_numbers(value: Any, key: str = "the document") -> None:
    """Raise OutOfLimitsError for a number that nothing can be meant by: huge, infinite or NaN.

    ``value``: a document that passed `check_events`.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            check_numbers(name, key)
            check_numbers(inner, repr(name) if isinstance(name, (str, int)) else key)
    elif isinstance(value, (list, tuple, set)):
        for inner in value:
            check_numbers(inner, key)
    elif isinstance(value, int) and value.bit_length() > _INTEGER_BITS:
        raise OutOfLimitsError(f"{key} holds a number of more than {_INTEGER_BITS} bits.")
    elif isinstance(value, float) and not math.isfinite(value):
        raise OutOfLimitsError(f"{key} is {value}; write a finite number.")


def _refuse_long_number(value: str, line: int | None) -> None:
    """Python refuses to read these, in a sentence about itself."""
    if len(value) > _DIGITS and value.lstrip("+-").replace("_", "").isdigit():
        raise OutOfLimitsError(f"a number of {len(value)} digits; put it in quotes.", line)


def _add(standing: list[_Open], values: int, line: int | None) -> None:
    """Count a value that is whole towards the collection it stands in."""
    if not standing:
        return
    within = standing[-1]
    within.values += values
    within.children += 1
    if within.values > VALUES:
        raise OutOfLimitsError(f"holds more than {VALUES} values, aliases written out.", line)


def _refuse_second_key(standing: list[_Open], key: str, line: int | None) -> None:
    """A mapping's every second child is a value; what comes before it is its key."""
    if not standing or not standing[-1].is_mapping or standing[-1].children % 2:
        return
    keys = standing[-1].keys
    if key in keys and key != "<<":
        raise OutOfLimitsError(
            f"the key {key[:_SHOWN]!r} stands a second time (first in line {keys[key]}).", line
        )
    keys[key] = line
