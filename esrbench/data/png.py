"""What a PNG file says of itself, read without decoding a pixel.

A decoder may quietly reduce 16 bits to 8 or fill a cut-off picture with black; a benchmark must
not score such an image, so the header is looked at first.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_COLOURS = {0: "greyscale", 2: "RGB", 3: "palette", 4: "greyscale with alpha", 6: "RGBA"}
_IHDR_BYTES = 13
_IHDR = struct.Struct(">IIBB")
_CHUNK = struct.Struct(">I4s")
_CHECKSUM_BYTES = 4
_ANNOTATIONS = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt"})


class BrokenPngError(ValueError):
    """The bytes are not a whole PNG; the text says how, as the end of a sentence."""


@dataclass(frozen=True)
class PngHeader:
    """IHDR, and whether a tRNS chunk makes pixels transparent."""

    width: int
    height: int
    bit_depth: int
    colour: str
    """One of: greyscale, RGB, palette, greyscale with alpha, RGBA."""
    transparent: bool
    annotated: bool
    """Holds EXIF or text, which may say how the picture is to be turned."""


def read_header(file: BinaryIO) -> PngHeader:
    """The header of a whole PNG file (W3C PNG specification, section 5).

    Walks the chunks up to IEND, over their bodies; raises BrokenPngError when the file ends before.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise BrokenPngError("is not a PNG file")
    header: tuple[int, int, int, int] | None = None
    kinds: set[bytes] = set()
    while b"IEND" not in kinds:
        start = file.read(_CHUNK.size)
        length, kind = _CHUNK.unpack(start) if len(start) == _CHUNK.size else (size, b"")
        end = file.tell() + length + _CHECKSUM_BYTES
        if end > size:
            raise BrokenPngError(f"is truncated: it ends after {size} bytes without IEND")
        if kind == b"IHDR" and length == _IHDR_BYTES and header is None:
            header = _IHDR.unpack(file.read(_IHDR.size))
        kinds.add(kind)
        file.seek(end)
    if header is None or header[3] not in _COLOURS:
        raise BrokenPngError("has no valid PNG header")
    width, height, bit_depth, colour = header
    return PngHeader(
        width=width,
        height=height,
        bit_depth=bit_depth,
        colour=_COLOURS[colour],
        transparent=b"tRNS" in kinds,
        annotated=not kinds.isdisjoint(_ANNOTATIONS),
    )
