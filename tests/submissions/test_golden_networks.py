"""Networks of the second half of the field, whose golden rows need a word of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from esrbench.data.images import read_image
from esrbench.submission.find import find
from esrbench.submission.load import converted

from .build import forward, trained, untrained
from .golden import GOLDEN, INPUTS, compare, fill

# submission, scale, row
RAMIT = [
    ("ramit/ramit-1", 4, "RAMiT-1 x4"),
    ("ramit/ramit-1", 3, "RAMiT-1 x3"),
    ("ramit/ramit-1", 2, "RAMiT-1 x2"),
    ("ramit/slimsr", 4, "RAMiT-slimSR x4"),
    ("ramit/slimsr", 3, "RAMiT-slimSR x3"),
    ("ramit/slimsr", 2, "RAMiT-slimSR x2"),
    *(("ramit/ramit", scale, f"RAMiT x{scale} synthetic") for scale in (2, 3, 4)),
]


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize(("label", "scale", "name"), RAMIT)
def test_ramit_with_its_own_padding(label: str, scale: int, name: str, weights_dir: Path) -> None:
    """48 rows are padded with zeros to 64 by the authors' network, not by their tester."""
    if name.endswith("synthetic"):
        model, tolerance = untrained(label, scale), 2e-5
        fill(model)
    else:
        model, tolerance = trained(label, scale, weights_dir)[1], 1e-5
    model.symmetric = False
    assert max(compare(model, GOLDEN[name]).values()) <= tolerance


@pytest.mark.parametrize("scale", [3, 4])
@pytest.mark.parametrize("form", ["gathered", "masked"])
def test_smsr_without_weights(form: str, scale: int) -> None:
    model = untrained(f"smsr/{form}", scale)
    fill(model)
    assert max(compare(model, GOLDEN[f"SMSR x{scale} synthetic"]).values()) <= 2e-5


@pytest.mark.parametrize("backbone", ["carn", "fsrcnn"])
def test_pcsr_finds_as_many_hard_pixels(backbone: str, weights_dir: Path) -> None:
    model = trained(f"pcsr/{backbone}", 4, weights_dir)[1]
    golden = GOLDEN[f"PCSR {backbone} phase1 x4 k=0 with refinement"]
    for name, fraction in golden["hard_pixel_fraction"].items():
        with torch.inference_mode():
            queries = model.queries(model.encoder(INPUTS[name]() - model.mean))
            assert model.hard(queries).float().mean().item() == pytest.approx(fraction, abs=1e-5)


@pytest.mark.parametrize("backbone", ["carn", "fsrcnn"])
def test_pcsr_without_refinement(backbone: str, weights_dir: Path) -> None:
    model = trained(f"pcsr/{backbone}", 4, weights_dir)[1]
    model.refined = lambda sr, hard: sr
    golden = GOLDEN[f"PCSR {backbone} phase1 x4 k=0 without refinement"]
    assert max(compare(model, golden).values()) <= 1e-5


def test_smsr_keeps_less_than_all() -> None:
    """With a mask of ones nothing is saved; with one of zeros the sparse channels are."""
    model = untrained("smsr", 2)
    lr = torch.rand(1, 3, 12, 16) * 255
    for part in model.body:
        part.spa_mask[5].weight.data.zero_()
        part.spa_mask[5].bias.data = torch.tensor([0.0, 1.0])
    torch.testing.assert_close(model.kept(lr), torch.ones(5))
    for part in model.body:
        part.spa_mask[5].bias.data = torch.tensor([1.0, 0.0])
    dense = model.body[0].body.ch_mask.softmax(3).round()[0, :, :, 0].mean(0)
    inputs = torch.cat([torch.ones(1), dense[:-1]])
    torch.testing.assert_close(model.kept(lr)[0], (dense * inputs).mean())


@pytest.mark.parametrize("everywhere", [True, False])
def test_smsr_gathers_what_the_masks_leave(everywhere: bool) -> None:
    """All of it, or what is dense: as multiplied, whatever the share."""
    gathered, masked = untrained("smsr/gathered", 2), untrained("smsr/masked", 2)
    lr = torch.rand(2, 3, 12, 16) * 255
    for model in (gathered, masked):
        for part in model.body:
            part.everywhere = everywhere
    torch.testing.assert_close(forward(gathered, lr), forward(masked, lr), rtol=1e-5, atol=1e-3)


# backbone, factor, patches by width (bicubic first) of Set5's LR images at x4, in order of their
# names: as the authors' own tester sorted them, run with their weights and tables.
ROUTED = [
    ("carn", "l", [[0, 0, 0, 16], [0, 0, 0, 4], [0, 0, 0, 4], [0, 0, 0, 4], [0, 0, 0, 2]]),
    ("carn", "m", [[0, 0, 11, 5], [0, 0, 1, 3], [0, 0, 0, 4], [0, 0, 4, 0], [0, 0, 0, 2]]),
    ("carn", "s", [[0, 4, 10, 2], [0, 1, 2, 1], [0, 0, 0, 4], [0, 1, 3, 0], [0, 1, 0, 1]]),
    ("fsrcnn", "l", [[0, 0, 6, 10], [0, 0, 0, 4], [0, 0, 0, 4], [0, 0, 2, 2], [0, 0, 0, 2]]),
    ("fsrcnn", "m", [[0, 0, 16, 0], [0, 0, 4, 0], [0, 0, 4, 0], [0, 0, 4, 0], [0, 0, 2, 0]]),
    ("fsrcnn", "s", [[0, 5, 11, 0], [0, 2, 2, 0], [0, 1, 3, 0], [0, 0, 4, 0], [0, 1, 1, 0]]),
]


@pytest.mark.parametrize(("backbone", "budget", "expected"), ROUTED)
def test_arm_routes_as_its_authors_do(
    backbone: str, budget: str, expected: list[list[int]], data_root: Path
) -> None:
    """Whole patches alone: what remains at the right and at the bottom they leave out."""
    model = untrained(f"arm/{backbone}-{budget}")
    for path, counts in zip(
        sorted((data_root / "Set5/LRbicx4").glob("*.png")), expected, strict=True
    ):
        lr = torch.from_numpy(read_image(path)).permute(2, 0, 1)[None].float() / 255
        patches = (
            lr.unfold(2, 32, 28).unfold(3, 32, 28)[0].permute(1, 2, 0, 3, 4).reshape(-1, 3, 32, 32)
        )
        assert torch.bincount(model.choose(patches), minlength=4).tolist() == counts, path.name


@pytest.mark.parametrize("backbone", ["carn", "fsrcnn"])
def test_arm_routed_is_the_widest_network_patch_by_patch(backbone: str) -> None:
    """All patches by the widest: each what that network gives, in 256 steps, the mean where two
    overlap; at any size."""
    widest = {"carn": 64, "fsrcnn": 56}[backbone]
    whole, routed = untrained(f"arm/{backbone}-{widest}"), untrained(f"arm/{backbone}-l")
    routed.net.load_state_dict(whole.state_dict())
    routed.branches = "widest"
    lr = torch.rand(2, 3, 32, 50)
    more = torch.nn.functional.pad(lr, (0, 10, 0, 0), mode="replicate")  # two patches, 28 apart
    first, second = (
        (forward(whole, more[..., left : left + 32]).clamp(0, 1) * 255).round() / 255
        for left in (0, 28)
    )
    expected = torch.cat(
        [first[..., :112], (first[..., 112:] + second[..., :16]) / 2, second[..., 16:]], dim=3
    )
    torch.testing.assert_close(forward(routed, lr), expected[..., :200], rtol=0, atol=1e-6)


def test_fiwhn_attends_in_parts_as_in_one() -> None:
    model = untrained("fiwhn", 4).double()  # in float, rounding alone is 2 of 255
    lr = torch.rand(1, 3, 20, 24, dtype=torch.float64) * 255
    whole = forward(model, lr)
    attention = model.attention1.atten
    module = __import__(type(attention).__module__, fromlist=["QUERIES"])
    module.QUERIES = 7
    torch.testing.assert_close(forward(model, lr), whole, rtol=0, atol=1e-6)
    assert find("fiwhn").data_range == 255


@pytest.mark.parametrize(
    ("label", "params"),
    [("awsrn", 1_587_132), ("m", 1_254_002), ("s", 587_742), ("sd", 443_894)],
)
def test_awsrn_takes_weight_normalised_checkpoints(label: str, params: int) -> None:
    """The authors' count, which is the paper's, is of the form that is stored."""
    submission, model = find(f"awsrn/{label}", scale=4), untrained(f"awsrn/{label}", 4)
    state, stored = model.state_dict(), {}
    for name, value in state.items():
        if name.endswith("weight"):
            stored[name + "_g"] = value.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)
            stored[name + "_v"] = 3 * value
        else:
            stored[name] = value
    assert sum(v.numel() for v in stored.values()) == params
    plain = converted(submission.entry_file, stored, 4)
    assert plain.keys() == state.keys()
    for name, value in state.items():
        torch.testing.assert_close(plain[name], value)


@pytest.mark.parametrize("axis", [2, 3])
def test_lamnet_weighs_taps_as_defined(axis: int) -> None:
    """Pixel by pixel from the map of taps; what lies outside counts as zero."""
    module = sys.modules[type(untrained("lamnet", 2)).__module__]
    assert module.TAPS == [
        [-8, 4], [-6, 2], [-4, 2], [-3, 1], [-2, 1], [-1, 1], [0, 1],
        [1, 1], [2, 1], [3, 1], [4, 2], [6, 2], [8, 4],
    ]  # fmt: skip
    x, weights = torch.rand(2, 8, 5, 14), torch.randn(2, 52, 5, 14)
    if axis == 2:
        x, weights = x.transpose(2, 3), weights.transpose(2, 3)
    out, size = module.focal(x, weights, axis), x.shape[axis]
    expected = torch.zeros_like(x)
    for at in range(size):
        for tap, (start, length) in enumerate(module.TAPS):
            outward = (
                range(start, start + length) if start >= 0 else range(start, start - length, -1)
            )
            seen = [at + offset for offset in outward if 0 <= at + offset < size]
            value = x.index_select(axis, torch.tensor(seen)).sum(axis) / length if seen else 0
            for head in range(4):
                channels = slice(2 * head, 2 * head + 2)
                weight = weights[:, head * 13 + tap].select(axis - 1, at)[:, None]
                part = value[:, channels] if seen else 0
                expected[:, channels].select(axis, at).add_(weight * part)
    torch.testing.assert_close(out, expected)


def test_scnet_shifts_by_a_pixel() -> None:
    """Each eighth from its neighbour (y, x), zero beyond the border."""
    module = sys.modules[type(untrained("scnet", 2)).__module__]
    x = torch.rand(1, 16, 4, 5)
    moved, padded = module.Shift8()(x), torch.nn.functional.pad(x, (1, 1, 1, 1))
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1), (1, 1), (1, -1), (-1, 1), (-1, -1)]
    for i, (dy, dx) in enumerate(steps):
        for y in range(4):
            for j in range(5):
                expected = padded[:, 2 * i : 2 * i + 2, 1 + y + dy, 1 + j + dx]
                assert torch.equal(moved[:, 2 * i : 2 * i + 2, y, j], expected)


@pytest.mark.parametrize("label", ["hdsrnet", "asconvsr"])
def test_dynamic_convolutions_mix_their_candidates(label: str) -> None:
    """With all candidates alike, the mixture is any of them, whatever the image."""
    model = untrained(label, 2)
    for part in model.modules():
        for name, parameter in part.named_parameters(recurse=False):
            if parameter.dim() == 5 or (parameter.dim() == 2 and name.startswith("bias")):
                parameter.data[:] = torch.randn_like(parameter[:1]) / 10
    x = torch.rand(2, 64 if label == "hdsrnet" else 32, 6, 8)
    layer = model.Block.conv3[0] if label == "hdsrnet" else model.assemble
    expected = x
    names = [""] if label == "hdsrnet" else ["1", "2", "3"]
    for i in names:
        weight, bias = (layer.get_parameter(f"{kind}{i}")[0] for kind in ("weight", "bias"))
        expected = torch.nn.functional.conv2d(expected, weight, bias, padding=1)
    torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-4)


def test_asconvsr_repeats_each_colour() -> None:
    """Without what the network adds, the LR image with each pixel four times."""
    model = untrained("asconvsr", 2)
    torch.nn.init.zeros_(model.conv2.weight)
    torch.nn.init.zeros_(model.conv2.bias)
    lr = torch.rand(1, 3, 4, 6)
    assert torch.equal(forward(model, lr), torch.kron(lr, torch.ones(2, 2)))


def test_drsan_links_in_order() -> None:
    """Unit n takes its n scalars after those of the units before it."""
    group = untrained("drsan/48s", 2).body[0]
    x = torch.rand(1, 48, 5, 6)
    a = torch.arange(1.0, 7.0)
    group.residual.forward = lambda _: a[None]
    f = [x]
    for n, unit in enumerate(group.units, start=1):
        own, first = unit(f[-1]), n * (n - 1) // 2
        mixed = sum(a[first + j] * f[j] for j in range(n))
        f.append((own + mixed) * torch.sigmoid(own))
    torch.testing.assert_close(group(x), group.fuse(torch.cat(f, dim=1)))
