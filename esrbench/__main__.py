"""``python -m esrbench``: the same as the ``esrbench`` command."""

from esrbench.cli import main

if __name__ == "__main__":
    main()
