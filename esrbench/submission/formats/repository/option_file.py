"""What an option file says of its network, whichever of the frameworks it was written for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from esrbench.errors import SubmissionError
from esrbench.submission.formats.repository.option_text import (
    SUFFIXES,
    line_of,
    read_option_text,
    with_numbers,
)
from esrbench.submission.formats.sidecar import scale_in_name

Builder = Literal["class", "define_G"]
"""Who makes the network: the class itself, called with the arguments, or the repository's
``define_G(options)`` (KAIR, and BasicSR before 2020)."""

_BLOCKS: tuple[tuple[str, str, Builder], ...] = (
    ("network_g", "type", "class"),
    ("network_G", "which_model_G", "define_G"),
    ("network_G", "type", "class"),
    ("netG", "net_type", "define_G"),
)
"""Where a framework names its network: the block, its key, and who builds it."""
SCALE_ARGUMENTS = ("upscale", "upscale_factor", "upscaling_factor", "sr_scale", "scale")
"""What constructors call it; ``scale`` last, as some mean a factor of residuals by it."""
INPUT_CHANNELS = ("num_in_ch", "in_chans", "in_nc", "in_channels", "num_channels", "in_ch")
FRAMES = ("num_frame", "num_frames", "n_frames", "nframes")
"""How many images a network for video takes at once."""
WRITTEN_BY_KAIR = "*_[EG].pth"
"""What its training writes; ``_E`` is the averaged network, which it tests."""
_WEIGHTS = (
    ("path", "pretrain_network_g"),
    ("path", "pretrain_model_G"),
    ("path", "pretrained_netG"),
    ("path", "pretrain_model_g"),
    ("resume", "network_g_path"),
)


@dataclass(frozen=True)
class OptionFile:
    """One option file."""

    path: Path
    builder: Builder
    network: str
    arguments: dict[str, Any]
    """Of the network's constructor, or the whole block for ``define_G``."""
    scale: int | None
    """None where neither the options, nor the arguments, nor the file's name say it."""
    model_type: str | None
    weights: str | None
    """As it is written there; None for none."""
    weights_key: str | None
    """The entry of the checkpoint; None for the checkpoint itself."""
    strict: bool
    trains: bool
    """An option file to train with: its ``pretrain_network_g`` is where training starts."""
    name: str
    crop_border: int | None = None
    """Of its PSNR; None where it has none or says nothing."""
    test_y_channel: bool | None = None
    chopped: bool = False
    """Whether its own test cuts images into parts."""
    data_types: tuple[str, ...] = ()
    """The classes of the data it is tested with, or trained with where it is for training only."""
    document: dict[str, Any] = field(default_factory=dict, repr=False)
    """Everything in it, for ``define_G``."""


def is_option_file(path: Path) -> bool:
    """Whether the file at ``path`` has a network in one of ``_BLOCKS``; a broken one may."""
    if path.suffix not in SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(1_000_000)
    except OSError:
        return False
    return _NETWORK_BLOCK[path.suffix].search(head) is not None


_IN_YAML = re.compile(rb"""^["']?(network_[gG]|netG)["']?\s*:""", re.MULTILINE)
"""At the top level: a block of that name deeper down is part of something else."""
_NETWORK_BLOCK = {
    ".yml": _IN_YAML,
    ".yaml": _IN_YAML,
    ".json": re.compile(rb"""^[\s,{]*["']?(network_[gG]|netG)["']?\s*:""", re.MULTILINE),
    ".toml": re.compile(rb"^\[(network_[gG]|netG)\]", re.MULTILINE),
}


@lru_cache(maxsize=256)
def _read(path: Path, modified: int) -> OptionFile:
    del modified  # read again when the file is another one
    data = read_option_text(path)
    block, name, builder = _network(data, path)
    arguments = with_numbers({k: v for k, v in block.items() if k != "type"})
    metrics = _psnr(data)
    training = isinstance(data.get("train"), dict)
    return OptionFile(
        path=path,
        builder=builder,
        network=name,
        arguments=arguments,
        scale=_scale(data, arguments, path),
        model_type=_text(data.get("model_type") or data.get("model")),
        weights=_weights(data),
        weights_key=_key(data),
        strict=_strict(data),
        trains=training and builder == "class",
        name=_text(data.get("name")) or path.stem,
        crop_border=metrics.get("crop_border"),
        test_y_channel=metrics.get("test_y_channel"),
        chopped=bool(_inner(data, "val").get("use_chop")) or isinstance(data.get("tile"), dict),
        data_types=_data_types(data),
        document=data,
    )


def read_option_file(path: Path) -> OptionFile:
    """The option file at ``path``; raises SubmissionError, in a sentence, for what is wrong."""
    return _read(path, path.stat().st_mtime_ns)


def _network(data: dict[str, Any], path: Path) -> tuple[dict[str, Any], str, Builder]:
    blocks = [key for key, _, _ in _BLOCKS if key in data]
    for block, key, builder in _BLOCKS:
        inner = data.get(block)
        if isinstance(inner, dict) and isinstance(inner.get(key), str) and inner[key].strip():
            return inner, inner[key].strip(), builder
    if not blocks:
        raise SubmissionError(
            f"{path} is no option file of BasicSR or KAIR: it has no network_g, network_G or netG."
        )
    line = line_of(path, blocks[0])
    raise SubmissionError(
        f"{path}, line {line}: {blocks[0]} names no network; it needs `type:` with its class."
    )


def _scale(data: dict[str, Any], arguments: dict[str, Any], path: Path) -> int | None:
    """The network's own argument first: it is what is built."""
    *names, ambiguous = SCALE_ARGUMENTS
    said = [arguments.get(n) for n in names] + [data.get("scale"), arguments.get(ambiguous)]
    whole = [int(s) for s in said if isinstance(s, (int, float)) and s == int(s) and s > 0]
    return whole[0] if whole else scale_in_name(path)


def _weights(data: dict[str, Any]) -> str | None:
    for block, key in _WEIGHTS:
        value = _inner(data, block).get(key)
        if isinstance(value, str) and value.strip() and value.strip().lower() != "none":
            return value.strip()
    return None


def _key(data: dict[str, Any]) -> str | None:
    """``params`` unless it says another; BasicSR's own default."""
    path = _inner(data, "path")
    value = path.get("param_key_g", path.get("param_key", "params"))
    return value if isinstance(value, str) else None


def _strict(data: dict[str, Any]) -> bool:
    path = _inner(data, "path")
    said = path.get("strict_load_g", path.get("strict_load", True))
    return bool(_inner(data, "resume").get("network_g_strict", said))


def _psnr(data: dict[str, Any]) -> dict[str, Any]:
    """``crop_border`` and ``test_y_channel`` of its PSNR, those it says in plain values."""
    metrics = _inner(_inner(data, "val"), "metrics")
    rows = [row for row in metrics.values() if isinstance(row, dict)]
    psnr = next((row for row in rows if "psnr" in str(row.get("type", "")).lower()), {})
    border = psnr.get("crop_border")
    if border is None:
        border = data.get("crop_border")
    luma = psnr.get("test_y_channel")
    return {
        "crop_border": border if type(border) is int else None,
        "test_y_channel": luma if isinstance(luma, bool) else None,
    }


def _data_types(data: dict[str, Any]) -> tuple[str, ...]:
    """``type`` (KAIR: ``dataset_type``) of each set of ``datasets``; those to test with, if any."""
    sets = {name: row for name, row in _inner(data, "datasets").items() if isinstance(row, dict)}
    tests = {name: row for name, row in sets.items() if "train" not in str(name).lower()}
    said = [row.get("type", row.get("dataset_type")) for row in (tests or sets).values()]
    return tuple(dict.fromkeys(text for text in said if isinstance(text, str)))


def _inner(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None
