"""Score SR images against HR images with the metrics that were asked for."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from esrbench.errors import UnavailableError, UsageError
from esrbench.image import Image
from esrbench.metrics.pair import check_pair
from esrbench.metrics.registry import row_of
from esrbench.metrics.setting import Batch, Measure, Setting
from esrbench.quantities.metrics import described

_PIXELS_A_BATCH = 1 << 23
"""HR pixels that are put on a device together: about 2 GiB of float64 maps there."""


class Scorer:
    """Opens each metric once; what cannot be had is in ``missing`` and scores None.

    ``signatures`` says how each figure comes about, ``missing`` why a figure is empty; both are
    keyed by metric. Raises UsageError for a key that is no metric.
    """

    def __init__(
        self,
        keys: Sequence[str],
        *,
        crop: int,
        device: str = "cpu",
        data_root: Path | None = None,
        weights_dir: Path | None = None,
        offline: bool = True,
    ) -> None:
        rows = [row_of(key) for key in dict.fromkeys(keys)]
        setting = Setting(crop, device, data_root, weights_dir, offline)
        self._setting = setting
        self.keys = tuple(row.key for row in rows)
        self.signatures = {row.key: row.signature(crop) for row in rows}
        self.missing: dict[str, str] = {}
        self._measures: dict[str, Measure] = {}
        for row in rows:
            module = importlib.import_module(f"esrbench.metrics.{row.module}")
            try:
                self._measures[row.key] = module.open_metric(row.options, setting)
            except UnavailableError as why:
                self.missing[row.key] = str(why)

    def score(self, sr: Image, hr: Image) -> dict[str, float | None]:
        """Every metric of one pair: uint8, (H, W, 3) RGB or (H, W) grey, equal in size.

        Raises UsageError where the pair does not match or is too small for a metric.
        """
        return self.score_many([(sr, hr)])[0]

    def score_many(self, pairs: Sequence[tuple[Image, Image]]) -> list[dict[str, float | None]]:
        """As ``score`` for each pair, in order; equal sizes go to a device together."""
        for sr, hr in pairs:
            check_pair(sr, hr, 0)
        scores: list[dict[str, float | None]] = [dict.fromkeys(self.keys) for _ in pairs]
        for members in self._batches(pairs):
            batch = Batch(tuple(pairs[i][0] for i in members), tuple(pairs[i][1] for i in members))
            for key, measure in self._measures.items():
                try:
                    values = measure(batch)
                except UsageError as why:
                    raise UsageError(f"{described(key).heading}: {why}") from None
                for i, value in zip(members, values, strict=True):
                    scores[i][key] = value
        return scores

    def pixels_scored(self, height: int, width: int) -> int:
        """Pixels of an HR image of that size that lie inside the crop border."""
        crop = self._setting.crop
        return (height - 2 * crop) * (width - 2 * crop)

    def _batches(self, pairs: Sequence[tuple[Image, Image]]) -> list[list[int]]:
        """Indices that are scored together: one by one on a CPU, by size on a device."""
        if self._setting.device == "cpu":
            return [[i] for i in range(len(pairs))]
        by_shape: dict[tuple[int, ...], list[int]] = {}
        for i, (_, hr) in enumerate(pairs):
            by_shape.setdefault(hr.shape, []).append(i)
        batches = []
        for shape, members in by_shape.items():
            step = max(1, _PIXELS_A_BATCH // (shape[0] * shape[1]))
            batches += [members[i : i + step] for i in range(0, len(members), step)]
        return batches
