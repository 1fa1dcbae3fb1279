"""The protocol's datasets, each opened once a command."""

from __future__ import annotations

from concurrent.futures import Executor, Future

from esrbench.data.dataset import Dataset, open_dataset
from esrbench.data.remembered import fingerprint, recall, remember
from esrbench.errors import EsrbenchError, UnavailableError, UsageError
from esrbench.judge.inputs import timing_inputs
from esrbench.judge.lane import Images
from esrbench.judge.options import Options
from esrbench.judge.unchanged import Unchanged
from esrbench.protocol.schema import parse_shape

BUILT_IN = "skimage8"
"""Where natural images for timing come from when no dataset is at hand."""


class OpenSets:
    """``reader`` decodes and hashes beside what else goes on."""

    def __init__(self, options: Options, reader: Executor) -> None:
        self._options, self._reader = options, reader
        self.missing: dict[str, str] = {}
        """Why a dataset of the protocol was left out, by its name."""
        self.unchanged = Unchanged()
        self._told: set[str] = set()
        self._open: dict[tuple[str, int], Dataset] = {}
        self._identities: dict[tuple[str, int], Future[str]] = {}
        self._cut: tuple[tuple[str, int], Images] | None = None
        """The natural images that were last asked for, and their size: mostly they are again."""

    def at(self, scale: int) -> list[Dataset]:
        """The protocol's at ``scale``; those that are not there go to the missing ones.

        Raises UnavailableError when none is there, UsageError for a name the catalogue lacks.
        """
        found = []
        for name in self._options.protocol.datasets:
            try:
                found.append(self.named(name, scale))
            except UsageError:
                raise
            except EsrbenchError as why:
                self.missing[name] = str(why)
        if not found:
            raise UnavailableError(" ".join(self.missing.values()))
        for name in set(self.missing) - self._told:
            self._told.add(name)
            self._options.say(f"Left out: {self.missing[name]}")
        return found

    def named(self, name: str, scale: int) -> Dataset:
        """One at ``scale``, of the protocol or not; raises as ``open_dataset`` does."""
        if (name, scale) not in self._open:
            opened = open_dataset(
                name,
                scale,
                data_root=self._options.data_root,
                catalogue=self._options.catalogue,
            )
            self.unchanged.note(opened)
            self._open[name, scale] = opened
        return self._open[name, scale]

    def ranked(self, scale: int) -> Dataset:
        """The one that rows are ranked by, where it is at hand; else the first that is."""
        datasets = self.at(scale)
        rank_by = self._options.protocol.rank_by
        named = [d for d in datasets if rank_by is not None and d.name == rank_by.dataset]
        return (named or datasets)[0]

    def identity(self, dataset: Dataset) -> Future[str]:
        """``dataset.sha256``, found beside what else goes on.

        It decodes every image, and these are kept: asked for while a runner starts, which takes
        seconds on one core, it saves the quality pass the decoding.
        """
        key = dataset.name, dataset.scale
        if key not in self._identities:
            self._identities[key] = self._reader.submit(_sha256, dataset)
        return self._identities[key]

    def known_sha256(self, dataset: Dataset) -> str:
        """``dataset.sha256``; remembered for files that did not change, since it decodes all."""
        return recall(_fingerprint(dataset)) or self.identity(dataset).result()

    def lr_images(self, shape: str, scale: int) -> Images:
        """LR images to time on: a dataset's own by its name, or natural ones at ``HxW``."""
        if shape in self._options.protocol.datasets:
            return [pair.read_lr() for pair in self.named(shape, scale).pairs]
        if self._cut is None or self._cut[0] != (shape, scale):
            self._cut = (shape, scale), self._natural(shape, scale)
        return self._cut[1]

    def _natural(self, shape: str, scale: int) -> Images:
        try:
            source = self.at(scale)[0]
        except UnavailableError:
            source = self.named(BUILT_IN, scale)
        _, _, height, width = parse_shape(shape)
        return timing_inputs([pair.read_lr() for pair in source.pairs], height, width)


def _fingerprint(dataset: Dataset) -> str | None:
    files = (path for pair in dataset.pairs for path in (pair.hr_path, pair.lr_path))
    return fingerprint(dataset.scale, files)


def _sha256(dataset: Dataset) -> str:
    of = _fingerprint(dataset)
    sha256 = dataset.sha256
    if of == _fingerprint(dataset):  # nobody changed a file meanwhile
        remember(of, sha256)
    return sha256
