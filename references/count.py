"""Count every bundled system that has published counts, for the page that holds them together.

    python references/count.py

Networks are built without weights and run on tensors without values: this takes seconds each and
no memory, at any size. MACs are those of the counter at torch's dispatcher, at the input that the
published figure is for; of a network whose work depends on the image there are none. A row that
stands already, of the same code, is kept, so that the command may be ended and run again.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from esrbench import __version__
from esrbench.bundled import references
from esrbench.counting.forward_pass import fake_pass
from esrbench.counting.parameters import count_parameters
from esrbench.judge.provenance import timestamp
from esrbench.results.record import About, Complexity, RunRecord
from esrbench.results.references import COUNTS, load_counts
from esrbench.submission.find import bundled_names, find, list_scales, list_variants
from esrbench.submission.load import build_model
from esrbench.submission.submission import Submission
from esrbench.whole_file import write_whole

Shape = tuple[int, int, int, int]


def main() -> None:
    """Write ``references/counts.jsonl``, a record a line, by label and scale."""
    standing = {(r.own_label, r.scale): r for r in load_counts()}
    rows: dict[tuple[str, int], RunRecord] = {}
    for submission in published():
        at = (submission.label, submission.scale)
        kept = standing.get(at)
        if (
            kept is None
            or kept.code_sha256 != submission.code_sha256()
            or not says_as_much(kept, submission)
        ):
            kept = counted(submission)
            print(
                f"{submission.label} x{submission.scale}: {kept.params:,}, {kept.macs}", flush=True
            )
        rows[at] = kept
        lines = [rows[key].model_dump_json(exclude_defaults=True) for key in sorted(rows)]
        write_whole(references() / COUNTS, ("\n".join(lines) + "\n").encode())


def published() -> Iterator[Submission]:
    """Every variant and scale of a bundled system whose authors print params or MACs."""
    for name in bundled_names():
        for variant in list_variants(name):
            for scale in list_scales(name, variant=variant):
                found = find(name, variant=variant, scale=scale)
                if {"params", "macs"} & found.published.keys():
                    yield found


def says_as_much(record: RunRecord, submission: Submission) -> bool:
    """Whether it was counted for the figures that the manifest has today."""
    return record.about.published == submission.published


def counted(submission: Submission) -> RunRecord:
    """Parameters, and where they are published MACs."""
    model = build_model(
        submission.entry_file, submission.entry_function, submission.build_arguments,
        submission.scale,
    ).eval()  # fmt: skip
    shape = shape_of(submission)
    complexity = macs_of(model, shape) if shape else None
    return RunRecord(
        id=f"counted-{submission.label.replace('/', '-')}-x{submission.scale}",
        created=timestamp(),
        submission=submission.name,
        variant=submission.variant,
        scale=submission.scale,
        about=About(title=submission.title, paper=submission.paper, published=submission.published),
        code_sha256=submission.code_sha256(),
        source="bundled",
        protocol="counts",
        protocol_spec={},
        device="none",
        status="ok",
        params=count_parameters(model),
        macs=complexity.macs_dispatch if complexity else None,
        complexity=complexity,
        harness_version=__version__,
    )


def shape_of(submission: Submission) -> Shape | None:
    """The LR input that published MACs are for; None where there are none, or for no one input."""
    at, scale = str(submission.published.get("macs_at", "")), submission.scale
    if "macs" not in submission.published or "," in at:
        return None
    sizes = [int(side) for side in at.split()[0].split("x")]
    if "output" in at:
        return (1, 3, sizes[1] // scale, sizes[0] // scale)
    return (sizes[0], sizes[1], sizes[2], sizes[3])


def macs_of(model: nn.Module, shape: Shape) -> Complexity | None:
    """By every counter that needs no values; None where the work depends on them."""
    try:
        seen = fake_pass(model, shape, torch.empty(1))
    except Exception as why:
        print(f"  not counted: {type(why).__name__}: {str(why).splitlines()[0][:100]}")
        return None
    return Complexity(
        input_shape=shape,
        macs_dispatch=seen.counts.macs,
        macs_ntire2022=seen.hooks.macs_2022,
        macs_arm=seen.hooks.macs_arm,
    )


if __name__ == "__main__":
    main()
