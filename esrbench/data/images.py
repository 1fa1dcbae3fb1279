"""Read and write the images that are scored: 8-bit RGB, or grey where the dataset allows it.

Anything else (alpha, 16 bits, a file that ends early) is refused in one sentence that names the
file, since every silent conversion of such an image changes the figures.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from esrbench.data.png import SIGNATURE, BrokenPngError, PngHeader, read_header
from esrbench.errors import UsageError

Grey = Literal["refuse", "replicate", "keep"]
"""A single-channel image is an error, or becomes RGB with three equal channels, or stays (H, W)."""


def read_rgb(path: Path, *, grey: Grey = "refuse") -> NDArray[np.uint8]:
    """The image at ``path`` as uint8 (H, W, 3), RGB; (H, W) for a grey one under ``keep``.

    Raises UsageError, naming the file, when it is missing, truncated, has an alpha channel, more
    or fewer than 8 bits a channel, or is grey under ``refuse``.
    """
    data = _bytes_of(path)
    if data.startswith(SIGNATURE):
        _refuse_unfit(path, _png_header(path, data))
    pixels = _decode(path, data)
    if pixels.ndim == 2:
        if grey == "refuse":
            raise UsageError(f"{path} is greyscale; this dataset needs RGB, 8 bits a channel.")
        return pixels if grey == "keep" else np.repeat(pixels[:, :, None], 3, axis=2)
    return pixels


def read_image(path: Path, *, colour: Literal["rgb", "grey"] = "rgb") -> NDArray[np.uint8]:
    """As :func:`read_rgb`; with colour ``grey``, a grey image is kept as uint8 (H, W)."""
    return read_rgb(path, grey="keep" if colour == "grey" else "refuse")


def image_size(path: Path) -> tuple[int, int]:
    """Height and width of the image at ``path``, from its header alone.

    Raises UsageError, naming the file, when it is missing or no image.
    """
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist.") from None
    except UnidentifiedImageError:
        raise UsageError(f"{path} is not an image that can be read (PNG expected).") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as why:
        raise UsageError(f"{path} cannot be read: {why}.") from None


def pixel_bytes(*images: NDArray[np.uint8]) -> bytes:
    """Sizes and pixels of uint8 images as bytes to hash: ``HxWxC`` in a line, then the pixels."""
    parts: list[bytes] = []
    for image in images:
        parts.append("x".join(map(str, image.shape)).encode() + b"\n")
        parts.append(np.ascontiguousarray(image).tobytes())
    return b"".join(parts)


def mod_crop(image: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """``image`` (H, W[, C]) cut at the bottom and right to sizes that ``scale`` divides."""
    height, width = (size - size % scale for size in image.shape[:2])
    return image[:height, :width]


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write uint8 (H, W, 3) or (H, W) atomically: a kill leaves the whole file or none.

    Creates the folder; raises UsageError for another dtype or shape, OSError when it cannot write.
    """
    shaped = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    if image.dtype != np.uint8 or not shaped:
        raise UsageError(f"{path}: a PNG needs uint8 (H, W, 3), not {image.dtype} {image.shape}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".png-")
    try:
        with os.fdopen(handle, "wb") as file:
            Image.fromarray(np.ascontiguousarray(image)).save(file, format="PNG")
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist.") from None
    except OSError as why:
        raise UsageError(f"{path} cannot be read: {why.strerror}.") from None


def _png_header(path: Path, data: bytes) -> PngHeader:
    try:
        return read_header(data)
    except BrokenPngError as why:
        raise UsageError(f"{path} {why}; get it again.") from None


def _refuse_unfit(path: Path, header: PngHeader) -> None:
    """Raise for what a decoder would convert without a word."""
    if header.colour in ("RGBA", "greyscale with alpha") or header.transparent:
        raise UsageError(
            f"{path} has transparency ({header.colour}); save it as RGB, 8 bits a channel."
        )
    if header.bit_depth != 8 and header.colour != "palette":
        raise UsageError(
            f"{path} is {header.bit_depth}-bit {header.colour}; save it as RGB, 8 bits a channel."
        )


def _open(path: Path, data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data))
    except UnidentifiedImageError:
        raise UsageError(f"{path} is not an image that can be read (PNG expected).") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as why:
        raise UsageError(f"{path} cannot be decoded: {why}.") from None


def _decode(path: Path, data: bytes) -> NDArray[np.uint8]:
    """The pixels as uint8, (H, W) for a grey image and (H, W, 3) for any other."""
    with _open(path, data) as image:
        try:
            image.load()
        except (OSError, ValueError, SyntaxError) as why:
            raise UsageError(f"{path} is truncated or damaged ({why}); get it again.") from None
        if image.mode == "P":
            image = image.convert("RGB")
        if image.mode not in ("RGB", "L"):
            raise UsageError(
                f"{path} has mode {image.mode}; save it as RGB, 8 bits a channel, without alpha."
            )
        return np.array(image, dtype=np.uint8)
