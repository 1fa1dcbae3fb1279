"""Find a protocol by name, or read one from a person's own YAML file; what a command changes."""

from __future__ import annotations

from pathlib import Path

from esrbench.errors import UsageError, nearest
from esrbench.protocol.schema import Protocol, Timing
from esrbench.strict_yaml import load, parse

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


def resolve_protocol(
    name: str,
    *,
    datasets: list[str] | None = None,
    max_seconds: float | None = None,
    policy: str | None = None,
    shapes: list[str] | None = None,
) -> Protocol:
    """The protocol ``name`` with a command's own datasets, timing budget, policy and shapes put in.

    What is None stays as the protocol has it. Raises as :func:`load_protocol`, and UsageError for
    timing that is none.
    """
    protocol = load_protocol(name)
    if datasets:
        rank = protocol.rank_by
        if rank is not None and rank.dataset is not None and rank.dataset not in datasets:
            rank = rank.model_copy(update={"dataset": datasets[0]})
        protocol = protocol.model_copy(update={"datasets": tuple(datasets), "rank_by": rank})
    asked = {"max_seconds": max_seconds, "policy": policy, "shapes": shapes or None}
    changes = {key: value for key, value in asked.items() if value is not None}
    if changes:
        timing = parse({**protocol.timing.model_dump(), **changes}, Timing, "timing options")
        protocol = protocol.model_copy(update={"timing": timing})
    return protocol
