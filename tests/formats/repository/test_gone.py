"""Names that libraries have dropped mean what they meant, and it is said which were asked for."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from esrbench.submission.formats.repository.gone import WhatIsGone
import collections, numpy as np
gone = WhatIsGone()
gone.serve()
assert gone.note() == [] and np.float32 and collections.OrderedDict
from collections import Iterable
from torch._six import container_abcs
assert np.int is int and isinstance([], Iterable) and container_abcs.Mapping
for module in (np, collections):
    try:
        module.nobody_ever_had_this
    except AttributeError:
        continue
    raise SystemExit(1)
print(*gone.note())
"""


def test_what_is_gone_is_there_again() -> None:  # in a process of its own: it stays so for its life
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == (
        "collections.Iterable, numpy.int, torch._six.container_abcs: gone from today's libraries, "
        "given as it was"
    )
