"""From what a person types to a Submission, whatever the format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from esrbench.errors import EsrbenchError, SubmissionError, UsageError
from esrbench.submission import zipped
from esrbench.submission.declared import bundled_names, declared_variants, find_declared
from esrbench.submission.formats import archives
from esrbench.submission.formats.registry import Format, recognised
from esrbench.submission.formats.repository.edsr import is_model_file
from esrbench.submission.source import source_of
from esrbench.submission.submission import Submission
from esrbench.submission.weights import with_checkpoint

__all__ = ["Submission", "bundled_names", "find", "find_all", "list_scales", "list_variants"]


def find(
    path_or_name: str,
    *,
    variant: str | None = None,
    scale: int | None = None,
    checkpoint: Path | None = None,
) -> Submission:
    """The submission that ``path_or_name`` means, in one variant and at one scale.

    ``path_or_name`` is a folder with ``submission.yaml``, a ``.py`` file, a bundled name (``span``)
    or either of the first and last with a variant behind a slash (``span/c28``), or a folder whose
    ``model.py`` defines ``build()``. It may also be a checkpoint alone, a graph, an NTIRE
    repository, whose variants are its model ids, a research repository, whose variants are its
    option files or models, or a zip of any of these. ``checkpoint`` is a file to take the weights
    from instead of those that it names. Without a ``variant`` the manifest's default is taken,
    without a ``scale`` x4 if there is one, else the manifest's first. No line of the submission is
    run.

    Raises UsageError when there is no such thing, SubmissionError when it is there but broken.
    """
    given, path_or_name = path_or_name, _unzipped(path_or_name)
    with _called(path_or_name, given):
        other = _other_format(path_or_name)
        if other is not None:
            found = other[0].submission(other[1], variant, scale)
        else:
            found = find_declared(path_or_name, variant=variant, scale=scale)
    if checkpoint is not None:
        found = with_checkpoint(found, checkpoint)
    return replace(found, source=source_of(given))


def find_all(
    path_or_name: str,
    *,
    variant: str | None,
    scale: int | None,
    checkpoint: Path | None = None,
) -> list[Submission]:
    """As ``find``; for the variant ``all`` each that can do the scale, in the manifest's order.

    Raises as ``find``, also where no variant can do the scale.
    """
    names = [variant]
    if variant == "all":
        names = list_variants(path_or_name)
        if scale is not None:
            able = [name for name in names if scale in find(path_or_name, variant=name).scales]
            names = able or names[:1]
    return [find(path_or_name, variant=n, scale=scale, checkpoint=checkpoint) for n in names]


def list_variants(path_or_name: str) -> list[str | None]:
    """The variants of a submission as its manifest orders them; ``[None]`` when it has none.

    A name that says its variant (``span/c28``) lists only that one.
    """
    given, path_or_name = path_or_name, _unzipped(path_or_name)
    with _called(path_or_name, given):
        other = _other_format(path_or_name)
        return other[0].variants(other[1]) if other else declared_variants(path_or_name)


def list_scales(path_or_name: str, *, variant: str | None = None) -> list[int]:
    """The scales a variant (or the default one) can be built for."""
    return list(find(path_or_name, variant=variant).scales)


def _unzipped(path_or_name: str) -> str:
    """The folder (or file) in a zipped submission; anything else as it is."""
    path = Path(path_or_name).expanduser()
    if not path.is_file() or path.suffix == ".py" or recognised(path):
        return path_or_name
    if not archives.names(path):
        return path_or_name
    inside = zipped.unpacked(path)
    if inside.is_file() and archives.names(inside) and not recognised(inside):
        raise SubmissionError(
            f"{path} holds only another zip, {inside.name}; unpack it and hand in {inside.name}."
        )
    return str(inside)


@contextmanager
def _called(path: str, given: str) -> Iterator[None]:
    """What is wrong with ``path``, which was unpacked from ``given``, told of ``given``."""
    try:
        yield
    except EsrbenchError as why:
        if path != given:
            why.args = (str(why).replace(path, given), *why.args[1:])
        raise


def _other_format(path_or_name: str) -> tuple[Format, Path] | None:
    """The format of what is neither a folder with a manifest nor a ``.py`` file, and its path."""
    if not path_or_name.strip():
        raise UsageError(
            "No submission is named: give a folder, a file, or a name such as span, not an empty "
            "text."
        )
    path = Path(path_or_name).expanduser()
    own_file = path.suffix == ".py" and not is_model_file(path.resolve())
    if own_file or (path / "submission.yaml").is_file() or not path.exists():
        return None
    found = recognised(path)
    return (found, path.resolve()) if found else None
