"""The names and shapes in a checkpoint, read without torch and without running anything.

The judge learns only what tensors a checkpoint claims to hold; their values are read in the runner,
by ``checkpoint.py``.
"""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path
from typing import Any

from esrbench.errors import SubmissionError
from esrbench.submission import limits
from esrbench.submission.formats import archives
from esrbench.submission.formats.apart import apart
from esrbench.submission.formats.entries import WRAPPERS, Taken, candidates, find_state
from esrbench.submission.formats.inert_pickle import Claimed, content, legacy_content

Shapes = dict[str, tuple[int, ...]]
"""Name of a parameter or buffer -> its shape."""

_BYTES = {
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2"), 1),
}
"""Of an element of safetensors' types; of one that is not here the library tells."""
_DAMAGED = (ArithmeticError, ValueError, TypeError, KeyError, RecursionError, MemoryError)


def is_safetensors(path: Path) -> bool:
    """Whether the file starts as the format does: a header length, then that much JSON."""
    return safetensors_header(path) is not None


def is_pickled(path: Path) -> bool:
    """Whether the file is what ``torch.save`` writes: a zip with a ``data.pkl``, or pickles."""
    names = archives.names(path)
    if names is not None:
        return _pickle_in(names) is not None
    with path.open("rb") as file:
        return file.read(1) == b"\x80"  # the opcode that states a pickle's version


def read_shapes(path: Path, key: str | None = None) -> Shapes:
    """The tensors the checkpoint at ``path`` claims to hold; see ``read_taken``."""
    return read_taken(path, key).state


def read_taken(path: Path, key: str | None = None) -> Taken[tuple[int, ...]]:
    """The tensors the checkpoint at ``path`` claims to hold, without ``module.`` prefixes.

    ``key`` names the entry that holds them. It is looked into by a process of its own. Raises
    SubmissionError when it holds none, or several that could be meant, or is damaged.
    """
    limits.check_size(path, limits.WEIGHTS_BYTES, "a checkpoint")
    state, entry, beside = apart(partial(_looked_into, key=key), path)
    return Taken(state, entry, beside)


def _looked_into(path: Path, key: str | None) -> tuple[Shapes, Any, Any]:
    header = safetensors_header(path)
    held = _unpickled(path) if header is None else _claimed(header, path)
    try:
        taken = state_of(held, Claimed, key, path)
    except _DAMAGED as why:
        raise SubmissionError(_no_checkpoint(path, why)) from None
    if len(taken.state) > limits.TENSORS:
        raise SubmissionError(f"{path} claims {len(taken.state):,} tensors; that is no network.")
    shapes = {name: claimed.shape for name, claimed in taken.state.items()}
    return shapes, taken.entry, taken.beside


def state_of(content: Any, tensor: type[Any], key: str | None, path: Path) -> Taken[Any]:
    """The state dict in ``content``, in the entry ``key`` if one is named (``a.b``: b inside a).

    A file of tensors alone has no entries: it is the state dict, whatever ``key`` says.

    Raises SubmissionError where there is no such entry or no state dict.
    """
    key = None if _only(content, tensor) else key
    if key is not None:
        content = _entry(content, key, path)
    taken: Taken[Any] | None = find_state(content, tensor)
    if taken is not None:
        entry = ".".join(part for part in (key, taken.entry) if part)
        return Taken(taken.state, entry, taken.beside)
    several = candidates(content, tensor)
    if len(several) > 1:
        raise SubmissionError(
            f"{path} holds no state dict of its own but {len(several)} entries that could be it "
            f"({', '.join(several[:5])}); say which with `weights: {{file: {path.name}, key: "
            f"{several[0]}}}`."
        )
    raise SubmissionError(
        f"{path} holds no state dict: no tensors by name, at the top or under "
        f"{', '.join(WRAPPERS)}; save model.state_dict(), or name its entry with `weights: key:`."
    )


def _only(content: Any, tensor: type[Any]) -> bool:
    return (
        isinstance(content, dict)
        and bool(content)
        and all(isinstance(value, tensor) for value in content.values())
    )


def _entry(content: Any, key: str, path: Path) -> Any:
    parts = [key] if isinstance(content, dict) and key in content else key.split(".")
    for part in parts:
        if not isinstance(content, dict) or part not in content:
            held = ", ".join(map(str, list(content)[:5])) if isinstance(content, dict) else ""
            raise SubmissionError(f"{path} has no entry {key!r}; it holds {held or 'no entries'}.")
        content = content[part]
    return content


def safetensors_header(path: Path) -> dict[str, Any] | None:
    """The JSON at the head of a safetensors file; None where it does not begin as one."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= limits.HEADER_BYTES or file.read(1) != b"{":
            return None
        try:
            header = json.loads(b"{" + file.read(length - 1))
        except (ValueError, RecursionError):
            return None
    return header if isinstance(header, dict) else None


def _claimed(header: dict[str, Any], path: Path) -> dict[str, Claimed]:
    """The tensors of a safetensors header; raises SubmissionError where one cannot be."""
    found = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            found[name] = Claimed(entry["shape"])
            whole = _lies_whole(entry, path.stat().st_size)
        except _DAMAGED:
            whole = False
        if not whole:
            raise SubmissionError(
                f"{path} is a damaged safetensors file: its entry {name[:80]!r} is no tensor."
            )
    return found


def _lies_whole(entry: dict[str, Any], file_bytes: int) -> bool:
    """Whether the bytes that ``entry`` names can be there, and are as many as its shape needs."""
    begin, end = entry["data_offsets"]
    if not all(type(number) is int for number in (begin, end, *entry["shape"])):
        return False
    each = _BYTES.get(entry["dtype"])
    fits = each is None or math.prod(entry["shape"]) * each == end - begin
    return bool(fits and 0 <= begin <= end <= file_bytes)


def _pickle_in(names: list[str]) -> str | None:
    found = [n for n in names if n.count("/") <= 1 and n.endswith("data.pkl")]
    return found[0] if found else None


def _unpickled(path: Path) -> Any:
    names = archives.names(path)
    try:
        if names is None:
            with path.open("rb") as file:
                return legacy_content(file.read(limits.PICKLE_BYTES))
        name = _pickle_in(names)
        data = archives.member(path, name, limits.PICKLE_BYTES) if name else None
        if data is None:
            raise SubmissionError(f"{path} is a zip file, but no checkpoint of torch's.")
        return content(data)
    except (SubmissionError, OSError):
        raise
    except Exception as why:  # a damaged or hostile pickle can raise nearly anything
        raise SubmissionError(_no_checkpoint(path, why)) from None


def _no_checkpoint(path: Path, why: BaseException) -> str:
    return f"{path} is no checkpoint torch can have written ({type(why).__name__})."
