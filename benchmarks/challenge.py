"""What a whole challenge costs: many submissions, one command, as ratios to named peers.

    python benchmarks/challenge.py            # every part, 60 submissions: hours
    python benchmarks/challenge.py --part cached --submissions 20 --images 100

Parts, each of whole commands as an organiser gives them, on one thread a runner and without timing:

- `wall`: N submissions on Set5 and Set14 (skimage8 without a data root), against what their bare
  forwards and the metrics take in one process, shared out among the cores; the rest is the fixed
  cost of a submission, as a ratio to `import torch`.
- `cached`: N submissions of many images, all measured before: against `esrbench --help`,
  and at a quarter and half of N, since it may grow no faster than N does.
- `memory`: the judge's peak for N submissions against one, and for all images against a quarter.
- `jobs`: `--jobs 2` against one after the other; its ceiling is what cores one leaves idle.
- `ray`: `--engine ray` on two workers against `--jobs 2` (extra `ray`, after `ray start --head`).
- `teams`: a challenge of N teams from an empty folder to its published pages, step by step.
- `timing`: runtimes under `--jobs 2` against those without, of the same networks.

Every repeat is a line of ``rows.jsonl`` below ``--out``, with the machine's load; the table is made
from them, and what stands there is not run again. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from challenge_parts.bench import Bench
from challenge_parts.parts import PARTS


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--part", action="append", choices=list(PARTS), help="several; all if none")
    words.add_argument("--submissions", type=int, default=60)
    words.add_argument("--images", type=int, default=400, help="of the set that is scored often")
    words.add_argument("--repeats", type=int, default=3)
    words.add_argument("--out", type=Path, default=Path("build/challenge"))
    options = words.parse_args()
    bench = Bench(options.out.resolve(), options.images, options.repeats)
    print("| what | measured |\n|---|---|", flush=True)
    for part in options.part or PARTS:
        for what, measured in PARTS[part](bench, options.submissions):
            print(f"| {what} | {measured} |", flush=True)


if __name__ == "__main__":
    main()
