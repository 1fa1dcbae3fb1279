"""Finds compiled and scripted code in a model before anything runs."""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch import nn


def opaque_modules(model: nn.Module) -> list[str]:
    """Names what runs as something other than the Python that stands there.

    TorchScript modules and functions, modules and functions compiled with ``torch.compile``; looked
    for among the submodules, their attributes, their classes and the names their forward can see.
    """
    found: dict[str, None] = {}
    for path, module in model.named_modules():
        where = path or "the model"
        what = _what_is(module)
        if what:
            found[f"{what} at {where}"] = None
            if isinstance(module, torch.jit.ScriptModule):
                continue
        for name, value in _names_in_reach(module).items():
            what = _what_is(value)
            if what:
                found[f"{what} {name} at {where}"] = None
    return [*found]


def _what_is(value: Any) -> str | None:
    if isinstance(value, torch.jit.ScriptModule | torch.jit.ScriptFunction):
        return "TorchScript"
    if "torch._dynamo" not in sys.modules:
        return None
    compiled_type = getattr(sys.modules["torch._dynamo"], "OptimizedModule", None)
    if compiled_type is not None and isinstance(value, compiled_type):
        return "torch.compile"
    if isinstance(value, nn.Module) and value._compiled_call_impl is not None:
        return "torch.compile"
    if callable(value) and not isinstance(value, nn.Module | type):
        marked = getattr(value, "_torchdynamo_orig_callable", None)
        return "torch.compile" if marked is not None else None
    return None


def _names_in_reach(module: nn.Module) -> dict[str, Any]:
    """The module's own attributes, its class's, and the globals its forward uses."""
    if type(module).__module__.startswith("torch."):
        return {}
    names: dict[str, Any] = {}
    forward = getattr(type(module).forward, "__func__", type(module).forward)
    code = getattr(forward, "__code__", None)
    for name in code.co_names if code else ():
        if name in forward.__globals__:
            names[name] = forward.__globals__[name]
    names.update(vars(type(module)))
    names.update({k: v for k, v in vars(module).items() if not k.startswith("_")})
    return names
