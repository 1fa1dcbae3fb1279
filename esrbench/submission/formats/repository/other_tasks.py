"""Which options are for something else than super-resolution of one RGB image."""

from __future__ import annotations

from typing import Any

from esrbench.submission.formats.repository.model_types import other_task, task_in_name
from esrbench.submission.formats.repository.option_file import INPUT_CHANNELS, OptionFile


def why_not_measured(option: OptionFile, scale: int | None) -> str | None:
    """Why it is no super-resolution of one RGB image; None where it is."""
    task = other_task(option)
    channels = [option.arguments.get(name) for name in INPUT_CHANNELS]
    taken: Any = next((number for number in channels if isinstance(number, int)), 3)
    if task is not None:
        return f"it is for {task}"
    if scale is None and (named := task_in_name(option)) is not None:
        return f"it is for {named}"
    if scale == 1:
        return "it is x1: denoising, deblurring or the like"
    if taken != 3:
        return f"it takes {taken} channel{'s' * (taken != 1)}, not the three of RGB"
    return None
