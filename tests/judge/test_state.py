"""What a submission changes in its process is put back before it is measured, or told."""

from __future__ import annotations

import numpy as np
import pytest

from esrbench.judge.imaging import Imaging
from esrbench.judge.lane import RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.runner.answers import Loaded
from esrbench.submission.find import find

UPSCALE = "F.interpolate(x, scale_factor=4, mode='bilinear')"
LR = np.random.default_rng(0).integers(0, 256, (1, 20, 28, 3), dtype=np.uint8)

# what the module does when it is imported, in its forward; what that turns, and what is turned
# when a block is over
CASES = [
    ("torch.set_num_threads(2)", "", {"threads"}, set()),
    ("torch.set_default_dtype(torch.float64)", "", {"default dtype"}, set()),
    ("torch.set_flush_denormal(True)", "", {"denormals flushed"}, set()),
    ("os.environ['OMP_PROC_BIND'] = 'true'", "", {"variables"}, set()),
    ("torch.autocast('cpu').__enter__()", "", {"autocast (cpu)"}, set()),
    ("", "torch.set_num_threads(3)", set(), {"threads"}),
    ("", "torch.set_flush_denormal(True)", set(), {"denormals flushed"}),
    ("", "torch.backends.cudnn.benchmark = True", set(), {"cuDNN benchmark"}),
    ("", "with torch.autocast('cpu'): x = x + 0", set(), set()),
]


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(("top", "first", "while_built", "while_timed"), CASES)
def test_state(write_submission, top, first, while_built, while_timed) -> None:
    folder = write_submission("turns", top=top, forward=f"{first}\nreturn {UPSCALE}")
    submission = find(str(folder))
    machine = Machine(threads=1)
    with open_runner(machine, submission) as runner:
        loaded: Loaded = load_into(runner, submission, None, machine)
        assert while_built <= set(loaded.put_back)
        assert bool(while_built) == bool(loaded.put_back)
        assert (loaded.flags.threads, loaded.flags.changed) == (1, ())
        assert loaded.flags.default_dtype == "torch.float32"
        assert set(Imaging(runner, 4, 1.0).forward(LR).flags.changed) == while_timed
        lane = RunnerLane("turns", runner, 4, 1.0, lambda _: [LR[0], LR[0]])
        lane.block("20x28", 3)
        assert lane.changed == while_timed
