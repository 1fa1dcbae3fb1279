"""Walls of bubblewrap that stand before there is anybody within, to be entered later.

Inside is ``cat``, which waits for an input that never comes and is held to what every confined
process is held to: by the same filter, and by the limits of files. It ends with the judge, whose
end of its input closes then, and whoever is within ends with it.
"""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Mapping

from esrbench.ready import ready
from esrbench.sandbox import seccomp, tree
from esrbench.sandbox.confined import Fresh
from esrbench.sandbox.place import Place
from esrbench.sandbox.process import end, in_bubblewrap
from esrbench.sandbox.start import FILE_BYTES, OPEN_FILES

_STANDS_WITHIN = 20.0
_LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: FILE_BYTES,
    resource.RLIMIT_NOFILE: OPEN_FILES,
}


class Walls:
    """Those of one ``place``; raises OSError where they do not stand."""

    def __init__(self, place: Place, environment: Mapping[str, str]) -> None:
        program, cat = seccomp.program(), shutil.which("cat")
        if program is None or cat is None:
            raise OSError("no filter of system calls, or no cat")
        given, self._input = os.pipe()
        answers, output = os.pipe()
        try:
            self.process: Fresh = in_bubblewrap(
                place, [cat], environment, [], output, given=given, filtered=program
            )
        except OSError:
            os.close(self._input)
            os.close(answers)
            raise
        finally:
            os.close(given)
            os.close(output)
        try:
            self.inmost = self._stands(answers)
        except OSError:
            self.fall()
            raise
        finally:
            os.close(answers)  # what is within finds nobody to write to

    def _stands(self, answers: int) -> int:
        """The process within: what it is asked it answers once all of them stand."""
        os.write(self._input, b"?")
        readable, _ = ready([answers], within=_STANDS_WITHIN)
        if not readable or os.read(answers, 1) != b"?":
            raise OSError("bubblewrap's walls do not stand")
        _, *within = tree.members(self.process.pid)
        if len(within) < 2:  # the system does not tell, or they fell at once
            raise OSError("nobody is seen in bubblewrap's walls")
        for pid in within:
            for kind, most in _LIMITS.items():
                _, hard = resource.prlimit(pid, kind)
                limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
                resource.prlimit(pid, kind, (limit, limit))
        return within[-1]

    def fall(self) -> None:
        """End them, and whoever is within."""
        end(self.process)
        os.close(self._input)
