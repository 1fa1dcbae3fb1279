"""Counts a model: params, MACs by three conventions, activations, convs, and what hides.

The order matters: a model may fuse itself on its first forward, so the first is counted apart and
the figures that rank are those of a model that has run.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from esrbench.counting.agreement import differences
from esrbench.counting.counts import Counts
from esrbench.counting.forward_pass import Pass, fake_pass, plain_pass, real_pass
from esrbench.counting.fvcore_counter import FvcoreCounts, fvcore_counts
from esrbench.counting.opaque_modules import opaque_modules
from esrbench.counting.out_of_memory import is_out_of_memory
from esrbench.counting.parameters import count_buffers, count_constants, count_parameters
from esrbench.counting.seeds import seed_all
from esrbench.errors import SubmissionError
from esrbench.flags import ELEMENTWISE_WORK

WEIGHTS_OUTSIDE = 0.01
"""Share of the parameters that weights kept elsewhere may reach unflagged ..."""
WEIGHTS_OUTSIDE_ELEMENTS = 64
"""... and how many elements they may be in any case: a colour matrix, a blur kernel."""

ELEMENTWISE_SHARE = 0.5
"""Operations by element, against MACs, from which the MACs no longer tell the work. Of the systems
that come with esrbench the largest share is 0.096 (LAMNet's)."""
ELEMENTWISE_LEAST = 20
"""... and how many of them an element of the output may take: interpolation takes up to 14."""

NO_FORWARD = (
    "fvcore traces a forward, and one at this size takes more memory than there is here; the other "
    "counts are of tensors without values."
)

_FVCORE_FACTS = ("macs_by_operator_fvcore", "modules_never_called")


def count(model: nn.Module, example: Tensor, seed: int = 0) -> Counts:
    """Count ``model`` (in eval mode) on ``example``, an NCHW tensor on the model's device.

    Every counter sees a forward of the same input and the same ``seed``, so that a network that
    draws, or whose work depends on its input, shows each of them the same.

    Runs three forwards at most, two of them on real tensors. Raises SubmissionError if the first
    one fails, or what it raises for want of memory. A counter that fails leaves None and its
    reason.
    """
    params_before = count_parameters(model)
    missing: dict[str, str] = {}
    try:
        seed_all(seed)
        first = real_pass(model, example)
        seed_all(seed)
        steady = _steady_pass(model, example, first)
    except Exception as error:
        first = steady = _without_counter(model, example)
        missing["macs_dispatch"] = f"the model runs, but not under the counter: {_words(error)}"
    fvcore: FvcoreCounts | None = None
    try:
        seed_all(seed)
        fvcore = fvcore_counts(model, example)
    except Exception as error:
        reason = f"fvcore cannot trace this model: {_words(error)}"
        missing |= dict.fromkeys(("macs", "macs_fvcore", "activations_fvcore"), reason)
    return _assemble(model, example, params_before, first, steady, fvcore, missing)


def count_without_values(model: nn.Module, example: Tensor) -> Counts:
    """As :func:`count`, of a forward that takes more memory than there is: by the counters that
    need no values, in the memory of the network alone.

    Raises SubmissionError where the model cannot run so, as where it looks at values.
    """
    params_before = count_parameters(model)
    like = next(model.parameters(), torch.empty(0))
    try:
        only = fake_pass(model, example.shape, torch.empty(0, device=like.device))
    except Exception as error:
        raise SubmissionError(
            f"Nor can it be counted on tensors without values: {_words(error)}"
        ) from error
    missing = dict.fromkeys(("macs", "macs_fvcore", "activations_fvcore"), NO_FORWARD)
    return _assemble(model, example, params_before, only, only, None, missing)


def _without_counter(model: nn.Module, example: Tensor) -> Pass:
    """Tells a model that fails from one that only fails to be counted."""
    try:
        return plain_pass(model, example)
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise SubmissionError(
            f"The model fails on a {_size(example)} input: {_words(error)}; "
            "`esrbench check` shows which sizes it takes."
        ) from error


def _steady_pass(model: nn.Module, example: Tensor, first: Pass) -> Pass:
    """The second forward: on fake tensors where those give what the real first one gave."""
    if not first.opaque():
        try:
            fake = fake_pass(model, example.shape, example)
        except Exception:
            return real_pass(model, example)
        same = fake.counts.by_operator == first.counts.by_operator
        tied = fake.provenance.foreign_elements != first.provenance.foreign_elements
        if same and not tied and not fake.opaque():
            return fake
    # Opaque, changed by its first forward, tied to its own tensors, or not the same to fake ones.
    return real_pass(model, example)


def _assemble(
    model: nn.Module,
    example: Tensor,
    params_before: int,
    first: Pass,
    steady: Pass,
    fvcore: FvcoreCounts | None,
    missing: dict[str, str],
) -> Counts:
    counts = steady.counts
    params = count_parameters(model)
    uncounted = "macs_dispatch" in missing
    parted = differences(fvcore.by_operator, counts.by_operator) if fvcore and not uncounted else []
    opaque = _opaque(model, first, steady, fvcore)
    if uncounted:
        opaque.append("a forward that the dispatcher's counter stops")
    facts = _facts(first, steady, fvcore, parted)
    flags = {
        "opaque-ops": bool(opaque),
        "counters-differ": bool(parted),
        "params-change": params != params_before,
        "macs-change": first.counts.macs != counts.macs,
        "weights-outside-parameters": facts["weights_not_parameters"]
        > max(WEIGHTS_OUTSIDE * params, WEIGHTS_OUTSIDE_ELEMENTS),
        ELEMENTWISE_WORK: _works_by_element(steady),
    }
    if uncounted:
        # What nobody counted is absent, not 0.
        facts = {name: facts[name] for name in _FVCORE_FACTS if name in facts}
    return Counts(
        input_shape=tuple(example.shape),
        params=params,
        params_before_forward=params_before,
        params_after_forward=params,
        buffers=count_buffers(model),
        constant_elements=count_constants(model) + _foreign_elements(steady),
        macs=fvcore.macs if fvcore else None,
        macs_fvcore=fvcore.macs if fvcore else None,
        macs_dispatch=None if uncounted else counts.macs,
        macs_ntire2022=steady.hooks.macs_2022,
        macs_arm=steady.hooks.macs_arm,
        activations=steady.hooks.activations,
        activations_fvcore=fvcore.activations if fvcore else None,
        convs=steady.hooks.convs,
        unsupported_ops=fvcore.unsupported if fvcore else {},
        opaque_ops=tuple(opaque),
        by_operator=tuple(
            {"operator": name, "macs": macs, "calls": counts.calls[name]}
            for name, macs in counts.by_operator.most_common()
        ),
        by_module=dict(counts.by_module),
        facts=facts,
        flags=tuple(name for name, raised in flags.items() if raised),
        missing=missing,
        input_free=steady.fake and not uncounted,
    )


def _works_by_element(steady: Pass) -> bool:
    """Whether products were taken apart into operations that no count of MACs has.

    A convolution written as shifts, multiplications and additions has 0 MACs by every convention,
    and so has an attention written as ``(q * k).sum()``.
    """
    by_kind = steady.counts.other_operations
    operations = by_kind["elementwise"] + by_kind["reduce"]
    least = ELEMENTWISE_LEAST * steady.output_elements
    return operations > max(ELEMENTWISE_SHARE * steady.counts.macs, least)


def _foreign_elements(steady: Pass) -> int:
    """Elements from outside that act as constants; results of an outside call are none."""
    return 0 if steady.outside else steady.provenance.foreign_elements


def _opaque(model: nn.Module, first: Pass, steady: Pass, fvcore: FvcoreCounts | None) -> list[str]:
    """Everything a counter cannot vouch for, each once."""
    names = [*opaque_modules(model), *first.opaque(), *steady.opaque()]
    if fvcore:
        # The dispatcher sees the operators inside one, but not what else its Python does.
        names += [
            f"autograd.Function {name.removeprefix('prim::PythonOp.')} (x{calls})"
            for name, calls in fvcore.unsupported.items()
            if name.startswith("prim::PythonOp")
        ]
    return [*dict.fromkeys(names)]


def _facts(
    first: Pass, steady: Pass, fvcore: FvcoreCounts | None, parted: list[str]
) -> dict[str, Any]:
    counts = steady.counts
    facts: dict[str, Any] = {
        "macs_by_family": dict(counts.by_family),
        "other_operations": {kind: n for kind, n in counts.other_operations.items() if n},
        "convs_dispatch": counts.convs,
        "activations_dispatch": counts.conv_activations,
        "depth": steady.provenance.depth,
        "macs_dispatch_first_forward": first.counts.macs,
        "params_used": steady.provenance.params_used,
        "weights_not_parameters": steady.provenance.weights_not_parameters,
        "dtypes": dict(counts.dtypes),
    }
    if fvcore:
        facts["macs_by_operator_fvcore"] = fvcore.by_operator
        facts["modules_never_called"] = fvcore.uncalled
    if parted:
        facts["counters_differ"] = parted
    return facts


def _size(example: Tensor) -> str:
    return "x".join(str(side) for side in example.shape)


def _words(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


__all__ = ["Counts", "count"]
