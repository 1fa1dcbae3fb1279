"""Quality on every dataset of the protocol."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from esrbench.data.dataset import Dataset
from esrbench.flags import FLAGS_CHANGED, GRAPH_DIFFERS, NONDETERMINISTIC
from esrbench.judge.bench import Bench
from esrbench.judge.chance import Asking
from esrbench.judge.imaging import Imaging
from esrbench.judge.memory import Fresh
from esrbench.judge.open_sets import OpenSets
from esrbench.judge.parts import Part, Quality, Reason, Steadiness
from esrbench.judge.pictures import PictureKeeper
from esrbench.judge.quality import Keep, PassResult, quality_pass
from esrbench.judge.spread import new_seed
from esrbench.judge.who import Who
from esrbench.results.record import Chance, DatasetFacts, ImageScore
from esrbench.runner.requests import Seed

PASSES = 5
"""Of a network that does not answer the same twice, each under a seed that the judge draws."""


def measure_quality(
    asking: Asking,
    chance: Chance | None,
    who: Who,
    bench: Bench,
    fresh: Fresh,
    own: Imaging | None = None,
) -> Iterator[Part]:
    """The protocol's metrics on each dataset that is at hand, one part a dataset.

    Where there is ``chance``, or an image that is asked for again at the end answers otherwise, the
    figures are the means of several passes, each in a process that ``fresh`` starts where a process
    keeps to its first answer. ``own`` is the submission itself, where ``asking`` asks
    its graph: where they are further apart than rounding explains, it is flagged.
    """
    options, imaging = bench.options, asking.imaging
    scorer = bench.scorers.at(imaging.scale)
    yield Part(
        signatures=scorer.signatures,
        reasons=tuple(Reason("quantity", key, why) for key, why in scorer.missing.items()),
    )
    pictures = PictureKeeper(bench.store.root, who.id, imaging.scale)
    for dataset in bench.sets.at(imaging.scale):
        shown = options.pictures is None or dataset.name in options.pictures

        def scored(
            keep: Keep, dataset: Dataset = dataset, imaging: Imaging = imaging
        ) -> PassResult:
            options.progress.phase(f"{who.label}: {dataset.name}", total=len(dataset.pairs))
            imaging.runner.ask(Seed(seed=new_seed()))
            overlap, step = options.machine.device != "cpu", options.progress.step
            return quality_pass(
                imaging, dataset, scorer, keep=keep, progress=step, overlap=overlap, own=own
            )

        results = [scored(pictures.keep if shown else _keep_nothing)]
        if results[0].apart > asking.tolerance and chance is None:
            yield Part(flags=(GRAPH_DIFFERS,), notes=(_differs(results[0], dataset),))
        if results[0].replayed > asking.tolerance and chance is None:
            chance = _late(results[0].replayed)
            yield Steadiness(chance=chance, flags=(NONDETERMINISTIC,))
        if chance is not None:
            for _ in range(PASSES - 1):
                with _process(chance, imaging, fresh) as asked:
                    results.append(scored(_keep_nothing, imaging=asked))
        part = _part(dataset, results, pictures, bench.sets)
        bench.sets.unchanged.hold(dataset)  # after its hash was asked for
        yield part


@contextmanager
def _process(chance: Chance, imaging: Imaging, fresh: Fresh) -> Iterator[Imaging]:
    """Whom to ask for another pass: a new process where another seed changes nothing."""
    if chance.cause not in ("order", "process"):
        yield imaging
        return
    with fresh() as runner:
        yield replace(imaging, runner=runner)


def _differs(result: PassResult, dataset: Dataset) -> str:
    return (
        f"On images of {dataset.name} its own outputs are up to {result.apart:.1e} of the range "
        "from those of the graph that it exported; the graph's are scored."
    )


def _late(difference: float) -> Chance:
    """What shows only after many forwards, or on whole images."""
    sentence = "It answered an image of the test set otherwise when asked again after the others."
    return Chance(cause="state", sentence=sentence, difference=difference)


def _part(
    dataset: Dataset, results: Sequence[PassResult], pictures: PictureKeeper, sets: OpenSets
) -> Quality:
    """The part of one dataset: the means of its passes."""
    flags = dict.fromkeys(flag for result in results for flag in _flags(result))
    changed = sorted({name for result in results for name in result.changed})
    return Quality(
        dataset=dataset.name,
        images=tuple(_images(results)),
        means=_means([result.means for result in results]),
        infinite={key: count for key, count in results[0].infinite.items() if count},
        facts=facts_of(dataset, sets),
        pictures=pictures.kept(dataset.name),
        passes=tuple(result.means for result in results) if len(results) > 1 else (),
        flags=tuple(flags),
        environment={"changed_in_forward": changed} if changed else {},
        reasons=(Reason("phase", "pictures", pictures.lost),) if pictures.lost else (),
    )


def _images(results: Sequence[PassResult]) -> Iterator[ImageScore]:
    for passes in zip(*(result.images for result in results), strict=True):
        values = _means([image.values for image in passes])
        yield passes[0].model_copy(update={"values": values})


def _means(passes: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """The mean of each value; None where a pass has none."""
    found: dict[str, float | None] = {}
    for key in passes[0]:
        values = [known for one in passes if (known := one.get(key)) is not None]
        found[key] = math.fsum(values) / len(values) if len(values) == len(passes) else None
    return found


def _keep_nothing(*_: object) -> None:
    """No pictures of this dataset: some may not be passed on."""


def facts_of(dataset: Dataset, sets: OpenSets) -> DatasetFacts:
    """Of which images it was, and how their LR was made."""
    return DatasetFacts(
        images=len(dataset.pairs),
        sha256=sets.identity(dataset).result(),
        lr_source=dataset.lr_source,
    )


def _flags(result: PassResult) -> Iterator[str]:
    if result.changed:
        yield FLAGS_CHANGED
    if not result.input_untouched:
        yield "mutates-input"
    if result.dtypes - {"torch.float32"}:
        yield f"output-{'-'.join(sorted(d.removeprefix('torch.') for d in result.dtypes))}"
