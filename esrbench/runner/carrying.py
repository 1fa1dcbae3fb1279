"""A loaded network out of one process as data, and into another: through the shared arrays."""

from __future__ import annotations

import torch
from torch import nn

from esrbench.errors import SubmissionError
from esrbench.runner import answers, flags, requests
from esrbench.runner.model import LoadedModel
from esrbench.runner.prepared import prepared
from esrbench.runner.program.document import parse
from esrbench.runner.session import Session
from esrbench.timing.clock import make_clock
from esrbench.timing.environment import torch_facts
from esrbench.tracks import TRACKS


def export_program(session: Session, request: requests.Export) -> answers.Exported:
    """Write the loaded network as a program; raises SubmissionError where it cannot be one."""
    from safetensors.torch import save

    from esrbench.runner.program.write import export, tensors_of, traced_size, written

    del request
    loaded = session.model()
    program = export(
        loaded.module, multiple=loaded.multiple, min_size=loaded.min_size, device=loaded.device
    )
    document, tensors = written(program)
    body, kept = document.model_dump_json().encode(), save(dict(tensors_of(tensors)))
    session.sr[0].write_bytes(0, body)
    session.sr[0].write_bytes(len(body), kept)
    return answers.Exported(
        document_bytes=len(body),
        tensor_bytes=len(kept),
        nodes=len(document.nodes),
        traced=traced_size(loaded.multiple, loaded.min_size),
    )


def load_program(session: Session, request: requests.LoadProgram) -> answers.Loaded:
    """Make the network of a program; raises SubmissionError for one that no process may run."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    from esrbench.runner.program.read import module_of

    device = torch.device(request.device)
    track = TRACKS[request.track]
    flags.set_switches(request.threads, tf32=track.tf32)
    session.clock = make_clock(request.device)
    document = parse(session.lr[0].read_bytes(0, request.document_bytes))
    try:
        tensors = load(session.lr[0].read_bytes(request.document_bytes, request.tensor_bytes))
    except SafetensorError as why:
        raise SubmissionError(f"tensors that cannot be read ({why})") from None
    module: nn.Module = module_of(document, tensors, device).eval()
    session.loaded = LoadedModel(
        module=module,
        call=prepared(module, track),
        cast=track.copied,
        scale=request.scale,
        multiple=request.multiple,
        min_size=request.min_size,
        device=device,
    )
    facts = {
        k: tuple(v) if isinstance(v, list) else v for k, v in torch_facts(request.device).items()
    }
    return answers.Loaded(
        params=sum(parameter.numel() for parameter in module.parameters()),
        flags=flags.observed(),
        torch=facts,
    )
