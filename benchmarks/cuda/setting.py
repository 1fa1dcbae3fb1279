"""What a part is given, and what it gives back."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from esrbench.judge.limits import Limits
from esrbench.judge.machine import Machine
from esrbench.sandbox.tiers import Tier

Row = dict[str, Any]
MARGIN_SECONDS = 2.0
"""Nothing is begun when less is left."""


@dataclass(frozen=True)
class Outcome:
    """How a part went."""

    passed: bool
    figure: str
    """What decided, in half a sentence with its number."""
    rows: list[Row] = field(default_factory=list)
    """The table; every row has the same keys."""
    skipped: list[str] = field(default_factory=list)
    """What would have overrun, or cannot be had here."""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """Where a part runs, for how long, and where its results go."""

    device: str
    out: Path
    seconds: float
    dry: bool = False
    data_root: Path | None = None
    weights_dir: Path | None = None
    begun: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Seconds of this part's budget that are left, less a margin."""
        return self.seconds - (time.monotonic() - self.begun) - MARGIN_SECONDS

    @property
    def shapes(self) -> tuple[str, str]:
        """LR height x width; small ones where a CPU computes."""
        return ("16x16", "20x24") if self.dry else ("256x256", "339x510")

    @property
    def dataset(self) -> str:
        """Set5 where it is at hand, else the photographs that are always there."""
        has = self.data_root is not None and (self.data_root / "Set5").is_dir()
        return "Set5" if has else "skimage8"

    def machine(self, track: str | None = None) -> Machine:
        """Runners on the device, in the walls that part ``environment`` found to work."""
        return Machine(
            device=self.device, track=track, sandbox=self.tier, limits=Limits(answer_seconds=120)
        )

    @property
    def tier(self) -> Tier | None:
        """None where that part has not run: the best that works without a GPU."""
        try:
            facts = json.loads((self.out / "environment.json").read_text())["facts"]
        except (OSError, ValueError, KeyError):
            return None
        tier: Tier | None = facts.get("tier")
        return tier


def write(outcome: Outcome, part: str, setting: Setting, seconds: float) -> None:
    """``PART.json`` and ``PART.md`` in the folder."""
    document = {
        "part": part,
        "passed": outcome.passed,
        "figure": outcome.figure,
        "seconds": round(seconds, 1),
        "budget": setting.seconds,
        "device": setting.device,
        "dry": setting.dry,
        "skipped": outcome.skipped,
        "facts": outcome.facts,
        "rows": outcome.rows,
    }
    whole = setting.out / f"{part}.json.new"
    whole.write_text(json.dumps(document, indent=1, default=str) + "\n")
    whole.rename(setting.out / f"{part}.json")
    (setting.out / f"{part}.md").write_text(_page(outcome, part))


def _page(outcome: Outcome, part: str) -> str:
    lines = [f"# {part}", "", f"{'pass' if outcome.passed else 'FAIL'}: {outcome.figure}", ""]
    if outcome.rows:
        keys = list(outcome.rows[0])
        lines += [f"| {' | '.join(keys)} |", f"|{'---|' * len(keys)}"]
        lines += [f"| {' | '.join(_cell(row.get(key)) for key in keys)} |" for row in outcome.rows]
    lines += ["", *(f"Left out: {what}" for what in outcome.skipped)]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
