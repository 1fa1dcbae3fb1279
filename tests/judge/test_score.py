"""A whole run: what a submission does wrong ends in its row, and what it did right stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.judge.score import score
from esrbench.protocol.schema import Protocol, RankBy, Timing
from esrbench.results.record import RunRecord
from esrbench.submission.find import find

UPSCALE = "F.interpolate(x, scale_factor=4, mode='bilinear')"
SMALL = Protocol(
    name="small",
    title="Small",
    datasets=("skimage8",),
    metrics=("psnr_y",),
    reference_input="1x3x32x32",
    rank_by=RankBy(metric="psnr_y", dataset="skimage8"),
    timing=Timing(
        shapes=("24x32",), baseline=None, warmup_seconds=0.02, block_seconds=0.01, min_blocks=2,
        max_seconds=0.1,
    ),
)  # fmt: skip

Scored = Callable[[Path], RunRecord]


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """The small protocol on one thread, with a results folder for all tests of this file."""
    return Options(
        protocol=SMALL,
        catalogue=load_catalogue(),
        machine=Machine(threads=1),
        results=tmp_path_factory.mktemp("results"),
        offline=True,
    )


@pytest.fixture(scope="module")
def scored(options: Options) -> Iterator[Scored]:
    """Scores a folder, timing included."""
    with Bench(options) as bench:
        yield lambda folder: score(find(str(folder)), bench)


@pytest.fixture(scope="module")
def untimed(options: Options) -> Iterator[Scored]:
    """Scores a folder for all that needs no clock."""
    with Bench(replace(options, timing=False)) as bench:
        yield lambda folder: score(find(str(folder)), bench)


def test_a_sound_submission_gets_a_whole_record(
    write_submission, scored: Scored, options: Options
) -> None:
    record = scored(write_submission("sound"))
    assert (record.status, record.reason) == ("ok", None)
    assert record.params == 0
    assert record.runtime_ms is not None
    assert record.runtime_ms.blocks >= 2
    assert len(record.images["skimage8"]) == 8
    assert record.images["skimage8"][0].lr_size[0] > 0
    assert record.peak_memory_bytes > 4 * 3 * 128 * 128
    assert record.environment["flags"]["threads"] == 1
    assert {"cuda", "cpu_capability"} <= set(record.environment["torch"])
    assert {"load", "noise", "torch"} <= {f["topic"] for f in record.environment["findings"]}
    picture = record.pictures[0]
    for path in (picture.lr, picture.sr, picture.hr):
        assert (options.results / path).is_file()


def test_memory_is_measured_at_every_timed_size(write_submission, scored: Scored) -> None:
    record = scored(write_submission("sound"))
    assert list(record.memory_by_shape) == ["32x32", "24x32"]  # the counting input first
    assert record.memory == record.memory_by_shape["32x32"]
    counted, timed = (peaks["live_tensors"] for peaks in record.memory_by_shape.values())
    assert timed == counted * 24 // 32  # no weights: all of it is LR and SR


@pytest.mark.slow
def test_a_dataset_stands_for_its_own_sizes(write_submission, options: Options) -> None:
    timing = SMALL.timing.model_copy(update={"shapes": ("24x32", "skimage8")})
    protocol = SMALL.model_copy(update={"timing": timing})
    with Bench(replace(options, protocol=protocol)) as bench:
        sizes = {image.read_lr().shape[:2] for image in bench.sets.named("skimage8", 4).pairs}
        record = score(find(str(write_submission("sound"))), bench)
    own = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    expected = ["24x32", *(f"{height}x{width}" for height, width in own)]
    assert [timed.shape for timed in record.runtime_by_shape] == expected
    assert record.runtime_ms == record.runtime_by_shape[0]
    assert list(record.memory_by_shape) == ["32x32", *expected]


def test_one_that_fails_late_keeps_its_counts_and_the_next_goes_on(
    write_submission, untimed: Scored
) -> None:
    late = f"""
        if x.shape[-1] > 100 and Network.calls > 9:
            raise RuntimeError('third time unlucky')
        return {UPSCALE}
    """
    broken = untimed(write_submission("late", forward=late))
    assert broken.status == "failed"
    assert "In the quality pass: It raised RuntimeError: third time unlucky" in broken.reason
    assert broken.macs is not None
    assert broken.quality == {}
    assert untimed(write_submission("next")).status == "ok"


def test_a_wrong_size_is_rejected(write_submission, untimed: Scored) -> None:
    record = untimed(write_submission("small", forward="return x.repeat_interleave(2, -1)"))
    assert record.status == "rejected"
    assert "check the scale (x4)" in record.reason


@pytest.mark.slow
def test_returning_the_last_output_again_is_flagged(write_submission, scored: Scored) -> None:
    cheats = f"""
        if Network.calls > 40 and x.shape[-2:] == Network.last.shape[-2:]:
            return Network.out
        Network.last, Network.out = x.clone(), {UPSCALE}
        return Network.out
    """
    record = scored(write_submission("cheats", forward=cheats))
    assert "timed-output-differs" in record.flags


def test_turning_a_switch_is_flagged(write_submission, scored: Scored) -> None:
    turns = f"torch.backends.cudnn.benchmark = True; return {UPSCALE}"
    assert "flags-changed" in scored(write_submission("turns", forward=turns)).flags


def test_without_weights_cost_is_measured_and_quality_is_not(write_submission, scored) -> None:
    manifest = "weights: {reason: they are on a drive that a script cannot reach}\n"
    # Untrained, it need not give an image: what comes out of noise for weights is not judged.
    forward = f"return 40 * {UPSCALE}"
    record = scored(write_submission("unweighted", manifest=manifest, forward=forward))
    assert record.status == "ok"
    assert record.weights_status == "missing"
    assert "no-weights" in record.flags
    assert record.quality == {}
    assert "a drive that a script cannot reach" in record.missing["psnr_y"]
    assert record.runtime_ms is not None


def test_a_run_that_was_made_is_found_again(write_submission, untimed: Scored) -> None:
    folder = write_submission("again")
    first = untimed(folder)
    assert untimed(folder).id == first.id
    (folder / "model.py").write_text((folder / "model.py").read_text() + "# changed\n")
    assert untimed(folder).id != first.id


@pytest.mark.slow
def test_what_is_wrong_on_all_images_is_told(write_submission, untimed: Scored) -> None:
    swapped = f"return {UPSCALE}[:, [2, 1, 0]]"
    record = untimed(write_submission("swapped", forward=swapped))
    notes = [note for image in record.images["skimage8"] for note in image.notes]
    assert sum("BGR" in note for note in notes) >= 4


@pytest.mark.slow
def test_a_sound_network_is_not_blamed_for_one_image(write_submission, untimed: Scored) -> None:
    record = untimed(write_submission("plain"))
    assert [image.notes for image in record.images["skimage8"]] == [[]] * 8


def test_what_is_too_large_to_run_is_counted_all_the_same(
    write_submission, untimed: Scored
) -> None:
    """An attention over every pair of pixels, as of a photograph's: no machine has its memory."""
    attends = """
        torch.empty(x.shape[-1] ** 2, 1 << 40)
        return F.conv2d(x, torch.ones(3, 3, 1, 1)).repeat_interleave(4, 2).repeat_interleave(4, 3)
    """
    record = untimed(write_submission("attends", forward=attends))
    assert record.status == "failed", record.reason
    assert record.reason is not None
    assert "takes more memory than there is here" in record.reason
    assert record.complexity is not None
    assert record.complexity.macs_dispatch == 9 * 32 * 32
    assert record.missing["macs"].startswith("fvcore traces a forward")
