"""How a process of esrbench's own is started: by its module's name, whatever lies in the folder."""

from __future__ import annotations

import sys

_RUN = (
    "import sys; sys.path[:1] == [''] and sys.path.pop(0); sys.argv.pop(0); import runpy; "
    "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
)


def own_program(module: str, *words: str) -> list[str]:
    """The command line that runs ``module`` with ``words``.

    ``python -m`` would import from the working directory first, which may be a stranger's: a
    ``torch.py`` there would run with the judge's rights. (``python -P`` is not in Python 3.10.)

    Example:
        >>> own_program("esrbench", "doctor")[3:]
        ['esrbench', 'doctor']
    """
    return [sys.executable, "-c", _RUN, module, *words]
