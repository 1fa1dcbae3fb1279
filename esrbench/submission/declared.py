"""A submission that says itself what it is: a folder with a manifest, a ``.py`` file, a bundled
name.

What does not (a checkpoint alone, a graph, an NTIRE repository) is told by ``formats/registry.py``;
``find.py`` asks both.
"""

from __future__ import annotations

from pathlib import Path

from esrbench import bundled
from esrbench.errors import EsrbenchError, SubmissionError, UsageError, nearest
from esrbench.mistaken import mistaken
from esrbench.submission.beside import imported_beside
from esrbench.submission.likely_network import hint
from esrbench.submission.manifest import Manifest, read_manifest
from esrbench.submission.single_file import (
    defines,
    entry_in,
    manifest_of,
    manifest_of_folder,
    syntax_tree,
)
from esrbench.submission.submission import Submission
from esrbench.submission.weights import CHECKPOINT_SUFFIXES

_MEANT_AS_ONE = CHECKPOINT_SUFFIXES | {".py", ".onnx", ".pt2", ".zip", ".yaml", ".yml"}
"""What only a submission has; without any of these there is none, not a broken one."""


def find_declared(
    path_or_name: str, *, variant: str | None = None, scale: int | None = None
) -> Submission:
    """The submission in one variant and at one scale; no line of it is run.

    Without a ``variant`` the manifest's default is taken, without a ``scale`` x4 if there is one,
    else the manifest's first.

    Raises UsageError when there is no such thing, SubmissionError when it is there but broken.
    """
    source, named_variant = _locate(path_or_name)
    if variant and named_variant and variant != named_variant:
        raise UsageError(f"{path_or_name} names variant {named_variant!r}, not {variant!r}.")
    manifest, folder = _read(source)
    variant = variant or named_variant or manifest.default_variant
    variant = variant or next(iter(manifest.variants), None)
    return _submission(manifest.resolved(variant), source, folder, variant, scale)


def declared_variants(path_or_name: str) -> list[str | None]:
    """The variants as the manifest orders them, ``[None]`` when it has none.

    A name that says its variant (``span/c28``) lists only that one.
    """
    source, named_variant = _locate(path_or_name)
    if named_variant is not None:
        return [named_variant]
    return list(_read(source)[0].variants) or [None]


def bundled_names() -> list[str]:
    """The reference submissions that come with esrbench."""
    return sorted(path.parent.name for path in bundled.submissions().glob("*/submission.yaml"))


def _locate(path_or_name: str) -> tuple[Path, str | None]:
    """The folder or file meant, and the variant if the text names one behind a slash."""
    path = Path(path_or_name).expanduser()
    if (path.suffix == ".py" and path.is_file()) or (path / "submission.yaml").is_file():
        return path.resolve(), None
    if "/" in path_or_name and not path.exists() and (path.parent / "submission.yaml").is_file():
        return path.parent.resolve(), path.name
    name, _, variant = path_or_name.strip("/").partition("/")
    if name in bundled_names() and "/" not in variant:
        return bundled.submissions() / name, variant or None
    if path.is_dir() and entry_in(path) is not None:
        return path.resolve(), None
    if path.is_dir():
        raise _fault_of(path)(
            f"{path} has no submission.yaml (`esrbench new NAME` writes a folder that has one) and "
            "is no NTIRE repository either, with select_model() in a test_demo.py, nor a fork of "
            "BasicSR or KAIR, with option files, or of EDSR-PyTorch, with option.py beside a "
            f"model/ that has make_model().{hint(path)}"
        )
    if path.is_file():
        instead = mistaken(path)
        if instead is not None:
            raise _fault_of(path)(f"{path} {instead}.")
        raise _fault_of(path)(
            f"{path} is no .py file, checkpoint, ONNX graph, torch.export program, TorchScript "
            "module or zip of a submission; `esrbench new NAME` writes a folder to put your "
            "network into."
        )
    if path.suffix or path.is_absolute() or (len(path.parts) > 1 and path.parent.is_dir()):
        folder = path.absolute().parent
        where = f"{folder} has no {path.name}" if folder.is_dir() else f"no folder {folder}"
        raise UsageError(f"There is no {path_or_name}: {where}.")
    raise UsageError(
        f"There is no {path_or_name}, here ({Path.cwd()}) or among those that come with esrbench"
        f"{nearest(path_or_name, bundled_names())}"
    )


def _fault_of(path: Path) -> type[EsrbenchError]:
    """Whose mistake it is that nothing at ``path`` can be measured: somebody's submission that
    lacks something, or a path to what never was one, such as a text or a folder of photographs."""
    inside = path.iterdir() if path.is_dir() else [path]
    meant = any(one.suffix.lower() in _MEANT_AS_ONE for one in inside)
    return SubmissionError if meant else UsageError


def _read(source: Path) -> tuple[Manifest, Path]:
    """The manifest, and the folder that the submission's files are in."""
    if source.is_file():
        return manifest_of(source), source.parent
    entry = None if (source / "submission.yaml").is_file() else entry_in(source)
    if entry is not None:
        return manifest_of_folder(source, entry), source
    return read_manifest(source / "submission.yaml"), source


def _submission(
    manifest: Manifest, source: Path, folder: Path, variant: str | None, scale: int | None
) -> Submission:
    stem, function = manifest.entry_point.split(":")
    entry_file = source if source.is_file() else folder / f"{stem}.py"
    _has_entry(entry_file, function)
    scale = _chosen_scale(manifest, variant, scale)
    published = manifest.published.get(scale)
    whole = source.is_dir() or (folder / "submission.yaml").is_file()
    found = Submission(
        name=manifest.name,
        variant=variant,
        scale=scale,
        scales=manifest.scale,
        folder=folder,
        entry_file=entry_file,
        entry_function=function,
        title=manifest.title or manifest.name,
        build_arguments=dict(manifest.build),
        bounds={str(name): more for name, more in manifest.bounds.items()},
        data_range=manifest.data_range,
        multiple=manifest.multiple,
        min_size=manifest.min_size,
        channels=manifest.channels,
        precision=manifest.precision,
        weights=manifest.weights_at(scale),
        own_weights=manifest.own_weights.get(scale),
        authors=manifest.authors,
        year=manifest.year,
        paper=manifest.paper,
        code=manifest.code,
        licence=manifest.licence,
        published=published.model_dump(exclude_unset=True) if published else {},
        code_files=None if whole else imported_beside(entry_file),
        given_as_folder=source.is_dir(),
    )
    found.code_sha256()  # files that cannot be read are told now, not when a record is begun
    return found


def _has_entry(entry_file: Path, function: str) -> None:
    if not entry_file.is_file():
        raise SubmissionError(
            f"{entry_file.parent} has no {entry_file.name}; put the network there, with a function "
            f"{function}() that returns it."
        )
    if not defines(syntax_tree(entry_file), function):
        raise SubmissionError(
            f"{entry_file} defines no {function}(); add `def {function}() -> torch.nn.Module` that "
            "returns the network in its deployed form."
        )


def _chosen_scale(manifest: Manifest, variant: str | None, scale: int | None) -> int:
    if scale is None:
        return 4 if 4 in manifest.scale else manifest.scale[0]
    if scale not in manifest.scale:
        label = f"{manifest.name}/{variant}" if variant else manifest.name
        have = ", ".join(f"x{s}" for s in manifest.scale)
        raise SubmissionError(f"{label} cannot do x{scale}; its submission.yaml says {have}.")
    return scale
