"""Code that says ``.cuda()`` runs on the device in use, and checkpoints are tensors only.

For code that was written for one machine. Runner only.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import CodeType, FunctionType, ModuleType, TracebackType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from esrbench.errors import SubmissionError
from esrbench.submission.checkpoint import load_tensors, pickle_fault
from esrbench.submission.formats.gpu_answers import answering_for_a_gpu


@contextmanager
def as_if_cuda(device: torch.device) -> Iterator[None]:
    """While entered, every ``cuda`` device that is asked for is ``device``.

    ``Tensor.cuda`` and ``Module.cuda`` stay so for the life of the process, as a forward may call
    them; they are looked up by name there and cost the others nothing. Without a GPU the questions
    that a script asks of one (which, wait for it, how long, how much memory) are answered too.
    """

    def tensor_cuda(self: Tensor, *_: Any, **__: Any) -> Tensor:
        return self.to(device)

    def module_cuda(self: nn.Module, *_: Any, **__: Any) -> nn.Module:
        return self.to(device)

    Tensor.cuda = tensor_cuda  # type: ignore[assignment, method-assign]
    nn.Module.cuda = module_cuda  # type: ignore[assignment, method-assign]
    with _InUse(device), nullcontext() if device.type == "cuda" else answering_for_a_gpu():
        yield


class _InUse(TorchFunctionMode):
    """Replaces ``device="cuda"`` in calls of torch's functions."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self._device = device

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Make the call with the device in use."""
        args = tuple(self._device if _is_cuda(value) else value for value in args)
        named = {k: self._device if _is_cuda(v) else v for k, v in (kwargs or {}).items()}
        return func(*args, **named)


def _is_cuda(value: object) -> bool:
    if isinstance(value, torch.device):
        return value.type == "cuda"
    return isinstance(value, str) and (value == "cuda" or value.startswith("cuda:"))


class CheckpointsOnly:
    """While entered, ``torch.load`` reads tensors alone, onto the device in use.

    One of ``declared`` (paths inside ``folder``) that is not there comes as an empty state dict
    that fits every network and changes nothing; any other missing file is an error.
    """

    def __init__(self, folder: Path, declared: list[str], device: torch.device) -> None:
        self._folder = folder
        self._declared = {(folder / name).resolve() for name in declared}
        self._device = device
        self._load: Callable[..., Any] = torch.load
        self._fill: Callable[..., Any] = nn.Module.load_state_dict
        self._absent = False

    def __enter__(self) -> None:
        torch.load = self._read  # type: ignore[assignment]
        fill = self._fill

        def load_state_dict(
            module: nn.Module, state: Mapping[str, Any], *args: Any, **named: Any
        ) -> Any:
            if self._absent and not state:
                return None
            return fill(module, state, *args, **named)

        nn.Module.load_state_dict = load_state_dict  # type: ignore[method-assign, assignment]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        torch.load = self._load
        nn.Module.load_state_dict = self._fill  # type: ignore[method-assign]

    def _read(self, file: Any, *_: Any, **__: Any) -> Any:
        path = Path(file) if isinstance(file, (str, Path)) else None
        if path is not None and not path.is_file():
            # A path of the author's machine: the same name in the folder of checkpoints.
            here = self._folder / "model_zoo" / path.name
            path = file = here if here.is_file() else path
        if path is not None and not path.is_file():
            if path.resolve() in self._declared:
                self._absent = True
                return _Absent()
            raise SubmissionError(f"The checkpoint {path} is not in the repository.")
        try:
            return load_tensors(file, self._device, self._load)
        except pickle.UnpicklingError as why:
            raise SubmissionError(pickle_fault(path or Path("checkpoint"), str(why))) from None


class _Absent(dict[str, Any]):
    """A checkpoint that is not there, with every entry in it, each as absent."""

    def __missing__(self, key: str) -> _Absent:
        return self

    def __contains__(self, key: object) -> bool:
        return True

    def get(self, key: str, default: Any = None) -> Any:
        """Nothing, again."""
        del key, default
        return self


def read_cuda_as(device: torch.device, network: nn.Module) -> bool:
    """Have ``"cuda"`` in the code that ``network`` runs mean ``device``; whether any was there.

    A forward that says ``torch.zeros(1, device="cuda")`` wants a GPU wherever it is. Changed are
    the constants of the functions in the files of its classes, which costs a forward nothing.
    """
    if device.type == "cuda":
        return False
    homes = {type(module).__module__ for module in network.modules()}
    homes = {name for name in homes if name.partition(".")[0] not in _LIBRARIES}
    changed = False
    for function in {f for name in homes for f in _functions(sys.modules.get(name))}:
        code = _with_device(function.__code__, str(device))
        changed = changed or code is not function.__code__
        function.__code__ = code
    return changed


CUDA_READ = 'its code asks for "cuda", which is read as {device} here'
_LIBRARIES = frozenset({"torch", "torchvision", "timm", "einops", "esrbench", "builtins"})


def _functions(module: ModuleType | None) -> Iterator[FunctionType]:
    """Those that the file of ``module`` defines, methods included."""
    if module is None:
        return
    for value in list(vars(module).values()):
        inside = vars(value).values() if isinstance(value, type) else [value]
        for one in inside:
            function = getattr(one, "__func__", one)  # of a static or class method
            if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                yield function


def _with_device(code: CodeType, device: str) -> CodeType:
    """``code`` with ``device`` for every constant that is ``cuda``; itself where there is none."""
    new = tuple(
        device
        if _is_cuda(constant)
        else _with_device(constant, device)
        if isinstance(constant, CodeType)
        else constant
        for constant in code.co_consts
    )
    same = all(a is b for a, b in zip(new, code.co_consts, strict=True))
    return code if same else code.replace(co_consts=new)
