"""Where the checkpoint lies that an option file names, or why there is none."""

from __future__ import annotations

from pathlib import Path

from esrbench.submission.formats.repository.option_file import OptionFile
from esrbench.submission.formats.repository.tree import checkpoints_in
from esrbench.submission.manifest import WeightsSpec


def weights_of(option: OptionFile, root: Path) -> WeightsSpec:
    """The checkpoint that the options name, where it is; else the reason there is none."""
    if option.trains:
        written = f"experiments/{option.name}/models/net_g_latest.pth"
        why = f"{option.path.name} is to train with: there is no {written} yet"
    elif option.weights is None:
        return WeightsSpec(reason=f"{option.path.name} names no weights; give --weights FILE")
    else:
        written, why = option.weights, f"{option.weights} is not in {root.name}"
    found = checkpoints_in(root, written) if Path(written).suffix else []
    if len(found) > 1:
        places = " and ".join(str(path.relative_to(root)) for path in found[:3])
        why = f"{Path(written).name} is {places}, and nothing says which is meant"
    if len(found) != 1:
        return WeightsSpec(reason=f"{why}; give it with --weights FILE", key=option.weights_key)
    return WeightsSpec(file=str(found[0].relative_to(root)), key=option.weights_key)
