"""Every test that is marked ``cuda``: among them what the fakes are held against."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from .setting import Outcome, Setting

TESTS = Path(__file__).parents[2] / "tests"


def measure(setting: Setting) -> Outcome:
    """Passes where all of them do, and there are some."""
    files = [path for path in sorted(TESTS.rglob("test_*.py")) if _is_marked(path)]
    command = [sys.executable, "-m", "pytest", "-m", "cuda", "-p", "no:cacheprovider",
               "-rs", *map(str, files)]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=TESTS.parent, timeout=setting.seconds
    )
    (setting.out / "tests.txt").write_text(done.stdout + done.stderr)
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped|error)",
                                                     done.stdout)}  # fmt: skip
    lines = done.stdout.strip().splitlines()
    rows = [{"test": line} for line in lines if line.startswith(("FAILED", "ERROR", "SKIPPED"))]
    ran = counts.get("passed", 0) > 0 or setting.dry
    said = ", ".join(f"{n} {word}" for word, n in counts.items()) or (lines or ["no output"])[-1]
    return Outcome(passed=done.returncode == 0 and ran, figure=said, rows=rows, facts=counts)


def _is_marked(path: Path) -> bool:
    """By its own text, or by that of the conftest beside it."""
    beside = path.parent / "conftest.py"
    texts = [path.read_text(), beside.read_text() if beside.is_file() else ""]
    return any("mark.cuda" in text for text in texts)
