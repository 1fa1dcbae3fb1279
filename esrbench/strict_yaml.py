"""Read a YAML file into a pydantic model, and say in one sentence what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from esrbench.errors import EsrbenchError, UsageError, nearest

Model = TypeVar("Model", bound=BaseModel)

# libyaml where PyYAML was built with it: several times as fast, and there are dozens of manifests.
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path, *, error: type[EsrbenchError] = UsageError) -> dict[str, Any]:
    """The mapping a YAML file holds.

    Raises ``error`` when the file is missing, is not YAML, or is not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error(f"{path} does not exist.") from None
    except (OSError, UnicodeDecodeError) as why:
        raise error(f"{path} cannot be read: {why}.") from None
    try:
        data = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as why:
        mark = getattr(why, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(why, "problem", None) or "syntax error"
        raise error(f"{path}{where}: not valid YAML ({problem}).") from None
    if not isinstance(data, dict):
        raise error(f"{path}: expected `key: value` lines, found {type(data).__name__}.")
    return data


def parse(
    data: object, model: type[Model], where: str, *, error: type[EsrbenchError] = UsageError
) -> Model:
    """``data`` as a ``model``; raises ``error`` that names every offending key, ``where`` first."""
    try:
        return model.model_validate(data)
    except ValidationError as failure:
        faults = [_sentence(dict(fault), data, model) for fault in failure.errors()]
        raise error(f"{where}: {' '.join(faults)}") from None


def load(path: Path, model: type[Model], *, error: type[EsrbenchError] = UsageError) -> Model:
    """The file at ``path`` as a ``model``; raises ``error``, as the two steps it is made of."""
    return parse(read_yaml(path, error=error), model, str(path), error=error)


def _sentence(fault: dict[str, Any], data: object, model: type[BaseModel]) -> str:
    """One validation fault in words."""
    location: Sequence[str | int] = fault["loc"]
    name = ".".join(str(part) for part in location) or "the document"
    if fault["type"] == "extra_forbidden":
        return (
            f"unknown key {name!r}{nearest(str(location[-1]), _known_keys(model, location[:-1]))}"
        )
    if fault["type"] == "missing":
        return f"the key {name!r} is missing."
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{name!r}: {message[:1].lower()}{message[1:]}."


def _known_keys(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The keys that the (possibly nested) model at ``location`` knows."""
    current: Any = model
    for part in location:
        fields = getattr(current, "model_fields", {})
        if part in fields:
            current = _model_within(fields[part].annotation) or current
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
