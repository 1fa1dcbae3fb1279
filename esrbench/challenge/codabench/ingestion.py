"""The ingestion step of a Codabench task: a code submission makes SR images from LR images.

``python -m esrbench.challenge.codabench.ingestion INPUT_DATA SUBMISSION OUTPUT``: ``INPUT_DATA``
has ``ingestion.json`` and the LR images of each set, and no HR: the scoring step is another
container. The submission runs as for ``esrbench score``: in a process of its own, confined as far
as the container allows. Whatever is wrong ends it with exit code 1 and one sentence; where a set is
hidden that sentence says nothing that the network could have put into it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict

from esrbench.data.images import read_rgb
from esrbench.errors import EsrbenchError, SubmissionError
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import loaded_runner
from esrbench.judge.machine import Machine
from esrbench.judge.weights import weights_at_hand
from esrbench.metrics.quantise import to_uint8
from esrbench.number_of import number_of
from esrbench.submission.find import find

PLAN = "ingestion.json"


class IngestionPlan(BaseModel):
    """``ingestion.json``."""

    model_config = ConfigDict(extra="forbid")

    harness: str
    """The version of esrbench that the bundle was made with."""
    scale: int
    hidden: bool
    """Whether any set is: then nothing a network says reaches its authors."""
    sets: dict[str, tuple[str, ...]]
    """Names of images, by set."""


def ingest(plan: IngestionPlan, source: Path, submission: Path, target: Path) -> int:
    """Write ``target/SET/NAME.png`` for every LR image; how many.

    Raises EsrbenchError for whatever the submission does wrong.
    """
    found = find(str(_code(submission)), scale=plan.scale)
    if found.scale != plan.scale:
        raise SubmissionError(f"{found.label} is for x{found.scale}; this task is x{plan.scale}.")
    weights = weights_at_hand(found, weights_dir=None)
    if weights.missing:
        raise SubmissionError(weights.why_none or "Its weights are not in what was sent.")
    machine = Machine(hidden=(target,))
    count = 0
    with loaded_runner(found, weights.path, machine) as runner:
        imaging = Imaging(runner, found.scale, found.data_range)
        for name, images in plan.sets.items():
            (target / name).mkdir(parents=True, exist_ok=True)
            for image in images:
                lr = read_rgb(source / name / f"{image}.png")
                sr = to_uint8(imaging.forward(lr[None]).sr[0], found.data_range)
                pixels = np.ascontiguousarray(sr.transpose(1, 2, 0))
                Image.fromarray(pixels).save(target / name / f"{image}.png")
                count += 1
    return count


def _code(submission: Path) -> Path:
    """What was sent: the folder, or the one thing that its zip held, Codabench's own file aside."""
    inside = [path for path in submission.iterdir() if path.name not in {"metadata", "__MACOSX"}]
    return inside[0] if len(inside) == 1 else submission


def main() -> int:
    """The exit code: 0 with all images written, 1 with a sentence on standard error."""
    if len(sys.argv) != 4:
        print("usage: ingestion INPUT_DATA SUBMISSION OUTPUT", file=sys.stderr)
        return 2
    source, submission, target = map(Path, sys.argv[1:])
    plan = IngestionPlan.model_validate_json((source / PLAN).read_bytes())
    try:
        count = ingest(plan, source, submission, target)
    except EsrbenchError as why:
        said = "It did not run on the hidden images; try it with `esrbench check`."
        print(said if plan.hidden else why, file=sys.stderr)
        return 1
    print(f"{number_of(count, 'image')}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
