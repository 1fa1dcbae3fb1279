"""What a runner can be asked about a model: one function a request, from a message to a message.

Everything the harness needs is imported here, before a submission is, so that a submission which
replaces a function in a library finds these references already taken.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from esrbench.complexity.count import count
from esrbench.complexity.memory import cuda_peak, peak_live_tensor_bytes, resident_bytes
from esrbench.complexity.static_facts import static_facts
from esrbench.runner import flags
from esrbench.runner.graph_counts import of_graph
from esrbench.runner.model import LoadedModel
from esrbench.runner.session import Session
from esrbench.runner.tracks import TRACKS
from esrbench.runner.wire import Message
from esrbench.submission.formats.load_request import LoadRequest
from esrbench.submission.formats.registry import AS_EXPORTED, LOADERS
from esrbench.submission.load import build_model
from esrbench.timing.block import run_block
from esrbench.timing.clock import make_clock
from esrbench.timing.environment import torch_facts


def load(session: Session, request: Message) -> Message:
    """Build the submission on its device; answers its params and torch's switches."""
    device = torch.device(request["device"])
    track = request["track"]
    flags.set_switches(int(request["threads"]), tf32=track == "tf32")
    session.clock = make_clock(request["device"])
    module = _module(request)
    module = module.to(device).eval()
    torch.set_grad_enabled(False)
    session.loaded = LoadedModel(
        module=module,
        call=module if request["form"] in AS_EXPORTED else TRACKS[track](module),
        scale=request["scale"],
        multiple=request["multiple"],
        min_size=request["min_size"],
        device=device,
    )
    return {
        "params": sum(parameter.numel() for parameter in module.parameters()),
        "flags": flags.observed(),
        "torch": torch_facts(request["device"]),
    }


def _module(request: Message) -> nn.Module:
    """The network, from source or by the loader of its format."""
    entry, arguments = Path(request["entry_file"]), request["build_arguments"]
    scale = request["scale"]
    if request["form"] in LOADERS:
        wanted = LoadRequest(entry, arguments, scale, request["device"], request["track"])
        return LOADERS[request["form"]](wanted)
    weights = Path(request["weights"]) if request["weights"] else None
    key = request["weights_key"]
    return build_model(entry, request["entry_function"], arguments, scale, weights, key)


def forward(session: Session, request: Message) -> Message:
    """SR for the LR in a slot; answers its shape, dtype and the time of this one call."""
    slot, model = request["slot"], session.model()
    lr = session.lr_tensor(slot, tuple(request["shape"]))
    before = lr.clone()
    outputs: list[Tensor] = []
    times = run_block(model, [lr], session.clock, lambda _, sr: outputs.append(sr))
    sr = outputs[0]
    session.give_sr(slot, sr)
    return {
        "shape": list(sr.shape),
        "dtype": str(sr.dtype),
        "ms": times.call_ms[0],
        "input_untouched": lr.shape == before.shape and bool(torch.equal(lr, before)),
        "flags": flags.observed(),
    }


def count_complexity(session: Session, request: Message) -> Message:
    """Params, MACs by each counter, activations and convs at one LR shape."""
    model = session.model()
    lr = torch.rand(tuple(request["shape"]), device=model.device)
    return {"counts": of_graph(model.module, count(model.module, lr).as_dict())}


def memory(session: Session, request: Message) -> Message:
    """Peak bytes of one forward at one LR shape, as far as the device can tell."""
    model = session.model()
    lr = torch.rand(tuple(request["shape"]), device=model.device)
    if model.device.type == "cuda":
        return {"memory": cuda_peak(lambda: model(lr), model.device)}
    # Weights and the input are there before the call and stay: they count.
    standing = resident_bytes(model.module, lr)
    peak = peak_live_tensor_bytes(lambda: model(lr), baseline=standing)
    return {"memory": {"live_tensors": peak}}


def facts(session: Session, request: Message) -> Message:
    """What the network is, wherever it runs: receptive fields, smallest input, multiple."""
    model = session.model()
    weights = Path(request["weights"]) if request["weights"] else None
    found, missing = static_facts(
        model.module, scale=model.scale, data_range=request["data_range"], weights=weights
    )
    return {"facts": found, "missing": missing}
