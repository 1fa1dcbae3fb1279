"""Find the files of a dataset, and everything that is wrong with their names and number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esrbench.data.built_in import scikit_image_folder
from esrbench.data.catalogue import DATA_ROOT_VARIABLE
from esrbench.data.entry import DatasetEntry, HrFiles, LrKind
from esrbench.data.patterns import Pattern, is_image, own_pattern
from esrbench.errors import UnavailableError, UsageError
from esrbench.number_of import number_of

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
        hr_files: _Files | None = None
        faults: list[str] = []
    else:
        hr_files = _hr_files(dataset, entry, entry.hr, scale, data_root)
        folder = hr_files.folder
    lr_files = _first_there(kind.folders, kind.pattern, scale, data_root)
    every_kind = _every_kind(entry, scale, data_root)
    if hr_files is not None:
        hr, strange = _images_in(hr_files, every_kind, wanted=entry.images)
        faults = [*strange, *_count_faults(dataset, entry, folder, hr)]
    if lr_files is None:
        if kind.make is None:
            raise UnavailableError(_no_lr(dataset, entry, kind, scale, data_root))
        return Located(hr, None, folder, None, tuple(faults))
    lr, strange = _images_in(lr_files, every_kind, wanted=len(hr))
    faults += [*_pair_faults(hr, lr, folder, lr_files), *strange]
    return Located(hr, lr, folder, lr_files.folder, tuple(faults))


def some(names: list[str]) -> str:
    """The first few of ``names``, and how many more."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


@dataclass(frozen=True)
class _Files:
    """A folder that is there, and how the files in it are named."""

    folder: Path
    pattern: Pattern


def _candidates(
    folders: tuple[str, ...], pattern: str, scale: int, data_root: Path | None
) -> list[_Files]:
    """What ``folders`` name; relative ones need a data root and are left out without."""
    found = []
    for folder in folders:
        above, own = own_pattern(folder, pattern)
        path = Path(above.replace("{scale}", str(scale)))
        if data_root is not None or path.is_absolute():
            found.append(_Files((data_root or Path()) / path, Pattern(own, scale)))
    return found


def _every_kind(entry: DatasetEntry, scale: int, data_root: Path | None) -> list[_Files]:
    """HR and every LR kind: what else may lie in a folder, as in SelfExSR's ``image_SRF_4``."""
    kinds = [entry.hr, *entry.lr.values()]
    return [
        files
        for kind in kinds
        if kind is not None
        for files in _candidates(kind.folders, kind.pattern, scale, data_root)
    ]


def _first_there(
    folders: tuple[str, ...], pattern: str, scale: int, data_root: Path | None
) -> _Files | None:
    for files in _candidates(folders, pattern, scale, data_root):
        if files.folder.is_dir():
            return files
    return None


def _hr_files(
    dataset: str, entry: DatasetEntry, hr: HrFiles, scale: int, data_root: Path | None
) -> _Files:
    there = _first_there(hr.folders, hr.pattern, scale, data_root)
    if there is not None:
        return there
    looked_in = _candidates(hr.folders, hr.pattern, scale, data_root)
    if not looked_in:
        raise UnavailableError(
            f"{dataset} needs a data root: give --data-root FOLDER or set {DATA_ROOT_VARIABLE}; "
            f"{entry.how_to_get}."
        )
    places = " nor ".join(str(files.folder) for files in looked_in)
    raise UnavailableError(f"{dataset} is not there, no folder {places}; {entry.how_to_get}.")


def _no_lr(
    dataset: str, entry: DatasetEntry, kind: LrKind, scale: int, data_root: Path | None
) -> str:
    looked_in = _candidates(kind.folders, kind.pattern, scale, data_root)
    places = " nor ".join(str(files.folder) for files in looked_in)
    return (
        f"The LR images of {dataset} at x{scale} are not there, no folder {places}, and they "
        f"cannot be made from HR; {entry.how_to_get}."
    )


def _images_in(
    files: _Files, known: list[_Files], *, wanted: int
) -> tuple[dict[str, Path], list[str]]:
    """The images by name, and a sentence for those whose file name does not fit, or fits twice.

    ``known``: all that this dataset may have in a folder; where several fit a file, it belongs to
    the pattern that fixes more of its name. ``wanted`` images make the set whole: then copies with
    another extension are nobody's concern.
    """
    others = [one.pattern for one in known if one.folder == files.folder and one != files]
    found: dict[str, Path] = {}
    faults: list[str] = []
    strange: list[Path] = []
    for path in _files_of(files.folder):
        name = files.pattern.name_of(path.name)
        letters = files.pattern.letters if name is not None else 0
        if any(one.letters > letters and one.name_of(path.name) for one in others):
            continue
        if name is None:
            strange.append(path)
        elif name in found:
            faults.append(f"{found[name]} and {path.name} are both the image {name}.")
        else:
            found[name] = path
    if len(found) == wanted:
        strange = [path for path in strange if files.pattern.has_extension_of(path.name)]
    if strange:
        names = some([path.name for path in strange])
        any_kind = "" if files.pattern.any_extension else "; `{name}.*` takes every kind of image"
        faults.append(
            f"{files.folder} holds files that are not named {files.pattern}: {names}{any_kind}."
        )
    return dict(sorted(found.items())), faults


def _files_of(folder: Path) -> list[Path]:
    """The image files of ``folder`` in name order."""
    try:
        return sorted(path for path in folder.iterdir() if is_image(path.name) and path.is_file())
    except OSError as why:
        raise UnavailableError(f"{folder} cannot be read: {why.strerror}.") from None


def _count_faults(
    dataset: str, entry: DatasetEntry, folder: Path, hr: dict[str, Path]
) -> list[str]:
    if not entry.names:
        if len(hr) == entry.images:
            return []
        holds = number_of(len(hr), "image")
        return [f"{folder} holds {holds}, {dataset} has {entry.images}."]
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
    hr: dict[str, Path], lr: dict[str, Path], hr_folder: Path, lr_files: _Files
) -> list[str]:
    faults = []
    without_lr = [name for name in hr if name not in lr]
    if without_lr:
        faults.append(
            f"{lr_files.folder} has no LR image (named {lr_files.pattern}) for HR "
            f"{some(without_lr)} of "
            f"{hr_folder}."
        )
    without_hr = [name for name in lr if name not in hr]
    if without_hr:
        faults.append(
            f"{hr_folder} has no HR image for LR {some(without_hr)} of {lr_files.folder}."
        )
    return faults
