"""What this machine can measure, and what would spoil it. Returns findings; prints nothing."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from esrbench.timing.doctor_gpu import examine_gpu
from esrbench.timing.environment import cpu_quota, governor
from esrbench.timing.finding import Finding
from esrbench.timing.noise import Noise, measure_noise
from esrbench.timing.threads import THREAD_VARIABLES, thread_count, usable_cores

LOAD_WARN = 0.25
"""Load average for each usable core at which others are likely to be in the way."""
SLOW_WARN, SLOW_BAD = 0.05, 0.25
"""Shares of slow pieces in the self-test."""


def judge_load(load: float, cores: int) -> Finding:
    """From the one-minute load average, this process about to add its own."""
    if load <= LOAD_WARN * cores:
        return Finding("ok", "load", f"Load average {load:.2f} on {cores} usable cores.")
    return Finding(
        "bad" if load >= cores else "warn",
        "load",
        f"Load average {load:.2f} on {cores} usable cores: other work competes with the timing.",
        "End other programs, or wait until they have ended.",
    )


def judge_governor(name: str | None) -> Finding:
    """From the frequency governor; None where the system shows none."""
    if name is None:
        return Finding("ok", "governor", "The system shows no CPU frequency governor.")
    if name == "performance":
        return Finding("ok", "governor", "The CPU frequency governor is 'performance'.")
    return Finding(
        "warn",
        "governor",
        f"The CPU frequency governor is {name!r}: the clock follows the load.",
        "Run 'sudo cpupower frequency-set -g performance'.",
    )


def judge_threads(variables: Mapping[str, str], asked: int, cores: int) -> Iterator[Finding]:
    """Oversubscription by what is asked for, or by thread variables of the environment."""
    if thread_count(asked) > cores:
        yield Finding(
            "bad",
            "threads",
            f"{asked} threads are asked for, and {cores} cores are usable.",
            f"Ask for at most {cores} threads.",
        )
    for name in THREAD_VARIABLES:
        value = variables.get(name, "")
        if value.isdigit() and int(value) > cores:
            yield Finding(
                "warn",
                "threads",
                f"{name}={value}, and {cores} cores are usable: threads would wait for each other.",
                f"Unset {name}; runners are given their thread count by the protocol.",
            )


def judge_quota(quota: float | None, cores: int) -> Finding | None:
    """From a control group's CPU quota: above it the kernel stops every thread for a while."""
    if quota is None or quota >= cores:
        return None
    return Finding(
        "warn",
        "quota",
        f"This container may use {quota:g} CPUs of the {cores} it sees, and is stopped when over.",
        f"Ask for {max(1, int(quota))} threads, or raise the container's CPU limit.",
    )


def judge_noise(noise: Noise, threads: int) -> Finding:
    """From the self-test of equal pieces of work on ``threads`` threads."""
    saw = (
        f"{noise.slow_share:.0%} of {noise.pieces} equal pieces of work on "
        f"{'one thread' if threads == 1 else f'{threads} threads'} took over 10% longer than "
        f"undisturbed ones (95th percentile +{noise.p95_excess:.0%}; kept from running "
        f"{noise.waited_share:.0%} of the time)."
    )
    if noise.slow_share <= SLOW_WARN:
        return Finding("ok", "noise", saw)
    return Finding(
        "bad" if noise.slow_share > SLOW_BAD else "warn",
        "noise",
        saw,
        "Look for a busy neighbour, or allow it a core: "
        f"--threads {max(1, threads - 1)}, and more --max-seconds."
        if threads > 1
        else "Look for a busy neighbour, and allow more --max-seconds.",
    )


def torch_build() -> Finding:
    """Whether torch is there and built for release, from its files (torch is not imported)."""
    found = importlib.util.find_spec("torch")
    version = Path(found.origin).parent / "version.py" if found and found.origin else None
    if version is None or not version.is_file():
        return Finding("bad", "torch", "torch is not installed.", "Run 'pip install torch'.")
    text = version.read_text(encoding="utf-8")
    if re.search(r"^debug\s*(:[^=]*)?=\s*True", text, re.MULTILINE):
        return Finding(
            "bad", "torch", "This torch is a debug build.", "Install a release build of torch."
        )
    cuda = re.search(r"^cuda\s*(?::[^=]*)?=\s*['\"]([^'\"]+)", text, re.MULTILINE)
    return Finding(
        "ok", "torch", f"torch is a release build {f'for CUDA {cuda[1]}' if cuda else 'for CPUs'}."
    )


def examine(device: str = "cpu", threads: int = 0, seconds: float = 2.0) -> list[Finding]:
    """Everything that would spoil a timing on ``device``, and what it cannot measure.

    Takes about ``seconds``, spent on the noise self-test; 0 leaves that out. Never raises for what
    a machine does not tell.
    """
    cores = len(usable_cores())
    findings = [Finding("ok", "cores", f"{cores} of {os.cpu_count()} CPU cores are usable.")]
    if hasattr(os, "getloadavg"):
        findings.append(judge_load(os.getloadavg()[0], cores))
    findings.append(judge_governor(governor()))
    findings += judge_threads(os.environ, threads, cores)
    quota = judge_quota(cpu_quota(), cores)
    findings += [quota] if quota else []
    findings.append(torch_build())
    findings += examine_gpu(device)
    if seconds > 0:
        working = 1 if device.startswith("cuda") else min(thread_count(threads), cores)
        findings.append(judge_noise(measure_noise(seconds, working), working))
    return findings
