"""A fork of EDSR-PyTorch: ``option.py`` beside ``model/``, one file a model. Judge's side.

What ``option.py`` does with its arguments only running it can tell; the judge reads its defaults
as syntax, as far as it must know them: scale and range.
"""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from esrbench.errors import SubmissionError, UsageError, nearest
from esrbench.submission.formats.repository.packages import install_line, parts_of
from esrbench.submission.formats.repository.python_text import content_of
from esrbench.submission.formats.repository.tree import files_in, root_of
from esrbench.submission.formats.sidecar import name_of
from esrbench.submission.manifest import WeightsSpec
from esrbench.submission.single_file import syntax_tree
from esrbench.submission.submission import Submission
from esrbench.submission.weights import CHECKPOINT_SUFFIXES

ENTRY, MODELS, FUNCTION = "option.py", "model", "make_model"
_SCALE_IN_PATH = re.compile(r"(?:^|[^0-9a-z])x([2-9])(?![0-9])|x([2-9])(?=[._/-]|$)")


@dataclass(frozen=True)
class Model:
    """One file of ``model/`` that has ``make_model``."""

    name: str
    file: Path
    options: Path
    """The ``option.py`` it is built with."""


def detect(path: Path) -> bool:
    """A folder with an ``option.py`` beside a ``model/`` that makes models, at any depth."""
    return bool(models(path.resolve()))


@lru_cache(maxsize=16)
def models(root: Path) -> tuple[Model, ...]:
    """Every model, one of a name: of a repository with two programs, the one it tests with."""
    found: dict[str, Model] = {}
    entries = [file for file in files_in(root, (".py",)) if file.name == ENTRY]
    for entry in sorted(entries, key=lambda e: ("test" not in str(e).lower(), len(e.parts))):
        for file in sorted((entry.parent / MODELS).glob("*.py")):
            if _makes_a_model(file):
                found.setdefault(file.stem.lower(), Model(file.stem, file, entry))
    return tuple(sorted(found.values(), key=lambda model: model.name.lower()))


def _makes_a_model(file: Path) -> bool:
    return re.search(rb"^def\s+make_model\b", content_of(file), re.MULTILINE) is not None


def is_model_file(path: Path) -> bool:
    """A file of such a ``model/``: it has ``make_model`` and ``option.py`` is one folder up."""
    above = path.parent.parent / ENTRY
    return path.parent.name == MODELS and above.is_file() and _makes_a_model(path)


def of_file(path: Path, variant: str | None, scale: int | None) -> Submission:
    """The model in one file; ``variant`` is what ``--args`` says."""
    return submission(root_of(path.parent.parent / ENTRY), f"{path.stem} {variant or ''}", scale)


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
    data_range = float(said.get("rgb_range") or _default(model.options, "rgb_range") or 255)
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
            f"the arguments of {ENTRY}, values in [0, {data_range:g}]"
        ),
        code_files=tuple(sorted({*(f for f in parts.files if f.is_relative_to(root)),
                                 model.options})),
        notes=_notes(model),
    )  # fmt: skip


def _chosen(root: Path, variant: str | None) -> tuple[Model, list[str]]:
    from esrbench.submission.formats.repository.listing import SeveralError, models_listing

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
    own = _whole(said.get("scale"))
    if own is not None and asked not in (None, own):
        raise UsageError(f"--args says --scale {own}, and --scale says {asked}.")
    scale = own or asked or scale_of(model)
    if scale is None:
        raise UsageError(f"{model.options} says no scale; give it with --scale.")
    return scale


def scale_of(model: Model) -> int | None:
    """The scale of a model that no argument tells: of its name (``FIWHNx4``), or ``option.py``."""
    in_name = re.search(r"[xX]([2-9])$", model.name)
    return int(in_name[1]) if in_name else _whole(_default(model.options, "scale"))


def _whole(text: Any) -> int | None:
    """4 for ``4``, ``"4"``, ``"4.0"``, and the first of ``"2+3+4"``."""
    found = re.match(r"\s*(\d+)", str(text)) if text not in (None, "") else None
    return int(found[1]) if found else None


def _default(options: Path, name: str) -> Any:
    """The default of ``add_argument('--name', default=...)``, read as syntax."""
    for node in ast.walk(syntax_tree(options)):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant) and first.value == f"--{name}":
            for keyword in node.keywords:
                if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                    return keyword.value.value
    return None


def _variant(name: str, arguments: list[str]) -> str:
    """``edsr``, ``edsr-n_feats-32``: what is built in other ways has another name."""
    words = [name, *(text.lstrip("-") for text in arguments)]
    return re.sub(r"[^A-Za-z0-9_.]+", "-", "-".join(words)).strip("-._") or "model"


def weights_of(root: Path, model: Model, said: dict[str, str], scale: int) -> WeightsSpec:
    """``--pre_train``, or the one checkpoint of the repository that names model and scale."""
    named = said.get("pre_train")
    if named not in (None, "", "."):
        for folder in (model.options.parent, root):
            file = (folder / str(named)).resolve()
            if file.is_file() and file.is_relative_to(root):
                return WeightsSpec(file=str(file.relative_to(root)))
        return WeightsSpec(reason=f"{named} is not in {root.name}; give it with --weights FILE")
    found = [path.relative_to(root) for path in files_in(root, CHECKPOINT_SUFFIXES)]
    fits = [path for path in found if _scales_in(path) <= {scale}]
    best = _best([p for p in fits if _names(p, model)]) or _best(
        fits if len(models(root)) == 1 or _scales_in(Path(model.name)) else []
    )
    if best is not None:
        return WeightsSpec(file=str(best))
    several = f": {', '.join(map(str, found[:4]))}" if found else ""
    return WeightsSpec(
        reason=f"no checkpoint of {root.name} is named after {model.name} x{scale}{several}; give "
        "one with --weights FILE"
    )


def _names(path: Path, model: Model) -> bool:
    return re.sub(r"[xX]\d$", "", model.name).lower() in str(path).lower()


def _scales_in(path: Path) -> set[int]:
    return {int(a or b) for a, b in _SCALE_IN_PATH.findall(str(path).lower())}


def _best(paths: list[Path]) -> Path | None:
    """The only one, or the only ``model_best``."""
    best = [path for path in paths if "best" in path.name.lower()]
    left = best or paths
    return left[0] if len(left) == 1 else None


def _notes(model: Model) -> tuple[str, ...]:
    """Where the framework's own ``Model.forward`` always cuts images into quarters."""
    wrapper = model.file.parent / "__init__.py"
    text = wrapper.read_text(errors="replace") if wrapper.is_file() else ""
    if "forward_chop" in text and not re.search(r"(self|args|opt)\.chop\b", text):
        return ("its own test cuts images into parts, here it sees the whole",)
    return ()
