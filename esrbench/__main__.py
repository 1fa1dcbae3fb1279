"""``python -m esrbench``: the same as the ``esrbench`` command."""

from esrbench.cli import main

main()
