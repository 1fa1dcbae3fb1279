"""The crops a submission's page shows: the same place of an image for every submission."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from esrbench.data.images import write_png
from esrbench.image import Image
from esrbench.results.record import Picture
from esrbench.results.store import PICTURES, slug

PER_DATASET = 8
_LR_SIDE = 64


class PictureKeeper:
    """Writes LR, SR and HR crops of the first images of each dataset under ``root/pictures``."""

    def __init__(self, root: Path, record_id: str, scale: int) -> None:
        self._root, self._id, self._scale = root, record_id, scale
        self._kept: list[Picture] = []
        self.lost: str | None = None
        """Why pictures are not kept any more: a full disk costs them, not the figures."""

    def kept(self, dataset: str) -> tuple[Picture, ...]:
        """What has been written so far of ``dataset``."""
        return tuple(picture for picture in self._kept if picture.dataset == dataset)

    def keep(self, dataset: str, name: str, lr: Image, sr: Image, hr: Image) -> None:
        """Keep the crop with most detail, unless the dataset has its share already.

        LR ``(h, w, 3)``, SR and HR ``(h * scale, w * scale, 3)``. LR and HR are written once for
        all submissions.
        """
        if self.lost or len(self.kept(dataset)) >= PER_DATASET:
            return
        top, left, side = most_detailed(lr)
        box = tuple(self._scale * edge for edge in (left, top, left + side, top + side))
        common = Path(PICTURES) / f"{slug(dataset)}-x{self._scale}" / slug(name)
        own = Path(PICTURES) / self._id / slug(dataset) / f"{slug(name)}.png"
        crop = np.s_[box[1] : box[3], box[0] : box[2]]
        files = {
            common / "lr.png": lr[top : top + side, left : left + side],
            common / "hr.png": hr[crop],
            own: sr[crop],
        }
        try:
            for path, pixels in files.items():
                if not (self._root / path).exists():
                    write_png(self._root / path, np.ascontiguousarray(pixels))
        except OSError as why:
            self.lost = f"Pictures could not be kept in {PICTURES}: {why.strerror}."
            return
        lr_path, hr_path, sr_path = (path.as_posix() for path in files)
        self._kept.append(
            Picture(
                dataset=dataset,
                name=name,
                lr=lr_path,
                hr=hr_path,
                sr=sr_path,
                box=(box[0], box[1], box[2], box[3]),
            )
        )


def most_detailed(lr: Image) -> tuple[int, int, int]:
    """Top, left and side of the square of ``lr`` whose neighbouring pixels differ most."""
    grey = lr.astype(np.float32).mean(axis=2)
    detail = np.zeros_like(grey)
    detail[:, 1:] += np.abs(np.diff(grey, axis=1))
    detail[1:] += np.abs(np.diff(grey, axis=0))
    side = min(_LR_SIDE, *grey.shape)
    total = np.pad(detail.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    top, left = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(top), int(left), side
