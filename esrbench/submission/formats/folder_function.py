"""A repository of a sister challenge (Image SR x4, Mobile Real-World SR): a function of folders.

``test.py`` has ``select_model(args, device)``, as in the efficient challenge, but each branch gives
a function ``(model_dir, input_path, output_path, device)`` that reads a folder of LR images and
writes one of SR images. There is no network to count or time; what it writes is scored.
"""

from __future__ import annotations

import re
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.submission.formats.ntire_repository import (
    FUNCTION,
    SCALE,
    branches_of,
    chosen_of,
    weights_of,
)
from esrbench.submission.formats.ntire_syntax import function_named
from esrbench.submission.formats.sidecar import name_of
from esrbench.submission.submission import Submission

ENTRY = "test.py"
FORM = "folder_function"
NO_NETWORK = (
    "It is a function from a folder of LR images to one of SR images, as NTIRE's Image SR and "
    "Mobile Real-World SR challenges have it: there is no network to be counted or timed."
)


def detect(path: Path) -> bool:
    """A folder with a ``test.py`` that defines or imports ``select_model``."""
    try:
        return function_named(path / ENTRY, FUNCTION, path) is not None
    except SubmissionError:
        return False


def variants(path: Path) -> list[str | None]:
    """The model ids, in the order of the branches."""
    return [str(branch.model_id) for branch in branches_of(path, ENTRY)]


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """One function of the repository; ``variant`` is its id (or its name), the first one if None.

    Raises SubmissionError where no id, or not this one, can be read.
    """
    path = path.resolve()
    branch = chosen_of(path, variant, ENTRY)
    scale = scale or SCALE
    year = re.search(r"20\d\d", path.name)
    sources = (p for p in sorted(path.rglob("*.py")) if p.relative_to(path).as_posix()[0] != ".")
    name = branch.name.strip()
    return Submission(
        name=name_of(path),
        variant=branch.variant,
        scale=scale,
        scales=(scale,),
        folder=path,
        entry_file=path / ENTRY,
        entry_function=FUNCTION,
        title=f"{name} ({path.name})",
        build_arguments={"model_id": branch.model_id, "checkpoints": list(branch.checkpoints)},
        weights=weights_of(path, branch),
        year=int(year[0]) if year else None,
        form=FORM,
        taken_for=(
            f"model {branch.model_id} of a sister challenge's repository, {name}: a function from "
            f"a folder of LR images to one of SR images x{scale}; scored for quality, not for cost"
        ),
        code_files=tuple(sources),
    )
