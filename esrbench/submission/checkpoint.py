"""A checkpoint as a plain state dict: safetensors first, a pickle only if it holds no code."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from esrbench.errors import SubmissionError
from esrbench.submission.formats.keys import WRAPPERS, state_in


def read_state_dict(path: Path, key: str | None = None) -> dict[str, Tensor]:
    """The tensors of the checkpoint at ``path``, on the CPU, by parameter name.

    ``key`` names the entry that holds them; without it the usual ones are tried. What DataParallel
    or torch.compile put before every name is cut off.

    Raises SubmissionError when the file cannot be read, would run code, or holds no state dict.
    """
    return _unwrapped(_read(path), key, path)


def _read(path: Path) -> Any:
    if _is_safetensors(path):
        from safetensors.torch import load_file

        try:
            return load_file(path, device="cpu")
        except Exception as why:  # safetensors raises its own type, OSError or ValueError
            raise SubmissionError(f"{path} is a damaged safetensors file: {why}.") from None
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as why:
        raise SubmissionError(pickle_fault(path, str(why))) from None
    except OSError as why:
        raise SubmissionError(f"{path} cannot be read: {why}.") from None
    except Exception as why:  # EOFError, RuntimeError, KeyError...: a damaged or foreign file
        first = str(why).split("\n")[0][:160] or type(why).__name__
        raise SubmissionError(f"{path} is no checkpoint torch can read: {first}.") from None


def _is_safetensors(path: Path) -> bool:
    """Whether the content starts as the format does: a header length, then that much JSON."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= 100_000_000 or file.read(1) != b"{":
            return False
        header = b"{" + file.read(length - 1)
    try:
        return isinstance(json.loads(header), dict)
    except ValueError:
        return path.suffix == ".safetensors"


def pickle_fault(path: Path, message: str) -> str:
    """Why ``weights_only`` refused the pickle at ``path``, and how to save it instead."""
    name = re.search(r"GLOBAL ([\w.]+)", message)
    if name:
        return (
            f"{path} is a pickle that needs code ({name[1]}) and is not loaded; save the tensors "
            "alone: safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')."
        )
    return f"{path} is not loaded: it is no checkpoint of tensors alone (a pickle with code?)."


def _unwrapped(content: Any, key: str | None, path: Path) -> dict[str, Tensor]:
    if key is not None:
        if not isinstance(content, Mapping) or key not in content:
            held = ", ".join(list(content)[:5]) if isinstance(content, Mapping) else "no entries"
            raise SubmissionError(f"{path} has no entry {key!r}; it holds {held}.")
        content = content[key]
    state = state_in(content, Tensor)
    if state is None:
        raise SubmissionError(
            f"{path} holds no state dict: no tensors by name, at the top or under "
            f"{', '.join(WRAPPERS)}; name its entry with `weights: key:`."
        )
    return state
