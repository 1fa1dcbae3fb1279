"""A dataset's files stay what they were when it was opened, or nothing that was scored is kept.

A record says by a hash which pixels its figures are of; were an image replaced between the two, the
hash would be of one picture and the PSNR of another.
"""

from __future__ import annotations

from esrbench.data.dataset import Dataset, ImagePair
from esrbench.data.remembered import fingerprint
from esrbench.errors import UnavailableError


class Unchanged:
    """What the files of datasets looked like when :meth:`note` was called; nothing is read."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, int], dict[str, str | None]] = {}

    def note(self, dataset: Dataset) -> None:
        """Take ``dataset`` as it stands on disk now, unless it was noted before."""
        key = dataset.name, dataset.scale
        if key not in self._noted:
            self._noted[key] = {pair.name: _state(dataset, pair) for pair in dataset.pairs}

    def hold(self, dataset: Dataset) -> None:
        """Raises UnavailableError that names an image which changed or went since it was noted."""
        noted = self._noted.get((dataset.name, dataset.scale), {})
        for pair in dataset.pairs:
            if pair.name in noted and _state(dataset, pair) != noted[pair.name]:
                raise UnavailableError(
                    f"{pair.name} of {dataset.name} ({pair.hr_path.parent}) was changed or removed "
                    "while it was being scored, so that figures made on both are not kept. Run the "
                    "same command again."
                )


def _state(dataset: Dataset, pair: ImagePair) -> str | None:
    return fingerprint(dataset.scale, (pair.hr_path, pair.lr_path))
