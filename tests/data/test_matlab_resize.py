"""LR images published with MATLAB, reproduced to the last bit.

Set5 LRbicx2/3/4/8 are from JingyunLiang/SwinIR, the ``oldmatlab`` ones from yulunzhang/RCAN (Set5)
and jbhuang0604/SelfExSR (Set14, B100, Urban100).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esrbench.data.images import mod_crop, read_rgb
from esrbench.data.matlab_resize import Border, matlab_bicubic, matlab_bicubic_float
from esrbench.errors import UsageError

# dataset, LR folder, scale, border, rounded between the passes, number of images
PUBLISHED: list[tuple[str, str, int, Border, bool, int]] = [
    *[("Set5", f"LRbicx{scale}", scale, "symmetric", True, 5) for scale in (2, 3, 4)],
    *[("Set5", f"LRbicx{scale}_oldmatlab", scale, "replicate", True, 5) for scale in (2, 3, 4)],
    ("Set5", "LRbicx8", 8, "symmetric", False, 5),
    *[("Set14", f"LRbicx{scale}_oldmatlab", scale, "replicate", True, 14) for scale in (2, 3, 4)],
    ("B100", "LRbicx4_oldmatlab", 4, "replicate", True, 100),
    ("Urban100_subset", "LRbicx4_oldmatlab", 4, "replicate", True, 5),
]


@pytest.mark.parametrize(("dataset", "folder", "scale", "border", "rounded", "count"), PUBLISHED)
def test_equals_matlab_to_the_last_bit(
    data_root: Path,
    dataset: str,
    folder: str,
    scale: int,
    border: Border,
    rounded: bool,
    count: int,
) -> None:
    different = []
    files = sorted((data_root / dataset / "HR").glob("*.png"))
    assert len(files) == count
    for path in files:
        hr = mod_crop(read_rgb(path, grey="keep"), scale)
        lr = read_rgb(data_root / dataset / folder / path.name, grey="keep")
        made = matlab_bicubic(hr, Fraction(1, scale), border=border, round_between=rounded)
        if made.shape != lr.shape or (made != lr).any():
            different.append(path.name)
    assert not different


@pytest.mark.parametrize("option", [{"border": "replicate"}, {"round_between": False}])
def test_the_options_make_a_difference(data_root: Path, option: dict[str, object]) -> None:
    """Otherwise the test above could not tell one recipe from another."""
    hr = read_rgb(data_root / "Set5" / "HR" / "baby.png")
    lr = read_rgb(data_root / "Set5" / "LRbicx4" / "baby.png")
    assert (matlab_bicubic(hr, Fraction(1, 4), **option) != lr).any()  # type: ignore[arg-type]


def test_weights_of_half_size() -> None:
    """Keys' cubic (a = -0.5) at distances 0.25, 0.75, 1.25, 1.75, halved: worked out by hand."""
    impulse = np.zeros((1, 32))
    impulse[0, 16] = 1.0
    weights = matlab_bicubic_float(impulse, Fraction(1, 2))[0, 5:11] * 256
    by_hand = [0, -3, 29, 111, -9, 0]
    distances = [abs(16 - (2 * out + 0.5)) / 2 for out in range(5, 11)]
    assert distances == [2.75, 1.75, 0.75, 0.25, 1.25, 2.25]
    assert weights == pytest.approx(by_hand, abs=1e-12)


def test_weights_of_double_size() -> None:
    """Upscaling is not antialiased: an output 1/4 off an input takes w(0.25) = 111/128 of it."""
    impulse = np.zeros((1, 9))
    impulse[0, 4] = 1.0
    weights = matlab_bicubic_float(impulse, 2)[0, 4:14] * 128
    by_hand = [-3, -9, 29, 111, 111, 29, -9, -3]
    assert weights == pytest.approx([0, *by_hand, 0], abs=1e-12)


@pytest.mark.parametrize(
    ("size", "scale", "expected"),
    [
        ((10, 13), Fraction(1, 4), (3, 4)),  # MATLAB: ceil(scale * size)
        ((12, 16), 0.25, (3, 4)),
        ((9, 255), 1 / 3, (3, 85)),  # 1/3 in floating point means a third
        ((5, 7), 4, (20, 28)),
        ((5, 7), 1.5, (8, 11)),
        ((1, 1), 3, (3, 3)),
    ],
)
def test_size(size: tuple[int, int], scale: float | Fraction, expected: tuple[int, int]) -> None:
    image = np.full((*size, 3), 77, dtype=np.uint8)
    resized = matlab_bicubic(image, scale)
    assert resized.shape == (*expected, 3)
    assert resized.dtype == np.uint8
    assert (resized == 77).all()  # the weights of each output add up to 1


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    scale=st.sampled_from(
        [Fraction(1, 2), Fraction(1, 3), Fraction(1, 4), Fraction(2), Fraction(3)]
    ),
    border=st.sampled_from(["symmetric", "replicate"]),
    seed=st.integers(0, 1000),
)
def test_mirrored_in_mirrored_out(
    height: int, width: int, scale: Fraction, border: Border, seed: int
) -> None:
    """The filter is symmetric when sizes divide evenly; the float form shows it to rounding."""
    if scale < 1:
        height, width = height * scale.denominator, width * scale.denominator
    image = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    straight = matlab_bicubic_float(image, scale, border=border)
    mirrored = matlab_bicubic_float(image[::-1, ::-1], scale, border=border)
    assert mirrored[::-1, ::-1] == pytest.approx(straight, abs=1e-9)


def test_channels_are_resized_alone() -> None:
    image = np.random.default_rng(1).integers(0, 256, (31, 22, 3), dtype=np.uint8)
    together = matlab_bicubic(image, Fraction(1, 3))
    alone = [matlab_bicubic(image[:, :, c], Fraction(1, 3)) for c in range(3)]
    assert np.array_equal(together, np.stack(alone, axis=2))


@pytest.mark.parametrize(
    ("image", "scale", "says"),
    [
        (np.zeros((4, 4), np.float32), 2, "uint8"),
        (np.zeros((4, 4), np.uint8), 0, "positive"),
        (np.zeros((4, 4), np.uint8), -1, "positive"),
        (np.zeros((0, 4), np.uint8), 2, "shape"),
        (np.zeros((4,), np.uint8), 2, "shape"),
    ],
)
def test_refuses(image: np.ndarray, scale: float, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        matlab_bicubic(image, scale)
