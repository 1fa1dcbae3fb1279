"""The formats a participant may have, and how each is told and loaded: one row each.

A submission folder, a ``.py`` file and a bundled name are told by ``declared.py``: they say
themselves what they are. ``FORMATS`` is asked in order, from what can be told for certain to
what is left: a repository is a folder; ONNX has a name and a message of its own; the three that
are zip files follow from the most to the least peculiar, as a TorchScript module too has the
``data.pkl`` that makes a checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.submission.formats import (
    checkpoint_file,
    exported_program,
    folder_function,
    folder_function_load,
    ntire_load,
    ntire_repository,
    onnx_graph,
    spandrel_file,
    torch_script,
)
from esrbench.submission.formats.load_request import LoadRequest
from esrbench.submission.formats.repository import (
    basicsr,
    class_load,
    define_g_load,
    edsr,
    edsr_load,
)
from esrbench.submission.submission import Submission

if TYPE_CHECKING:
    from torch import nn


def _no_variants(path: Path) -> list[str | None]:
    del path
    return [None]


@dataclass(frozen=True)
class Format:
    """How the judge tells a format and makes a submission of it, without torch."""

    name: str
    detect: Callable[[Path], bool]
    """Whether it is this format; looks at content, never runs any."""
    submission: Callable[[Path, str | None, int | None], Submission]
    """The submission, in one variant and at one scale; both may be None."""
    variants: Callable[[Path], list[str | None]] = _no_variants
    is_folder: bool = False


FORMATS = (
    Format(
        "NTIRE repository",
        ntire_repository.detect,
        ntire_repository.submission,
        ntire_repository.variants,
        is_folder=True,
    ),
    Format(
        "sister challenge",
        folder_function.detect,
        folder_function.submission,
        folder_function.variants,
        is_folder=True,
    ),
    Format("repository", basicsr.detect, basicsr.submission, basicsr.variants, is_folder=True),
    Format("EDSR repository", edsr.detect, edsr.submission, edsr.variants, is_folder=True),
    Format("EDSR model", edsr.is_model_file, edsr.of_file),
    Format("option file", basicsr.detect, basicsr.submission),
    Format("ONNX", onnx_graph.detect, onnx_graph.submission),
    Format("torch.export", exported_program.detect, exported_program.submission),
    Format("TorchScript", torch_script.detect, torch_script.submission),
    Format("checkpoint", checkpoint_file.detect, checkpoint_file.submission),
)

LOADERS: dict[str, Callable[[LoadRequest], nn.Module]] = {
    "ntire": ntire_load.load,
    folder_function.FORM: folder_function_load.load,
    "basicsr": class_load.load,
    "define_G": define_g_load.load,
    "edsr": edsr_load.load,
    "onnx": onnx_graph.load,
    "pt2": exported_program.load,
    "torchscript": torch_script.load,
    "spandrel": spandrel_file.load,
}
"""By ``Submission.form``; a form that is not here is loaded by ``load.py``."""

OF_A_REPOSITORY = frozenset({"basicsr", "define_G", "edsr"})
"""Forms whose loader reads what of a repository is code (``repository.tree.entries_holding``); its
images and links to data sets are no concern of the network's."""

WHOLE = frozenset({"ntire", folder_function.FORM})
"""Forms whose code may read whatever is in their folder."""

AS_EXPORTED = frozenset({"onnx"})
"""Forms that run in the precision they were exported in: no track can turn them into another."""

GRAPHS = frozenset({"onnx", "pt2", "torchscript"})
"""Forms that were exported, perhaps for one image at a time."""


def recognised(path: Path) -> Format | None:
    """The format of the file or folder at ``path``; None when it is none of these."""
    if not path.exists():
        return None
    rows = (row for row in FORMATS if row.is_folder == path.is_dir())
    return next((row for row in rows if row.detect(path)), None)
