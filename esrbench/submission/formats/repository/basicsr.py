"""A fork of BasicSR (or KAIR): one option file as a submission. Nothing of it is imported."""

from __future__ import annotations

import re
from pathlib import Path

from esrbench.errors import SubmissionError, UsageError, nearest
from esrbench.flags import OTHER_PROTOCOL
from esrbench.submission.formats.repository.classes import find_network
from esrbench.submission.formats.repository.listing import SeveralError, listing
from esrbench.submission.formats.repository.model_types import (
    file_of,
    output_of,
    padding_of,
    parts_above,
)
from esrbench.submission.formats.repository.option_file import (
    OptionFile,
    is_option_file,
    read_option_file,
)
from esrbench.submission.formats.repository.option_weights import weights_of
from esrbench.submission.formats.repository.other_tasks import why_not_measured
from esrbench.submission.formats.repository.packages import install_line, parts_of
from esrbench.submission.formats.repository.tree import (
    option_files,
    root_of,
    to_train_with,
)
from esrbench.submission.formats.sidecar import name_of
from esrbench.submission.submission import Submission


def detect(path: Path) -> bool:
    """An option file with a network in it, or a repository that has one."""
    return bool(option_files(path)) if path.is_dir() else is_option_file(path)


def variants(path: Path) -> list[str | None]:
    """The option files to test with, by their paths; those to train with where there are none."""
    if not path.is_dir():
        return [None]
    names = [str(file.relative_to(path)) for file in _to_test_with(path)]
    return list(names)


def _to_test_with(root: Path) -> list[Path]:
    found = option_files(root)
    return [file for file in found if not to_train_with(file)] or found


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """The network of one option file; of a folder's, ``variant`` names it.

    Raises UsageError, with the list, where a folder has several and none is named, SubmissionError
    for what is wrong with the one.
    """
    path = path.resolve()
    root = path if path.is_dir() else root_of(path)
    option = read_option_file(_chosen(root, variant) if path.is_dir() else path)
    return from_option(option, root, scale)


def _chosen(root: Path, variant: str | None) -> Path:
    known = option_files(root)
    if variant is None:
        if len(known) == 1:
            return known[0]
        raise SeveralError(listing(root))
    names = {str(file.relative_to(root)): file for file in known}
    fits = [file for name, file in names.items() if variant in (name, file.name, file.stem)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise UsageError(f"{variant} is {' and '.join(str(f) for f in fits)}; give the path.")
    raise UsageError(f"{root} has no option file {variant!r}{nearest(variant, names)}")


def from_option(option: OptionFile, root: Path, scale: int | None) -> Submission:
    """The network that ``option`` asks for; raises SubmissionError, in a sentence."""
    where = option.path.relative_to(root)
    own = scale if option.scale is None else option.scale
    other = why_not_measured(option, own)
    if other is not None:
        raise SubmissionError(
            f"{option.path} is no super-resolution of one RGB image, which is what esrbench "
            f"measures: {other}."
        )
    if own is None:
        raise UsageError(f"{option.path} says no scale; give it with --scale.")
    if scale not in (None, own):
        raise SubmissionError(f"{option.path} is for x{own}, not x{scale}.")
    made_by = option.network if option.builder == "class" else "define_G"
    file, attribute = find_network(root, made_by, option.path)
    parts = parts_of(root, file)
    if parts.missing:
        raise SubmissionError(f"{option.path}: {root.name} {install_line(root, parts.missing)}")
    code = {*parts.files, option.path, file_of(option, root)}
    inside = file.relative_to(root) if file.is_relative_to(root) else Path(file.name)
    return Submission(
        name=name_of(root),
        variant=_variant(option.path),
        scale=own,
        scales=(own,),
        folder=root,
        entry_file=file,
        entry_function=attribute,
        title=f"{option.network} ({option.name})",
        build_arguments={
            "network": option.network,
            "attribute": attribute,
            "arguments": option.arguments,
            **({"options": option.document} if option.builder == "define_G" else {}),
            "option": str(where),
            "strict": option.strict,
            "key_said": option.weights_key not in (None, "params"),
            "padding": padding_of(option, root),
            "output": output_of(option, root),
        },
        weights=weights_of(option, root),
        form="basicsr" if option.builder == "class" else "define_G",
        taken_for=f"{option.network} of {inside} x{own}, with the options of {where}",
        code_files=tuple(sorted(f for f in code if f is not None and f.is_relative_to(root))),
        notes=(*_other_protocol(option, own), *_other_test(option)),
        flags=(OTHER_PROTOCOL,) if _other_protocol(option, own) else (),
    )


def _variant(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem).strip("-._") or "options"


def _other_protocol(option: OptionFile, scale: int) -> tuple[str, ...]:
    """Where the authors' own figures are made otherwise than they are here."""
    notes = []
    if option.crop_border not in (None, scale):
        notes.append(
            f"its own test crops {option.crop_border} pixels, the scale ({scale}) is cropped here"
        )
    if option.test_y_channel is False:
        notes.append("its own PSNR is of RGB, not of the luma channel Y")
    return tuple(notes)


def _other_test(option: OptionFile) -> tuple[str, ...]:
    """Where its own test runs the network otherwise than it is run here."""
    limit = parts_above(option.model_type)
    if limit is not None:
        return (
            f"its own test cuts LR sides above {limit} pixels into parts, here it sees the whole",
        )
    if option.chopped:
        return ("its own test cuts images into parts, here it sees the whole",)
    return ()
