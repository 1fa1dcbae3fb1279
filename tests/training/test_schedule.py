"""Learning rates worked out by hand."""

from __future__ import annotations

import pytest

from training.recipe import Recipe, Stage
from training.schedule import learning_rate, stage_at

STAGE = Stage(loss="l1", epochs=1, lr=1.0, lr_end=0.2, warm_up=4)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (0, 0.25),
        (3, 1.0),
        (4, 1.0),  # the cosine's top
        (9, 0.6),  # halfway from 4 to 14: the mean of both ends
        (14, 0.2),
    ],
)
def test_rise_and_cosine(step: int, expected: float) -> None:
    assert learning_rate(STAGE, step, 15) == pytest.approx(expected)


def test_a_stage_of_one_step_has_its_rate() -> None:
    assert learning_rate(Stage(loss="l2", epochs=1, lr=0.5, lr_end=0.1), 0, 1) == 0.5


def test_stages_follow_each_other() -> None:
    second = Stage(loss="l2", epochs=3, lr=0.1)
    recipe = Recipe(submission="espcn", steps_per_epoch=5, stages=(STAGE, second))
    assert stage_at(recipe, 4) == (0, STAGE, 4)
    assert stage_at(recipe, 5) == (1, second, 0)
    assert stage_at(recipe, 19) == (1, second, 14)
    with pytest.raises(IndexError):
        stage_at(recipe, 20)
