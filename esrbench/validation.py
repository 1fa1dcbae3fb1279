"""What pydantic found wrong, in words that say what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from esrbench.errors import nearest

_FAULTS_SHOWN = 5
_CHARACTERS_SHOWN = 60


def sentences(failure: ValidationError, model: type[BaseModel]) -> str:
    """The first faults, a sentence each, and how many more there are."""
    faults = [_sentence(dict(fault), model) for fault in failure.errors(include_url=False)]
    said = list(dict.fromkeys(faults))
    left = len(said) - _FAULTS_SHOWN
    return " ".join(said[:_FAULTS_SHOWN]) + (f" And {left} more faults." if left > 0 else "")


def _sentence(fault: dict[str, Any], model: type[BaseModel]) -> str:
    """One validation fault in words."""
    location: Sequence[str | int] = fault["loc"]
    name = _short(".".join(str(part) for part in location) or "the document")
    given = fault.get("input")
    if fault["type"] == "extra_forbidden":
        last = str(location[-1])[:_CHARACTERS_SHOWN]
        close = nearest(last, _known_keys(model, location[:-1]))
        return f"unknown key {name!r}{close}{'' if close.endswith('?') else '.'}"
    if fault["type"] == "missing":
        return f"the key {name!r} is missing."
    if fault["type"] in {"model_type", "model_attributes_type", "dict_type"}:
        known = _known_keys(model, location)
        keys = f" ({', '.join(known)})" if known else ""
        meant = isinstance(given, str) and "file" in known
        hint = f"; write `{name}: {{file: {_shown(given)}}}`" if meant else ""
        return f"{name!r} takes `key: value` lines{keys}, not {_shown(given)}{hint}."
    if fault["type"] in {"tuple_type", "list_type", "set_type", "frozen_set_type"}:
        return f"{name!r} takes a list: write [{_shown(given)}]."
    if fault["type"] in {"int_from_float", "int_type", "int_parsing"}:
        return f"{name!r} takes a whole number such as 4, not {_shown(given)}."
    if fault["type"] == "string_type":
        return f"{name!r} takes text, not {_shown(given)}; put it in quotes if it is meant so."
    message = str(fault["msg"]).removeprefix("Value error, ")
    told = f"{message[:1].lower()}{message[1:]}."
    return f"{name!r}: {told}" if location else told


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return f"the keys {_short(', '.join(map(str, value)))}"
    return _short(str(value)) if isinstance(value, (bool, int, float, str)) else _kind(value)


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def _short(text: str) -> str:
    """``text`` on one line and no longer than a sentence can bear."""
    line = text if text.isprintable() else repr(text)[1:-1]
    return line if len(line) <= _CHARACTERS_SHOWN else line[:_CHARACTERS_SHOWN] + "..."


def _known_keys(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The keys that the (possibly nested) model at ``location`` knows."""
    current: Any = model
    for part in location:
        fields = getattr(current, "model_fields", {})
        if part in fields:
            current = _model_within(fields[part].annotation)
    fields = getattr(current, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _model_within(annotation: Any) -> type[BaseModel] | None:
    """The pydantic model inside an annotation such as ``dict[str, M]`` or ``M | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_within(inner)
        if found is not None:
            return found
    return None
