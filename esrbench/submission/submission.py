"""A submission as the judge knows it: facts from its manifest, and not a line of its code run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from esrbench.errors import SubmissionError
from esrbench.submission import limits
from esrbench.submission.manifest import OwnWeights, WeightsSpec

_CODE = {".py", ".yaml", ".yml"}


@dataclass(frozen=True)
class Submission:
    """One submission, in one variant, at one scale."""

    name: str
    variant: str | None
    scale: int
    scales: tuple[int, ...]
    """Every scale this variant can be built for."""
    folder: Path
    entry_file: Path
    entry_function: str
    title: str
    build_arguments: dict[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``least`` and ``most``: arguments that make of it a network whose work bounds this one's."""
    data_range: float = 1.0
    """Input and output range: 1.0 or 255.0."""
    multiple: int = 1
    """LR height and width must be multiples of this."""
    min_size: int = 1
    """Smallest LR height and width it takes."""
    channels: Literal["rgb", "y"] | None = None
    """``y`` or ``rgb``, where the manifest says it; None: told from the network."""
    precision: str = "fp32"
    weights: WeightsSpec | None = None
    """The checkpoint, or None when it needs none."""
    own_weights: OwnWeights | None = None
    """The checkpoint trained here, if there is one; ``weights.choose_weights`` puts it to use."""
    authors: str | None = None
    year: int | None = None
    paper: str | None = None
    code: str | None = None
    licence: str | None = None
    published: dict[str, Any] = field(default_factory=dict)
    """The authors' figures at this scale: ``{"params": ..., "quality": {"Set5": {...}}}``."""
    form: str = "source"
    """How the runner gets the network: ``source`` calls the entry function of the entry file; the
    others are the rows of ``formats.registry.LOADERS``."""
    taken_for: str | None = None
    """What a file without a manifest was recognised as, in a sentence; None with a manifest."""
    checkpoint: Path | None = None
    """The checkpoint, where it was given by its path and lies anywhere."""
    source: str | None = None
    """Where it came from (``source.py``)."""
    notes: tuple[str, ...] = ()
    """What the record is to say of how it is measured, where that is not its authors' own way."""
    flags: tuple[str, ...] = ()
    """Keys of ``esrbench.flags`` that follow from what its files say."""
    code_files: tuple[Path, ...] | None = None
    """The files that make it what it is; None for every ``.py`` and ``.yaml`` of the folder."""
    given_as_folder: bool = False
    """Whether all that its folder holds is its own, though no manifest says so."""

    @property
    def label(self) -> str:
        """``span/c28``: the name and the variant."""
        return f"{self.name}/{self.variant}" if self.variant else self.name

    @property
    def whole_folder(self) -> bool:
        """Whether all that its folder holds is its own: it is no single file among others."""
        return self.given_as_folder or (self.folder / "submission.yaml").is_file()

    @property
    def has_weights_declared(self) -> bool:
        """Whether it needs a checkpoint (which may still be one that is not to be had)."""
        return self.weights is not None

    @property
    def weights_key(self) -> str | None:
        """The entry of the checkpoint that holds the state dict, where it is no usual one."""
        return self.weights.key if self.weights else None

    @property
    def trained_here(self) -> bool:
        """Whether the checkpoint is one of this project's own, not the authors'."""
        return isinstance(self.weights, OwnWeights)

    @property
    def weights_origin(self) -> str | None:
        """Where the weights come from, for the record; None when it needs none."""
        if self.weights is None:
            return None
        if isinstance(self.weights, OwnWeights):
            return f"trained here ({self.weights.note})"
        return self.weights.url or self.weights.file or self.weights.reason or self.weights.sha256

    def code_sha256(self) -> str:
        """Hash of the code files (or the graph), and of what was chosen to be built.

        The weights have a hash of their own (``weights.sha256_of``). Raises SubmissionError for
        files that lead out of the folder or are larger than code is.
        """
        digest = hashlib.sha256()
        for number, path in enumerate(self._code_files()):
            if number >= limits.SOURCE_FILES:
                raise SubmissionError(f"{self.folder} has more than {number:,} code files.")
            limits.inside(path, self.folder)
            largest = limits.SOURCE_BYTES if path.suffix in _CODE else limits.WEIGHTS_BYTES
            with limits.opened(path, largest, "a code file") as file:
                content = file.read()
            digest.update(f"{path.relative_to(self.folder).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
        chosen = {
            "entry": f"{self.entry_file.name}:{self.entry_function}",
            "variant": self.variant,
            "scale": self.scale,
            "build": self.build_arguments,
        }
        digest.update(json.dumps(chosen, sort_keys=True, default=str).encode())
        return digest.hexdigest()

    def _code_files(self) -> Iterator[Path]:
        if self.code_files is not None:
            yield from self.code_files
            return
        if not self.whole_folder:
            yield self.entry_file
            return
        for path in sorted(self.folder.rglob("*"), key=lambda p: p.relative_to(self.folder).parts):
            hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            if path.suffix in _CODE and path.is_file() and not hidden:
                yield path
