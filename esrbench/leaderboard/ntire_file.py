"""What an official results file of an NTIRE challenge holds, and what is known to be wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

from pydantic import BaseModel, ConfigDict, Field

from esrbench.errors import UsageError
from esrbench.strict_yaml import load

_LARGEST = 64_000_000
"""Bytes; 2025's file, with every image of every team, has under one million."""
_CORRECTIONS = Path(__file__).parent / "corrections"


class Entry(BaseModel):
    """One team's line of the file; times in ms, memory in MiB, counts in the file's units."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    valid_runtime: list[float] = Field(min_length=2)
    test_runtime: list[float] = Field(default_factory=list)
    valid_psnr: list[float] = Field(min_length=1)
    test_psnr: list[float] = Field(default_factory=list)
    valid_memory: float | None = None
    activations: float
    """Millions."""
    num_conv: int
    flops: float
    """Thousands of millions."""
    num_parameters: float
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
    """The entries of ``path`` by their cleaned names; raises UsageError when it is no such file."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is larger than {_LARGEST:,} bytes: no results.json.")
        data = json.loads(path.read_text(encoding="utf-8"))
        return {str(name).strip(): Entry.model_validate(entry) for name, entry in data.items()}
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist.") from None
    except (OSError, ValueError, AttributeError, RecursionError) as why:
        first = (str(why).splitlines() or [type(why).__name__])[0][:200]
        raise UsageError(f"{path} is not a results.json of an NTIRE challenge ({first}).") from None


def corrections_of(protocol: str) -> Mapping[str, Correction]:
    """The known corrections of a challenge's file, by entry."""
    path = _CORRECTIONS / f"{protocol}.yaml"
    return load(path, _Corrections).entries if path.is_file() else {}


def official_ms(entry: Entry) -> float:
    """The challenge's runtime: the mean of the two splits' means."""
    return fmean(fmean(times) for times in (entry.valid_runtime, entry.test_runtime) if times)
