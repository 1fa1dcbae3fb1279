"""A checkpoint alone: which network it belongs to is told by the names and shapes in it.

First the networks that come with esrbench, then those that spandrel knows.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from esrbench.errors import SubmissionError, UsageError
from esrbench.number_of import number_of
from esrbench.submission import limits
from esrbench.submission.declared import find_declared
from esrbench.submission.formats import match
from esrbench.submission.formats.child import ask_child
from esrbench.submission.formats.entries import cut_sentence, under
from esrbench.submission.formats.keys import Shapes, is_pickled, is_safetensors, read_taken
from esrbench.submission.formats.sidecar import read_sidecar, scale_in_name, sidecar_path
from esrbench.submission.formats.signatures import Signature, signature_from, signatures
from esrbench.submission.manifest import Manifest, WeightsSpec
from esrbench.submission.submission import Submission
from esrbench.submission.weights import sha256_of

INSTALL = "pip install 'esrbench[spandrel]'"
EXTRA = "pip install 'esrbench[spandrel-extra]'"


def detect(path: Path) -> bool:
    """A safetensors file, or what ``torch.save`` writes, old or new; whatever it is called."""
    return is_safetensors(path) or is_pickled(path)


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """The network it belongs to, with these weights in it.

    ``variant`` (``c28`` or ``span/c28``) chooses where more than one fits.

    A sidecar (``NAME.yaml``) may say ``weights: {file:, key:}``: another file of the folder, and
    the entry that holds the state dict.

    Raises SubmissionError, with the nearest networks and what each lacks, where none does.
    """
    said = read_sidecar(path)
    file, key = _weights_said(path, said)
    taken = read_taken(file, key)
    prefix = match.prefix(taken.state, signatures())
    shapes = under(taken.state, prefix)
    cut = cut_sentence(prefix, taken.state) if prefix else None
    fits = _fitting(file, tuple(sorted(shapes.items())))
    if fits:
        fit = _one_of(file, fits, variant, scale)
        return _as_bundled(file, fit, len(shapes), said, key, [taken.sentence, cut])
    answer = _ask_spandrel(file, sha256_of(file), key)
    if "title" in answer:
        return _as_spandrel(file, answer, scale, said, key, taken.sentence)
    raise SubmissionError(_refusal(path, shapes, answer))


def _weights_said(path: Path, said: Manifest) -> tuple[Path, str | None]:
    """The checkpoint meant and the entry in it: what the sidecar says, else ``path`` itself."""
    spec = said.weights
    if spec is None:
        return path, None
    file = limits.inside(path.parent / spec.file, path.parent) if spec.file else path
    if not file.is_file():
        raise SubmissionError(
            f"{sidecar_path(path)} names weights {spec.file!r}, which are not in {path.parent}."
        )
    if spec.sha256 and sha256_of(file) != spec.sha256:
        raise SubmissionError(
            f"{file} is not the checkpoint that {sidecar_path(path).name} names: its sha256 is "
            f"{sha256_of(file)}."
        )
    return file, spec.key


@lru_cache(maxsize=64)
def _fitting(path: Path, shapes: tuple[tuple[str, tuple[int, ...]], ...]) -> list[Signature]:
    """The networks it fits as it is, else those that can turn it into a form of theirs."""
    del path
    own = match.exact(dict(shapes), signatures())
    return own or [signature_from(row) for row in ask_child("convertible", dict(shapes))]


@lru_cache(maxsize=64)
def _ask_spandrel(path: Path, sha256: str, key: str | None) -> dict[str, Any]:
    del sha256  # it is there to ask again when the file is another one
    answer: dict[str, Any] = ask_child("spandrel", {"path": str(path), "key": key})
    return answer


def _one_of(path: Path, fits: list[Signature], variant: str | None, scale: int | None) -> Signature:
    """The network meant, by the command, the file's name or its hash, in this order."""
    if variant is not None:
        wanted = {variant, variant.partition("/")[2]}
        fits = [s for s in fits if {s.variant, s.name, s.label.split(" ")[0]} & wanted]
        if not fits:
            raise SubmissionError(f"{path} has not the names and shapes of {variant}.")
    if scale is not None and all(s.scale != scale for s in fits):
        raise SubmissionError(f"{path} has the names and shapes of {fits[0].label}, not x{scale}.")
    scale = scale or scale_in_name(path)
    by_scale = [s for s in fits if s.scale == scale] or fits
    official = [s for s in by_scale if _is_official(path, s)]
    fits = official or by_scale
    if len(fits) > 1:
        raise UsageError(
            f"{path} fits {', '.join(s.label for s in fits)} alike; say which with --scale or "
            "--variant NAME/VARIANT."
        )
    return fits[0]


def _is_official(path: Path, signature: Signature) -> bool:
    spec = find_declared(signature.name, variant=signature.variant, scale=signature.scale).weights
    return spec is not None and spec.sha256 == sha256_of(path)


def _as_bundled(
    path: Path,
    fit: Signature,
    tensors: int,
    said: Manifest,
    key: str | None,
    taken: list[str | None],
) -> Submission:
    own = find_declared(fit.name, variant=fit.variant, scale=fit.scale)
    form = ", in its training form" if fit.trained else ""
    taken_for = f"{own.title} ({fit.label}){form}: all {tensors} names and shapes fit"
    if _is_official(path, fit):
        return replace(own, checkpoint=path, taken_for=f"{taken_for}; the official weights")
    return replace(
        own,
        **_who(said),
        title=said.title or f"{said.name} ({own.title})",
        scales=(own.scale,),
        variant=None,
        weights=WeightsSpec(file=path.name, licence=said.licence, key=key),
        published={},
        checkpoint=path,
        taken_for="; ".join(filter(None, [taken_for, *taken])),
        channels=said.channels or own.channels,
        data_range=said.data_range if "data_range" in said.model_fields_set else own.data_range,
    )


def _as_spandrel(
    path: Path,
    answer: dict[str, Any],
    scale: int | None,
    said: Manifest,
    key: str | None,
    taken: str | None,
) -> Submission:
    if scale not in (None, answer["scale"]):
        raise SubmissionError(f"{path} is {answer['title']} x{answer['scale']}, not x{scale}.")
    how = {"key": key, "prefix": answer["prefix"]}
    through = f"{answer['title']} x{answer['scale']}, through spandrel"
    return Submission(
        **_who(said),
        variant=None,
        scale=answer["scale"],
        scales=(answer["scale"],),
        folder=path.parent,
        entry_file=path,
        entry_function="",
        title=said.title or f"{said.name} ({answer['title']})",
        build_arguments={name: value for name, value in how.items() if value},
        multiple=answer["multiple"],
        min_size=answer["min_size"],
        channels=said.channels,
        weights=WeightsSpec(file=path.name, licence=said.licence, key=key),
        form="spandrel",
        taken_for="; ".join(filter(None, [through, taken, answer["said"]])),
        checkpoint=path,
        code_files=(),
    )


def _who(said: Manifest) -> dict[str, Any]:
    """What the sidecar says of the authors; a bundled network's own had no part in the weights."""
    return {
        "name": said.name,
        "authors": said.authors,
        "year": said.year,
        "paper": said.paper,
        "code": said.code,
        "licence": said.licence,
    }


def _refusal(path: Path, shapes: Shapes, answer: dict[str, Any]) -> str:
    near = match.nearest_candidates(shapes, signatures())
    nearest = f" The nearest: {'. '.join(near)}." if near else ""
    if answer["installed"]:
        why = f" ({answer['why']})" if answer["why"] else ""
        beyond = f" spandrel does not know it either{why}; a few more are known with {EXTRA}."
    else:
        beyond = f" More networks are known with spandrel: {INSTALL}."
    held = number_of(len(shapes), "tensor")
    return (
        f"{path} has {held} and belongs to no network that comes with esrbench."
        f"{nearest}{beyond} Else put it into a folder with its network: esrbench new NAME."
    )
