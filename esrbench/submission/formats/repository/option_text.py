"""An option file as a mapping: YAML as BasicSR's forks write it, JSON with ``//`` comments, TOML.

Nothing in it is run: a tag that would make PyYAML build a Python object is refused by its line.
"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import yaml

from esrbench.errors import SubmissionError

SUFFIXES = (".yml", ".yaml", ".json", ".toml")
LARGEST = 200_000
"""Bytes of an option file; anything longer is none."""
_MOST_ALIASES = 32
"""Each may double what the file holds: more would make a short file fill the memory."""
_DEEPEST = 50
_COMMENT = re.compile(
    r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|//[^\n]*|/\*.*?\*/""", re.DOTALL
)
"""A comment; or a text, which is group 1 and stays."""
_EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")


class _Loader(yaml.SafeLoader):
    """Plain values, and tuples, which some forks write as ``!!python/tuple [4, 8, 16]``."""


_Loader.add_constructor(
    "tag:yaml.org,2002:python/tuple",
    lambda loader, node: tuple(loader.construct_sequence(node, deep=True)),  # type: ignore[arg-type]
)


def read_option_text(path: Path) -> dict[str, Any]:
    """The mapping in the option file at ``path``; raises SubmissionError, by line where it can."""
    try:
        if path.stat().st_size > LARGEST:
            raise SubmissionError(f"{path} is no option file: it is longer than {LARGEST:,} bytes.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as why:
        raise SubmissionError(f"{path} cannot be read: {why}.") from None
    try:
        data = _READERS[path.suffix](text, path)
        _check_depth(data, path)
    except RecursionError:
        raise SubmissionError(f"{path} is nested too deeply for an option file.") from None
    if not isinstance(data, dict):
        raise SubmissionError(f"{path}: expected `key: value` lines, found {type(data).__name__}.")
    return data


def _yaml(text: str, path: Path) -> Any:
    try:
        return _load_yaml(text, path)
    except yaml.constructor.ConstructorError as why:
        line = why.problem_mark.line + 1 if why.problem_mark else 1
        tag = re.search(r"'([^']*)'", str(why.problem))
        said = f"the tag {tag[1]}" if tag else str(why.problem)
        raise SubmissionError(
            f"{path}, line {line}: {said} is not read, as it would run code; write plain values."
        ) from None
    except yaml.YAMLError as why:
        raise SubmissionError(_fault(why, text, path)) from None
    except (ValueError, OverflowError) as why:  # a date or a number that is none
        raise SubmissionError(f"{path}: not valid YAML ({why}).") from None


def _load_yaml(text: str, path: Path) -> Any:
    events = yaml.parse(text, Loader=_Loader)
    aliases = sum(isinstance(event, yaml.AliasEvent) for event in events)
    if aliases > _MOST_ALIASES:
        raise SubmissionError(f"{path} has {aliases} aliases, more than an option file needs.")
    return yaml.load(text, Loader=_Loader)


def _toml(text: str, path: Path) -> Any:
    """As neosr writes its options."""
    try:
        tomllib = importlib.import_module("tomllib")
    except ModuleNotFoundError:
        raise SubmissionError(f"{path} is TOML, which esrbench reads on Python 3.11.") from None
    try:
        return tomllib.loads(text)
    except ValueError as why:
        raise SubmissionError(f"{path}: not valid TOML ({why}).") from None


def _fault(why: yaml.YAMLError, text: str, path: Path) -> str:
    """The fault with its line; what is usual (a comma behind a list) by name."""
    mark = getattr(why, "problem_mark", None)
    problem = getattr(why, "problem", None) or "syntax error"
    if mark is None:
        return f"{path}: not valid YAML ({problem})."
    lines = text.splitlines()
    line = lines[mark.line].strip() if mark.line < len(lines) else ""
    if re.search(r"[\])]\s*,\s*(#.*)?$", line):
        return (
            f"{path}, line {mark.line + 1}: `{line[:80]}` ends in a comma, which YAML has no "
            "meaning for; take the comma away."
        )
    shown = f" at `{line[:80]}`" if line else ""
    return f"{path}, line {mark.line + 1}: not valid YAML ({problem}){shown}."


def _json(text: str, path: Path) -> Any:
    plain = _COMMENT.sub(lambda found: found[1] or "\n" * found[0].count("\n"), text)
    try:
        return json.loads(plain)
    except json.JSONDecodeError as why:
        data = _json5(plain)
        if data is not None:
            return data
        raise SubmissionError(f"{path}, line {why.lineno}: not valid JSON ({why.msg}).") from None


def _json5(text: str) -> Any:
    """JSON with commas behind the last entry and texts in single quotes, as some forks' own
    readers take; None where it is not that either. YAML's brackets allow the same."""
    try:
        return _load_yaml(text.replace("\t", " "), Path())
    except (SubmissionError, yaml.YAMLError, ValueError, OverflowError):
        return None


_READERS = {".yml": _yaml, ".yaml": _yaml, ".json": _json, ".toml": _toml}


def _check_depth(data: Any, path: Path, depth: int = 0) -> None:
    """Raise SubmissionError for a mapping that holds itself or is as deep as if it did."""
    if depth > _DEEPEST:
        raise SubmissionError(f"{path} is nested too deeply for an option file.")
    for value in data.values() if isinstance(data, dict) else data:
        if isinstance(value, (dict, list, tuple)):
            _check_depth(value, path, depth + 1)


def line_of(path: Path, key: str) -> int | None:
    """The first line that sets ``key``, for a sentence about its value."""
    setting = re.compile(rf"""^[\s,{{[]*["']?{re.escape(key)}["']?\s*[]:=]""")
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if setting.match(line):
            return number
    return None


def with_numbers(value: Any) -> Any:
    """``value`` with texts such as ``2e-4`` as the numbers they mean; YAML wants ``2.0e-4``."""
    if isinstance(value, str) and _EXPONENT.fullmatch(value):
        return float(value)
    if isinstance(value, dict):
        return {key: with_numbers(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(with_numbers(inner) for inner in value)
    return value
