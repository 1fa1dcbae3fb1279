"""File names with ``{name}`` and ``{scale}`` in them: what they match, and what they may be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

EXTENSIONS = (".png", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg", ".webp")
"""Of the formats that ``images`` reads."""

ANY_EXTENSION = ".*"
_RANGE = re.compile(r"^(.*)\{(\d{1,9})\.\.(\d{1,9})\}(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Pattern:
    """One pattern at one scale, such as ``{name}x{scale}.png``."""

    text: str
    scale: int

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        filled = self.text.replace("{scale}", str(self.scale))
        before, after = (unicodedata.normalize("NFC", part) for part in filled.split("{name}"))
        ending, extension = re.escape(after), ""
        if after.endswith(ANY_EXTENSION):
            ending = re.escape(after.removesuffix(ANY_EXTENSION))
            extension = "(?:" + "|".join(map(re.escape, EXTENSIONS)) + ")"
        elif "." in after:
            stem, dot, last = after.rpartition(".")
            ending, extension = re.escape(stem), re.escape(dot + last)
        return re.compile(f"{re.escape(before)}(.+?){ending}(?i:{extension})", re.DOTALL)

    def name_of(self, file_name: str) -> str | None:
        """The image's name (NFC) in ``file_name``; None where it does not fit."""
        match = self._regex.fullmatch(unicodedata.normalize("NFC", file_name))
        return match.group(1) if match else None

    def has_extension_of(self, file_name: str) -> bool:
        """Whether ``file_name`` ends in the extension that this pattern asks for."""
        extension = self.text.rpartition(".")[2].lower()
        return extension == "*" or file_name.lower().endswith(f".{extension}")

    @property
    def any_extension(self) -> bool:
        """Whether it takes every kind of image."""
        return self.text.endswith(ANY_EXTENSION)

    @property
    def letters(self) -> int:
        """How many it fixes: of two that fit a file, the one that fixes more is meant."""
        return len(self.text) - len("{name}")

    def __str__(self) -> str:
        return self.text.replace("{scale}", str(self.scale)).replace("{name}", "NAME")


def is_image(file_name: str) -> bool:
    """Whether a file is an image by its extension; hidden files (``._baby.png``) are none."""
    return not file_name.startswith(".") and file_name.lower().endswith(EXTENSIONS)


def is_hidden_image(file_name: str) -> bool:
    """Whether a file would be an image if it were not hidden, as macOS leaves them on disks."""
    return file_name.startswith(".") and file_name.lower().endswith(EXTENSIONS)


def hidden_note(folders: Iterable[Path]) -> str | None:
    """That hidden files of ``folders`` are left out, in a sentence; None where there are none."""
    files = [path for folder in folders for path in sorted(folder.iterdir())]
    found = [path for path in files if is_hidden_image(path.name)]
    if not found:
        return None
    what = "hidden file is" if len(found) == 1 else "hidden files are"
    more = " and so on" if found[1:] else ""
    return f"{len(found)} {what} left out, such as macOS leaves: {found[0]}{more}."


def own_pattern(folder: str, pattern: str) -> tuple[str, str]:
    """A folder of the catalogue and its pattern: its last part's, if that holds ``{name}``."""
    above, slash, last = folder.rstrip("/").rpartition("/")
    if "{name}" not in last:
        return folder, pattern
    return above + slash if slash else ".", last


def checked_pattern(pattern: str) -> str:
    """``pattern``; raises ValueError where it is none."""
    if pattern.count("{name}") != 1 or set(pattern) & {"/", "\0"}:
        raise ValueError("a pattern is a file name that holds {name} once")
    return pattern


def checked_folders(folders: tuple[str, ...]) -> tuple[str, ...]:
    """``folders``; raises ValueError for one that names no folder."""
    for folder in folders:
        above, _, last = folder.rstrip("/").rpartition("/")
        if "{name}" in above or last.count("{name}") > 1:
            raise ValueError("{name} stands once, in the last part of a folder")
        if not folder or "\0" in folder:
            raise ValueError("a folder has a name without null bytes")
    return folders


def expanded_names(name: str) -> Iterator[str]:
    """``img_{001..100}`` as its hundred names; any other name as itself, in NFC.

    Raises ValueError for a range that counts down.
    """
    match = _RANGE.match(name)
    if match is None:
        yield unicodedata.normalize("NFC", name)
        return
    before, first, last, after = match.groups()
    if int(first) > int(last):
        raise ValueError(f"{name[:40]} counts from {first} down to {last}: it stands for no name")
    for number in range(int(first), int(last) + 1):
        yield unicodedata.normalize("NFC", f"{before}{number:0{len(first)}d}{after}")
