"""Open an image file as what it says it is, and refuse what a decoder would convert unasked.

The format is told from the first bytes, whatever the file is called. Size, depth, channels and
number of pictures are looked at before a pixel is decoded: a benchmark must not score the high
bytes of 16 bits, the first of several pages, or colours blended with a background.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from typing import BinaryIO

from PIL import (
    BmpImagePlugin,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from esrbench.data import png, webp
from esrbench.errors import UsageError
from esrbench.mistaken import mistaken_content

READABLE = "PNG, JPEG, BMP, TIFF or WebP"
PIXELS_VARIABLE = "ESRBENCH_MAX_PIXELS"
PIXELS = 1 << 26
"""8192 x 8192: an 8K frame twice over, and 192 MiB as RGB."""

_SCAN, _SCANS = b"\xff\xda", 200
"""Begins a pass over a JPEG's whole picture; ten do for a progressive one, and each takes time."""
_ORIENTATION = 0x0112
_TIFF = {"width": 256, "height": 257, "bits": 258, "samples": 277, "format": 339}
_TIFF_UNREAD = (
    "is a damaged TIFF, or one whose channels are no 8-bit numbers (float, or 16 or 32 bits); save "
    "it as RGB, 8 bits"
)
_BMP_BITS = (1, 4, 8, 24, 32)
_MODES = {
    "1": "1-bit black and white",
    "I": "32-bit greyscale",
    "F": "32-bit float greyscale",
    "CMYK": "CMYK",
    "LAB": "CIELAB",
    "YCbCr": "YCbCr",
    "LA": "greyscale with alpha",
    "PA": "a palette with alpha",
    "RGBA": "RGBA",
}

_Open = Callable[[io.BytesIO], ImageFile.ImageFile]
_FORMATS: tuple[tuple[bytes, int, _Open], ...] = (
    (png.SIGNATURE, 0, PngImagePlugin.PngImageFile),
    (b"\xff\xd8\xff", 0, JpegImagePlugin.JpegImageFile),
    (b"BM", 0, BmpImagePlugin.BmpImageFile),
    (b"II*\0", 0, TiffImagePlugin.TiffImageFile),
    (b"MM\0*", 0, TiffImagePlugin.TiffImageFile),
    (b"WEBP", 8, WebPImagePlugin.WebPImageFile),
)


class UnfitError(ValueError):
    """The file cannot be scored; the text says why, as the end of a sentence."""


def opened(data: bytes) -> ImageFile.ImageFile:
    """The picture in ``data``, not decoded yet: one, 8 bits a channel, of a size that is allowed.

    Raises UnfitError, and whatever Pillow raises for bytes that are damaged.
    """
    plugin = next((open_ for mark, at, open_ in _FORMATS if data.startswith(mark, at)), None)
    if plugin is None:
        instead = mistaken_content(data)
        raise UnfitError(instead or f"is not an image that can be read ({READABLE})")
    if plugin is PngImagePlugin.PngImageFile:
        _check_png(png.read_header(io.BytesIO(data)))
    if plugin is WebPImagePlugin.WebPImageFile:
        check_pixels(*webp.canvas(data))  # opening one reserves its canvas
    if plugin is JpegImagePlugin.JpegImageFile and data.count(_SCAN) > _SCANS:
        raise UnfitError(f"is a JPEG of more than {_SCANS} scans; save it again")
    try:
        image = plugin(io.BytesIO(data))
    except SyntaxError:  # Pillow's word for what it has no mode for
        if plugin is TiffImagePlugin.TiffImageFile:
            raise UnfitError(_TIFF_UNREAD) from None
        raise
    check_pixels(*image.size)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        _check_tiff(image)
    if isinstance(image, BmpImagePlugin.BmpImageFile):
        _check_bmp(data)
    pictures = getattr(image, "n_frames", 1)
    if pictures > 1:
        raise UnfitError(f"holds {pictures} pictures; save the one that is meant as a PNG")
    return image


def check_pixels(width: int, height: int) -> None:
    """Raise UnfitError for an image that would take more memory than anyone means it to."""
    limit = _pixel_limit()
    if width * height > limit:
        raise UnfitError(
            f"is {width}x{height} pixels, and more than {limit} are not read (they take "
            f"{width * height * 3 / 2**30:.1f} GiB decoded); set "
            f"{PIXELS_VARIABLE}={width * height} to read it"
        )


def refuse_mode(mode: str) -> None:
    """Raise UnfitError unless a decoded picture is RGB, a palette of it, or 8-bit grey."""
    if mode not in ("RGB", "L", "P"):
        name = "16-bit greyscale" if mode.startswith("I;16") else _MODES.get(mode, f"mode {mode}")
        raise UnfitError(f"is {name}; save it as RGB, 8 bits a channel, without alpha")


def upright_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Height and width as they are seen, after EXIF's orientation."""
    width, height = image.size
    turned = int(image.getexif().get(_ORIENTATION, 1)) >= 5
    if isinstance(image, TiffImagePlugin.TiffImageFile):  # some Pillows swap these, some do not
        width, height = image.tag_v2[_TIFF["width"]], image.tag_v2[_TIFF["height"]]
    return (width, height) if turned else (height, width)


def png_header(file: BinaryIO) -> png.PngHeader:
    """The header of a PNG, checked as `opened` does."""
    header = png.read_header(file)
    _check_png(header)
    return header


def _check_png(header: png.PngHeader) -> None:
    check_pixels(header.width, header.height)
    if header.colour in ("RGBA", "greyscale with alpha") or header.transparent:
        raise UnfitError(f"has transparency ({header.colour}); save it as RGB, 8 bits a channel")
    if header.bit_depth != 8 and header.colour != "palette":
        raise UnfitError(f"is {header.bit_depth}-bit {header.colour}; save it as RGB, 8 bits")


def _check_tiff(image: TiffImagePlugin.TiffImageFile) -> None:
    """Pillow keeps the high bytes of 16 bits, and reads signed bytes as unsigned."""
    tags = image.tag_v2
    bits = _numbers(tags.get(_TIFF["bits"], 1))
    kinds = _numbers(tags.get(_TIFF["format"], 1))
    if set(bits) != {8}:
        raise UnfitError(f"has {max(bits)} bits a channel; save it as RGB, 8 bits")
    if set(kinds) != {1}:
        raise UnfitError("has signed or float values; save it as RGB, 8 bits a channel, unsigned")
    if tags.get(_TIFF["samples"], 1) not in (1, 3) and image.mode in ("RGB", "L"):
        raise UnfitError("has more channels than its colours; save it as RGB without alpha")


def _numbers(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)


def _check_bmp(data: bytes) -> None:
    (header_bytes,) = struct.unpack_from("<I", data, 14)
    (bits,) = struct.unpack_from("<H", data, 24 if header_bytes == 12 else 28)
    if bits not in _BMP_BITS:
        raise UnfitError(f"has {bits} bits a pixel, fewer than 8 a channel; save it as RGB, 8 bits")


def _pixel_limit() -> int:
    value = os.environ.get(PIXELS_VARIABLE, "")
    if not value:
        return PIXELS
    if not value.isdecimal() or not 1 <= len(value) <= 12:
        raise UsageError(f"{PIXELS_VARIABLE} is {value!r}; it takes a number of pixels.")
    return int(value)
