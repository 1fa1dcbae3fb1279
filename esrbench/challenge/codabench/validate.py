"""Is this zip a bundle that Codabench's documentation calls one? Every fault in a sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import yaml

from esrbench.challenge.codabench.competition import Competition
from esrbench.errors import UsageError
from esrbench.strict_yaml import parse

NAMES = ("competition.yaml", "competition.yml")


def validate(bundle: Path) -> list[str]:
    """What is wrong with ``bundle``; empty for a bundle that is whole.

    Checked are the schema of version 2, that every named file is there, and that programs say their
    command. Whether a server accepts it is not known before one did.
    """
    try:
        with zipfile.ZipFile(bundle) as opened:
            return _faults(opened)
    except (OSError, zipfile.BadZipFile) as why:
        return [f"{bundle} is no zip file that can be read ({why})."]


def _faults(bundle: zipfile.ZipFile) -> list[str]:
    names = set(bundle.namelist())
    found = next((name for name in NAMES if name in names), None)
    if found is None:
        return ["There is no competition.yaml at the top of the zip."]
    try:
        competition = parse(yaml.safe_load(bundle.read(found)), Competition, found)
    except yaml.YAMLError as why:
        return [f"{found} is not valid YAML ({why})."]
    except UsageError as why:
        return [str(why)]
    faults = [
        f"{found} names {path}, which is not in the zip."
        for path in dict.fromkeys(competition.files())
        if not _is_there(path, names)
    ]
    for task in competition.tasks:
        for program in (task.scoring_program, task.ingestion_program):
            if program is not None and _is_there(program, names):
                faults += _program_faults(bundle, program)
    return faults


def _is_there(path: str, names: set[str]) -> bool:
    return path in names or any(name.startswith(path.rstrip("/") + "/") for name in names)


def _program_faults(bundle: zipfile.ZipFile, program: str) -> list[str]:
    """A program, zip or folder, has a metadata file with a command."""
    told = _metadata(bundle, program)
    if told is None:
        return [f"{program} has no metadata.yaml."]
    if not isinstance(told, dict) or not str(told.get("command") or "").strip():
        return [f"{program}: metadata.yaml says no command."]
    return []


def _metadata(bundle: zipfile.ZipFile, program: str) -> Any:
    source, prefix = bundle, program.rstrip("/") + "/"
    if program.endswith(".zip"):
        source, prefix = zipfile.ZipFile(io.BytesIO(bundle.read(program))), ""
    for name in ("metadata.yaml", "metadata"):
        if prefix + name in source.namelist():
            return yaml.safe_load(source.read(prefix + name))
    return None
