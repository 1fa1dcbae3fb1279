"""What a submission can turn in its process is seen, and put back."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.backends.opt_einsum
from torch.overrides import BaseTorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from esrbench.runner.fixed_state import FixedState
from esrbench.runner.process_settings import set_cores

HELD = contextlib.ExitStack()


class Looks(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees every operator, and leaves nothing else behind."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        return func(*args, **(kwargs or {}))


# how it is turned, and the name under which that is told
TURNS: list[tuple[Callable[[], object], str]] = [
    (lambda: torch.set_num_threads(torch.get_num_threads() + 1), "threads"),
    (lambda: torch.set_default_dtype(torch.float64), "default dtype"),
    (lambda: torch.set_default_device("meta"), "default device"),
    (lambda: torch.set_default_device("cpu"), "default device"),
    (lambda: Looks().__enter__(), "modes of torch"),
    (lambda: BaseTorchFunctionMode().__enter__(), "modes of torch"),
    (lambda: HELD.enter_context(torch.inference_mode()), "inference mode"),
    (lambda: torch.backends.cuda.enable_flash_sdp(False), "flash attention"),
    (lambda: torch.backends.cuda.enable_math_sdp(False), "plain attention"),
    (lambda: torch.backends.nnpack.set_flags(False), "NNPACK"),
    (lambda: torch.backends.mkldnn.set_flags(True, True), "oneDNN deterministic"),
    (lambda: setattr(torch.backends.opt_einsum, "strategy", "optimal"), "order of einsum"),
    (lambda: torch.jit.set_fusion_strategy([("STATIC", 1)]), "TorchScript fusion strategy"),
    (lambda: torch._C._jit_override_can_fuse_on_cpu(True), "TorchScript fusion on a CPU"),
    (lambda: torch.compiler.set_stance("force_eager"), "compiler stance"),
    (lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)), "scheduling"),
    (lambda: torch.set_grad_enabled(not torch.is_grad_enabled()), "gradients"),
    (lambda: torch.set_autocast_enabled("cpu", True), "autocast (cpu)"),
    (lambda: torch.autocast("cpu").__enter__(), "autocast (cpu)"),
    (lambda: torch.set_autocast_enabled("cuda", True), "autocast (cuda)"),
    (lambda: torch.set_float32_matmul_precision("medium"), "float32 matmul precision"),
    (lambda: setattr(torch.backends.cuda.matmul, "allow_tf32", True), "TF32 (matmul)"),
    (lambda: setattr(torch.backends.cudnn, "allow_tf32", False), "TF32 (cuDNN)"),
    (lambda: setattr(torch.backends.cudnn, "benchmark", True), "cuDNN benchmark"),
    (lambda: setattr(torch.backends.cudnn, "deterministic", True), "cuDNN deterministic"),
    (lambda: setattr(torch.backends.cudnn, "enabled", False), "cuDNN"),
    (lambda: torch._C._set_mkldnn_enabled(False), "oneDNN"),
    (lambda: torch.use_deterministic_algorithms(True), "deterministic algorithms"),
    (lambda: torch.set_flush_denormal(True), "denormals flushed"),
    (lambda: os.environ.update(OMP_WAIT_POLICY="active"), "variables"),
    (lambda: os.putenv("MKL_ENABLE_INSTRUCTIONS", "SSE4_2"), "variables"),
]


@pytest.mark.parametrize(("turn", "name"), TURNS)
def test_a_turned_setting_is_told_and_put_back(turn: Callable[[], object], name: str) -> None:
    state = FixedState()
    assert state.changed() == ()
    try:
        turn()
        assert name in state.changed()
    finally:
        state.put_back()
    assert state.changed() == ()


def test_what_only_hinders_the_harness_is_put_back_without_a_word() -> None:
    filters, numbers = list(warnings.filters), np.geterr()
    state = FixedState()
    try:
        warnings.simplefilter("error")
        np.seterr(all="raise")
        assert state.changed() == ()
        state.put_back()
        assert np.geterr() == numbers
        assert list(warnings.filters) == filters
    finally:
        np.seterr(**numbers)


def test_more_cores() -> None:
    cores = frozenset(os.sched_getaffinity(0))
    if len(cores) < 2:
        pytest.skip("there is one core")
    set_cores(frozenset({min(cores)}))
    try:
        state = FixedState()
        os.sched_setaffinity(0, cores)
        assert "cores" in state.changed()  # the default of inter-op threads follows them
        state.put_back()
        assert os.sched_getaffinity(0) == {min(cores)}
    finally:
        set_cores(cores)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may undo it")
def test_niceness() -> None:
    state = FixedState()
    os.nice(1)
    assert "niceness" in state.changed()
    state.put_back()
    assert state.changed() == ()


def test_a_switch_that_torch_refuses_to_read_is_a_changed_one() -> None:
    if not hasattr(torch.backends, "fp32_precision"):
        pytest.skip("this torch has one way to set it")
    state = FixedState()
    torch.backends.fp32_precision = "tf32"
    assert any("float32 precision" in name for name in state.changed())
    state.put_back()
    assert state.changed() == ()
