"""What an official results file of an NTIRE challenge holds, and what is known to be wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from esrbench.errors import UsageError
from esrbench.printable import printable
from esrbench.strict_yaml import load

_LARGEST = 64_000_000
"""Bytes; 2025's file, with every image of every team, has under one million."""
_CORRECTIONS = Path(__file__).parent / "corrections"


Milliseconds = Annotated[float, Field(gt=0, le=1e9)]
Count = Annotated[float, Field(ge=0, le=1e9)]
"""In its unit: a thousand times the largest network there is, and more."""


class Entry(BaseModel):
    """One team's line of the file; times in ms, memory in MiB, counts in the file's units."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    valid_runtime: list[Milliseconds] = Field(min_length=2)
    test_runtime: list[Milliseconds] = Field(default_factory=list)
    valid_psnr: list[float] = Field(min_length=1)
    test_psnr: list[float] = Field(default_factory=list)
    valid_memory: Count | None = None
    activations: Count
    """Millions."""
    num_conv: Annotated[int, Field(ge=0, le=1_000_000)]
    flops: Count
    """Thousands of millions."""
    num_parameters: Count
    """Millions."""


class Correction(BaseModel):
    """The true counts of one entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    macs: int
    activations: int
    convs: int
    reason: str


class _Corrections(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    entries: dict[str, Correction]


def read_results(path: Path) -> dict[str, Entry]:
    """The entries of ``path`` by their cleaned names; raises UsageError when it is no such file.

    A name that comes twice, and one that is empty, is a fault: one of the two would be lost.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is larger than {_LARGEST:,} bytes: no results.json.")
        data = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
        return {name: _entry(name, entry) for name, entry in data.items()}
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist.") from None
    except (OSError, ValueError, AttributeError, RecursionError) as why:
        first = (str(why).splitlines() or [type(why).__name__])[0][:200]
        raise UsageError(f"{path} is not a results.json of an NTIRE challenge ({first}).") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file, spaces around its names cut off."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        name = key.strip()
        if name in found or not name:
            raise ValueError(f"the name `{printable(name)}` twice" if name else "an empty name")
        found[name] = value
    return found


def _entry(name: str, content: object) -> Entry:
    try:
        return Entry.model_validate(content)
    except ValidationError as why:
        first = why.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(
            f"entry {printable(name)}, {where or 'all of it'}: {first['msg']}"
        ) from None


def corrections_of(protocol: str) -> Mapping[str, Correction]:
    """The known corrections of a challenge's file, by entry."""
    path = _CORRECTIONS / f"{protocol}.yaml"
    return load(path, _Corrections).entries if path.is_file() else {}


def official_ms(entry: Entry) -> float:
    """The challenge's runtime: the mean of the two splits' means."""
    return fmean(fmean(times) for times in (entry.valid_runtime, entry.test_runtime) if times)
