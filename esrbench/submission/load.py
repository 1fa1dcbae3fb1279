"""Run a submission's ``build()`` and fill in its weights. Only the runner may import this."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from esrbench.errors import SubmissionError
from esrbench.submission.checkpoint import read_weights
from esrbench.submission.formats.entries import cut_sentence, prefix_of, prefixes, under
from esrbench.submission.formats.repository.pip_names import pip_line
from esrbench.submission.formats.repository.served import serving_basicsr

_PREFIXES_TRIED = 8


def build_model(
    entry_file: Path,
    entry_function: str = "build",
    build_arguments: Mapping[str, Any] | None = None,
    scale: int | None = None,
    weights_path: Path | None = None,
    weights_key: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> nn.Module:
    """The network of a submission, with its weights, on the CPU and in eval mode.

    ``entry_function`` is called with ``build_arguments``, and with ``scale=`` if it takes one. If
    the module defines ``convert_state_dict(state) -> state`` (it too may take ``scale=``, and any
    of ``build_arguments``), the checkpoint goes through it, so that one in another form (a training
    form, say) fits. The weights must fit strictly. Where a checkpoint holds more than one state
    dict, or other tensors beside, ``say`` is told what was taken. What
    it takes of BasicSR is served (``formats/repository/``), which ``say`` is told too.

    Raises SubmissionError, in a sentence, for whatever the submission does wrong.
    """
    with _importable(entry_file.parent), serving_basicsr(entry_file.parent) as served:
        module = _import(entry_file)
        model = _build(module, entry_file, entry_function, dict(build_arguments or {}), scale)
        for note in served.notes(model):
            say(note)
    if weights_path is not None:
        taken = read_weights(weights_path, weights_key)
        if taken.sentence:
            say(taken.sentence)
        options = _options(scale, build_arguments)
        state = _fitting(module, entry_file, taken.state, options, model)
        fill(model, state, weights_path, say)
    model.eval()
    return model


def converted(
    entry_file: Path,
    state: dict[str, Tensor],
    scale: int | None,
    build_arguments: Mapping[str, Any] | None = None,
) -> dict[str, Tensor]:
    """``state`` as ``convert_state_dict`` of the entry file has it; as it is without one.

    It is given the scale and those of ``build_arguments`` that it takes.

    Raises SubmissionError when the function cannot do anything with it.
    """
    with _importable(entry_file.parent), serving_basicsr(entry_file.parent):
        module = _import(entry_file)
    return _converted(module, entry_file, state, _options(scale, build_arguments))


def _options(scale: int | None, build_arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    """What ``convert_state_dict`` may take besides the state dict."""
    return {**(build_arguments or {}), **({"scale": scale} if scale is not None else {})}


def _fitting(
    module: ModuleType,
    entry_file: Path,
    state: dict[str, Tensor],
    options: Mapping[str, Any],
    model: nn.Module,
) -> dict[str, Tensor]:
    """``state`` converted: as it is, or the part of it behind a prefix that then fits ``model``."""
    if getattr(module, "convert_state_dict", None) is None:
        return state
    wanted = model.state_dict().keys()
    for prefix in islice(prefixes(state.keys()), _PREFIXES_TRIED):
        part = under(state, prefix) if prefix else state
        try:
            turned = _converted(module, entry_file, dict(part), options)
        except SubmissionError:
            continue
        if prefix_of(turned.keys(), wanted) is not None:
            return turned
    return _converted(module, entry_file, state, options)


def _converted(
    module: ModuleType, entry_file: Path, state: dict[str, Tensor], options: Mapping[str, Any]
) -> dict[str, Tensor]:
    convert = getattr(module, "convert_state_dict", None)
    if convert is None:
        return state
    taken = {name: value for name, value in options.items() if _takes(convert, name)}
    what = f"convert_state_dict() of {entry_file}"
    changed: dict[str, Tensor] = _called(what, lambda: convert(state, **taken))
    return changed


def fill(
    model: nn.Module,
    state: Mapping[str, Tensor],
    path: Path,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Load ``state`` (from ``path``) into ``model``; every name and shape must agree.

    What stands before the model's names (``model.``, ``ema_model.``) is cut off where only so they
    are the model's; tensors beside, under other names, are left out, and ``say`` is told.

    Raises SubmissionError that names the first missing and unexpected keys and unequal shapes.
    """
    wanted = model.state_dict()
    state = _as_named(state, wanted, say)
    missing = [name for name in wanted if name not in state]
    unexpected = [name for name in state if name not in wanted]
    unequal = [n for n in wanted if n in state and wanted[n].shape != state[n].shape]
    faults = []
    if missing:
        faults.append(f"{len(missing)} missing ({_first(missing)})")
    if unexpected:
        faults.append(f"{len(unexpected)} unexpected ({_first(unexpected)})")
    if unequal:
        shapes = [f"{n} {_shape(state[n])} for {_shape(wanted[n])}" for n in unequal[:3]]
        faults.append(f"{len(unequal)} of another shape ({_first(shapes, len(unequal))})")
    if faults:
        raise SubmissionError(
            f"The weights {path.name} do not fit the network: {'; '.join(faults)}. Build the "
            "network they were trained with, or add convert_state_dict(state) to its file."
        )
    model.load_state_dict(dict(state), strict=True)


def _as_named(
    state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], say: Callable[[str], None]
) -> Mapping[str, Tensor]:
    prefix = prefix_of(state.keys(), wanted.keys())
    if not prefix:
        return state
    said = cut_sentence(prefix, state)
    if said:
        say(said)
    return under(state, prefix)


def _first(names: list[str], total: int | None = None) -> str:
    return ", ".join(names[:3]) + (", ..." if (total or len(names)) > 3 else "")


def _shape(tensor: Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape) or "scalar"


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """``folder`` is on ``sys.path``, and the modules imported from it are forgotten afterwards.

    So a submission may ``import blocks`` from beside it, and two submissions in one process can
    each have a ``blocks`` of their own.
    """
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(folder) and not name.startswith(_PACKAGE):
                del sys.modules[name]


_PACKAGE = "esrbench_submission_"


def _import(entry_file: Path) -> ModuleType:
    """The entry file as ``esrbench_submission_HASH.STEM``: a package, so ``from . import x`` works.

    It stays in ``sys.modules``, where dataclasses and torch look for the module of a class.
    """
    unique = hashlib.sha256(str(entry_file.resolve()).encode()).hexdigest()[:12]
    package = ModuleType(f"{_PACKAGE}{unique}")
    package.__path__ = [str(entry_file.parent)]
    for name in [n for n in sys.modules if n.split(".")[0] == package.__name__]:
        del sys.modules[name]  # loaded before: its files may have changed since
    sys.modules[package.__name__] = package
    name = f"{package.__name__}.{entry_file.stem}"
    importlib.invalidate_caches()
    module: ModuleType = _called(f"importing {entry_file}", importlib.import_module, name)
    return module


def _build(
    module: ModuleType,
    entry_file: Path,
    function: str,
    arguments: dict[str, Any],
    scale: int | None,
) -> nn.Module:
    build = getattr(module, function, None)
    if not callable(build):
        raise SubmissionError(f"{entry_file} has no function {function}().")
    signature = inspect.signature(build)
    if scale is not None and _takes(build, "scale"):
        arguments.setdefault("scale", scale)
    try:
        signature.bind(**arguments)
    except TypeError as why:
        raise SubmissionError(
            f"{function}() of {entry_file} cannot be called with {sorted(arguments)}: {why}; "
            "make its parameters and `build:` in submission.yaml agree."
        ) from None
    model = _called(f"{function}() of {entry_file}", lambda: build(**arguments))
    if not isinstance(model, nn.Module):
        raise SubmissionError(
            f"{function}() of {entry_file} returns {type(model).__name__}, not a torch.nn.Module."
        )
    return model


def _takes(function: Callable[..., Any], name: str) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return any(p.name == name or p.kind is p.VAR_KEYWORD for p in parameters)


def _called(what: str, call: Callable[..., Any], *arguments: Any) -> Any:
    """``call(*arguments)``, with whatever it raises told as a fault of the submission."""
    try:
        return call(*arguments)
    except Exception as why:
        said = _absent(why) or f"raised {type(why).__name__}: {why}"
        raise SubmissionError(f"{what} {said}{_place(why)}.{_hint(why)}") from why


def _absent(why: Exception) -> str | None:
    """``needs timm, which is not installed: pip install ...``, where that is what it is."""
    name = why.name if isinstance(why, ModuleNotFoundError) else None
    if not name or "." in name or name == "basicsr":
        return None
    return f"needs {name}, which is not installed: {pip_line([name])}"


def _hint(why: Exception) -> str:
    """What to do about a file that is not there."""
    if not isinstance(why, FileNotFoundError) or not isinstance(why.filename, str):
        return ""
    if not Path(why.filename).is_absolute():
        return f" Name it from where the code is: Path(__file__).parent / {why.filename!r}."
    return (
        " A submission sees its own folder, and a .py file without one the Python files that it "
        "imports: put the file there (`esrbench new NAME` writes a folder)."
    )


def _place(error: BaseException) -> str:
    """`` (model.py line 12)``: where in a submission's own files ``error`` was raised, if there."""
    place, trace = "", error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if str(module).startswith(_PACKAGE):
            place = f" ({Path(trace.tb_frame.f_code.co_filename).name} line {trace.tb_lineno})"
        trace = trace.tb_next
    return place
