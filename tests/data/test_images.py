"""Images that would be scored wrongly are refused in a sentence that names the file."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from esrbench.data.images import image_size, mod_crop, read_image, read_rgb, write_png
from esrbench.errors import UsageError

RGB = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)


def _png(path: Path, colour_type: int, bit_depth: int, bytes_a_pixel: int) -> None:
    """A 2x2 PNG written byte by byte: Pillow cannot write 16-bit RGB."""
    header = struct.pack(">IIBBBBB", 2, 2, bit_depth, colour_type, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x12" * 2 * bytes_a_pixel) * 2)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        check = zlib.crc32(kind + body)
        data += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)
    path.write_bytes(data)


def _make(kind: str, path: Path) -> None:
    """A file of the ``kind`` that a test is about."""
    if kind == "truncated in its pixels":
        write_png(path, np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
        path.write_bytes(path.read_bytes()[:4000])
    elif kind == "truncated before IEND":
        write_png(path, RGB)
        path.write_bytes(path.read_bytes()[:-12])
    elif kind == "damaged":
        write_png(path, np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
        data = bytearray(path.read_bytes())
        data[2000] ^= 0xFF
        path.write_bytes(bytes(data))
    elif kind in ("RGBA", "LA"):
        Image.new(kind, (4, 4)).save(path)
    elif kind == "transparent colour":
        Image.fromarray(RGB).save(path, transparency=(0, 0, 0))
    elif kind == "RGB 16":
        _png(path, 2, 16, 6)
    elif kind == "grey 16":
        _png(path, 0, 16, 2)
    elif kind == "grey 1":
        Image.new("1", (4, 4)).save(path)
    elif kind == "grey":
        Image.new("L", (4, 4)).save(path)
    elif kind == "CMYK":
        Image.new("CMYK", (4, 4)).save(path, format="JPEG")
    elif kind == "text":
        path.write_text("no image")
    elif kind == "empty":
        path.touch()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("truncated in its pixels", "truncated"),
        ("truncated before IEND", "truncated"),
        ("damaged", "damaged"),
        ("RGBA", "RGBA"),
        ("LA", "alpha"),
        ("transparent colour", "transparency"),
        ("RGB 16", "16-bit RGB"),
        ("grey 16", "16-bit greyscale"),
        ("grey 1", "1-bit greyscale"),
        ("grey", "greyscale; this dataset needs RGB"),
        ("CMYK", "CMYK"),
        ("text", "not an image"),
        ("empty", "not an image"),
        ("missing", "does not exist"),
    ],
)
def test_refused_with_one_sentence(kind: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    _make(kind, path)
    with pytest.raises(UsageError) as refusal:
        read_rgb(path)
    assert says in str(refusal.value)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_written_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "picture.png"
    write_png(path, RGB)
    assert np.array_equal(read_rgb(path), RGB)
    assert image_size(path) == (5, 7)
    assert [file.name for file in path.parent.iterdir()] == ["picture.png"]


def test_a_palette_without_transparency_is_rgb(tmp_path: Path) -> None:
    path = tmp_path / "palette.png"
    Image.fromarray(RGB).quantize(colors=64).save(path)
    assert read_rgb(path).shape == (5, 7, 3)


def test_grey_is_kept_or_repeated_where_that_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    write_png(path, RGB[:, :, 0])
    assert np.array_equal(read_image(path, colour="grey"), RGB[:, :, 0])
    repeated = read_rgb(path, grey="replicate")
    assert repeated.shape == (5, 7, 3)
    assert all(np.array_equal(repeated[:, :, c], RGB[:, :, 0]) for c in range(3))


@pytest.mark.parametrize("image", [np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)])
def test_only_rgb_or_grey_bytes_are_written(image: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="uint8"):
        write_png(tmp_path / "x.png", image)


@pytest.mark.parametrize(
    ("size", "scale", "expected"), [((5, 7), 2, (4, 6)), ((8, 12), 4, (8, 12)), ((5, 7), 3, (3, 6))]
)
def test_mod_crop(size: tuple[int, int], scale: int, expected: tuple[int, int]) -> None:
    image = np.arange(size[0] * size[1], dtype=np.uint8).reshape(size)
    assert np.array_equal(mod_crop(image, scale), image[: expected[0], : expected[1]])
