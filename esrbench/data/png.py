"""What a PNG file says of itself, read without decoding a pixel.

A decoder may quietly reduce 16 bits to 8 or fill a cut-off picture with black; a benchmark must
not score such an image, so the header is looked at first.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_COLOURS = {0: "greyscale", 2: "RGB", 3: "palette", 4: "greyscale with alpha", 6: "RGBA"}
_KNOWN_HEADER_BYTES = 13


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


def read_header(data: bytes) -> PngHeader:
    """The header of a whole PNG file (W3C PNG specification, section 5).

    Walks the chunks up to IEND; raises BrokenPngError when the file ends before that.
    """
    if not data.startswith(SIGNATURE):
        raise BrokenPngError("is not a PNG file")
    header: tuple[int, int, int, int] | None = None
    transparent = False
    position = len(SIGNATURE)
    while True:
        if position + 12 > len(data):
            raise BrokenPngError(f"is truncated: it ends after {len(data)} bytes without IEND")
        length, kind = struct.unpack_from(">I4s", data, position)
        body = position + 8
        if body + length + 4 > len(data):
            raise BrokenPngError(f"is truncated: it ends after {len(data)} bytes without IEND")
        if kind == b"IHDR" and length == _KNOWN_HEADER_BYTES:
            header = struct.unpack_from(">IIBB", data, body)
        elif kind == b"tRNS":
            transparent = True
        elif kind == b"IEND":
            break
        position = body + length + 4
    if header is None or header[3] not in _COLOURS:
        raise BrokenPngError("has no valid PNG header")
    width, height, bit_depth, colour = header
    return PngHeader(width, height, bit_depth, _COLOURS[colour], transparent)
