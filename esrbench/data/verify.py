"""Look at every file of a dataset and list every fault, not just the first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esrbench.data.catalogue import find_entry
from esrbench.data.dataset import ImagePair, built_in_faults, lr_source, size_fault
from esrbench.data.entry import DatasetEntry, LrKind, Make
from esrbench.data.images import mod_crop, pixel_bytes, read_rgb
from esrbench.data.locate import Located, locate
from esrbench.data.lr_cache import Progress, make_lr
from esrbench.data.patterns import hidden_note
from esrbench.errors import UsageError


@dataclass(frozen=True)
class Verification:
    """What was found; the dataset can be scored when there are no faults."""

    name: str
    scale: int
    images: int
    hr_folder: Path
    lr_folder: Path | None
    """None: LR is made from HR."""
    lr_source: str
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    """What is worth knowing and no fault: images that are mod-cropped, whose LR is not MATLAB's."""
    sha256: str | None
    """What ``Dataset.sha256`` is; None while there are faults."""

    @property
    def ok(self) -> bool:
        """Whether there are no faults."""
        return not self.faults


def verify(
    name: str,
    scale: int,
    *,
    data_root: Path | None,
    catalogue: dict[str, DatasetEntry],
    progress: Progress | None = None,
) -> Verification:
    """Check number, names, formats, sizes, mod-crop and hashes of ``name`` at ``scale``.

    Reads every image; LR that is made from HR is made in memory and not kept. Raises UsageError
    for an unknown name or scale, UnavailableError when the dataset is not on this machine.
    """
    entry, kind_name, kind = find_entry(name, catalogue)
    located = locate(name, entry, kind, scale, data_root)
    faults = [*located.faults, *built_in_faults(entry, located)]
    check = _ImageCheck(entry, kind, scale)
    for done, image in enumerate(located.hr, start=1):
        check.look_at(image, located)
        if progress is not None:
            progress(done, len(located.hr), image)
    faults += check.faults
    sha256 = None if faults else check.digest.hexdigest()
    pinned = entry.pairs_sha256.get(scale) if kind_name == "default" else None
    if sha256 is not None and pinned not in (None, sha256):
        faults.append(
            f"The pixels of {name} at x{scale} hash to {sha256}, not the pinned {pinned}."
        )
    return Verification(
        name=name,
        scale=scale,
        images=len(located.hr),
        hr_folder=located.hr_folder,
        lr_folder=located.lr_folder,
        lr_source=lr_source(kind, located),
        faults=tuple(faults),
        notes=tuple(check.notes(located)),
        sha256=sha256,
    )


class _ImageCheck:
    """Goes through the images one by one and gathers faults, notes and the hash."""

    def __init__(self, entry: DatasetEntry, kind: LrKind, scale: int) -> None:
        self._entry, self._kind, self._scale = entry, kind, scale
        self._cropped: list[str] = []
        self._other_lr: list[str] = []
        self.faults: list[str] = []
        self.digest = hashlib.sha256()

    def look_at(self, name: str, located: Located) -> None:
        """Read one image's HR and LR and check that they belong together."""
        hr_path = located.hr[name]
        lr_path = None if located.lr is None else located.lr.get(name)
        whole = self._read(hr_path)
        lr = None if lr_path is None else self._read(lr_path)
        if whole is None or (located.lr is not None and lr is None):
            return  # missing or broken, which is among the faults already
        hr = mod_crop(whole, self._scale)
        if hr.shape != whole.shape:
            self._cropped.append(name)
        if lr is not None and lr_path is not None:
            pair = ImagePair(name, self._scale, hr_path, lr_path)
            fault = size_fault(pair, _size(whole), _size(lr))
            if fault:
                self.faults.append(fault)
                return
        made = self._made(hr, hr_path)
        if lr is not None and made is not None and not np.array_equal(lr, made):
            self._other_lr.append(name)
        scored = made if lr is None else lr
        if scored is not None:
            self.digest.update(pixel_bytes(hr))
            self.digest.update(pixel_bytes(scored))

    def notes(self, located: Located) -> list[str]:
        """What was seen that is no fault."""
        notes = []
        if self._cropped:
            notes.append(
                f"{len(self._cropped)} of {len(located.hr)} HR images are mod-cropped by "
                f"{self._scale} when they are read."
            )
        hidden = hidden_note(dict.fromkeys(filter(None, (located.hr_folder, located.lr_folder))))
        if hidden:
            notes.append(hidden)
        if located.lr is not None and self._kind.make is not None:
            same = len(located.hr) - len(self._other_lr)
            notes.append(
                f"{same} of {len(located.hr)} LR images are MATLAB's bicubic of HR to the last bit "
                f"({_recipe(self._kind.make, self._scale)})."
            )
        return notes

    def _read(self, path: Path) -> NDArray[np.uint8] | None:
        try:
            return read_rgb(path, grey=self._entry.grey_images)
        except UsageError as fault:
            if path.exists():
                self.faults.append(str(fault))
            return None

    def _made(self, hr: NDArray[np.uint8], hr_path: Path) -> NDArray[np.uint8] | None:
        if self._kind.make is None:
            return None
        try:
            return make_lr(hr, self._scale, self._kind.make, where=hr_path)
        except UsageError as fault:
            self.faults.append(str(fault))
            return None


def _size(image: NDArray[np.uint8]) -> tuple[int, int]:
    return image.shape[0], image.shape[1]


def _recipe(make: Make, scale: int) -> str:
    between = "not rounded" if scale in make.unrounded_at else "rounded"
    return f"{make.border} border, {between} between the passes"
