"""A checkpoint as a plain state dict: safetensors first, a pickle only if it holds no code."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from esrbench.errors import SubmissionError
from esrbench.mistaken import mistaken
from esrbench.submission import limits
from esrbench.submission.formats.entries import Taken
from esrbench.submission.formats.keys import safetensors_header, state_of
from esrbench.submission.plain_types import plain_types


def read_state_dict(path: Path, key: str | None = None) -> dict[str, Tensor]:
    """The tensors of the checkpoint at ``path``, on the CPU, by parameter name.

    ``key`` names the entry that holds them; without it the usual ones are tried. What DataParallel
    or torch.compile put before every name is cut off.

    Raises SubmissionError when the file cannot be read, would run code, or holds no state dict.
    """
    return read_weights(path, key).state


def read_weights(path: Path, key: str | None = None) -> Taken[Tensor]:
    """The same, with the entry that was taken."""
    limits.check_size(path, limits.WEIGHTS_BYTES, "a checkpoint")
    try:
        return state_of(_read(path), Tensor, key, path)
    except (RecursionError, MemoryError) as why:
        raise SubmissionError(f"{path} is no checkpoint ({type(why).__name__}).") from None


def _read(path: Path) -> Any:
    instead = mistaken(path)
    if instead is not None:
        raise SubmissionError(f"{path} {instead}.")
    if safetensors_header(path) is not None or path.suffix == ".safetensors":
        from safetensors.torch import load_file

        try:
            return load_file(path, device="cpu")
        except Exception as why:  # safetensors raises its own type, OSError or ValueError
            raise SubmissionError(f"{path} is a damaged safetensors file: {why}.") from None
    try:
        return load_tensors(path)
    except pickle.UnpicklingError as why:
        raise SubmissionError(pickle_fault(path, str(why))) from None
    except OSError as why:
        raise SubmissionError(f"{path} cannot be read: {why}.") from None
    except Exception as why:  # EOFError, RuntimeError, KeyError...: a damaged or foreign file
        said = str(why).split("\n")[0][:160]
        # What a damaged pickle trips over can be a bare number, of an opcode or a key.
        first = said if " " in said else f"{type(why).__name__} {said}".rstrip()
        raise SubmissionError(f"{path} is no checkpoint torch can read: {first}.") from None


def load_tensors(file: Any, device: torch.device | str = "cpu", load: Any = torch.load) -> Any:
    """What ``weights_only`` reads of ``file``, plain values of other types beside the tensors.

    Raises whatever ``torch.load`` does.
    """
    with torch.serialization.safe_globals(plain_types()):
        return load(file, map_location=device, weights_only=True)


def pickle_fault(path: Path, message: str) -> str:
    """Why ``weights_only`` refused the pickle at ``path``, and how to save it instead."""
    name = re.search(r"GLOBAL ([\w.]+)", message)
    if name:
        return (
            f"{path} is a pickle that needs code ({name[1]}) and is not loaded; save the tensors "
            "alone: safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')."
        )
    return f"{path} is not loaded: it is no checkpoint of tensors alone (a pickle with code?)."
