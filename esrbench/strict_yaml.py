"""Read a YAML file into a pydantic model, and say in one sentence what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from esrbench import validation, yaml_limits
from esrbench.errors import EsrbenchError, UsageError

Model = TypeVar("Model", bound=BaseModel)

# libyaml where PyYAML was built with it: several times as fast, and there are dozens of manifests.
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path, *, error: type[EsrbenchError] = UsageError) -> dict[str, Any]:
    """The mapping a YAML file holds, in bounded time and memory (see ``yaml_limits``).

    Raises ``error`` when the file is missing, is not YAML, is not a mapping, gives a key twice, or
    holds what no file of settings needs: circular or doubling aliases, numbers beyond 64 bits.
    """
    return parse_text(read_text(path, error=error), str(path), error=error)


def parse_text(text: str, where: str, *, error: type[EsrbenchError] = UsageError) -> dict[str, Any]:
    """As :func:`read_yaml`, of what a file called ``where`` held."""
    try:
        yaml_limits.check_events(text, _Loader)
        data = yaml.load(text, Loader=_Loader)
        yaml_limits.check_numbers(data)
    except yaml.YAMLError as why:
        mark = getattr(why, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(why, "problem", None) or getattr(why, "reason", None) or "syntax error"
        raise error(f"{where}{line}: not valid YAML ({problem}).") from None
    except yaml_limits.OutOfLimitsError as why:
        line = f", line {why.line}" if why.line else ""
        raise error(f"{where}{line}: {why}") from None
    except (ValueError, OverflowError) as why:  # a date or an integer that Python cannot hold
        raise error(f"{where}: a value cannot be read ({why}); put it in quotes.") from None
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {type(data).__name__}"
        raise error(f"{where}: expected `key: value` lines, found {found}.")
    return data


def parse(
    data: object, model: type[Model], where: str, *, error: type[EsrbenchError] = UsageError
) -> Model:
    """``data`` as a ``model``; raises ``error`` that names every offending key, ``where`` first."""
    try:
        return model.model_validate(data)
    except ValidationError as failure:
        raise error(f"{where}: {validation.sentences(failure, model)}") from None


def load(path: Path, model: type[Model], *, error: type[EsrbenchError] = UsageError) -> Model:
    """The file at ``path`` as a ``model``; raises ``error``, as the two steps it is made of."""
    return parse(read_yaml(path, error=error), model, str(path), error=error)


def read_text(path: Path, *, error: type[EsrbenchError] = UsageError) -> str:
    """The text of a YAML file; raises ``error`` where there is none, or more than any has."""
    try:
        if path.exists() and not path.is_file():
            raise error(f"{path} is not a regular file.")
        with path.open("rb") as file:
            data = file.read(yaml_limits.BYTES + 1)
        if len(data) > yaml_limits.BYTES:
            raise error(f"{path} is larger than {yaml_limits.BYTES >> 20} MiB; that is no YAML.")
        return data.decode("utf-8")
    except FileNotFoundError:
        raise error(f"{path} does not exist.") from None
    except UnicodeDecodeError:
        raise error(f"{path} is not text in UTF-8.") from None
    except (OSError, ValueError) as why:  # ValueError: a null byte in the path
        raise error(f"{path} cannot be read: {getattr(why, 'strerror', None) or why}.") from None
