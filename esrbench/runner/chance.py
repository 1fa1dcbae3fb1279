"""What a runner can be asked about networks that draw, or that look at the image to choose."""

from __future__ import annotations

from collections import Counter

from esrbench.counting.behaviour import Behaviour, behaviour_of
from esrbench.counting.forward_pass import real_pass
from esrbench.counting.seeds import seed_all
from esrbench.errors import SubmissionError
from esrbench.runner import answers, requests
from esrbench.runner.graph_counts import counted_by_module
from esrbench.runner.session import Session


def seed(session: Session, request: requests.Seed) -> answers.Done:
    """Set the generators; a submission that seeds them itself draws the same all the same."""
    seed_all(request.seed)
    return answers.Done()


def spend(session: Session, request: requests.Spend) -> answers.Spent:
    """Count one forward; raises SubmissionError where the counter stops it."""
    model = session.model()
    lr = session.lr_tensor(request.slot, request.shape)
    seed_all(request.seed)
    try:
        seen = real_pass(model.module, lr)
    except Exception as why:
        raise SubmissionError(f"It runs, but not under the counter: {type(why).__name__}.") from why
    by_module = counted_by_module(model.module)
    return answers.Spent(
        macs=seen.counts.macs,
        activations=seen.hooks.activations if by_module else seen.counts.conv_activations,
        convs=seen.hooks.convs if by_module else seen.counts.convs,
    )


def behave(session: Session, request: requests.Behave) -> answers.Behaved:
    """Look at one forward as it is run."""
    model = session.model()
    lr = session.lr_tensor(request.slot, request.shape)
    try:
        seen = behaviour_of(model.module, model, lr)
    except Exception:  # a compiled network, say, that no mode can look into
        seen = Behaviour(Counter(), 0, 0, ())
    return answers.Behaved(
        drawing=dict(seen.drawing),
        dropout=seen.dropout,
        batch_norm=seen.batch_norm,
        changed=seen.changed,
    )
