"""How long jobs will take, said before the first is measured."""

from __future__ import annotations

from collections.abc import Sequence

from esrbench.engines.plan import Job
from esrbench.errors import EsrbenchError
from esrbench.judge.bench import Bench
from esrbench.judge.estimate import Estimate, estimate, in_time
from esrbench.judge.score import latest_here
from esrbench.number_of import number_of
from esrbench.submission.formats.folder_function import FORM


def ahead(jobs: Sequence[Job], bench: Bench, *, side_by_side: int = 1) -> str | None:
    """``mynet: about 4 min: loading and counting 20 s, ...``; of several the sum, with all but
    their timing ``side_by_side``. None where nothing can be said.
    """
    options, found = bench.options, list[tuple[str, Estimate]]()
    earlier = latest_here(bench)
    for job in jobs:
        try:
            submission = job.submission()
            at = submission.scale
            found.append((job.label, estimate(
                options.protocol, bench.sets.at(at), at, device=options.machine.device,
                threads=options.machine.threads, macs_a_pixel=job.weight_bytes / 4 or None,
                timing=options.timing, network=submission.form != FORM, earlier=earlier,
                first=not found,
            )))  # fmt: skip
        except EsrbenchError:
            continue  # whoever measures it says what is wrong
    if len(found) == 1:
        ((label, only),) = found
        return f"{label}: {only.sentence()}"
    alone = sum(one.timing for _, one in found)
    beside = sum(one.total for _, one in found) - alone
    told = in_time(alone + beside / min(side_by_side, max(1, len(found))))
    return f"{number_of(len(found), 'submission')}: about {told}" if found else None
