"""The network of a BasicSR fork as a small repository: its files, one option file, its weights."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from esrbench.submission.formats.repository.option_file import read_option_file
from esrbench.submission.submission import Submission

OPTIONS = "options/test.yml"


def write_repository(submission: Submission, folder: Path, weights: str | None) -> Path:
    """Copy the Python files that ``submission`` is made of into ``folder``, and write its options.

    ``weights`` is the name of the safetensors file in ``folder``; None where it has no tensors.
    Answers the option file, which is what `esrbench score` can be given.
    """
    for path in submission.code_files or ():
        if path.suffix == ".py":
            target = folder / path.relative_to(submission.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    arguments = submission.build_arguments
    option = read_option_file(submission.folder / arguments["option"])
    said: dict[str, Any] = {
        "name": option.name,
        "model_type": option.model_type,
        "scale": submission.scale,
        "network_g": {"type": arguments["network"], **arguments["arguments"]},
        "path": {"pretrain_network_g": weights, "param_key_g": None, "strict_load_g": True},
    }
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    written = folder / OPTIONS
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(f"# {submission.title}\n", encoding="utf-8")
    return written


def as_it_is(submission: Submission) -> str:
    """How a network of a repository is handed in where no graph of it can be written; empty for
    what is none."""
    chosen = {
        "edsr": f"--model {submission.entry_file.stem}",
        "define_G": f"--variant {submission.build_arguments.get('option')}",
    }.get(submission.form)
    if chosen is None:
        return ""
    name = submission.folder.name
    return (
        f"Hand in the repository as it is: a zip of {name}/, and `esrbench score {name}.zip "
        f"{chosen}`."
    )
