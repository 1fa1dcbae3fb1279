"""PSNR and SSIM, on Y and on RGB: esrbench against the packages that compute them, in one run.

    python benchmarks/metrics.py [--all] [--float64] [--seconds 2] [--data-root DIR]

The images are Set5 and B100 (HR, and the MATLAB-bicubic x4 of it as SR), small crops, and one of
2040x1356; without a data root, photographs that scikit-image ships. A peer that is not installed
is left out. Each is asked for four figures: PSNR and SSIM, on Y and on RGB. esrbench starts from
uint8 images; the peers, which have no such Y, are handed it and float64 images, and the time that
takes is not theirs.

Columns: ms an image (the best of repeated passes), the ratio to esrbench, and the largest
difference of PSNR (dB) and SSIM over the images.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esrbench.data.images import read_rgb
from esrbench.data.matlab_resize import matlab_bicubic
from esrbench.image import Image
from esrbench.metrics import bands
from esrbench.metrics.colour import luma
from esrbench.metrics.scorer import Scorer

if TYPE_CHECKING:
    from torch import Tensor

Plane = NDArray[np.float64]
Figures = tuple[float, float, float, float]
"""PSNR Y, SSIM Y, PSNR RGB, SSIM RGB."""


class Pair:
    """SR and HR, and what a peer is handed: (H, W, 3) and Y as float64 in [0, 255]."""

    def __init__(self, hr: Image) -> None:
        hr = hr[: hr.shape[0] // 4 * 4, : hr.shape[1] // 4 * 4]
        self.hr = np.ascontiguousarray(hr)
        self.sr = matlab_bicubic(matlab_bicubic(self.hr, 1 / 4), 4)
        self.rgb = self.sr.astype(np.float64), self.hr.astype(np.float64)
        self.y = luma(self.sr), luma(self.hr)


Peer = Callable[[Pair], Figures]


def esrbench() -> Peer:
    scorer = Scorer(["psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb"], crop=0)
    return lambda pair: tuple(scorer.score(pair.sr, pair.hr).values())  # type: ignore[return-value]


def scikit_image() -> Peer:
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    def valid(sr: Plane, hr: Plane, axis: int | None) -> float:
        """Its own mean leaves out the same 5 pixels a side that 'valid' does."""
        return float(
            structural_similarity(
                hr,
                sr,
                data_range=255,
                channel_axis=axis,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
        )

    def score(pair: Pair) -> Figures:
        return (
            float(peak_signal_noise_ratio(pair.y[1], pair.y[0], data_range=255)),
            valid(*pair.y, None),
            float(peak_signal_noise_ratio(pair.hr, pair.sr, data_range=255)),
            valid(*pair.rgb, 2),
        )

    return score


def torchmetrics(dtype: str) -> Peer:
    from torchmetrics.functional.image import (
        peak_signal_noise_ratio,
        structural_similarity_index_measure,
    )

    def score(pair: Pair) -> Figures:
        figures = []
        for images in (pair.y, pair.rgb):
            sr, hr = (tensor(image, dtype) for image in images)
            figures.append(peak_signal_noise_ratio(sr, hr, data_range=255.0))
            figures.append(
                structural_similarity_index_measure(
                    sr, hr, gaussian_kernel=True, sigma=1.5, kernel_size=11, data_range=255.0
                )
            )
        return tuple(float(f) for f in figures)  # type: ignore[return-value]

    return score


def piq(dtype: str) -> Peer:
    import piq as package

    def score(pair: Pair) -> Figures:
        figures = []
        for images in (pair.y, pair.rgb):
            sr, hr = (tensor(image, dtype).clamp_(0, 255) for image in images)
            figures.append(package.psnr(sr, hr, data_range=255.0))
            figures.append(
                package.ssim(
                    sr, hr, kernel_size=11, kernel_sigma=1.5, data_range=255.0, downsample=False
                )
            )
        return tuple(float(f) for f in figures)  # type: ignore[return-value]

    return score


def pyiqa(dtype: str) -> Peer:
    from pyiqa.archs.psnr_arch import psnr as peer_psnr
    from pyiqa.archs.ssim_arch import ssim as peer_ssim

    def score(pair: Pair) -> Figures:
        figures = []
        for images in (pair.y, pair.rgb):
            sr, hr = (tensor(image, dtype) for image in images)
            figures.append(peer_psnr(sr, hr, data_range=255.0))
            figures.append(peer_ssim(sr, hr, data_range=255.0))
        return tuple(float(f) for f in figures)  # type: ignore[return-value]

    return score


def tensor(image: Plane, dtype: str) -> Tensor:
    import torch

    planes = image[None] if image.ndim == 2 else image.transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(planes))[None].to(getattr(torch, dtype))


PEERS: dict[str, Callable[[], Peer]] = {
    "esrbench": esrbench,
    "scikit-image": scikit_image,
    "torchmetrics, float32": lambda: torchmetrics("float32"),
    "torchmetrics, float64": lambda: torchmetrics("float64"),
    "piq, float32": lambda: piq("float32"),
    "piq, float64": lambda: piq("float64"),
    "pyiqa, float32": lambda: pyiqa("float32"),
    "pyiqa, float64": lambda: pyiqa("float64"),
}


def sets(data_root: Path | None, *, every: bool) -> Iterator[tuple[str, list[Pair]]]:
    if data_root is None:
        from skimage import data

        yield "photographs", [Pair(getattr(data, n)()) for n in ("astronaut", "coffee", "chelsea")]
        large = data.hubble_deep_field()
        yield "48x48", crops(data.astronaut())
    else:
        for name, few in (("Set5", 5), ("B100", 5)):
            paths = sorted((data_root / name / "HR").glob("*.png"))
            yield name, [Pair(read_rgb(path)) for path in (paths if every else paths[:few])]
        large = read_rgb(sorted((data_root / "Set5" / "HR").glob("*.png"))[0])
        yield "48x48", crops(large)
    yield "2040x1356", [Pair(enlarged_by_mirrors(large, 1356, 2040))]


def crops(image: Image) -> list[Pair]:
    """Five crops along the diagonal, for the cost that does not depend on the size."""
    return [Pair(image[n : n + 48, n : n + 48]) for n in range(0, 240, 48)]


def enlarged_by_mirrors(image: Image, height: int, width: int) -> Image:
    """A real photograph continued by its mirror images to the size of a DIV2K one."""
    pads = [(0, max(0, n - have)) for n, have in zip((height, width), image.shape, strict=False)]
    return np.pad(image, [*pads, (0, 0)], mode="symmetric")[:height, :width]


def milliseconds(score: Peer, pairs: list[Pair], seconds: float) -> tuple[float, list[Figures]]:
    """Of the fastest pass, an image; at least two passes, so that the first may warm up."""
    times: list[float] = []
    figures: list[Figures] = []
    start = time.perf_counter()
    while len(times) < 2 or (time.perf_counter() - start < seconds and len(times) < 50):
        began = time.perf_counter()
        figures = [score(pair) for pair in pairs]
        times.append(time.perf_counter() - began)
        if len(times) == 1 and times[0] > 20:
            break
    return min(times) / len(pairs) * 1e3, figures


def difference(ours: list[Figures], theirs: list[Figures]) -> tuple[float, float]:
    gap = np.abs(np.array(ours) - np.array(theirs)).max(axis=0)
    return float(max(gap[0], gap[2])), float(max(gap[1], gap[3]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="every image of B100")
    parser.add_argument("--float64", action="store_true", help="the torch peers in float64 too")
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each peer and set")
    parser.add_argument("--data-root", type=Path, default=os.environ.get("ESRBENCH_DATA_ROOT"))
    options = parser.parse_args()
    root = Path(options.data_root) if options.data_root else None
    peers: dict[str, Peer] = {}
    for name, make in PEERS.items():
        if name.endswith("float64") and not options.float64:
            continue
        try:
            peers[name] = make()
        except ImportError as why:
            print(f"{name}: left out ({why})")
    compiled = "compiled by numba" if bands.compiled_kernels() else "plain numpy, no numba"
    print(f"{bands.cores()} cores, {platform.machine()}; esrbench: {compiled}\n")
    print("| images | package | ms an image | ratio | PSNR differs | SSIM differs |")
    print("|---|---|---:|---:|---:|---:|")
    for label, pairs in sets(root, every=options.all):
        base, ours = milliseconds(peers["esrbench"], pairs, options.seconds)
        print(f"| {label} ({len(pairs)}) | esrbench | {base:.2f} | 1 | | |", flush=True)
        for name, score in list(peers.items())[1:]:
            took, theirs = milliseconds(score, pairs, options.seconds)
            psnr_gap, ssim_gap = difference(ours, theirs)
            print(
                f"| | {name} | {took:.2f} | {took / base:.1f} | {psnr_gap:.0e} | {ssim_gap:.0e} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
