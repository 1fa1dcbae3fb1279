"""Images that would be scored wrongly are refused in a sentence that names the file."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from esrbench.data.images import image_size, mod_crop, read_image, read_rgb, write_png
from esrbench.errors import EsrbenchError, UsageError

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


def _tiff(kind: str, path: Path) -> None:
    """Through tifffile, which comes with scikit-image: it writes what Pillow cannot."""
    alpha = np.dstack([RGB, RGB[:, :, :1]])
    images: dict[str, tuple[np.ndarray, dict[str, object]]] = {
        "RGB 16": (RGB.astype(np.uint16) * 257, {"photometric": "rgb"}),
        "grey 16": (RGB[:, :, 0].astype(np.uint16), {}),
        "grey float": (RGB[:, :, 0].astype(np.float32), {}),
        "RGB float": (RGB.astype(np.float32), {"photometric": "rgb"}),
        "grey signed": (RGB[:, :, 0].astype(np.int8), {}),
        "alpha": (alpha, {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
        "four channels": (alpha, {"photometric": "rgb", "extrasamples": ["unspecified"]}),
        "CMYK": (alpha, {"photometric": "separated"}),
        "two pages": (np.stack([RGB, RGB]), {"photometric": "rgb"}),
    }
    image, options = images[kind]
    tifffile.imwrite(path, image, **options)


def _encoded(form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(RGB).save(buffer, format=form, **options)
    return buffer.getvalue()


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
    elif kind.startswith("TIFF "):
        _tiff(kind.removeprefix("TIFF "), path)
    elif kind == "BMP 16":
        data = bytearray(_encoded("BMP"))
        data[28:30] = (16).to_bytes(2, "little")
        path.write_bytes(bytes(data))
    elif kind == "WebP with alpha":
        Image.new("RGBA", (4, 4), (1, 2, 3, 4)).save(path, format="WEBP", lossless=True)
    elif kind == "animated WebP":
        two = Image.new("RGB", (4, 4)), Image.new("RGB", (4, 4), "red")
        two[0].save(path, format="WEBP", save_all=True, append_images=[two[1]])
    elif kind == "animated PNG":
        two = Image.new("RGB", (4, 4)), Image.new("RGB", (4, 4), "red")
        two[0].save(path, format="PNG", save_all=True, append_images=[two[1]])
    elif kind == "GIF":
        Image.new("P", (4, 4)).save(path, format="GIF")
    elif kind == "PPM":
        path.write_bytes(b"P6 1 1 65535\n" + bytes(6))
    elif kind == "Git LFS pointer":
        path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    elif kind == "web page":
        path.write_text("\n<!DOCTYPE html>\n<html><body>404</body></html>")
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
        ("TIFF RGB 16", "16 bits a channel"),
        ("TIFF grey 16", "16 bits a channel"),
        ("TIFF grey float", "32 bits a channel"),
        ("TIFF RGB float", "float, or 16 or 32 bits); save it as RGB"),
        ("TIFF grey signed", "signed"),
        ("TIFF alpha", "RGBA"),
        ("TIFF four channels", "more channels than its colours"),
        ("TIFF CMYK", "CMYK"),
        ("TIFF two pages", "holds 2 pictures"),
        ("BMP 16", "16 bits a pixel"),
        ("WebP with alpha", "RGBA"),
        ("animated WebP", "holds 2 pictures"),
        ("animated PNG", "holds 2 pictures"),
        ("GIF", "not an image that can be read (PNG, JPEG, BMP, TIFF or WebP)"),
        ("PPM", "not an image that can be read (PNG, JPEG, BMP, TIFF or WebP)"),
        ("text", "not an image"),
        ("empty", "is empty; get it again"),
        ("Git LFS pointer", "Git LFS pointer"),
        ("web page", "is a web page"),
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


LOSSLESS = {"PNG": {}, "BMP": {}, "TIFF": {}, "WEBP": {"lossless": True}}


@pytest.mark.parametrize("form", LOSSLESS)
def test_every_lossless_format_gives_the_same_pixels(form: str, tmp_path: Path) -> None:
    path = tmp_path / "any name"
    path.write_bytes(_encoded(form, **LOSSLESS[form]))
    assert np.array_equal(read_rgb(path), RGB)
    assert image_size(path) == (5, 7)


# what numpy makes of each orientation: EXIF 2.32, tag 0x0112 (row 0 and column 0 are seen at ...)
TURNED = {
    1: RGB,
    2: RGB[:, ::-1],
    3: RGB[::-1, ::-1],
    4: RGB[::-1],
    5: RGB.transpose(1, 0, 2),
    6: np.rot90(RGB, -1),
    7: RGB.transpose(1, 0, 2)[::-1, ::-1],
    8: np.rot90(RGB),
}


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", TURNED)
def test_orientation_is_applied_in_every_format(
    form: str, orientation: int, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned"
    path.write_bytes(_encoded(form, exif=exif, **LOSSLESS[form]))
    assert np.array_equal(read_rgb(path), TURNED[orientation])
    assert image_size(path) == TURNED[orientation].shape[:2]


def test_orientation_of_a_jpeg(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    upright, turned = tmp_path / "upright.jpg", tmp_path / "turned.jpg"
    upright.write_bytes(_encoded("JPEG", quality=95))
    turned.write_bytes(_encoded("JPEG", quality=95, exif=exif))
    assert np.array_equal(read_rgb(turned), np.rot90(read_rgb(upright), -1))
    assert image_size(turned) == (7, 5)


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "WEBP", "JPEG"])
def test_a_bomb_is_refused_from_its_header(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large"
    path.write_bytes(_encoded(form))
    monkeypatch.setenv("ESRBENCH_MAX_PIXELS", "34")
    for look in (read_rgb, image_size):
        with pytest.raises(UsageError, match=r"7x5 pixels.*set ESRBENCH_MAX_PIXELS=35 to read it"):
            look(path)
    monkeypatch.setenv("ESRBENCH_MAX_PIXELS", "35")
    assert image_size(path) == read_rgb(path).shape[:2]
    monkeypatch.setenv("ESRBENCH_MAX_PIXELS", "many")
    with pytest.raises(UsageError, match="takes a number of pixels"):
        image_size(path)


def test_a_bomb_is_refused_without_its_memory(tmp_path: Path) -> None:
    """15,000 x 15,000: 675 MB decoded, one kilobyte of file."""
    path = tmp_path / "bomb.png"
    _png(path, 2, 8, 3)
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", 15_000, 15_000)
    path.write_bytes(bytes(data))
    with pytest.raises(UsageError, match=r"is 15000x15000 pixels, .*0\.6 GiB"):
        read_rgb(path)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, on damaged tags
@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(
    form=st.sampled_from(["PNG", "BMP", "TIFF", "WEBP", "JPEG"]),
    changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8),
    keep=st.integers(0, 400),
)
def test_damaged_bytes_are_read_or_refused(
    form: str,
    changes: list[tuple[int, int]],
    keep: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = bytearray(_encoded(form))
    for at, value in changes:
        data[at % min(len(data), 200)] = value
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(bytes(data[: len(data) - keep if keep < len(data) // 2 else len(data)]))
    sizes = []
    for look in (image_size, lambda path: read_rgb(path, grey="replicate").shape[:2]):
        try:
            sizes.append(look(path))
        except EsrbenchError as refusal:
            assert str(refusal).startswith(str(path))  # noqa: PT017
    assert len(set(sizes)) <= 1


def test_what_no_picture_is_costs_no_memory_and_no_time(tmp_path: Path) -> None:
    scans, large, pipe = (tmp_path / name for name in ("a.jpg", "large.png", "pipe.png"))
    buffer = io.BytesIO()
    Image.fromarray(RGB).save(buffer, "JPEG", progressive=True)
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00"
    scans.write_bytes(buffer.getvalue()[:-2] + scan * 300 + b"\xff\xd9")
    write_png(large, RGB)
    with large.open("ab") as file:
        file.truncate(2 << 30)  # sparse
    os.mkfifo(pipe)
    for path, words in ((scans, "scans"), (large, "larger than"), (pipe, "no regular file")):
        with pytest.raises(UsageError, match=words):
            read_rgb(path)
