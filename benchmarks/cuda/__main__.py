"""``python -m benchmarks.cuda``: run the parts that have not passed yet, each by itself."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from .parts import BY_NAME, MOST_SECONDS, PARTS, Part
from .setting import Outcome, Setting, write

GRACE_SECONDS = 15.0
"""A part that is over its time is ended after so much more."""
DRY_FACTOR, DRY_LEAST = 10.0, 300.0
"""A CPU may take so many times as long, and every part so many seconds: it may be a busy one."""


def main() -> int:
    given = _arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.inside:
        return _inside(BY_NAME[given.inside], given)
    begun = time.monotonic()
    most = MOST_SECONDS * (DRY_FACTOR if given.dry else 1)
    failed = []
    for part in [BY_NAME[name] for name in given.part] or PARTS:
        if not given.part and not given.again and _passed_before(part, given):
            print(f"pass  {part.name}: as before ({given.out / part.name}.json)", flush=True)
            continue
        left = most - (time.monotonic() - begun)
        if left < part.least:
            print(f"SKIP  {part.name}: {left:.0f} s are left, it needs {part.least:.0f}; the same "
                  "command again goes on here", flush=True)  # fmt: skip
            failed.append(part.name)
            continue
        seconds = max(part.seconds * DRY_FACTOR, DRY_LEAST) if given.dry else part.seconds
        seconds = min(seconds, left)
        if not _run(part, seconds, given):
            failed.append(part.name)
    took = time.monotonic() - begun
    said = f"not passed: {', '.join(failed)}" if failed else "all passed"
    print(f"{said}; {took:.0f} s; {given.out}{' (a dry run)' if given.dry else ''}")
    return 1 if failed else 0


def _run(part: Part, seconds: float, given: argparse.Namespace) -> bool:
    """In a process of its own, ended with all it started when it does not end by itself."""
    (given.out / f"{part.name}.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.cuda", *sys.argv[1:], "--inside", part.name,
               "--seconds", str(seconds)]  # fmt: skip
    with (given.out / f"{part.name}.log").open("w") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        begun, ended = time.monotonic(), ""
        try:
            child.wait(seconds + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            ended = f"it was ended after {time.monotonic() - begun:.0f} s"
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
    found = _read(part, given)
    took = f"{time.monotonic() - begun:.0f} s of {seconds:.0f}"
    if found is None:
        why = ended or f"it ended with exit code {child.returncode}"
        print(f"FAIL  {part.name}: {why} ({took}); {given.out / part.name}.log", flush=True)
        return False
    print(f"{'pass' if found['passed'] else 'FAIL'}  {part.name}: {found['figure']} ({took})")
    for what in found["skipped"][:6]:
        print(f"        left out: {what}")
    if len(found["skipped"]) > 6:
        print(f"        ... and {len(found['skipped']) - 6} more, in {part.name}.md")
    sys.stdout.flush()
    return bool(found["passed"])


def _inside(part: Part, given: argparse.Namespace) -> int:
    """The part itself; what it raises becomes its outcome."""
    begun = time.monotonic()
    setting = Setting(
        device=given.device, out=given.out, seconds=given.seconds, dry=given.dry,
        data_root=given.data_root, weights_dir=given.weights_dir,
    )  # fmt: skip
    with _fakes() if given.dry else nullcontext():
        try:
            outcome = part.measure(setting)
        except Exception as why:
            traceback.print_exc()
            outcome = Outcome(False, f"{type(why).__name__}: {' '.join(str(why).split())[:300]}")
    write(outcome, part.name, setting, time.monotonic() - begun)
    return 0


def _fakes() -> AbstractContextManager[object]:
    from tests.cuda_fake.machine import fake_machine

    return fake_machine()


def _read(part: Part, given: argparse.Namespace) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((given.out / f"{part.name}.json").read_text())
    except (OSError, ValueError):
        return None
    return found


def _passed_before(part: Part, given: argparse.Namespace) -> bool:
    found = _read(part, given) or {}
    same = (found.get("device"), found.get("dry")) == (given.device, given.dry)
    return same and bool(found.get("passed"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuda")
    parser.add_argument("--out", type=Path, help="folder of results; what passed there stays")
    parser.add_argument("--part", action="append", default=[], choices=list(BY_NAME))
    parser.add_argument("--again", action="store_true", help="also what has passed")
    parser.add_argument("--dry", action="store_true", help="on the CPU, with fakes")
    parser.add_argument("--device", default="cuda:0")
    for name in ("data_root", "weights_dir"):
        chosen = os.environ.get(f"ESRBENCH_{name.upper()}")
        default = Path(chosen) if chosen else None
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, default=default)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=60.0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.out = (given.out or Path("cuda-dry" if given.dry else "cuda-results")).resolve()
    return given


if __name__ == "__main__":
    sys.exit(main())
