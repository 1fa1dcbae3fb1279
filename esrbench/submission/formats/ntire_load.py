"""Call ``select_model`` of an NTIRE repository as its organisers wrote it. Runner only."""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from esrbench.errors import SubmissionError
from esrbench.submission.formats.ntire_arguments import arguments_of
from esrbench.submission.formats.ntire_repository import ENTRY, FUNCTION
from esrbench.submission.formats.repository.pip_names import pip_line
from esrbench.submission.single_file import syntax_tree

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest


def load(request: LoadRequest) -> nn.Module:
    """The model of one id, on the device in use whatever ``.cuda()`` the code says.

    Its checkpoint is read with ``weights_only``. Where the checkpoint is missing, the values stay
    what the constructor put there.

    Raises SubmissionError for a dependency or file that is missing, and for a name or range other
    than ``test_demo.py`` seems to say.
    """
    import torch
    from torch import nn

    from esrbench.submission.formats.as_if_cuda import (
        CUDA_READ,
        CheckpointsOnly,
        as_if_cuda,
        read_cuda_as,
    )
    from esrbench.submission.formats.ranged import Ranged
    from esrbench.submission.formats.repository.served import serving_basicsr

    repository, model_id = request.path.parent, int(request.arguments["model_id"])
    os.chdir(repository)
    sys.path.insert(0, str(repository))
    device = torch.device(request.device)
    checkpoints = CheckpointsOnly(repository, request.arguments["checkpoints"], device)
    what = f"{FUNCTION} of {repository.name} with model id {model_id}"
    try:
        with as_if_cuda(device), checkpoints, serving_basicsr(repository) as served:
            select = getattr(module_without_its_lacks(request.path), FUNCTION)
            answer = select(arguments_of(request.path, model_id), device)
    except SubmissionError:
        raise
    except ImportError as why:
        raise SubmissionError(missing_import(why, repository, model_id)) from None
    except Exception as why:
        said = " ".join(str(why).split())[:300]
        gpu = device.type == "cpu" and re.search(r"\b(gpu|cuda)\b", said, re.IGNORECASE)
        hint = " It wants a GPU: --device cuda." if gpu else ""
        raise SubmissionError(
            f"{what} raised {type(why).__name__}: {said.rstrip('.')}.{hint}"
        ) from why
    if not (isinstance(answer, tuple) and len(answer) >= 3 and isinstance(answer[0], nn.Module)):
        raise SubmissionError(f"{what} returned no (model, name, data_range, tile).")
    model: nn.Module = answer[0]
    if read_cuda_as(device, model):
        request.notes.append(CUDA_READ.format(device=device))
    data_range, tile = (*answer, None)[2:4]
    request.notes.extend(served.notes(model))
    said = request.arguments["data_range"]
    if said is None:  # the judge could not read it, and sends values in [0, 1]
        model = model if float(data_range) == 1 else Ranged(model, float(data_range))
    elif float(data_range) != said:
        raise SubmissionError(
            f"{what} returned data_range {data_range}, but its branch in {ENTRY} reads as {said:g}."
        )
    if tile is None:
        return model
    from esrbench.submission.formats.tiles import Tiled

    return Tiled(model, int(tile), request.scale)


def module_without_its_lacks(path: Path) -> ModuleType:
    """``test_demo.py`` with the imports left out that this machine cannot do.

    ``select_model`` needs few of them; what it does need is missed when it is called.
    """
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    for statement in syntax_tree(path).body:
        code = compile(ast.Module([statement], []), str(path), "exec")
        try:
            exec(code, module.__dict__)
        except ImportError:
            if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                raise
    return module


def missing_import(why: ImportError, repository: Path, model_id: int) -> str:
    """The dependency (or the repository's own file) that model needs, in a sentence."""
    name = why.name or ""
    top = name.split(".")[0]
    who = f"model {model_id} of {repository.name}"
    if not name or (repository / top).exists():
        return f"{who} imports what is not there: {why}."
    return f"{who} needs {top} ({why}): {pip_line([top])}."
