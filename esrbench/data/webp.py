"""The size of a WebP image, from its header: Pillow reserves the whole canvas to open one."""

from __future__ import annotations

import struct


class BrokenWebpError(ValueError):
    """The bytes are no WebP; the text says how, as the end of a sentence."""


def canvas(data: bytes) -> tuple[int, int]:
    """Width and height (WebP container specification; RFC 6386 section 9.1 for lossy ones).

    Raises BrokenWebpError where the header is not whole.
    """
    try:
        kind = data[12:16]
        if kind == b"VP8X":
            return _uint24(data, 24) + 1, _uint24(data, 27) + 1
        if kind == b"VP8L":
            (packed,) = struct.unpack_from("<I", data, 21)
            return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        if kind == b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
    except struct.error:
        pass
    raise BrokenWebpError("has no valid WebP header")


def _uint24(data: bytes, at: int) -> int:
    low, high = struct.unpack_from("<HB", data, at)
    return int(low | high << 16)
