"""``submission.yaml``: what a submission says of itself, and nothing that is measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from esrbench import strict_yaml
from esrbench.errors import SubmissionError, UsageError, nearest

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What a submission and a variant may be called: it ends up in file names and in NAME/VARIANT."""
_SPELT = {"license": "licence"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _either_spelling(cls, data: Any) -> Any:
        """``license`` is ``licence``, where only one of them stands."""
        if isinstance(data, Mapping) and "license" in data and "licence" not in data:
            return {_SPELT.get(key, key): value for key, value in data.items()}
        return data


class WeightsSpec(_Strict):
    """One checkpoint: a file beside the model, or where to get it, or why it is not to be had."""

    file: str | None = None
    """Path inside the submission's folder; with a ``url``, only the name to keep it under."""
    url: str | None = None
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Finds the file under any name, and is checked before anything is loaded."""
    bytes: int | None = Field(default=None, ge=1)
    licence: str | None = None
    key: str | None = None
    """The entry of the checkpoint that holds the state dict, where it is no usual one."""
    reason: str | None = None
    """Why there are none; such a submission is listed with this sentence, never scored."""

    @field_validator("file")
    @classmethod
    def _stays_in_the_folder(cls, file: str | None) -> str | None:
        if file is not None and (PurePosixPath(file).is_absolute() or ".." in Path(file).parts):
            raise ValueError(f"{file!r} must be a path inside the submission's folder")
        return file

    @model_validator(mode="after")
    def _says_something(self) -> WeightsSpec:
        if self.url and not self.sha256:
            raise ValueError("a url needs the sha256 of what it leads to")
        if not (self.file or self.sha256 or self.reason):
            raise ValueError("give a file, a url with its sha256, or the reason why there are none")
        return self


class OwnWeights(WeightsSpec):
    """A checkpoint that was trained with this project's ``training/``, not the authors'."""

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    note: str
    """With what it was trained, in a few words; ``weights.md`` beside it says more."""


class Published(_Strict):
    """Figures the authors print, to hold against the measured ones."""

    params: int | None = None
    macs: float | None = None
    """Multiply-adds, plain number, at ``macs_at``."""
    macs_at: str | None = None
    """``1x3x256x256`` (LR input) or ``1280x720 output`` (HR); activations too are for it."""
    macs_by: Literal["fvcore", "ntire2022", "arm"] = "fvcore"
    """The counter: NTIRE's own hooks, up to 2023, count activation functions and norms as well;
    that of ARM, ClassSR and PCSR charges transposed convolutions for each output pixel."""
    activations: float | None = None
    runtime_ms: float | None = None
    quality: dict[str, dict[str, float]] = Field(default_factory=dict)
    """``{dataset: {metric key: value}}``."""
    source: str | None = None
    """Where the figures stand, when it is not the paper."""
    note: str | None = None
    """Why they differ from measured ones, where that is known."""


class _Overridable(_Strict):
    """What a variant may say differently."""

    title: str | None = None
    authors: str | None = None
    year: int | None = Field(default=None, ge=1950, le=2100)
    paper: str | None = None
    code: str | None = None
    licence: str | None = None
    scale: tuple[int, ...] = Field(default=(4,), min_length=1)
    """The scales ``build(scale=...)`` can make; an int or a list."""
    data_range: float = 1.0
    """Input and output range, [0, 1.0] or [0, 255.0]."""
    multiple: int = Field(default=1, ge=1)
    """LR height and width must be multiples of this; the harness pads and crops."""
    min_size: int = Field(default=1, ge=1)
    """Smallest LR height and width the network can take; the harness pads and crops."""
    channels: Literal["rgb", "y"] | None = None
    """``y`` for a network of the luma plane: Cb and Cr are then made larger by bicubic
    interpolation; without it this is told from the network's shapes."""
    precision: Literal["fp32", "fp16", "bf16"] = "fp32"
    """The type the network computes in; input and output are float32 all the same."""
    entry_point: str = Field(default="model:build", pattern=r"^[A-Za-z_]\w*:[A-Za-z_]\w*$")
    extra: str | None = Field(default=None, pattern=r"^[a-z0-9-]+$")
    """The extra of esrbench whose library builds the network; its own code needs none."""
    build: dict[str, Any] = Field(default_factory=dict)
    """Keyword arguments of the entry function; a variant's are added to the manifest's."""
    bounds: dict[Literal["least", "most"], dict[str, Any]] = Field(default_factory=dict)
    """Of a network whose work depends on the image: what to add to ``build`` for one that does the
    least and the most it ever does, to be counted beside it."""
    weights: WeightsSpec | None = None
    """One checkpoint for every scale, or ``{scale: checkpoint}``; without it none are needed."""
    weights_by_scale: dict[int, WeightsSpec] = Field(default_factory=dict, repr=False)
    own_weights: dict[int, OwnWeights] = Field(default_factory=dict)
    """``{scale: checkpoint}``: taken where the official ones are not at hand, or when asked for."""
    published: dict[int, Published] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _weights_by_scale(cls, data: Any) -> Any:
        """``weights: {4: ..., 2: ...}`` goes where the checkpoints by scale are kept."""
        weights = data.get("weights") if isinstance(data, Mapping) else None
        if isinstance(weights, Mapping) and weights and all(type(key) is int for key in weights):
            data = {key: value for key, value in data.items() if key != "weights"}
            data["weights_by_scale"] = weights
        return data

    @field_validator("authors", mode="before")
    @classmethod
    def _one_or_more_authors(cls, authors: Any) -> Any:
        """A list of names is written as a text is: with commas between."""
        if isinstance(authors, list) and authors and all(isinstance(a, str) for a in authors):
            return ", ".join(authors)
        return authors

    @field_validator("scale", mode="before")
    @classmethod
    def _one_or_more_scales(cls, scale: Any) -> Any:
        if isinstance(scale, (float, str, bool)):
            raise ValueError(
                f"a scale is a whole number: write 4, or [2, 3, 4] for several, not {scale}"
            )
        return (scale,) if isinstance(scale, int) else scale

    @field_validator("scale")
    @classmethod
    def _scales_make_sense(cls, scale: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 1 <= s <= 16 for s in scale) or len(set(scale)) != len(scale):
            raise ValueError(f"scales are different whole numbers from 1 to 16, not {list(scale)}")
        return scale

    @field_validator("data_range")
    @classmethod
    def _known_range(cls, data_range: float) -> float:
        if data_range not in (1.0, 255.0):
            raise ValueError(f"{data_range:g} is no range esrbench knows: 1.0 or 255.0")
        return data_range


class Variant(_Overridable):
    """One variant: only the keys written in it count."""


class Manifest(_Overridable):
    """A whole ``submission.yaml``."""

    name: str
    variants: dict[str, Variant] = Field(default_factory=dict)
    default_variant: str | None = None

    @field_validator("name")
    @classmethod
    def _name_fits_a_file(cls, name: str) -> str:
        return checked_name(name)

    @model_validator(mode="after")
    def _variants_agree(self) -> Manifest:
        for variant in self.variants:
            checked_name(variant)
        if self.default_variant is not None and self.default_variant not in self.variants:
            hint = nearest(self.default_variant, self.variants)
            raise ValueError(f"default_variant {self.default_variant!r} is no variant{hint}")
        return self

    def resolved(self, variant: str | None) -> Manifest:
        """This manifest as ``variant`` has it; None takes the default one, or the first.

        Raises UsageError when there is no such variant.
        """
        chosen = variant or self.default_variant or next(iter(self.variants), None)
        if chosen is None:
            return self
        if chosen not in self.variants:
            hint = nearest(chosen, self.variants) or "; it has no variants"
            raise UsageError(f"{self.name} has no variant {chosen!r}{hint}")
        special = self.variants[chosen]
        changes = {key: getattr(special, key) for key in special.model_fields_set}
        if "build" in changes:
            changes["build"] = {**self.build, **special.build}
        if "weights" in changes:  # one checkpoint instead of the manifest's by scale
            changes.setdefault("weights_by_scale", {})
        return self.model_copy(update=changes)

    def weights_at(self, scale: int) -> WeightsSpec | None:
        """The checkpoint for ``scale``; None when the submission needs none."""
        if not self.weights_by_scale:
            return self.weights
        missing = f"submission.yaml lists no weights for x{scale}"
        return self.weights_by_scale.get(scale) or WeightsSpec(reason=missing)


def checked_name(name: str) -> str:
    """``name`` if it can name a submission or a variant; raises ValueError otherwise."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name: letters, digits, '-', '_' and '.', no spaces")
    return name


def read_manifest(path: Path) -> Manifest:
    """The manifest at ``path``; raises SubmissionError that names every fault.

    A text that was read before is not parsed again.
    """
    return _parsed(strict_yaml.read_text(path, error=SubmissionError), str(path))


@lru_cache(maxsize=256)
def _parsed(text: str, where: str) -> Manifest:
    return parse_manifest(strict_yaml.parse_text(text, where, error=SubmissionError), where)


def parse_manifest(data: object, where: str) -> Manifest:
    """``data`` as a manifest; raises SubmissionError that names every fault, ``where`` first."""
    return strict_yaml.parse(data, Manifest, where, error=SubmissionError)
