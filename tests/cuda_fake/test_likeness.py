"""The fakes have the doors of what they stand for: names, and arguments that both take."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
import torch

import esrbench

from .cuda import NAMES, FakeCuda
from .nvml import QUESTIONS

PACKAGE = Path(esrbench.__file__).parent
TEXTS = [path.read_text() for path in sorted(PACKAGE.rglob("*.py"))]
SOURCES = [ast.parse(text) for text in TEXTS if "nvml" in text or "torch.cuda" in text]


def calls(pattern: str) -> dict[str, list[int]]:
    """What the package calls by names of ``pattern``, with the numbers of arguments it passes."""
    found: dict[str, list[int]] = {}
    for source in SOURCES:
        for node in ast.walk(source):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if called and re.fullmatch(pattern, node.func.attr):
                found.setdefault(node.func.attr, []).append(len(node.args))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_torch_has_it(name: str) -> None:
    real, fake = getattr(torch.cuda, name), getattr(FakeCuda(), name)
    try:
        theirs = inspect.signature(real)
    except ValueError:  # made in C++, and tells nothing
        return
    wanted = [p for p in inspect.signature(fake).parameters.values() if p.name != "self"]
    for parameter in wanted:
        takes_any = any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in
                        theirs.parameters.values())  # fmt: skip
        assert takes_any or parameter.name in theirs.parameters, parameter


def test_nvml_answers_what_is_asked() -> None:
    """By the driver's bindings: each question has their name and as many arguments."""
    pynvml = pytest.importorskip("pynvml")
    asked = calls(r"nvml[A-Z]\w+")
    assert len(asked) > 10
    for name, counts in asked.items():
        signature = inspect.signature(getattr(pynvml, name))
        for count in counts:
            signature.bind(*range(count))
        assert name in QUESTIONS or name == "nvmlInit", f"{name} is not in the fake"


def test_fake_questions_are_nvml_s() -> None:
    pynvml = pytest.importorskip("pynvml")
    for name, answer in QUESTIONS.items():
        arguments = list(inspect.signature(answer).parameters)[1:]
        inspect.signature(getattr(pynvml, name)).bind(*arguments)


def test_bits_are_nvml_s() -> None:
    from esrbench.timing.throttle import HARMFUL_REASONS

    pynvml = pytest.importorskip("pynvml")
    by_name = {
        "power cap": pynvml.nvmlClocksThrottleReasonSwPowerCap,
        "hardware slowdown": pynvml.nvmlClocksThrottleReasonHwSlowdown,
        "software thermal slowdown": pynvml.nvmlClocksThrottleReasonSwThermalSlowdown,
        "hardware thermal slowdown": pynvml.nvmlClocksThrottleReasonHwThermalSlowdown,
        "hardware power brake": pynvml.nvmlClocksThrottleReasonHwPowerBrakeSlowdown,
    }
    assert {name: bit for bit, name in HARMFUL_REASONS.items()} == by_name


def test_what_is_called_of_torch_cuda_is_in_the_fake() -> None:
    called = {
        node.attr
        for source in SOURCES
        for node in ast.walk(source)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "torch.cuda"
    }
    assert {"synchronize", "max_memory_allocated"} <= called <= set(NAMES)
