"""The child process: ``python -m esrbench.runner REQUEST_FD ANSWER_FD LR_FDS SR_FDS``.

It is the only place where a submission's code runs. It gets LR images and gives SR images back;
what it says is believed no further than the judge can check.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from esrbench.runner.serve import serve
from esrbench.runner.shared import SharedArray


def _die_with_the_judge() -> None:
    """Ask Linux to kill this process when the judge is gone; elsewhere the closed pipe ends it."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)


def main() -> None:
    """Answer requests until the judge closes the pipe."""
    _die_with_the_judge()
    request, answer, lr, sr = sys.argv[1:5]
    # The pipes are of no concern to programs that a submission may start.
    for descriptor in (int(request), int(answer)):
        os.set_inheritable(descriptor, False)
    serve(
        int(request),
        int(answer),
        [SharedArray(int(fd)) for fd in lr.split(",")],
        [SharedArray(int(fd)) for fd in sr.split(",")],
    )


if __name__ == "__main__":
    main()
