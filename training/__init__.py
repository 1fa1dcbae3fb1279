"""Train a bundled submission: ``python -m training.train training/recipes/NAME.yaml``."""
