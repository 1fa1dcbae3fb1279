"""``esrbench metrics``: score images that already exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given


def metrics(
    sr_dir: Annotated[Path, typer.Argument(help="Folder of SR images.")],
    hr_dir: Annotated[Path, typer.Argument(help="Folder of HR images of the same names.")],
    crop: Annotated[
        int, typer.Option("--crop", min=0, help="Crop border in pixels; papers take the scale.")
    ],
    metric: Annotated[
        list[str] | None, typer.Option("--metric", "-m", help="Which; default: the usual five.")
    ] = None,
    device: given.Device = "cpu",
    data_root: given.DataRoot = None,
    weights_dir: given.WeightsDir = None,
    offline: given.Offline = False,
    json: given.Json = False,
) -> None:
    """PSNR, SSIM and LPIPS of SR images against HR images."""
    from esrbench.cli.summary import figure, figure_name
    from esrbench.cli.terminal import TerminalProgress, print_json
    from esrbench.judge.folders import pair_up, score_pairs
    from esrbench.metrics.scorer import Scorer
    from esrbench.protocol.schema import METRIC_KEYS

    pairs = pair_up(sr_dir, hr_dir)
    scorer = Scorer(
        metric or METRIC_KEYS,
        crop=crop,
        device=given.resolve_device(device),
        data_root=data_root,
        weights_dir=weights_dir,
        offline=offline,
    )
    progress = TerminalProgress()
    scores = score_pairs(pairs, scorer, progress)
    if json:
        print_json(
            {
                "images": [{"name": image.name, **image.values} for image in scores.images],
                "mean": scores.means,
                "infinite": scores.infinite,
                "signatures": scorer.signatures,
                "missing": scorer.missing,
            }
        )
        return
    keys = [key for key in scores.means if key not in scorer.missing]
    width = max(len(image.name) for image in scores.images)
    print(" " * width, *(f"{figure_name(key):>10}" for key in keys))
    for image in scores.images:
        print(f"{image.name:<{width}}", *(f"{figure(key, image.values[key]):>10}" for key in keys))
    print(f"{'mean':<{width}}", *(f"{figure(key, scores.means[key]):>10}" for key in keys))
    for key, count in scores.infinite.items():
        if count:
            print(f"{figure_name(key)}: {count} of {len(scores.images)} images are identical.")
    for key, why in scorer.missing.items():
        print(f"{figure_name(key)}: empty. {why}")
    for key in keys:
        print(f"  {figure_name(key):<10} {scorer.signatures[key]}")
