"""Decoded pixels that stay in memory, so that one command decodes a file once.

A dataset is walked several times: for its hash, and for every submission that is scored on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LIMIT = 512 * 2**20
"""Bytes of one dataset that are kept: all of B100 or Urban100, and two thirds of DIV2K's."""


class KeptImages:
    """Images by their path; what does not fit any more is decoded again each time.

    Nothing is thrown out for something newer: a set is walked from its first image to its last,
    and a cache that forgets the oldest would have forgotten each by the time it is wanted again.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._room = limit
        self._images: dict[Path, NDArray[np.uint8]] = {}
        self._lock = threading.Lock()

    def get(self, path: Path, read: Callable[[], NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """The image of ``path``, read-only, as ``read()`` gave it; raises what ``read`` raises."""
        kept = self._images.get(path)
        if kept is not None:
            return kept
        image = np.ascontiguousarray(read())
        image.flags.writeable = False
        with self._lock:
            if path not in self._images and image.nbytes <= self._room:
                self._images[path] = image
                self._room -= image.nbytes
        return image
