"""The trained and the deployed form are one function, and gradients reach what is trained."""

from __future__ import annotations

import pytest
import torch

from esrbench.errors import UsageError
from esrbench.submission.find import find
from esrbench.submission.load import build_model
from training.average import WeightsMean
from training.trainee import Trainee, warm_start


def _shaken(name: str, form: str) -> Trainee:
    """A trainee whose parameters are all away from their start."""
    torch.manual_seed(0)
    trainee = Trainee(find(name), form)  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in trainee.network.parameters():
            if parameter.requires_grad:
                parameter.add_(0.02 * torch.randn_like(parameter))
    return trainee


@pytest.mark.parametrize("name", ["ecbsr/m4c16", "etds/t", "span/c28", "quicksrnet/small"])
def test_deployed_is_the_trained_function(name: str) -> None:
    trainee = _shaken(name, "expanded")
    lr = torch.rand(1, 3, 17, 14)
    with torch.no_grad():
        trained = trainee(lr).clamp(0, 1)
    deployed = trainee.deployed(trainee.network.state_dict())(lr).clamp(0, 1)
    assert trained.std() > 0.01
    torch.testing.assert_close(deployed, trained, atol=2e-5, rtol=0)


def test_folded_at_every_step_it_has_the_same_gradients() -> None:
    lr, hr = torch.rand(2, 3, 9, 11), torch.rand(2, 3, 36, 44)
    gradients = []
    for form in ("expanded", "collapsed"):
        trainee = _shaken("ecbsr/m4c16", form)
        (trainee(lr) - hr).square().mean().backward()
        gradients.append({n: p.grad for n, p in trainee.network.named_parameters()})
    for name, expected in gradients[0].items():
        assert (expected is None) == name.endswith(".mask")
        if expected is not None:
            torch.testing.assert_close(gradients[1][name], expected, atol=1e-6, rtol=1e-3)


def test_a_form_it_does_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match=r"fsrcnn has no training_form.py; use `form: plain`"):
        Trainee(find("fsrcnn"), "collapsed")


def test_quicksrnet_starts_as_nearest_neighbour_and_noise() -> None:
    """Without the random part (the deployed form's own start) it is nearest neighbour exactly."""
    start = []
    for file in ("training_form.py", "model.py"):
        torch.manual_seed(0)
        start.append(build_model(find("quicksrnet").folder / file, scale=4))
    with torch.no_grad():
        for started, random in zip(*(n.parameters() for n in start), strict=True):
            started -= random
    lr = torch.rand(1, 3, 7, 9)
    nearest = lr.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
    torch.testing.assert_close(start[0](lr), nearest, atol=1e-5, rtol=0)


def test_warm_start_of_x4_from_x2_takes_all_but_the_last_layer() -> None:
    torch.manual_seed(0)
    two, four = Trainee(find("etds/t", scale=2), "expanded"), Trainee(find("etds/t"), "expanded")
    fresh = warm_start(four.network, two.network.state_dict())
    assert sorted(fresh) == [
        f"conv_{x}last.{y}" for x in ("", "residual_") for y in ("bias", "weight")
    ]
    assert torch.equal(four.network.conv_first.weight, two.network.conv_first.weight)
    with pytest.raises(UsageError, match="no tensor of this network"):
        warm_start(four.network, {"other": torch.zeros(1)})


def test_the_mean_by_hand() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(network.weight, 1.0)
    mean = WeightsMean(network, decay=0.9)
    torch.nn.init.constant_(network.weight, 2.0)
    mean.update(network, 0)  # decay 1/10: 0.1 * 1 + 0.9 * 2
    assert mean.state["weight"].item() == pytest.approx(1.9)
    mean.update(network, 1000)  # decay 0.9
    assert mean.state["weight"].item() == pytest.approx(1.91)
