"""Counting does without torch's compiler, which takes as long to import as torch itself."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, torch
from torch import nn
from esrbench.counting.count import count

net = nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.GELU(), nn.PixelShuffle(4)).eval()
before = count(net, torch.rand(1, 3, 16, 16))
assert before.input_free and before.macs_dispatch == 16 * 16 * 27 * 48, before
print(*[name for name in sys.modules if name.startswith("torch._dynamo")])

compiled = torch.compile(lambda x: x * 2, backend="eager")
assert torch.equal(compiled(torch.ones(2)), torch.full((2,), 2.0))
assert torch._dynamo.config.fake_tensor_cache_enabled
after = count(net, torch.rand(1, 3, 16, 16))
assert after.as_dict() == before.as_dict()
"""


def test_counting_imports_no_compiler_and_one_that_comes_later_works() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
