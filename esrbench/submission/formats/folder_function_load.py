"""Run a sister challenge's function on a folder of LR images. Runner only."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esrbench.errors import SubmissionError
from esrbench.submission.formats.folder_function import NO_NETWORK
from esrbench.submission.formats.ntire_arguments import arguments_of
from esrbench.submission.formats.ntire_repository import FUNCTION

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest


def load(request: LoadRequest) -> nn.Module:
    """Raises SubmissionError: there is none."""
    raise SubmissionError(f"{NO_NETWORK} `esrbench score` scores what it writes.")


def run(entry: Path, arguments: dict[str, Any], device_name: str, lr: Path, sr: Path) -> None:
    """Have the function of one model id read ``lr`` and write into ``sr``.

    It runs in a copy of its repository beside ``sr``, made of links, since many write a log where
    they are. Checkpoints are read with ``weights_only``, ``cuda`` is the device in use. Raises
    SubmissionError, in a sentence, for what is missing and whatever it raises.
    """
    import torch

    from esrbench.submission.formats.as_if_cuda import CheckpointsOnly, as_if_cuda
    from esrbench.submission.formats.linked_copy import linked_copy
    from esrbench.submission.formats.ntire_load import missing_import, module_without_its_lacks
    from esrbench.submission.formats.repository.served import serving_basicsr

    repository = linked_copy(entry.parent, sr.parent / "repository")
    model_id = int(arguments["model_id"])
    what = f"{FUNCTION} of {repository.name} with model id {model_id}"
    os.chdir(repository)
    sys.path.insert(0, str(repository))
    sys.argv = [entry.name]  # what parses a command line finds its defaults
    device = torch.device(device_name)
    checkpoints = CheckpointsOnly(repository, arguments["checkpoints"], device)
    try:
        no_grad, served = torch.no_grad(), serving_basicsr(repository)
        with as_if_cuda(device), checkpoints, no_grad, served:
            module = module_without_its_lacks(repository / entry.name)
            answer = getattr(module, FUNCTION)(arguments_of(entry, model_id), device)
            function, model_dir = _function_in(answer, what)
            what = f"the function of model {model_id} of {repository.name}"
            _call(function, model_dir, lr, sr, device)
    except SubmissionError:
        raise
    except SystemExit as why:
        if why.code not in (None, 0):  # a program that is done may say so by ending
            raise SubmissionError(f"{what} ended itself: {why.code}.") from None
    except ImportError as why:
        raise SubmissionError(missing_import(why, repository, model_id)) from None
    except Exception as why:
        said = " ".join(str(why).split())[:300]
        raise SubmissionError(f"{what} raised {type(why).__name__}: {said}.") from why


def _function_in(answer: Any, what: str) -> tuple[Callable[..., Any], str | None]:
    """The function, and the path of its weights, which stand behind it in either order of names."""
    parts = answer if isinstance(answer, tuple) else (answer,)
    if not callable(parts[0]) or not inspect.isroutine(parts[0]):
        raise SubmissionError(
            f"{what} returned {type(parts[0]).__name__}, no function of (model_dir, input_path, "
            "output_path, device)."
        )
    texts = [str(part) for part in parts[1:] if isinstance(part, (str, Path))]
    paths = [text for text in texts if Path(text).exists() or "/" in text]
    if not paths and None in parts[1:]:
        return parts[0], None  # without weights: the text that is there is its name
    return parts[0], next(iter(paths or texts), None)


def _call(
    function: Callable[..., Any], model_dir: str | None, lr: Path, sr: Path, device: Any
) -> None:
    """By the names the challenge gives, or in their order where its author has others."""
    given = {
        "model_dir": model_dir,
        "input_path": str(lr),
        "output_path": str(sr),
        "device": device,
    }
    signature = inspect.signature(function)
    try:
        signature.bind(**given)
    except TypeError:
        taken = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        function(*list(given.values())[: len(taken)])
    else:
        function(**given)
