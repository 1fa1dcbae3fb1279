"""Read and write the images that are scored: 8-bit RGB, or grey where the dataset allows it.

Anything else (alpha, 16 bits, CMYK, a file that ends early) is refused in one sentence that names
the file, since every silent conversion of such an image changes the figures.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from esrbench.data.decoders import UnfitError, opened, png_header, refuse_mode, upright_size
from esrbench.data.png import SIGNATURE, BrokenPngError
from esrbench.data.webp import BrokenWebpError
from esrbench.errors import UsageError

_LARGEST = 1 << 30
"""Bytes of a file."""

Grey = Literal["refuse", "replicate", "keep"]
"""A single-channel image is an error, or becomes RGB with three equal channels, or stays (H, W)."""


def read_rgb(path: Path, *, grey: Grey = "refuse") -> NDArray[np.uint8]:
    """The image at ``path`` as uint8 (H, W, 3), RGB; (H, W) for a grey one under ``keep``.

    Turned upright where EXIF says so, as OpenCV does. Raises UsageError, naming the file, when it
    is missing, damaged, larger than ``ESRBENCH_MAX_PIXELS`` (2^26), has an alpha channel, other
    colours than RGB, more or fewer than 8 bits a channel, or is grey under ``refuse``.
    """
    with _naming(path):
        pixels = _decoded(_content(path))
    if pixels.ndim == 3 or grey == "keep":
        return pixels
    if grey == "refuse":
        raise UsageError(f"{path} is greyscale; this dataset needs RGB, 8 bits a channel.")
    return np.repeat(pixels[:, :, None], 3, axis=2)


def read_image(path: Path, *, colour: Literal["rgb", "grey"] = "rgb") -> NDArray[np.uint8]:
    """As :func:`read_rgb`; with colour ``grey``, a grey image is kept as uint8 (H, W)."""
    return read_rgb(path, grey="keep" if colour == "grey" else "refuse")


def image_size(path: Path) -> tuple[int, int]:
    """Height and width of the image at ``path`` as `read_rgb` gives it, mostly from its header.

    Raises UsageError, naming the file, when it is missing, no image, or one that is not scored.
    """
    with _naming(path), _regular(path).open("rb") as file:
        if file.read(len(SIGNATURE)) == SIGNATURE:
            header = png_header(file)
            if not header.annotated:
                return header.height, header.width
        with opened(_content(path)) as image:
            return upright_size(image)


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


def _content(path: Path) -> bytes:
    """The file's bytes; raises UnfitError for more than any legal picture has."""
    if _regular(path).stat().st_size > _LARGEST:
        raise UnfitError(f"is larger than {_LARGEST >> 20} MiB; no image that is scored is")
    return path.read_bytes()


def _regular(path: Path) -> Path:
    """``path``; raises UnfitError where it would not be read to an end, or wait for a writer."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UnfitError("is no regular file")
    return path


def _decoded(data: bytes) -> NDArray[np.uint8]:
    """The pixels as they are to be seen: uint8, (H, W) for a grey image and (H, W, 3) for RGB."""
    with opened(data) as image:
        image.load()
        refuse_mode(image.mode)
        upright = ImageOps.exif_transpose(image)
        if upright.mode == "P":
            upright = upright.convert("RGB")
        return np.array(upright, dtype=np.uint8)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """What a decoder says of bytes it was not made for, as a sentence that names the file."""
    try:
        yield
    except UsageError:
        raise
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist.") from None
    except (IsADirectoryError, PermissionError) as why:
        raise UsageError(f"{path} cannot be read: {why.strerror}.") from None
    except (UnfitError, BrokenWebpError) as why:
        raise UsageError(f"{path} {why}.") from None
    except BrokenPngError as why:
        raise UsageError(f"{path} {why}; get it again.") from None
    except Exception as why:  # Pillow's readers raise nearly anything for damaged bytes
        said = " ".join(str(why).split())[:120] or type(why).__name__
        raise UsageError(f"{path} is truncated or damaged ({said}); get it again.") from None
