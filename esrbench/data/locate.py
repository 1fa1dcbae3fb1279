"""Find the files of a dataset, and everything that is wrong with their names and number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from esrbench.data.built_in import scikit_image_folder
from esrbench.data.catalogue import DATA_ROOT_VARIABLE
from esrbench.data.entry import DatasetEntry, LrKind
from esrbench.errors import UnavailableError, UsageError

_SHOWN = 5


@dataclass(frozen=True)
class Located:
    """Where a dataset's images are, by name, in name order."""

    hr: dict[str, Path]
    lr: dict[str, Path] | None
    """None: there is no LR folder, LR is made from HR."""
    hr_folder: Path
    lr_folder: Path | None
    faults: tuple[str, ...]
    """One sentence for each thing that is wrong with names and number."""


def locate(
    dataset: str, entry: DatasetEntry, kind: LrKind, scale: int, data_root: Path | None
) -> Located:
    """The files of ``dataset`` at ``scale``; nothing is decoded.

    Raises UsageError for a scale the set does not have, UnavailableError when its HR folder is
    not there, or its LR folder where LR cannot be made.
    """
    if scale not in entry.scales:
        known = ", ".join(f"x{one}" for one in entry.scales)
        raise UsageError(f"{dataset} has no scale x{scale}; it has {known}.")
    if entry.hr is None:
        folder = scikit_image_folder()
        hr = {name: folder / image.file for name, image in sorted(entry.built_in.items())}
        faults: list[str] = []
    else:
        folder = _hr_folder(dataset, entry, entry.hr.folders, data_root)
        hr, strange = _images_in(folder, entry.hr.pattern, scale)
        faults = [*_count_faults(dataset, entry, folder, hr), *strange]
    lr_folder = _lr_folder(kind, scale, data_root)
    if lr_folder is None:
        if kind.make is None:
            raise UnavailableError(_no_lr(dataset, entry, kind, scale, data_root))
        return Located(hr, None, folder, None, tuple(faults))
    lr, strange = _images_in(lr_folder, kind.pattern, scale)
    faults += [*_pair_faults(hr, lr, folder, lr_folder, kind.pattern), *strange]
    return Located(hr, lr, folder, lr_folder, tuple(faults))


def candidates(folders: tuple[str, ...], scale: int, data_root: Path | None) -> list[Path]:
    """The paths that ``folders`` name; relative ones need a data root and are left out without."""
    paths = [Path(folder.replace("{scale}", str(scale))) for folder in folders]
    if data_root is None:
        return [path for path in paths if path.is_absolute()]
    return [data_root / path for path in paths]


def some(names: list[str]) -> str:
    """The first few of ``names``, and how many more."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _hr_folder(
    dataset: str, entry: DatasetEntry, folders: tuple[str, ...], data_root: Path | None
) -> Path:
    looked_in = candidates(folders, 0, data_root)
    for path in looked_in:
        if path.is_dir():
            return path
    if not looked_in:
        raise UnavailableError(
            f"{dataset} needs a data root: give --data-root FOLDER or set {DATA_ROOT_VARIABLE}; "
            f"{entry.how_to_get}."
        )
    places = " nor ".join(str(path) for path in looked_in)
    raise UnavailableError(f"{dataset} is not there, no folder {places}; {entry.how_to_get}.")


def _lr_folder(kind: LrKind, scale: int, data_root: Path | None) -> Path | None:
    for path in candidates(kind.folders, scale, data_root):
        if path.is_dir():
            return path
    return None


def _no_lr(
    dataset: str, entry: DatasetEntry, kind: LrKind, scale: int, data_root: Path | None
) -> str:
    places = " nor ".join(str(path) for path in candidates(kind.folders, scale, data_root))
    return (
        f"The LR images of {dataset} at x{scale} are not there, no folder {places}, and they "
        f"cannot be made from HR; {entry.how_to_get}."
    )


def _images_in(folder: Path, pattern: str, scale: int) -> tuple[dict[str, Path], list[str]]:
    """The images in ``folder`` by name, and a sentence for those whose file name does not fit."""
    before, after = pattern.replace("{scale}", str(scale)).split("{name}")
    fits = re.compile(f"^{re.escape(before)}(.+){re.escape(after)}$")
    suffix = Path(after).suffix or ".png"
    found: dict[str, Path] = {}
    strange: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() != suffix or not path.is_file():
            continue
        match = fits.match(path.name)
        if match:
            found[match.group(1)] = path
        else:
            strange.append(path.name)
    if not strange:
        return dict(sorted(found.items())), []
    wanted = pattern.replace("{scale}", str(scale)).replace("{name}", "NAME")
    return dict(sorted(found.items())), [
        f"{folder} holds files that are not named {wanted}: {some(strange)}."
    ]


def _count_faults(
    dataset: str, entry: DatasetEntry, folder: Path, hr: dict[str, Path]
) -> list[str]:
    if not entry.names:
        if len(hr) == entry.images:
            return []
        return [f"{folder} holds {len(hr)} images, {dataset} has {entry.images}."]
    faults = []
    missing = [name for name in entry.names if name not in hr]
    if missing:
        count = f"{len(missing)} of the {entry.images}"
        faults.append(f"{folder} lacks {count} images of {dataset}: {some(missing)}.")
    extra = [name for name in hr if name not in set(entry.names)]
    if extra:
        faults.append(f"{folder} holds images that {dataset} does not have: {some(extra)}.")
    return faults


def _pair_faults(
    hr: dict[str, Path], lr: dict[str, Path], hr_folder: Path, lr_folder: Path, pattern: str
) -> list[str]:
    faults = []
    without_lr = [name for name in hr if name not in lr]
    if without_lr:
        faults.append(
            f"{lr_folder} has no LR image (named {pattern}) for HR {some(without_lr)} of "
            f"{hr_folder}."
        )
    without_hr = [name for name in lr if name not in hr]
    if without_hr:
        faults.append(f"{hr_folder} has no HR image for LR {some(without_hr)} of {lr_folder}.")
    return faults
