"""Every quality metric, one row each: what it is, and which file of ``metrics/`` computes it.

To add one: a file in ``esrbench/metrics/`` with ``open_metric(options, setting)`` (see its
``setting``), and a row here. ``options`` is what that file needs to know beside the setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from esrbench.quantities.quantity import NO_NICKNAMES, Quantity

Colour = Literal["y", "rgb", ""]


@dataclass(frozen=True, kw_only=True)
class Metric(Quantity):
    """The likeness of SR to HR, or what SR looks like by itself; a mean over a dataset's images."""

    module: str
    """The file in ``esrbench/metrics/`` that computes it."""
    recipe: str
    """The signature, with ``{crop}`` for the crop border."""
    options: Mapping[str, str] = field(default_factory=lambda: NO_NICKNAMES)
    colour: Colour = ""
    """What PSNR and SSIM are measured on; a table shows its protocol's own colour first."""
    usual: bool = False
    """Whether a protocol that names no metrics has it."""
    aside: bool = False
    """Another way to measure the same: in tables only when asked for."""
    needs_crop: bool = True
    """Whether the crop border is cut first; deep and no-reference metrics see the whole image."""
    needs_hr: bool = True
    """False for a no-reference metric."""
    pooled: bool = False
    """Whether a set's figure is taken over all its pixels instead of the mean of its images."""
    extra: str | None = None
    """The extra of esrbench that it needs: ``pip install 'esrbench[EXTRA]'``."""

    @property
    def higher_is_better(self) -> bool:
        """Whether the direction is up."""
        return self.direction == "higher"

    def signature(self, crop: int) -> str:
        """How the figure came about; figures may be compared only where this is equal."""
        return self.recipe.format(crop=crop if self.needs_crop else 0)


_CHANNELS: Mapping[str, tuple[str, str, Colour]] = {
    "rgb": ("RGB", "R, G and B", "rgb"),
    "y": ("Y", "BT.601 studio-range Y, unrounded", "y"),
    "y-u8": ("Y8", "BT.601 studio-range Y rounded to uint8 (SelfExSR's and IMDN's way)", "y"),
}


def _psnr(channel: str, *, pooled: bool = False) -> Metric:
    short, long, colour = _CHANNELS[channel]
    usual = channel != "y-u8" and not pooled
    return Metric(
        key=f"psnr_{channel.replace('-', '_')}{'_pooled' if pooled else ''}",
        heading=f"PSNR {short}{', pooled' if pooled else ''}",
        label=f"PSNR ({short}{', pooled' if pooled else ''})",
        unit="dB",
        digits=2,
        direction="higher",
        description=f"Peak signal-to-noise ratio on {long}"
        + (", over all pixels of a set at once." if pooled else "."),
        nicknames={"psnr": ""} if usual else NO_NICKNAMES,
        module="psnr",
        recipe=f"PSNR|{channel}|crop:{{crop}}|u8|{'pooled' if pooled else 'mean-image'}|v1",
        options={"channel": channel},
        colour=colour,
        usual=usual,
        aside=not usual,
        pooled=pooled,
    )


def _ssim(channel: str) -> Metric:
    short, long, colour = _CHANNELS[channel]
    usual = channel != "y-u8"
    return Metric(
        key=f"ssim_{channel.replace('-', '_')}",
        heading=f"SSIM {short}",
        label=f"SSIM ({short})",
        unit="",
        digits=4,
        direction="higher",
        description=f"Structural similarity (Wang 2004) on {long}.",
        nicknames={"ssim": ""} if usual else NO_NICKNAMES,
        module="ssim",
        recipe=f"SSIM|{channel}|crop:{{crop}}|u8|gauss11-1.5-valid|mean-image|v1",
        options={"channel": channel},
        colour=colour,
        usual=usual,
        aside=not usual,
    )


def _lpips(net: str, name: str) -> Metric:
    usual = net == "alex"
    return Metric(
        key=f"lpips_{net}",
        heading="LPIPS" if usual else f"LPIPS {name}",
        label=f"LPIPS ({name})",
        unit="",
        digits=4,
        direction="lower",
        description=f"Learned perceptual distance (Zhang 2018), {name} backbone, v0.1 weights.",
        nicknames={"lpips": ""} if usual else NO_NICKNAMES,
        module="lpips_distance",
        recipe=f"LPIPS|rgb|crop:{{crop}}|u8|{net}-lin0.1|mean-image|v1",
        options={"net": net},
        usual=usual,
        needs_crop=False,
    )


def _iqa(key: str, name: str, description: str, *, needs_hr: bool) -> Metric:
    return Metric(
        key=key,
        heading=name,
        label=name,
        unit="",
        digits=4,
        direction="lower",
        description=description,
        module="iqa",
        recipe=f"{name}|{'rgb' if needs_hr else 'y'}|crop:{{crop}}|u8|pyiqa|mean-image|v1",
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

METRICS: Final[dict[str, Metric]] = {row.key: row for row in _ROWS}
"""Every metric by its key, in the order tables show them."""

USUAL: Final = tuple(row.key for row in _ROWS if row.usual)
"""What a protocol measures that names no metrics."""


def described(key: str) -> Quantity:
    """The metric ``key``; for one without a row what can be said of it, which is its name."""
    return METRICS.get(key) or Quantity(
        key=key,
        heading=key,
        label=key,
        unit="",
        digits=4,
        direction="unknown",
        description="A metric that this esrbench has no description of.",
    )


def in_order(keys: Iterable[str]) -> list[str]:
    """``keys`` as tables show them: those with a row in its order, then the others by name."""
    seen = set(keys)
    return [*(key for key in METRICS if key in seen), *sorted(seen - set(METRICS))]


def metric_named(word: str, colour: Colour) -> str | None:
    """The key that ``word`` means: a key, or a nickname, which takes ``colour``'s; None for
    neither."""
    if word in METRICS:
        return word
    named = [row for row in METRICS.values() if word in row.nicknames]
    named.sort(key=lambda row: row.colour not in (colour, ""))
    return named[0].key if named else None


def words() -> list[str]:
    """Every word that :func:`metric_named` knows, nicknames first."""
    return [*dict.fromkeys(n for row in METRICS.values() for n in row.nicknames), *METRICS]
