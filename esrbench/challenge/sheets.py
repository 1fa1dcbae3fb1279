"""One sheet a team: its own figures, what failed and how to mend it. To be sent to that team."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from esrbench.challenge.redact import without_hidden_names
from esrbench.challenge.schema import Challenge
from esrbench.leaderboard.table import build_tables
from esrbench.leaderboard.thresholds import Excess, misses
from esrbench.report.atomic import write_text
from esrbench.results.record import RunRecord


def write_sheets(
    challenge: Challenge, rows: Sequence[tuple[RunRecord, RunRecord]], out: Path
) -> tuple[Path, ...]:
    """A Markdown file for each team in ``out``; ``rows`` are records with their public form.

    Figures are those of the public report; a reason is told in full, but for names of hidden
    images.
    """
    ranks = {
        row.record.id: row
        for table in build_tables([public for _, public in rows], challenge.allow)
        for row in table.rows
    }
    written = []
    for team in challenge.teams:
        own = [(record, public) for record, public in rows if public.submission == team.id]
        if not own:
            continue
        parts = [f"# {team.title}: {challenge.title or challenge.name}\n"]
        for record, public in own:
            ranked = ranks[public.id]
            track = record.challenge.track if record.challenge else public.protocol
            parts.append(f"## Track {track}\n")
            parts.append(_standing(ranked.rank, ranked.apart, record, challenge))
            parts.append(_missed(record, public, challenge))
            parts.append(_figures(public))
        path = out / f"{team.id}.md"
        write_text(path, "\n".join(parts))
        written.append(path)
    return tuple(written)


def _standing(rank: int | None, apart: str | None, record: RunRecord, challenge: Challenge) -> str:
    if record.status != "ok":
        reason = without_hidden_names(record.reason or "no reason", [record], challenge)
        return (
            f"**{record.status}.** {reason}\n\nTry it with `esrbench check` on what you handed in; "
            "where that finds nothing, `esrbench score` on public images shows the same fault.\n"
        )
    late = " It arrived after the close." if record.challenge and record.challenge.late else ""
    if rank is None:
        why = without_hidden_names(apart or "no reason", [record], challenge)
        return f"**Not ranked:** {why}.{late}\n"
    return f"**Rank {rank}.**{late}\n"


def _missed(record: RunRecord, public: RunRecord, challenge: Challenge) -> str:
    """Each threshold that is missed, with the figure where the team may know it."""
    open_sets = {told.name for told in challenge.datasets if told.visibility == "public"}
    lines = []
    for miss in misses(record):
        if isinstance(miss, Excess) or miss.dataset in open_sets & set(public.quality):
            lines.append(miss.sentence())
        elif miss.dataset in public.quality:
            lines.append(miss.sentence_without_value())
        else:
            lines.append("a threshold on a set whose figures are not public yet")
    if record.status != "ok" or not lines:
        return ""
    listed = "\n".join(f"- {line}" for line in dict.fromkeys(lines))
    return f"What it misses of the rules:\n\n{listed}\n"


def _figures(public: RunRecord) -> str:
    from esrbench.leaderboard.columns import columns_for

    lines = ["| figure | value |", "|---|---|"]
    for column in columns_for([public]):
        value = column.value(public)
        if value is not None:
            where = f" on {column.group}" if "." in column.key else ""
            shown = f"{value / column.divisor:.{column.decimals([value])}f} {column.unit}".strip()
            lines.append(f"| {column.heading}{where} | {shown} |")
    return "\n".join(lines) + "\n" if len(lines) > 2 else "No figure of it was measured.\n"
