"""The protocol's metrics, opened once a command."""

from __future__ import annotations

from concurrent.futures import Executor, Future

from esrbench.judge.options import Options
from esrbench.metrics.scorer import Scorer


class Scorers:
    """One a scale, since the crop border goes by it; ``reader`` opens them."""

    def __init__(self, options: Options, reader: Executor) -> None:
        self._options, self._reader = options, reader
        self._open: dict[int, Future[Scorer]] = {}

    def open(self, scale: int) -> Future[Scorer]:
        """That of ``scale``, opened beside what else goes on.

        What LPIPS imports takes about as long as a runner does to start.
        """
        if scale not in self._open:
            options = self._options
            self._open[scale] = self._reader.submit(
                Scorer,
                options.protocol.metrics,
                crop=options.protocol.crop(scale),
                device=options.machine.device,
                data_root=options.data_root,
                weights_dir=options.weights_dir,
                offline=options.offline,
            )
        return self._open[scale]

    def at(self, scale: int) -> Scorer:
        """That of ``scale``."""
        return self.open(scale).result()
