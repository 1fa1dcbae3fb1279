"""Which entry of a checkpoint is taken, and that what was taken is said.

The tensors wanted are zeros, all others ones: the sum tells which were taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from esrbench.errors import SubmissionError
from esrbench.submission.checkpoint import read_weights
from esrbench.submission.formats.keys import read_taken
from esrbench.submission.load import fill

STATE = {"head.weight": torch.zeros(4, 3, 3, 3), "head.bias": torch.zeros(4)}
OTHER = {name: value + 1 for name, value in STATE.items()}
LOSS = {"conv.weight": torch.ones(2)}


def _optimiser() -> dict[str, Any]:
    weight = nn.Parameter(torch.ones(3))
    optimiser = torch.optim.Adam([weight])
    weight.sum().backward()
    optimiser.step()
    return optimiser.state_dict()


# what was saved, the entry that is taken, words of the sentence about it (None: nothing to say)
SAVED = {
    "basicsr": ({"params": OTHER, "params_ema": STATE}, "params_ema", "averaged weights"),
    "timm": (
        {"epoch": 3, "state_dict": OTHER, "state_dict_ema": STATE},
        "state_dict_ema",
        "not state_dict",
    ),
    "model_ema": ({"model": OTHER, "model_ema": STATE}, "model_ema", "averaged weights"),
    "ema": ({"ema": {"module": STATE, "decay": 0.9}, "model": OTHER}, "ema.module", "averaged"),
    "net_g_ema": (
        {"net_g": OTHER, "net_g_ema": STATE, "net_d": LOSS},
        "net_g_ema",
        "not net_g",
    ),
    "one tensor twice": ({"params": STATE, "params_ema": STATE}, "params_ema", "averaged"),
    "epoch and optimiser": (
        {"epoch": 3, "net_g": STATE, "optimizer": _optimiser(), "best": 30.1},
        "net_g",
        None,
    ),
    "numbers among the tensors": ({**STATE, "epoch": 3, "optimizer": _optimiser()}, "", None),
    "numpy": (
        {"state_dict": STATE, "best": np.float64(32.1), "n": np.int32(3), "l": np.zeros(3)},
        "state_dict",
        None,
    ),
    "numpy, single": ({"state_dict": STATE, "best": np.float32(1), "b": np.bool_(True)}, "", None),
}


@pytest.mark.parametrize(("content", "entry", "words"), SAVED.values(), ids=SAVED.keys())
@pytest.mark.parametrize("legacy", [False, True])
def test_taken(tmp_path: Path, content: Any, entry: str, words: str | None, legacy: bool) -> None:
    path = tmp_path / "a.pth"
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    claimed, read = read_taken(path), read_weights(path)
    assert claimed.entry == read.entry
    assert read.entry == (entry or read.entry)
    assert claimed.sentence == read.sentence
    assert (words in (read.sentence or "")) if words else read.sentence is None
    assert set(claimed.state) == set(read.state) == set(STATE)
    assert all(not value.any() for value in read.state.values())


GAN = {"generator": STATE, "discriminator": LOSS, "epoch": torch.tensor(4)}


NORMALISED = {
    "body.weight": torch.ones(4),
    "body.running_mean": torch.ones(4) * 3,
    "body.num_batches_tracked": torch.tensor(7),
}


def _torch_ema(*shadow: torch.Tensor) -> dict[str, Any]:
    """As its ``ExponentialMovingAverage.state_dict()``: a list, in the parameters' order."""
    return {"decay": 0.999, "num_updates": 9, "shadow_params": list(shadow), "collected_params": []}


def test_an_average_without_names_is_put_under_the_weights_names(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    average = _torch_ema(*STATE.values(), torch.zeros(4))
    torch.save({"ema": average, "model": {**OTHER, **NORMALISED}}, path)
    claimed, read = read_taken(path), read_weights(path)
    assert claimed.sentence == read.sentence
    assert read.sentence == "the averaged weights, entry ema.shadow_params (not model)"
    assert set(claimed.state) == set(read.state) == {*OTHER, *NORMALISED}
    assert all(not read.state[name].any() for name in (*STATE, "body.weight"))
    assert read.state["body.running_mean"][0] == 3, "a buffer is not averaged"
    assert read_weights(path, "model").state["head.bias"].all(), "named, the other is taken"


def test_an_average_that_does_not_fit_is_named_as_left(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save({"model": OTHER, "ema": _torch_ema(torch.zeros(5), torch.zeros(4))}, path)
    for read in (read_taken, read_weights):
        assert read(path).sentence == "entry model (not ema.shadow_params)"
    assert read_weights(path).state["head.bias"].all()


def test_a_gan_asks_which_and_takes_the_key(tmp_path: Path) -> None:
    path = tmp_path / "gan.pth"
    torch.save(GAN, path)
    for read in (read_taken, read_weights):
        with pytest.raises(SubmissionError, match=r"generator, discriminator.*key: generator"):
            read(path)
        assert read(path, "generator").entry == "generator"
        with pytest.raises(SubmissionError, match="no entry 'net_x'; it holds generator"):
            read(path, "net_x")


def test_a_key_may_lead_deeper(tmp_path: Path) -> None:
    torch.save({"nets": {"g": STATE, "x": OTHER}}, tmp_path / "a.pth")
    assert not read_weights(tmp_path / "a.pth", "nets.g").state["head.bias"].any()


def _network() -> nn.Module:
    network = nn.Sequential()
    network.add_module("head", nn.Conv2d(3, 4, 3))
    return network


def _behind(prefix: str, state: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}{name}": value for name, value in state.items()}


# the state dict, words of what is said of it
PREFIXED = {
    "lightning": (_behind("model.", STATE), None),
    "lightning, its loss beside": (
        {**_behind("model.", STATE), "lpips.net.0.weight": torch.ones(3)},
        "1 other tensor is left out (lpips.net.0.weight)",
    ),
    "AveragedModel": (
        {"n_averaged": torch.tensor(5), **_behind("module.", STATE)},
        "the averaged weights, under 'module.'",
    ),
    "ema_pytorch": (
        {
            "initted": torch.tensor(True),
            "step": torch.tensor(5),
            **_behind("online_model.", OTHER),
            **_behind("ema_model.", STATE),
        },
        "the averaged weights, under 'ema_model.'; 2 other tensors are left out",
    ),
    "two parts": (_behind("model.net_g.", STATE), None),
}


@pytest.mark.parametrize(("state", "words"), PREFIXED.values(), ids=PREFIXED.keys())
def test_prefixes(state: dict[str, Any], words: str | None) -> None:
    said: list[str] = []
    network = _network()
    fill(network, state, Path("a.pth"), said.append)
    assert all(not value.any() for value in network.state_dict().values())
    assert (words in said[0]) if words else said == []


@pytest.mark.parametrize(
    "state",
    [
        {**STATE, "extra.weight": torch.ones(3)},
        {**_behind("model.", STATE), "model.extra.weight": torch.ones(3)},
    ],
)
def test_what_stands_among_the_networks_own_names_is_an_error(state: dict[str, Any]) -> None:
    with pytest.raises(SubmissionError, match=r"1 unexpected \(extra.weight\)"):
        fill(_network(), state, Path("a.pth"))


def test_what_a_damaged_file_trips_over_is_no_bare_number(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(b"half")
    with pytest.raises(SubmissionError, match=r"can read: [A-Z]\w+ 97\.$"):
        read_weights(path)
