"""Synthetic records: shaped like real ones, with figures from a seeded draw."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from esrbench.protocol.load import load_protocol
from esrbench.results.record import (
    About,
    Complexity,
    DatasetFacts,
    ImageScore,
    MacsOfOperator,
    RunRecord,
    Runtime,
    TimingBlock,
)

CPU = "cpu:AMD EPYC 9B14 (2 threads)"
GPU = "cuda:NVIDIA H200"


def runtime(
    median: float,
    *,
    ratio: float | None = None,
    width: float = 0.01,
    policy: str = "block",
    energy: float | None = None,
) -> Runtime:
    """A runtime whose spread is 8% and whose ratio's interval has this relative half width."""
    return Runtime(
        shape="256x256",
        median=median,
        mean=median * 1.01,
        p5=median * 0.96,
        p95=median * 1.08,
        min=median * 0.95,
        max=median * 1.3,
        calls=400,
        blocks=16,
        policy=policy,
        clock="perf_counter_ns",
        wall_ratio=1.004,
        ratio=ratio,
        ratio_low=None if ratio is None else ratio * (1 - width),
        ratio_high=None if ratio is None else ratio * (1 + width),
        baseline=None if ratio is None else "span/c28",
        stopped="interval",
        energy_j=energy,
    )


def quality(base: float, *, lpips: bool = True) -> dict[str, float | None]:
    """Means around a luma PSNR of ``base`` dB."""
    values: dict[str, float | None] = {
        "psnr_y": base + 0.00012345,
        "ssim_y": 0.8897 + (base - 31.7) / 40,
        "psnr_rgb": base - 1.9,
        "ssim_rgb": 0.8586 + (base - 31.7) / 40,
    }
    if lpips:
        values["lpips_alex"] = 0.19 - (base - 31.7) / 30
    return values


def signatures(device: str, crop: int = 4) -> dict[str, str]:
    """The signatures of a record measured the usual way."""
    return {
        "psnr_y": f"PSNR|y|crop:{crop}|f64|mean-image|v1",
        "ssim_y": f"SSIM|y|crop:{crop}|f64|mean-image|v1",
        "psnr_rgb": f"PSNR|rgb|crop:{crop}|u8|mean-image|v1",
        "ssim_rgb": f"SSIM|rgb|crop:{crop}|u8|mean-image|v1",
        "lpips_alex": f"LPIPS|alex|crop:{crop}|v1",
        "params": "PARAMS|v1",
        "macs": "MACs|1x3x256x256|fvcore+dispatch|v1",
        "activations": "ACTS|1x3x256x256|ntire|v1",
        "runtime_ms": f"TIME|{device}|fp32|shape:256x256|block|v1",
    }


def record(name: str = "span", variant: str | None = None, **changes: Any) -> RunRecord:
    """One record; ``changes`` replace its fields."""
    rng = random.Random(f"{name}/{variant}")
    device = changes.get("device", CPU)
    protocol = changes.pop("protocol_name", "quick")
    spec = load_protocol(protocol).model_dump(mode="json")
    datasets = changes.pop("datasets_scored", spec["datasets"])
    images = changes.pop("images_each", 5)
    base = changes.pop("psnr", 30.0 + 2.5 * rng.random())
    ms = changes.pop("ms", 3 + 40 * rng.random())
    macs = changes.pop("gmacs", 2 + 60 * rng.random()) * 1e9
    macs = changes.get("macs", macs) or 0
    fields: dict[str, Any] = {
        "id": hashlib.sha256(
            f"{name}{variant}{sorted(map(str, changes.items()))}".encode()
        ).hexdigest()[:12],
        "created": "2026-01-05T10:00:00+00:00",
        "submission": name,
        "variant": variant,
        "scale": 4,
        "about": About(
            title=f"{name} network",
            authors="A. Author, B. Author",
            year=rng.choice([2022, 2023, 2024]),
            paper="https://arxiv.org/abs/2311.12770",
            code="https://example.org/code",
            licence="MIT",
            weights_origin="https://example.org/weights.pth",
            published={"params": 151000, "macs": 9.83e9, "quality": {"Set5": {"psnr_y": 31.74}}},
        ),
        "submission_sha256": hashlib.sha256(name.encode()).hexdigest(),
        "protocol": protocol,
        "protocol_spec": spec,
        "device": device,
        "status": "ok",
        "params": int(20_000 + 900_000 * rng.random()),
        "macs": int(macs),
        "activations": int(macs * 4.2e-3),
        "convs": 22,
        "peak_memory_bytes": int(4e7 + 4e8 * rng.random()),
        "runtime_ms": runtime(ms, ratio=ms / 7.74),
        "runtime_by_shape": [runtime(ms, ratio=ms / 7.74)],
        "quality": {d: quality(base - 2 * i) for i, d in enumerate(datasets)},
        "signatures": signatures(device),
        "images": {d: image_scores(base - 2 * i, images, rng) for i, d in enumerate(datasets)},
        "datasets": {
            d: DatasetFacts(
                images=images, sha256=hashlib.sha256(d.encode()).hexdigest(), lr_source="files"
            )
            for d in datasets
        },
        "complexity": complexity(int(macs)),
        "timing_blocks": blocks(ms, rng),
        "harness_version": "0.1.0",
        "harness_commit": "0123456789abcdef",
        "environment": {
            "cpu": "AMD EPYC 9B14",
            "threads": 2,
            "torch": "2.15.0",
            "flags": {"tf32": False},
        },
        "command": f"esrbench score submissions/{name} --protocol {protocol}",
    }
    return RunRecord(**{**fields, **changes})


def image_scores(base: float, count: int, rng: random.Random) -> list[ImageScore]:
    """``count`` images around ``base`` dB."""
    return [
        ImageScore(
            name=f"img_{i:03d}",
            values=quality(base + rng.gauss(0, 2)),
            lr_size=(128, 96),
            forward_ms=5 + rng.random(),
        )
        for i in range(count)
    ]


def complexity(macs: int, dispatch: int | None = None) -> Complexity:
    """Counts with two operators."""
    return Complexity(
        input_shape=(1, 3, 256, 256),
        params_before_forward=150_688,
        params_after_forward=150_688,
        macs_fvcore=macs,
        macs_dispatch=dispatch or macs,
        macs_ntire2022=macs,
        by_operator=[
            MacsOfOperator(operator="conv", macs=int(macs * 0.97), calls=22),
            MacsOfOperator(operator="matmul", macs=int(macs * 0.03), calls=4),
        ],
        by_module={"conv_1": int(macs * 0.1), "block_1.c1": int(macs * 0.2)},
        facts={"receptive_field": 37},
    )


def with_layers(record: RunRecord, *, repeated: int = 1, **changes: Any) -> RunRecord:
    """``record`` with the layers and the roofline of a network of two blocks, ``repeated``.

    5 GMAC and 1 GB moved, at 100 GMAC/s and 10 GB/s: 50 ms of arithmetic, 100 ms of traffic.
    """
    assert record.complexity is not None
    rows = [
        ("block_1.conv", "aten::convolution", 1, 40.0, 3_000_000_000, 400_000_000),
        ("block_1", "aten::silu_", 2, 10.0, 0, 200_000_000),
        ("block_2.conv", "aten::convolution", 1, 25.0, 2_000_000_000, 300_000_000),
        ("", "aten::<i>add</i>", 1, 5.0, 0, 100_000_000),
    ]
    names = ("module", "operator", "calls", "ms", "macs", "bytes")
    facts = {
        "layers": [dict(zip(names, row, strict=True)) for row in rows * repeated],
        "roofline": {
            "arithmetic_ms": 50.0, "memory_ms": 100.0, "launch_ms": 0.01, "floor_ms": 50.0,
            "share": 0.5, "bound": "memory", "impossible": False,
            "ceilings": {"copy_bytes_per_s": 1e10, "macs_per_s": {"fp32": 1e11, "fp16": 4e11},
                         "launch_s": 2e-6},
            **changes,
        },
    }  # fmt: skip
    counted = record.complexity.model_copy(update={"facts": {**record.complexity.facts, **facts}})
    return record.model_copy(update={"complexity": counted})


def blocks(ms: float, rng: random.Random, count: int = 8) -> list[TimingBlock]:
    """Interleaved blocks of ten calls."""
    return [
        TimingBlock(
            shape="256x256",
            lane="submission" if i % 2 == 0 else "baseline",
            call_ms=[
                (ms if i % 2 == 0 else 7.74) * (1 + abs(rng.gauss(0, 0.03))) for _ in range(10)
            ],
            wall_ms=ms * 10.1,
            started=i * 0.5,
            clock_mhz=2600.0,
        )
        for i in range(count)
    ]


def failed(name: str = "crasher", status: str = "failed", **changes: Any) -> RunRecord:
    """A row that measured nothing."""
    empty: dict[str, Any] = {
        "params": None,
        "macs": None,
        "activations": None,
        "convs": None,
        "peak_memory_bytes": None,
        "runtime_ms": None,
        "runtime_by_shape": [],
        "quality": {},
        "images": {},
        "datasets": {},
        "complexity": None,
        "timing_blocks": [],
        "signatures": {},
        "reason": "The child process died of signal 11 (segmentation fault) in the third forward.",
    }
    return record(name, **{**empty, "status": status, **changes})


def without_weights(name: str = "rlfn", **changes: Any) -> RunRecord:
    """Counted and timed, its quality not measured."""
    lacking = {
        "quality": {},
        "images": {},
        "datasets": {},
        "flags": ["no-weights"],
        "reason": "No weights at hand: rlfn_s.pth is neither under --weights-dir nor in the cache.",
    }
    return record(name, **{**lacking, **changes})


def awkward() -> list[RunRecord]:
    """Everything that could trip a page."""
    gone = {"skimage8": {**quality(31.0), "lpips_alex": None}}
    return [
        with_layers(record("span", "c28", psnr=31.74, ms=7.74, gmacs=9.833807872, params=150_688)),
        record("span", "c48", psnr=32.2, ms=16.1, gmacs=28.1),
        record("rlfn", "ntire", psnr=32.10, ms=13.2, gmacs=19.6749, params=317_218),
        record("bicubic", psnr=28.42, ms=0.912, gmacs=0.04, params=0, flags=["unverified-weights"]),
        record("no-lpips", quality=gone, missing={"lpips_alex": "no AlexNet backbone at hand"}),
        record("identity", quality={"skimage8": {"psnr_y": float("inf"), "ssim_y": 1.0}}),
        record("not-a-number", quality={"skimage8": {"psnr_y": float("nan"), "ssim_y": None}}),
        record("<script>alert('x')</script>", "<b>&\"'"),
        record("a-very-long-name-" * 6, "with-a-variant-that-goes-on-" * 2),
        record(
            "hidden-ops",
            gmacs=1.59,
            complexity=complexity(1_590_000_000, 9_107_931_136),
            flags=["counters-differ", "opaque-ops"],
        ),
        without_weights("rlfn", variant="s"),
        failed(),
        failed("cheater", "rejected", reason="The timed output differs from the untimed one."),
        record("span", "c28", device=GPU, ms=0.71, protocol_name="ntire2026"),
        record("rlfn", "ntire", device=GPU, ms=0.93, protocol_name="ntire2026"),
        record("span", "c28", precision="fp16", ms=5.1),
        record("odd-crop", signatures=signatures(CPU, crop=8)),
    ]
