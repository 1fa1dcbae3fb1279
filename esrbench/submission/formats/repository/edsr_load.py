"""Build a model of an EDSR-PyTorch fork with its own ``option.py``. Runner only."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esrbench.errors import SubmissionError
from esrbench.submission.formats.repository.class_load import importing
from esrbench.submission.formats.repository.edsr_models import FUNCTION, args_name

if TYPE_CHECKING:
    from torch import Tensor, nn

    from esrbench.submission.formats.load_request import LoadRequest
    from esrbench.submission.formats.repository.lazy_packages import LazyPackages


def load(request: LoadRequest) -> nn.Module:
    """The model with its weights; raises SubmissionError, in a sentence."""
    import torch
    from torch import nn

    from esrbench.submission.formats.as_if_cuda import as_if_cuda
    from esrbench.submission.formats.repository.finish import finished

    options = request.folder / request.arguments["options"]
    above = (p for p in options.parents[1:] if p.is_relative_to(request.folder))
    roots = (options.parent, *above, request.path.parent)
    device = torch.device(request.device)
    way_out = "" if request.arguments["arguments"] else _DEFAULTS.format(options=options.name)
    walk = importing(request.folder, roots, request.path, way_out=way_out, run_from=options.parent)
    with walk as finder, as_if_cuda(device):
        given = _options(finder, options, request)
        module = importlib.import_module(f"{request.path.parent.name}.{request.path.stem}")
        network = getattr(module, FUNCTION)(given)
    if not isinstance(network, nn.Module):
        raise SubmissionError(
            f"{FUNCTION}() of {request.path.name} makes {type(network).__name__}, no network."
        )
    set_scale = getattr(network, "set_scale", None)
    if callable(set_scale):  # one network for several scales (MDSR)
        set_scale(0)
    own_way = type(network).load_state_dict is not nn.Module.load_state_dict
    calls = _calls_before_testing(options.parent)
    return finished(
        network,
        request,
        fill=_fill_its_own_way if own_way else None,
        prepare=lambda network: _called_on_modules(network, calls, request),
    )


_DEFAULTS = "It was built with the defaults of {options}; --args gives others."


def _calls_before_testing(program: Path) -> list[tuple[str, str]]:
    """``_prepare`` of ``if hasattr(m, '_prepare'): m._prepare()`` in the fork's ``trainer.py``.

    SMSR and its kind so turn the trained form into the one that is tested.
    """
    trainer = program / "trainer.py"
    text = trainer.read_text(errors="replace") if trainer.is_file() else ""
    return re.findall(r"if hasattr\((\w+), ['\"](\w+)['\"]\):\s+\1\.\2\(\)", text)


def _called_on_modules(network: nn.Module, calls: list[tuple[str, str]], request: Any) -> None:
    import torch

    for name in dict.fromkeys(name for _, name in calls):
        owners = [module for module in network.modules() if hasattr(module, name)]
        with torch.no_grad():
            for module in owners:
                getattr(module, name)()
        if owners:
            request.notes.append(f"{name}() called before testing, as its trainer.py does")


def _options(finder: LazyPackages, options: Path, request: LoadRequest) -> Any:
    """``args`` of ``option.py``, run with the arguments given, for one device and no training."""
    argv = [str(options.with_name("main.py")), "--model", request.path.stem]
    argv += request.arguments["arguments"]
    if not request.arguments["says_scale"]:
        argv += ["--scale", str(request.scale)]
    before, argv_before = set(sys.modules), sys.argv
    said = io.StringIO()
    finder.lenient, sys.argv = True, argv
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            args = getattr(importlib.import_module(options.stem), args_name(options))
    except SystemExit:
        last = (said.getvalue().strip().splitlines() or ["it ended"])[-1]
        raise SubmissionError(
            f"{options.relative_to(request.folder)} does not take "
            f"{' '.join(argv[1:])}: {last.partition('error: ')[2] or last}."
        ) from None
    except AttributeError as why:
        raise SubmissionError(f"{options.name} leaves no `args` to build with: {why}.") from None
    finally:
        finder.lenient, sys.argv = False, argv_before
        for name in _own_modules(before, request.folder):
            del sys.modules[name]  # read leniently: a model that needs one imports it for itself
    for name, value in _ON_ONE_DEVICE.items():
        setattr(args, name, value)
    args.cpu = request.device == "cpu"
    return args


_ON_ONE_DEVICE = {"n_GPUs": 1, "pre_train": ".", "precision": "single", "test_only": True}
"""What does not depend on the person: weights are filled in afterwards, the harness runs it."""


def _own_modules(before: set[str], folder: Path) -> Iterator[str]:
    """What was imported since, of the repository or as a package that is not there."""
    from esrbench.submission.formats.repository.absent_parts import Absent

    for name in set(sys.modules) - before:
        module = sys.modules[name]
        file = getattr(module, "__file__", None)
        if isinstance(module, Absent) or (file and Path(file).is_relative_to(folder)):
            yield name


def _fill_its_own_way(network: nn.Module, state: dict[str, Tensor], request: LoadRequest) -> None:
    """Through the network's own ``load_state_dict``, as the framework calls it: not strict."""
    wanted = network.state_dict()
    network.load_state_dict(state, strict=False)
    missing = [name for name in wanted if name not in state]
    if missing:
        request.notes.append(
            f"{len(missing)} of {len(wanted)} tensors are not in the checkpoint "
            f"({', '.join(missing[:3])}): the network's own load_state_dict leaves them"
        )
