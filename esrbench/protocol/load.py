"""Find a protocol by name, or read one from a person's own YAML file."""

from __future__ import annotations

from pathlib import Path

from esrbench.errors import UsageError, nearest
from esrbench.protocol.schema import Protocol
from esrbench.strict_yaml import load

_DEFINITIONS = Path(__file__).parent / "definitions"


def names() -> list[str]:
    """The protocols that come with esrbench."""
    return sorted(path.stem for path in _DEFINITIONS.glob("*.yaml"))


def load_protocol(name_or_path: str) -> Protocol:
    """The protocol called ``name_or_path``, or the one in that YAML file.

    Raises UsageError when there is none, or the file breaks the schema.
    """
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"}:
        return load(path, Protocol)
    if name_or_path not in names():
        raise UsageError(f"No protocol {name_or_path!r}{nearest(name_or_path, names())}")
    return load(_DEFINITIONS / f"{name_or_path}.yaml", Protocol)
