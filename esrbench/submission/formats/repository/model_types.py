"""What a fork's ``model_type`` does around its network: padding, parts, other tasks."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from esrbench import strict_yaml
from esrbench.errors import EsrbenchError
from esrbench.submission.formats.repository.option_file import FRAMES, OptionFile
from esrbench.submission.formats.repository.python_text import content_of, statements
from esrbench.submission.formats.repository.tree import files_in

Fill = Literal["reflect", "mirror"]
_TABLE = Path(__file__).with_name("model_types.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Padding(_Strict):
    """How LR sizes are filled up before the network, and SR cropped behind it."""

    multiple_of: tuple[str, ...]
    """Arguments of the network; the largest number in them is the multiple."""
    by: Fill
    always: bool = False
    """Whether a size that is a multiple already gets one window more."""


class _Table(_Strict):
    padded: dict[str, Padding]
    parts_above: dict[str, int]
    other_tasks: dict[str, str]
    other_data: dict[str, str]


@lru_cache(maxsize=1)
def _table() -> _Table:
    return strict_yaml.load(_TABLE, _Table, error=EsrbenchError)


def other_task(option: OptionFile) -> str | None:
    """``video (EDVRModel)``: what else than super-resolution of one image the options are for.

    Told by ``model_type``, the data they are tested with, or a number of frames.
    """
    table = _table()
    said = option.model_type or ""
    if said in table.other_tasks:
        return f"{table.other_tasks[said]} ({said})"
    for word, task in table.other_data.items():
        named = next((data for data in option.data_types if _says(data, word)), None)
        if named is not None:
            return f"{task} ({named})"
    frames = next((name for name in FRAMES if _largest(option.arguments.get(name)) > 1), None)
    return f"video ({frames})" if frames else None


def task_in_name(option: OptionFile) -> str | None:
    """``denoising (RealDenoising)``: what a file is for that says no scale, by its name."""
    names = (option.path.stem, option.name)
    for word, task in _table().other_data.items():
        if any(_says(name, word) for name in names):
            return f"{task} ({option.path.name})"
    return None


def _says(name: str, word: str) -> bool:
    """Whether a word of ``name`` begins with ``word``: behind no letter, or as a capital says.

    >>> [_says(name, "REDS") for name in ("REDSDataset", "bi_reds_30frames", "PairedSRDataset")]
    [True, True, False]
    """
    return re.search(f"(?<![A-Za-z])(?i:{word})|(?<![A-Z]){word}", name) is not None


def parts_above(model_type: str | None) -> int | None:
    """The LR side above which the fork's own test cuts images into parts."""
    return _table().parts_above.get(model_type or "")


def padding_of(option: OptionFile, root: Path) -> dict[str, Any]:
    """``{"multiple": 16, "by": "reflect", "always": false, "said_by": "HATModel"}``.

    From the table, else as the fork's own class of that name reads; empty where neither says
    anything, or the network has no such argument.
    """
    model_type = option.model_type
    if option.builder == "define_G":
        model_type = f"{option.network} of KAIR"
    if model_type is None:
        return {}
    padding = _table().padded.get(model_type) or _read(model_type, root)
    arguments = option.arguments
    sizes = [_largest(arguments.get(name)) for name in padding.multiple_of] if padding else []
    multiple = max((size for size in sizes if size), default=0)
    if padding is None or multiple < 1:
        return {}
    return {
        "multiple": multiple,
        "by": padding.by,
        "always": padding.always,
        "said_by": model_type,
    }


def _largest(value: Any) -> int:
    """The largest whole number in ``value``, at any depth."""
    if isinstance(value, (list, tuple)):
        return max((_largest(inner) for inner in value), default=0)
    return value if type(value) is int else 0


def file_of(option: OptionFile, root: Path) -> Path | None:
    """The fork's own file that says what its ``model_type`` does, where that was read from it."""
    own = _class_of(option.model_type, root) if option.model_type else None
    padded = bool(padding_of(option, root)) and option.model_type not in _table().padded
    return own[0] if own and (padded or output_of(option, root) is not None) else None


def output_of(option: OptionFile, root: Path) -> int | None:
    """What its test takes of several outputs: N of ``self.output = self.net_g(self.lq)[N]``, the
    place of ``self.output`` in ``self.output, _ = self.net_g(self.lq)``."""
    own = _class_of(option.model_type, root) if option.model_type else None
    if own is None:
        return None
    found = re.search(rf"self\.output = {_CALL}\[(-?\d+)\]", own[1])
    if found:
        return int(found[1])
    for names in re.findall(rf"^\s*(.*,.*) = {_CALL}$", own[1], re.MULTILINE):
        taken = [name.strip(" ()") for name in names.split(",")]
        if "self.output" in taken:
            return taken.index("self.output")
    return None


_CALL = r"self\.(?:net|network)_g\w*\(self\.\w+\)"


def _read(model_type: str, root: Path) -> Padding | None:
    """The padding that the fork's class seems to do: which argument, and by which function."""
    own = _class_of(model_type, root)
    return _padding_in(own[1]) if own else None


@lru_cache(maxsize=256)
def _class_of(model_type: str, root: Path) -> tuple[Path, str] | None:
    """The fork's class of that name: its file, and its source as Python writes it."""
    wanted = re.compile(rb"^class\s+" + re.escape(model_type).encode() + rb"\b", re.MULTILINE)
    for file in files_in(root, (".py",)):
        content = content_of(file)
        if not wanted.search(content):
            continue
        for statement in statements(content):
            if isinstance(statement, ast.ClassDef) and statement.name == model_type:
                return file, ast.unparse(statement)
    return None


def _padding_in(source: str) -> Padding | None:
    """``window_size = self.opt['network_g']['window_size']`` and what fills: pad, or flip."""
    names = re.findall(r"\['network_g'\]\['(\w*(?:window|split|patch)\w*)'\]", source)
    if not names:
        return None
    reflects = re.search(r"pad\([^\n]*['\"]reflect['\"]", source)
    if reflects or "torch.flip(" in source:
        fill: Fill = "reflect" if reflects else "mirror"
        always = re.search(r"\(h // \w+ \+ 1\) \* \w+ - h", source) is not None
        return Padding(multiple_of=tuple(dict.fromkeys(names)), by=fill, always=always)
    return None
