"""What only a process with torch can tell; run by ``child.py``.

``python -m esrbench.submission.formats.networks signatures|convertible|spandrel SECONDS`` reads
one JSON document and prints one line of JSON; SECONDS bounds what it computes. Names and shapes are
enough for the networks that come with esrbench; spandrel tells some networks by values, so that for
it the checkpoint is opened, as tensors alone (``weights_only``).
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from esrbench import bundled
from esrbench.errors import SubmissionError
from esrbench.submission import limits
from esrbench.submission.checkpoint import read_state_dict
from esrbench.submission.declared import bundled_names, declared_variants, find_declared
from esrbench.submission.formats.entries import cut_sentence, prefixes, under
from esrbench.submission.formats.spandrel_known import model_loader
from esrbench.submission.load import build_model, converted, fill
from esrbench.submission.manifest import read_manifest
from esrbench.submission.submission import Submission

TRAINING_FORM = "training_form.py"
"""The file of a bundled submission that builds the network as it is trained."""

_PREFIXES_TRIED = 8

Answer = list[dict[str, Any]] | dict[str, Any]


def signatures(names: list[str]) -> Answer:
    """Names and shapes of these systems' networks, in the deployed and in the training form."""
    rows = []
    for found in _bundled(names):
        for trained in (False, True):
            model = _empty(found, trained)
            shapes = {} if model is None else _shapes(model.state_dict())
            if shapes:
                rows.append({**_who(found), "trained": trained, "shapes": shapes})
    return rows


def convertible(shapes: dict[str, list[int]]) -> Answer:
    """Bundled networks whose ``convert_state_dict`` turns these names and shapes into their own.

    Where it changes nothing the network is not built: that it does not fit as it is is known.
    """
    fits = []
    with torch.device("meta"):  # a shape is a claim: no memory is given for it
        state = {name: torch.zeros(shape) for name, shape in shapes.items()}
    for found in _bundled(bundled_names()):
        try:
            with torch.device("meta"):
                turned = converted(
                    found.entry_file, dict(state), found.scale, found.build_arguments
                )
            if _shapes(turned) == shapes:
                continue
            model = _empty(found, trained=False)
            if model is None:
                continue
            fill(model, turned, found.entry_file)
        except SubmissionError:
            continue
        fits.append({**_who(found), "trained": True, "shapes": shapes})
    return fits


def spandrel(about: dict[str, Any]) -> Answer:
    """What spandrel makes of the checkpoint at ``path``: its architecture, scale and sizes.

    ``{"installed": False}`` without spandrel; ``{"why": ...}``, which may be empty, where it knows
    no such network. ``prefix`` is what had to be cut from the names.
    """
    try:
        from spandrel import ImageModelDescriptor, UnsupportedModelError

        loader = model_loader()
    except ImportError:
        return {"installed": False}
    try:
        state = read_state_dict(Path(about["path"]), about["key"])
    except SubmissionError as why:
        return {"installed": True, "why": str(why).rstrip(".")}
    found, prefix, tripped = None, "", ""
    for prefix in islice(prefixes(state.keys()), _PREFIXES_TRIED):
        part = under(state, prefix) if prefix else state
        try:
            found = loader.load_from_state_dict(dict(part))
            break
        except UnsupportedModelError:
            continue
        except Exception as why:  # whatever a detection trips over
            tripped = tripped or type(why).__name__
    if found is None:
        return {"installed": True, "why": tripped}
    if not isinstance(found, ImageModelDescriptor) or found.purpose not in {"SR", "FaceSR"}:
        return {"installed": True, "why": f"{found.architecture.name} is no super-resolution"}
    if (found.input_channels, found.output_channels) != (3, 3):
        return {"installed": True, "why": f"{found.architecture.name} that is not RGB to RGB"}
    sizes = found.size_requirements
    return {
        "installed": True,
        "title": found.architecture.name,
        "prefix": prefix,
        "said": cut_sentence(prefix, state) if prefix else None,
        "scale": found.scale,
        "multiple": sizes.multiple_of,
        "min_size": max(1, sizes.minimum),
    }


def _bundled(names: Sequence[str]) -> Iterator[Submission]:
    """Those of ``names`` whose code comes with esrbench; what spandrel builds it also recognises
    itself."""
    for name in names:
        if read_manifest(bundled.submissions() / name / "submission.yaml").extra:
            continue
        for variant in declared_variants(name):
            for scale in find_declared(name, variant=variant).scales:
                yield find_declared(name, variant=variant, scale=scale)


def _empty(found: Submission, trained: bool) -> nn.Module | None:
    """The network on the meta device; None where there is none of that form."""
    entry = found.folder / TRAINING_FORM if trained else found.entry_file
    if not entry.is_file():
        return None
    with torch.device("meta"):
        return build_model(entry, found.entry_function, found.build_arguments, found.scale)


def _shapes(state: Mapping[str, Tensor]) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in state.items()}


def _who(found: Submission) -> dict[str, Any]:
    return {
        "name": found.name,
        "variant": found.variant,
        "scale": found.scale,
        "title": found.title,
    }


QUESTIONS: dict[str, Callable[[Any], Answer]] = {
    "signatures": signatures,
    "convertible": convertible,
    "spandrel": spandrel,
}


def _bound(cpu_seconds: int) -> None:
    """What is looked at may claim any size: this process ends before the machine is short.

    It ends too when it has computed for ``cpu_seconds``; how long a busy machine makes it wait
    does not count.
    """
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + limits.CHILD_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, hard))  # SIGXCPU ends it


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    _bound(int(sys.argv[2]))
    try:
        answer = QUESTIONS[sys.argv[1]](question)
    except (MemoryError, RecursionError) as why:
        sys.exit(f"{type(why).__name__}")
    print(json.dumps(answer))
