"""A module scored in this process: for one that does not export. Never ranked."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import nn

from esrbench.api.deployed import as_deployed, device_of, scored_images
from esrbench.counting.count import count
from esrbench.data.dataset import Dataset
from esrbench.flags import IN_PROCESS
from esrbench.judge.assemble import Outcome, assemble
from esrbench.judge.bench import Bench
from esrbench.judge.measure import counts_part
from esrbench.judge.parts import Part, Quality, Reason
from esrbench.judge.who import Who, who_was_meant
from esrbench.metrics.mean import mean_over_images
from esrbench.results.record import DatasetFacts, ImageScore, RunRecord
from esrbench.runner.answers import Counted
from esrbench.runner.graph_counts import of_graph

_WHY_UNTIMED = (
    "Scored in the caller's own process, where nothing is measured but quality and counts."
)


def score_in_process(module: nn.Module, scale: int, bench: Bench) -> RunRecord:
    """Quality and counts of ``module`` as it is, kept like any other record.

    Whatever shares this process may have changed what is measured, so the row is set apart and has
    no runtime and no memory. Raises UsageError for an output of another size, SubmissionError where
    it cannot be counted.
    """
    parts = list(_parts(module, scale, bench))
    record = assemble(_who(module, scale, bench), parts, Outcome())
    bench.store.add(record)
    return record


def _who(module: nn.Module, scale: int, bench: Bench) -> Who:
    who = who_was_meant(type(module).__name__.lower(), scale, bench)
    return replace(who, sandbox="none", source="a module in memory", weights_status="none-needed")


def _parts(module: nn.Module, scale: int, bench: Bench) -> Iterator[Part]:
    shape = bench.options.protocol.counting_input(scale)
    own = copy.deepcopy(module).eval()
    with torch.no_grad():
        counted = count(own, torch.rand(*shape, device=device_of(own)))
    answer = Counted.model_validate(of_graph(own, counted.as_dict()), strict=False)
    yield counts_part(answer, bench.options.machine.track or "fp32")
    scorer = bench.scorers.at(scale)
    yield Part(
        flags=(IN_PROCESS,),
        signatures=scorer.signatures,
        reasons=(
            *(Reason("quantity", key, why) for key, why in scorer.missing.items()),
            Reason("quantity", "runtime_ms", _WHY_UNTIMED),
            Reason("quantity", "peak_memory_bytes", _WHY_UNTIMED),
        ),
    )
    with as_deployed(module):
        for dataset in bench.sets.at(scale):
            yield _quality(module, dataset, bench)


def _quality(module: nn.Module, dataset: Dataset, bench: Bench) -> Quality:
    images = list(scored_images(module, dataset, bench.scorers.at(dataset.scale)))
    values, pixels = [i.values for i in images], [i.pixels for i in images]
    means, infinite = mean_over_images(values, pixels)
    return Quality(
        dataset=dataset.name,
        images=tuple(ImageScore(name=i.name, values=i.values, lr_size=i.lr_size) for i in images),
        means=means,
        infinite={key: number for key, number in infinite.items() if number},
        facts=DatasetFacts(
            images=len(images),
            sha256=bench.sets.known_sha256(dataset),
            lr_source=dataset.lr_source,
        ),
    )
