"""The child process: ``python -m esrbench.runner START``, the last a JSON (``sandbox/start.py``).

It is the only place where a submission's code runs. It gets LR images and gives SR images back;
what it says is believed no further than the judge can check.
"""

from __future__ import annotations

import os
import sys

from esrbench.sandbox.start import Start, confine_self


def main() -> None:
    """Confine this process, then answer requests until the judge closes the pipe."""
    start = Start.from_json(sys.argv[1])
    confine_self(start)
    # Only now: numpy and torch start threads, which would not be confined by what comes after.
    from esrbench.runner.serve import serve
    from esrbench.runner.shared import SharedArray

    # The pipes are of no concern to programs that a submission may start.
    for descriptor in (start.request, start.answer):
        os.set_inheritable(descriptor, False)
    serve(
        start.request,
        start.answer,
        [SharedArray(descriptor, writable=False) for descriptor in start.lr],
        [SharedArray(descriptor) for descriptor in start.sr],
    )


if __name__ == "__main__":
    main()
