"""Every metric that can be named, one row each; nothing heavy is imported here.

To add one: a file in this folder with ``open_metric(options, setting)`` (see ``setting``), and a
row. ``options`` is what that file needs to know beside the setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from esrbench.errors import UsageError, nearest

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class MetricRow:
    """One metric: how it is named, shown and computed."""

    key: str
    """The name in protocols, records and ``--json``."""
    label: str
    """A table's heading."""
    unit: str
    """``dB``, or empty."""
    digits: int
    """Decimals that a table shows; records keep all."""
    higher_is_better: bool
    module: str
    """The file in this folder that computes it."""
    recipe: str
    """The signature, with ``{crop}`` for the crop border."""
    description: str
    options: Mapping[str, str] = field(default_factory=lambda: _NONE)
    needs_crop: bool = True
    """Whether the crop border is cut first; deep and no-reference metrics see the whole image."""
    needs_hr: bool = True
    """False for a no-reference metric."""
    pooled: bool = False
    """Whether a set's figure is taken over all its pixels instead of the mean of its images."""
    extra: str | None = None
    """The extra of esrbench that it needs: ``pip install 'esrbench[EXTRA]'``."""

    def signature(self, crop: int) -> str:
        """How the figure came about; figures may be compared only where this is equal."""
        return self.recipe.format(crop=crop if self.needs_crop else 0)


_CHANNELS = {
    "rgb": ("RGB", "rgb"),
    "y": ("Y", "BT.601 studio-range Y, unrounded"),
    "y-u8": ("Y, uint8", "BT.601 studio-range Y rounded to uint8 (SelfExSR's and IMDN's way)"),
}


def _psnr(channel: str, *, pooled: bool = False) -> MetricRow:
    short, long = _CHANNELS[channel]
    return MetricRow(
        key=f"psnr_{channel.replace('-', '_')}{'_pooled' if pooled else ''}",
        label=f"PSNR ({short}{', pooled' if pooled else ''})",
        unit="dB",
        digits=2,
        higher_is_better=True,
        module="psnr",
        recipe=f"PSNR|{channel}|crop:{{crop}}|u8|{'pooled' if pooled else 'mean-image'}|v1",
        description=f"Peak signal-to-noise ratio on {long}.",
        options={"channel": channel},
        pooled=pooled,
    )


def _ssim(channel: str) -> MetricRow:
    short, long = _CHANNELS[channel]
    return MetricRow(
        key=f"ssim_{channel.replace('-', '_')}",
        label=f"SSIM ({short})",
        unit="",
        digits=4,
        higher_is_better=True,
        module="ssim",
        recipe=f"SSIM|{channel}|crop:{{crop}}|u8|gauss11-1.5-valid|mean-image|v1",
        description=f"Structural similarity (Wang 2004) on {long}.",
        options={"channel": channel},
    )


def _lpips(net: str, name: str) -> MetricRow:
    return MetricRow(
        key=f"lpips_{net}",
        label=f"LPIPS ({name})",
        unit="",
        digits=4,
        higher_is_better=False,
        module="lpips_distance",
        recipe=f"LPIPS|rgb|crop:{{crop}}|u8|{net}-lin0.1|mean-image|v1",
        description=f"Learned perceptual distance (Zhang 2018), {name} backbone, v0.1 weights.",
        options={"net": net},
        needs_crop=False,
    )


def _iqa(key: str, label: str, description: str, *, needs_hr: bool) -> MetricRow:
    return MetricRow(
        key=key,
        label=label,
        unit="",
        digits=4,
        higher_is_better=False,
        module="iqa",
        recipe=f"{label}|{'rgb' if needs_hr else 'y'}|crop:{{crop}}|u8|pyiqa|mean-image|v1",
        description=description,
        options={"name": key},
        needs_crop=False,
        needs_hr=needs_hr,
        extra="iqa",
    )


_ROWS = (
    _psnr("y"),
    _ssim("y"),
    _psnr("rgb"),
    _ssim("rgb"),
    _lpips("alex", "AlexNet"),
    _lpips("vgg", "VGG16"),
    _lpips("squeeze", "SqueezeNet"),
    _psnr("y-u8"),
    _ssim("y-u8"),
    _psnr("y", pooled=True),
    _psnr("rgb", pooled=True),
    _iqa("dists", "DISTS", "Structure and texture distance (Ding 2020).", needs_hr=True),
    _iqa(
        "niqe", "NIQE", "Natural image quality without a reference (Mittal 2013).", needs_hr=False
    ),
)

METRICS: Mapping[str, MetricRow] = MappingProxyType({row.key: row for row in _ROWS})
"""Every metric by its key, in the order tables show them."""


def row_of(key: str) -> MetricRow:
    """The row named ``key``, in either case; raises UsageError that names the nearest one."""
    name = key.lower().replace("-", "_")
    if name not in METRICS:
        raise UsageError(f"There is no metric {key!r}{nearest(name, METRICS)}")
    return METRICS[name]
