"""A submission that breaks costs only its own row, which says how it broke."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esrbench.judge.connection import Runner, RunnerFailure, RunnerRejected
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.limits import Limits
from esrbench.judge.machine import Machine
from esrbench.submission.find import find
from esrbench.submission.submission import Submission

LR = np.random.default_rng(0).integers(0, 256, (1, 20, 28, 3), dtype=np.uint8)
UPSCALE = "F.interpolate(x, scale_factor=4, mode='bilinear')"

# forward's body, the error, and words that must be in its sentence
FORWARDS = [
    ("raise ValueError('too small')", RunnerFailure, r"raised ValueError: too small \(model.py"),
    ("os.kill(os.getpid(), 11)", RunnerFailure, "crashed with SIGSEGV"),
    ("os._exit(0)", RunnerFailure, "exit code 0 instead of an answer"),
    ("import sys; sys.exit(3)", RunnerFailure, "raised SystemExit"),
    ("time.sleep(60)", RunnerFailure, "no answer within 5 s"),
    ("return x", RunnerRejected, "returned 1x3x20x28, not 1x3x80x112"),
    (f"return {UPSCALE} * float('nan')", RunnerRejected, "NaN or infinite"),
    (f"return {UPSCALE} * 255", RunnerRejected, r"range looks like \[0, 255\]"),
    (f"return [{UPSCALE}]", RunnerRejected, "returned list, it must return one torch.Tensor"),
    (f"return {UPSCALE}.byte()", RunnerRejected, "returned torch.uint8"),
    (f"return {UPSCALE}.to_sparse()", RunnerRejected, "sparse"),
    ("torch.empty(1 << 46)", RunnerFailure, "ran out of memory"),
]


def opened(submission: Submission, limits: Limits | None = None) -> Runner:
    return open_runner(Machine(threads=1, limits=limits or Limits()), submission)


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize(("forward", "error", "words"), FORWARDS)
def test_forward_that_breaks(write_submission, forward, error, words) -> None:
    folder = write_submission("breaks", forward=forward)
    submission = find(str(folder))
    with opened(submission, Limits(answer_seconds=5 if "sleep" in forward else 60)) as runner:
        load_into(runner, submission, None, Machine(threads=1))
        with pytest.raises(error, match=words):
            Imaging(runner, 4, 1.0).forward(LR)


BUILDS = [
    ("raise RuntimeError('no such layer')", "no such layer"),
    ("import a_module_nobody_has", "a_module_nobody_has"),
]


@pytest.mark.parametrize(("top", "words"), BUILDS)
def test_module_that_does_not_load(write_submission, top, words) -> None:
    submission = find(str(write_submission("unloadable", top=top)))
    with opened(submission) as runner, pytest.raises((RunnerFailure, RunnerRejected), match=words):
        load_into(runner, submission, None, Machine(threads=1))


def test_memory_beyond_the_limit_ends_the_runner(write_submission) -> None:
    grows = "hog = []\nwhile True:\n    hog.append(torch.ones(1 << 22))"
    submission = find(str(write_submission("hog", forward=grows)))
    with opened(submission, Limits(answer_seconds=60, memory_bytes=2 * 2**30)) as runner:
        load_into(runner, submission, None, Machine(threads=1))
        with pytest.raises(RunnerFailure, match=r"more than the 2.0 GiB"):
            Imaging(runner, 4, 1.0).forward(LR)


def test_an_answer_written_ahead_is_not_taken(write_submission) -> None:
    forges = """
        import resource, struct, json
        body = json.dumps({"nonce": "0", "kind": "raised", "text": "nothing"}).encode()
        for fd in range(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
            try:
                os.write(fd, struct.pack(">I", len(body)) + body)
            except OSError:
                pass
        return F.interpolate(x, scale_factor=4, mode='bilinear')
    """
    submission = find(str(write_submission("forger", forward=forges)))
    with opened(submission, Limits(answer_seconds=20)) as runner:
        load_into(runner, submission, None, Machine(threads=1))
        with pytest.raises(RunnerFailure, match="nobody asked for"):
            Imaging(runner, 4, 1.0).forward(LR)


def test_what_a_submission_prints_last_is_told(write_submission) -> None:
    chatty = "print('CUDA extension missing', flush=True); os._exit(7)"
    submission = find(str(write_submission("chatty", forward=chatty)))
    with opened(submission) as runner:
        load_into(runner, submission, None, Machine(threads=1))
        with pytest.raises(RunnerFailure, match=r"exit code 7.*CUDA extension missing"):
            Imaging(runner, 4, 1.0).forward(LR)


def test_a_change_to_the_input_is_seen(write_submission) -> None:
    submission = find(
        str(write_submission("mutates", forward=f"y = {UPSCALE}; x.zero_(); return y"))
    )
    with opened(submission) as runner:
        load_into(runner, submission, None, Machine(threads=1))
        assert not Imaging(runner, 4, 1.0).forward(LR).input_untouched


def test_the_runner_gets_no_secrets(write_submission, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    tells = f"assert 'SECRET_TOKEN' not in os.environ; return {UPSCALE}"
    submission = find(str(write_submission("nosy", forward=tells)))
    with opened(submission) as runner:
        load_into(runner, submission, None, Machine(threads=1))
        assert Imaging(runner, 4, 1.0).forward(LR).sr.shape == (1, 3, 80, 112)


def test_nothing_stays_behind(write_submission) -> None:
    submission = find(
        str(
            write_submission(
                "parent",
                forward="""
        import subprocess
        global child
        child = subprocess.Popen(['sleep', '300'])
        return F.interpolate(x, scale_factor=4, mode='bilinear')
    """,
            )
        )
    )
    with opened(submission) as runner:
        load_into(runner, submission, None, Machine(threads=1))
        alone = runner.pids
        Imaging(runner, 4, 1.0).forward(LR)
        family = runner.pids
        assert len(family) == len(alone) + 1
    assert not any(is_running(pid) for pid in family)


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
