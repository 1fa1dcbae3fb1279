"""The photographs that come with scikit-image, so that something can be scored offline."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from esrbench.data.entry import BuiltIn
from esrbench.data.images import pixel_bytes, read_rgb
from esrbench.errors import UnavailableError


def scikit_image_folder() -> Path:
    """The data folder of the installed scikit-image, found without importing it.

    Raises UnavailableError when scikit-image is not installed.
    """
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise UnavailableError(
            "The built-in images come with scikit-image, which is not installed; "
            "run `pip install scikit-image`."
        )
    return Path(spec.origin).parent / "data"


def built_in_fault(name: str, image: BuiltIn, path: Path) -> str | None:
    """What is wrong with the built-in image at ``path``, as a sentence; None for nothing."""
    if not path.is_file():
        return (
            f"The built-in image {name} ({path}) is not there; "
            "run `pip install --force-reinstall scikit-image`."
        )
    found = hashlib.sha256(pixel_bytes(read_rgb(path))).hexdigest()
    if found != image.pixels_sha256:
        return (
            f"The pixels of the built-in image {name} ({path}) are not the pinned ones "
            f"(sha256 {found[:12]}..., expected {image.pixels_sha256[:12]}...); "
            "run `pip install --force-reinstall scikit-image pillow`."
        )
    return None
