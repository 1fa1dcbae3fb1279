"""Benchmark and leaderboard for efficient image super-resolution.

Importing this package is cheap on purpose: nothing here imports torch.
"""

__version__ = "0.1.0"
