"""What a runner can be asked about a model: one function a request, to its answer.

Everything the harness needs is imported here, before a submission is, so that a submission which
replaces a function in a library finds these references already taken.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from esrbench.counting.count import count, count_without_values
from esrbench.counting.forward_pass import arithmetic_of
from esrbench.counting.memory import cuda_peak, peak_live_tensor_bytes, resident_bytes
from esrbench.counting.process_memory import growth
from esrbench.counting.seeds import seed_all
from esrbench.counting.static_facts import static_facts
from esrbench.runner import answers, flags, requests
from esrbench.runner.as_program import as_program
from esrbench.runner.bounded import MAX_SENTENCE
from esrbench.runner.graph_counts import of_graph
from esrbench.runner.model import LoadedModel
from esrbench.runner.prepared import prepared
from esrbench.runner.session import Session
from esrbench.submission.formats.load_request import LoadRequest
from esrbench.submission.formats.registry import AS_EXPORTED, LOADERS
from esrbench.submission.load import build_model
from esrbench.submission.luma import adapted
from esrbench.timing.block import run_block
from esrbench.timing.clock import make_clock
from esrbench.timing.environment import torch_facts
from esrbench.tracks import TRACKS

_BUILD_SEED = 0
"""Every process builds a network without weights with the same ones: that its answers are held
against those of another process accuses nobody. What it draws afterwards is another each time."""
_SMALL = 16
"""LR pixels a side: what a runtime sets up once is set up, and no memory to speak of is taken."""


def hello(session: Session, request: requests.Hello) -> answers.Done:
    """Say that this process is up."""
    return answers.Done()


def load(session: Session, request: requests.Load) -> answers.Loaded:
    """Build the submission on its device; answers its params and torch's switches.

    Also, as notes, what was taken of its weights and made of its channels.
    """
    device = torch.device(request.device)
    track = TRACKS[request.track]
    flags.set_switches(request.threads, tf32=track.tf32)
    session.clock = make_clock(request.device)
    notes: list[str] = []
    seed_all(_BUILD_SEED)
    module = _module(request, notes)
    seed_all(secrets.randbits(32))
    module = module.to(device).eval()
    module, luma = adapted(
        module,
        request.channels,
        scale=request.scale,
        data_range=request.data_range,
        multiple=request.multiple,
        min_size=request.min_size,
    )
    notes.extend([luma] if luma else [])
    call = module if request.form in AS_EXPORTED else prepared(module, track)
    turned = flags.changed()
    flags.put_back()
    session.loaded = LoadedModel(
        module=module,
        call=call,
        cast=request.form not in AS_EXPORTED and track.copied,
        scale=request.scale,
        multiple=request.multiple,
        min_size=request.min_size,
        device=device,
    )
    return answers.Loaded(
        params=sum(parameter.numel() for parameter in module.parameters()),
        flags=flags.observed(),
        torch=_tuples(torch_facts(request.device)),
        notes=tuple(note[:MAX_SENTENCE] for note in notes[:20]),
        put_back=turned,
    )


def _module(request: requests.Load, notes: list[str]) -> nn.Module:
    """The network, from source or by the loader of its format, which may add to ``notes``."""
    entry, arguments = Path(request.entry_file), request.build_arguments
    scale, key = request.scale, request.weights_key
    weights = Path(request.weights) if request.weights else None
    with as_program(entry):
        if request.form in LOADERS:
            device, track, own = request.device, request.track, Path(request.folder)
            wanted = LoadRequest(entry, arguments, scale, device, track, own, weights, key, notes)
            return LOADERS[request.form](wanted)
        function = request.entry_function
        return build_model(entry, function, arguments, scale, weights, key, notes.append)


def run_folder(session: Session, request: requests.RunFolder) -> answers.Done:
    """Run a sister challenge's function; raises SubmissionError for what it does wrong."""
    from esrbench.submission.formats.folder_function_load import run

    flags.set_switches(request.threads, tf32=False)
    entry, lr, sr = Path(request.entry_file), Path(request.lr), Path(request.sr)
    run(entry, request.build_arguments, request.device, lr, sr)
    return answers.Done()


def forward(session: Session, request: requests.Forward) -> answers.Forwarded:
    """SR for the LR in a slot; answers its shape, dtype and the time of this one call."""
    slot, model = request.slot, session.model()
    lr = session.lr_tensor(slot, request.shape)
    before = lr.clone()
    outputs: list[Tensor] = []
    times = run_block(model, [lr], session.clock, lambda _, sr: outputs.append(sr))
    sr = outputs[0]
    return answers.Forwarded(
        shape=session.give_sr(slot, sr),
        dtype=str(sr.dtype),
        ms=times.call_ms[0],
        input_untouched=lr.shape == before.shape and bool(torch.equal(lr, before)),
        flags=flags.observed(),
    )


def count_complexity(session: Session, request: requests.Count) -> answers.Counted:
    """Params, MACs by each counter, activations and convs at one LR shape."""
    model = session.model()
    if not request.values:
        bare = count_without_values(model.module, torch.empty(request.shape, device="meta"))
        return answers.Counted.model_validate(of_graph(model.module, bare.as_dict()), strict=False)
    seed_all(request.seed)
    if request.slot is None:
        lr = torch.rand(request.shape, device=model.device)
    else:
        lr = session.lr_tensor(request.slot, request.shape)
    counts = of_graph(model.module, count(model.module, lr, request.seed).as_dict())
    if model.cast:  # what is counted is not what is run
        counts["facts"]["dtypes"] = dict(arithmetic_of(model, lr))
    return answers.Counted.model_validate(counts, strict=False)


def memory(session: Session, request: requests.Memory) -> answers.Remembered:
    """Peak bytes of one forward at one LR shape, as far as the device can tell."""
    model = session.model()
    lr = torch.rand(request.shape, device=model.device)
    if model.device.type == "cuda":
        return answers.Remembered(memory=cuda_peak(lambda: model(lr), model.device))
    # Weights and the input are there before the call and stay: they count.
    standing = resident_bytes(model.module, lr)
    peak = peak_live_tensor_bytes(lambda: model(lr), baseline=standing)
    return answers.Remembered(memory={} if peak is None else {"live_tensors": peak})


def grow_process(session: Session, request: requests.GrowProcess) -> answers.Remembered:
    """By how much one forward makes the process grow; a small one before it warms up."""
    model = session.model()
    lr = torch.rand(request.shape, device=model.device)
    with contextlib.suppress(Exception):  # an input so small may be none it takes
        model(lr[..., :_SMALL, :_SMALL].contiguous())
    grown = growth(lambda: model(lr))
    return answers.Remembered(memory={} if grown is None else {"process_growth": grown})


def describe(session: Session, request: requests.Describe) -> answers.Described:
    """What the network is, wherever it runs: receptive fields, smallest input, multiple."""
    model = session.model()
    weights = Path(request.weights) if request.weights else None
    found, missing = static_facts(
        model.module, scale=model.scale, data_range=request.data_range, weights=weights
    )
    plain = {key: found.pop(key) for key in set(found) - set(answers.Facts.model_fields)}
    facts = answers.Facts.model_validate({**found, "numbers": plain}, strict=False)
    return answers.Described(facts=facts, missing=missing)


def _tuples(facts: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(value) if isinstance(value, list) else value for k, value in facts.items()}
