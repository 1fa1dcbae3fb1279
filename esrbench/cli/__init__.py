"""The ``esrbench`` command: words and options here, the work in the other rooms.

Nothing heavy is imported until a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import sys

from esrbench.errors import EsrbenchError


def main() -> None:
    """Run the command line; errors a person can cure end in one sentence and an exit code."""
    from esrbench.cli.app import app

    try:
        app()
    except EsrbenchError as why:
        if "--json" in sys.argv:
            print(json.dumps({"error": str(why), "exit_code": why.exit_code}))
        print(f"esrbench: {why}", file=sys.stderr)
        sys.exit(why.exit_code)
