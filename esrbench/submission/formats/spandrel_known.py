"""The networks that spandrel knows, with those of spandrel_extra_arches where that is installed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any


def model_loader() -> Any:
    """A ``spandrel.ModelLoader`` that knows them all; raises ImportError without spandrel."""
    from spandrel import ModelLoader

    with suppress(ImportError):
        import spandrel_extra_arches

        spandrel_extra_arches.install(ignore_duplicates=True)
    return ModelLoader()
