"""How far do the two clocks of honest networks lie apart? The floor of flag ``clocks-disagree``.

    esrbench score nearest span rlfn ... --results FOLDER     on a machine that is kept busy
    python benchmarks/clock_agreement.py FOLDER ...

From the raw blocks of records: by which share of a block the judge's clock has more than the calls
and what the baseline's blocks take beside theirs, with its interval
(``esrbench/timing/clocks.py``). The flag needs the lower end to be over the floor.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from esrbench.results.record import RunRecord, TimingBlock
from esrbench.results.store import ResultsStore
from esrbench.timing.clocks import LEAST_BLOCKS, SHAVED, beyond
from esrbench.timing.lane import Block
from esrbench.timing.statistics import Interval, summarise

Row = tuple[str, int, float, Interval]


def rows_of(record: RunRecord) -> Iterator[Row]:
    """Of each shape that was timed in blocks against a baseline."""
    counted = [block for block in record.timing_blocks if block.counted]
    for shape in dict.fromkeys(block.shape for block in counted):
        here = [block for block in counted if block.shape == shape]
        mine, theirs = (
            [_block(block) for block in here if block.lane == lane]
            for lane in ("submission", "baseline")
        )
        if min(len(mine), len(theirs)) >= LEAST_BLOCKS:
            call_ms = summarise([ms for block in mine for ms in block.call_ms]).median
            yield record.submission, len(mine), call_ms, beyond(mine, theirs)


def _block(kept: TimingBlock) -> Block:
    return Block(tuple(kept.call_ms), kept.wall_ms, empty_ms=kept.empty_ms)


def table(rows: list[Row]) -> str:
    """A row each, those furthest apart first, then the furthest of all against the floor."""
    lines = ["| network | blocks | call, ms | apart | 98% interval |", "|---|---:|---:|---:|---|"]
    for name, blocks, call_ms, apart in sorted(rows, key=lambda row: -row[3].low):
        ends = f"{apart.low:+.2%} to {apart.high:+.2%}"
        lines.append(f"| {name} | {blocks} | {call_ms:.1f} | {apart.value:+.2%} | {ends} |")
    largest = max(row[3].low for row in rows)
    return "\n".join([*lines, "", f"Largest lower end: {largest:.2%}; the floor: {SHAVED:.0%}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("results", nargs="+", type=Path)
    folders = parser.parse_args().results
    records = [record for folder in folders for record in ResultsStore(folder).records()]
    print(table([row for record in records for row in rows_of(record)]))


if __name__ == "__main__":
    main()
