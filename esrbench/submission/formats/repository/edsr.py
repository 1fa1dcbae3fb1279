"""A fork of EDSR-PyTorch: ``option.py`` beside ``model/``, one file a model. Judge's side.

What ``option.py`` does with its arguments only running it can tell; the judge reads its defaults
as syntax, as far as it must know them: scale and range.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from esrbench.errors import SubmissionError, UsageError, nearest
from esrbench.submission.formats.repository.edsr_models import (
    FUNCTION,
    Model,
    default_of,
    entry_of,
    makes_a_model,
    models,
    scale_of,
    weights_of,
    whole,
)
from esrbench.submission.formats.repository.listing import SeveralError, models_listing
from esrbench.submission.formats.repository.packages import install_line, parts_of
from esrbench.submission.formats.repository.tree import root_of
from esrbench.submission.formats.sidecar import name_of
from esrbench.submission.submission import Submission


def detect(path: Path) -> bool:
    """A folder with an ``option.py`` beside a ``model/`` that makes models, at any depth."""
    return bool(models(path.resolve()))


def is_model_file(path: Path) -> bool:
    """A file of such a ``model/``: it has ``make_model``, and options are read one folder up."""
    return path.suffix == ".py" and makes_a_model(path) and entry_of(path.parent) is not None


def of_file(path: Path, variant: str | None, scale: int | None) -> Submission:
    """The model in one file; ``variant`` is what ``--args`` says."""
    return submission(root_of(path.parent), f"{path.stem} {variant or ''}", scale)


def variants(path: Path) -> list[str | None]:
    """The names of the models."""
    return [model.name for model in models(path.resolve())]


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """One model. ``variant`` is its name and behind it, if any, arguments for ``option.py``.

    Raises UsageError, with the list, where there are several and none is named, SubmissionError
    for a package that is missing.
    """
    root = path.resolve()
    model, given = _chosen(root, variant)
    said = _arguments(given)
    scale = _scale(model, said, scale)
    other = _other_task(model, said, scale)
    if other is not None:
        raise SubmissionError(
            f"{model.name} of {root.name} is no super-resolution of one RGB image, which is what "
            f"esrbench measures: {other}."
        )
    data_range = float(said.get("rgb_range") or default_of(model.options, "rgb_range") or 255)
    parts = parts_of(root, model.file)
    if parts.missing:
        raise SubmissionError(f"{model.file}: {root.name} {install_line(root, parts.missing)}")
    arguments = [text for text in given if text]
    return Submission(
        name=name_of(root),
        variant=_variant(model.name, arguments),
        scale=scale,
        scales=(scale,),
        folder=root,
        entry_file=model.file,
        entry_function=FUNCTION,
        title=f"{model.name} ({root.name})",
        build_arguments={
            "options": str(model.options.relative_to(root)),
            "arguments": arguments,
            "says_scale": "scale" in said,
        },
        data_range=data_range,
        weights=weights_of(root, model, said, scale),
        form="edsr",
        taken_for=(
            f"{model.name} x{scale}, a model of {model.file.parent.relative_to(root.parent)} with "
            f"the arguments of {model.options.name}, values in [0, {data_range:g}]"
        ),
        code_files=tuple(sorted({*(f for f in parts.files if f.is_relative_to(root)),
                                 model.options})),
        notes=_notes(model),
    )  # fmt: skip


def _chosen(root: Path, variant: str | None) -> tuple[Model, list[str]]:
    known = models(root)
    try:
        given = shlex.split(variant or "")
    except ValueError as why:
        raise UsageError(f"--args {variant!r} cannot be read: {why}.") from None
    name = given.pop(0) if given and not given[0].startswith("-") else ""
    if not name and len(known) == 1:
        return known[0], given
    if not name:
        raise SeveralError(models_listing(root))
    for model in known:
        if name.lower() in (model.name.lower(), model.file.name.lower()):
            return model, given
    hint = nearest(name, [model.name for model in known])
    raise UsageError(f"{root} has no model {name!r}{hint}")


def _arguments(given: list[str]) -> dict[str, str]:
    """``--scale 4`` and ``--scale=4`` as ``{"scale": "4"}``."""
    said: dict[str, str] = {}
    for index, text in enumerate(given):
        if text.startswith("--"):
            name, equals, value = text[2:].partition("=")
            behind = given[index + 1] if index + 1 < len(given) else ""
            said[name] = value if equals else "" if behind.startswith("--") else behind
    return said


def _scale(model: Model, said: dict[str, str], asked: int | None) -> int:
    """From the arguments, the command, or what the model is built for without either."""
    own = whole(said.get("scale"))
    if own is not None and asked not in (None, own):
        raise UsageError(f"--args says --scale {own}, and --scale says {asked}.")
    scale = own or asked or scale_of(model)
    if scale is None:
        raise UsageError(f"{model.options} says no scale; give it with --scale.")
    return scale


def _other_task(model: Model, said: dict[str, str], scale: int) -> str | None:
    """What it is for with these arguments, where that is something else."""
    if scale == 1:
        return "with these arguments it is x1, as for denoising; --args '--scale 4' gives another"
    colors = whole(said.get("n_colors") or default_of(model.options, "n_colors"))
    if colors not in (None, 3):
        channels = f"{colors} channel{'s' * (colors != 1)}"
        return f"with these arguments it is for {channels}; --args '--n_colors 3' gives another"
    return None


def _variant(name: str, arguments: list[str]) -> str:
    """``edsr``, ``edsr-n_feats-32``: what is built in other ways has another name."""
    words = [name, *(text.lstrip("-") for text in arguments)]
    return re.sub(r"[^A-Za-z0-9_.]+", "-", "-".join(words)).strip("-._") or "model"


def _notes(model: Model) -> tuple[str, ...]:
    """Where the framework's own ``Model.forward`` always cuts images into quarters."""
    wrapper = model.file.parent / "__init__.py"
    text = wrapper.read_text(errors="replace") if wrapper.is_file() else ""
    if "forward_chop" in text and not re.search(r"(self|args|opt)\.chop\b", text):
        return ("its own test cuts images into parts, here it sees the whole",)
    return ()
