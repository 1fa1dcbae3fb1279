"""Quality on every dataset of the protocol."""

from __future__ import annotations

from collections.abc import Iterator

from esrbench.data.dataset import Dataset
from esrbench.flags import FLAGS_CHANGED
from esrbench.judge.bench import Bench
from esrbench.judge.connection import Runner
from esrbench.judge.imaging import Imaging
from esrbench.judge.parts import Part, Quality, Reason
from esrbench.judge.pictures import PictureKeeper
from esrbench.judge.quality import PassResult, quality_pass
from esrbench.judge.who import Who
from esrbench.results.record import DatasetFacts
from esrbench.submission.submission import Submission


def measure_quality(
    submission: Submission, runner: Runner, who: Who, bench: Bench
) -> Iterator[Part]:
    """The protocol's metrics on each dataset that is at hand, one part a dataset."""
    options, scale = bench.options, submission.scale
    imaging = Imaging(runner, scale, submission.data_range)
    scorer = bench.scorer(scale)
    yield Part(
        signatures=scorer.signatures,
        reasons=tuple(Reason("quantity", key, why) for key, why in scorer.missing.items()),
    )
    pictures = PictureKeeper(bench.store.root, who.id, scale)
    for dataset in bench.datasets(scale):
        options.progress.phase(f"{who.label}: {dataset.name}", total=len(dataset.pairs))
        shown = options.pictures is None or dataset.name in options.pictures
        result = quality_pass(
            imaging,
            dataset,
            scorer,
            keep=pictures.keep if shown else _keep_nothing,
            progress=options.progress.step,
            overlap=options.machine.device != "cpu",
        )
        yield Quality(
            dataset=dataset.name,
            images=result.images,
            means=result.means,
            infinite={key: count for key, count in result.infinite.items() if count},
            facts=_facts(dataset, bench),
            pictures=pictures.kept(dataset.name),
            flags=tuple(_flags(result)),
            environment=_environment(result),
            reasons=(Reason("phase", "pictures", pictures.lost),) if pictures.lost else (),
        )


def _keep_nothing(*_: object) -> None:
    """No pictures of this dataset: some may not be passed on."""


def _facts(dataset: Dataset, bench: Bench) -> DatasetFacts:
    return DatasetFacts(
        images=len(dataset.pairs),
        sha256=bench.identity(dataset).result(),
        lr_source=dataset.lr_source,
    )


def _environment(result: PassResult) -> dict[str, object]:
    return {"changed_in_forward": sorted(result.changed)} if result.changed else {}


def _flags(result: PassResult) -> Iterator[str]:
    if result.changed:
        yield FLAGS_CHANGED
    if not result.input_untouched:
        yield "mutates-input"
    if result.dtypes - {"torch.float32"}:
        yield f"output-{'-'.join(sorted(d.removeprefix('torch.') for d in result.dtypes))}"
