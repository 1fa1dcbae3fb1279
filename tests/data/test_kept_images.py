"""Decoded pixels stay while there is room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esrbench.data.kept_images import KeptImages


def test_each_file_is_decoded_once_while_there_is_room() -> None:
    kept, decoded = KeptImages(limit=250), []

    def read(name: str) -> np.ndarray:
        def decode() -> np.ndarray:
            decoded.append(name)
            return np.full((10, 10), ord(name), dtype=np.uint8)

        return kept.get(Path(name), decode)

    for _ in range(3):  # 100 bytes each: a and b fit, and c never pushes one of them out
        assert [int(read(name)[0, 0]) for name in "abc"] == [97, 98, 99]
    assert "".join(decoded) == "abccc"


def test_what_is_kept_cannot_be_changed() -> None:
    image = KeptImages().get(Path("a"), lambda: np.zeros((2, 2), dtype=np.uint8))
    with pytest.raises(ValueError, match="read-only"):
        image[0, 0] = 1


def test_a_file_that_cannot_be_read_is_asked_for_again() -> None:
    kept = KeptImages()

    def broken() -> np.ndarray:
        raise OSError("disk")

    for _ in range(2):
        with pytest.raises(OSError, match="disk"):
            kept.get(Path("a"), broken)
    assert kept.get(Path("a"), lambda: np.ones((1, 1), dtype=np.uint8)).item() == 1
