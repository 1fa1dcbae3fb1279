"""The main job: one submission in, one record out.

The judge never imports a submission. It starts a runner, asks it for SR images, counts and times,
holds what comes back against what it can see from outside, and writes all of it down.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.judge.bench import Bench
from esrbench.judge.blank import blank_record, same_run
from esrbench.judge.connection import Runner, RunnerRejected
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into
from esrbench.judge.measure import measure_complexity, measure_facts, measure_memory
from esrbench.judge.pictures import PictureKeeper
from esrbench.judge.quality import quality_pass
from esrbench.judge.runtime import measure_runtime
from esrbench.results.record import DatasetFacts, RunRecord
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, choose_weights, locate_weights


def score(submission: Submission, bench: Bench) -> RunRecord:
    """Measure ``submission`` and keep the record, whatever the outcome.

    What the submission does wrong ends in the record's status and reason. Raises EsrbenchError
    only for what is wrong with the machine, the data or the results folder.
    """
    options = bench.options
    if submission.taken_for:
        options.say(f"{submission.label}: {submission.taken_for}")
    bench.datasets(submission.scale)  # what is not there is told before anything is measured
    submission = choose_weights(
        submission, options.weights, weights_dir=options.weights_dir, offline=options.offline
    )
    weights, why_none = _weights(submission, bench)
    if isinstance(weights, SubmissionError):
        record = blank_record(submission, None, bench)
        record.status, record.reason = "rejected", str(weights)
        bench.store.add(record)
        return record
    record = blank_record(submission, weights, bench)
    earlier = None if options.again else same_run(record, bench)
    if earlier is not None:
        options.say(f"{record.label}: measured already ({earlier.id}); --again measures anew.")
        return earlier
    if why_none is not None:
        record.flags.append("no-weights")
        record.reason = why_none
    if submission.trained_here:
        record.flags.append("own-weights")
    _run(submission, weights, record, bench)
    bench.store.add(record)
    return record


def _weights(
    submission: Submission, bench: Bench
) -> tuple[Path | SubmissionError | None, str | None]:
    """The checkpoint and, where there is none to be had, the reason."""
    try:
        found = locate_weights(
            submission, weights_dir=bench.options.weights_dir, offline=bench.options.offline
        )
    except WeightsUnavailable as why:
        return None, str(why)
    except SubmissionError as why:
        return why, None
    return found, None


def _run(submission: Submission, weights: Path | None, record: RunRecord, bench: Bench) -> None:
    """Fill ``record``, phase by phase; a failure ends the phases and is told in the record."""
    progress = bench.options.progress
    phase = "loading"
    if bench.options.timing:
        findings = [asdict(finding) for finding in bench.findings]
        record.environment = {**record.environment, "findings": findings}
    if "no-weights" not in record.flags:
        for dataset in bench.datasets(submission.scale):
            bench.identity(dataset)  # goes on while the runner starts
    try:
        with Runner(bench.options.machine.limits) as runner:
            progress.phase(f"{record.label}: loading")
            loaded = load_into(runner, submission, weights, bench.options.machine)
            record.params = loaded.params
            seen = {"flags": loaded.flags.model_dump(), "torch": loaded.torch}
            record.environment = {**record.environment, **seen}
            record.signatures["params"] = "params|deployed|v1"
            phase = "counting"
            progress.phase(f"{record.label}: counting")
            measure_complexity(runner, record, bench)
            measure_memory(runner, record, bench)
            if "no-weights" not in record.flags:
                phase = "the quality pass"
                _quality(submission, runner, record, bench)
            if bench.options.timing:
                phase = "timing"
                measure_runtime(submission, weights, runner, loaded.flags, record, bench)
            else:
                record.missing["runtime_ms"] = "Not asked for (--no-timing)."
            progress.phase(f"{record.label}: receptive field and input sizes")
            measure_facts(runner, record, submission, weights)
        record.status = "ok"
    except RunnerRejected as why:
        record.status, record.reason = "rejected", f"In {phase}: {why}"
    except SubmissionError as why:
        record.status, record.reason = "failed", f"In {phase}: {why}"
    finally:
        progress.end()
        record.flags = sorted(set(record.flags))
    if "no-weights" in record.flags:
        for key in bench.options.protocol.metrics:
            record.missing[key] = record.reason or "no weights"


def _keep_nothing(*_: object) -> None:
    """No pictures of this dataset: some may not be passed on."""


def _quality(submission: Submission, runner: Runner, record: RunRecord, bench: Bench) -> None:
    """PSNR, SSIM, LPIPS on every dataset of the protocol."""
    scale, progress = submission.scale, bench.options.progress
    imaging = Imaging(runner, scale, submission.data_range)
    scorer = bench.scorer(scale)
    record.signatures.update(scorer.signatures)
    record.missing.update(scorer.missing)
    pictures = PictureKeeper(bench.store.root, record.id, scale)
    dtypes: set[str] = set()
    for dataset in bench.datasets(scale):
        progress.phase(f"{record.label}: {dataset.name}", total=len(dataset.pairs))
        shown = bench.options.pictures is None or dataset.name in bench.options.pictures
        keep = pictures.keep if shown else _keep_nothing
        result = quality_pass(
            imaging,
            dataset,
            scorer,
            keep=keep,
            progress=progress.step,
            overlap=bench.options.machine.device != "cpu",
        )
        record.images[dataset.name] = result.images
        record.quality[dataset.name] = result.means
        if any(result.infinite.values()):
            record.infinite[dataset.name] = {k: n for k, n in result.infinite.items() if n}
        record.datasets[dataset.name] = DatasetFacts(
            images=len(dataset.pairs),
            sha256=bench.identity(dataset).result(),
            lr_source=dataset.lr_source,
        )
        record.flags.extend(result.flags)
        dtypes |= result.dtypes
    record.missing.update(dict.fromkeys(bench.missing_datasets, "Not at hand on this machine."))
    record.pictures = pictures.kept
    if dtypes - {"torch.float32"}:
        record.flags.append(f"output-{'-'.join(sorted(d.removeprefix('torch.') for d in dtypes))}")
