"""``challenge.yaml``: the rules of a challenge and who takes part, each key explained here."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from esrbench.errors import UsageError, nearest
from esrbench.flags import check_allowed

_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,39}$")


def _checked_id(text: str) -> str:
    if not _ID.match(text):
        raise ValueError(f"{text!r} is no id: use a-z, 0-9, dot, dash and underscore, 40 at most")
    return text


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("say the time zone, as in 2026-03-01T12:00:00Z")
    return moment.astimezone(timezone.utc)


Identifier = Annotated[str, AfterValidator(_checked_id)]
"""Safe as a folder and in a table: ``team07``."""
Moment = Annotated[datetime, AfterValidator(_with_zone)]
"""A time with its zone, kept in UTC."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dates(_Strict):
    """When the challenge runs."""

    open: Moment | None = None
    close: Moment | None = None
    """What arrives later is marked late and stands below the ranking."""
    publish: Moment | None = None
    """Before this only figures of validation sets are public."""

    @model_validator(mode="after")
    def _in_order(self) -> Dates:
        given = [moment for moment in (self.open, self.close, self.publish) if moment is not None]
        if given != sorted(given):
            raise ValueError("open, close and publish must follow each other")
        return self


class ChallengeTrack(_Strict):
    """One ranking that every team enters."""

    name: Identifier
    protocol: str
    """A named protocol (``ntire2026``) or a YAML file beside challenge.yaml."""
    scale: int = Field(default=4, ge=1, le=16)
    device: str = "auto"
    """As in ``esrbench score --device``."""
    precision: str | None = None
    """The track networks run in (``fp16``, ...); None: each in its own precision."""
    score: str | None = None
    """A score formula; None: the protocol's own."""


class ChallengeDataset(_Strict):
    """A set of the catalogue, or of ``datasets.yaml`` beside challenge.yaml."""

    name: str
    visibility: Literal["public", "hidden"] = "public"
    """``hidden``: image names, pictures and single images' figures are never published."""
    role: Literal["validation", "test"] = "validation"
    """Figures of a test set are published after ``dates.publish`` only."""


class ChallengeBaseline(_Strict):
    """What runtimes and scores are held against."""

    submission: str
    """NAME or NAME/VARIANT."""
    weights_sha256: Sha256 | None = None
    """Of its checkpoint: with another one at hand nothing is measured."""


class Received(_Strict):
    """One version of a team's entry, as it was taken in."""

    source: Literal["folder", "git", "release-file", "codabench"]
    at: str | None = None
    """The commit, the address, or the file it was taken from."""
    sha256: Sha256
    """Over the names and contents of all its files."""
    received: Moment
    variant: str | None = None
    """The one variant that takes part: a model id in an NTIRE repository."""


class Team(_Strict):
    """One team and everything it handed in, the newest last."""

    id: Identifier
    name: str | None = None
    members: tuple[str, ...] = ()
    affiliation: str | None = None
    submissions: tuple[Received, ...] = ()

    @property
    def title(self) -> str:
        """The name people know it by."""
        return self.name or self.id


class EntryLimits(_Strict):
    """What one entry may use."""

    seconds: float = Field(default=600.0, gt=0)
    """The longest one answer may take."""
    memory: float | None = Field(default=None, gt=0)
    """GiB of memory; None: 85% of what is free."""
    per_team: int | None = Field(default=None, ge=1)
    """Versions a team may hand in; None: any number."""


class Publishing(_Strict):
    """What the public report shows."""

    names: Literal["teams", "ids"] = "teams"
    """Teams by name with their members, or by their ids alone."""
    pictures: bool = True
    """Crops of public sets."""
    figures: int = Field(default=2, ge=0, le=6)
    """Decimals of a PSNR on hidden sets; SSIM and LPIPS get two more."""


class Challenge(_Strict):
    """The whole file."""

    name: Identifier
    title: str | None = None
    organisers: tuple[str, ...] = ()
    contact: str | None = None
    dates: Dates = Dates()
    tracks: tuple[ChallengeTrack, ...] = Field(min_length=1)
    datasets: tuple[ChallengeDataset, ...] = Field(min_length=1)
    thresholds: dict[str, dict[str, float] | float] = Field(default_factory=dict)
    """``{psnr_rgb: {DIV2K_valid: 26.90}}``: the least a row needs on a set; ``params: 200000``: the
    greatest cost it may have."""
    baseline: ChallengeBaseline | None = None
    verify: bool = True
    """Whether an entry's exported graph is what is scored, where it exports, in a process without
    its code; an entry that does not export is `claimed`."""
    allow: tuple[str, ...] = ()
    """Flags that take no entry out of this challenge's ranking: `claimed`, say."""
    limits: EntryLimits = EntryLimits()
    publish: Publishing = Publishing()
    teams: tuple[Team, ...] = ()

    @field_validator("tracks", "datasets", "teams")
    @classmethod
    def _told_apart(cls, rows: tuple[BaseModel, ...]) -> tuple[BaseModel, ...]:
        names = [getattr(row, "id", None) or getattr(row, "name", "") for row in rows]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise ValueError(f"{twice[0]!r} stands there twice")
        return rows

    @field_validator("allow")
    @classmethod
    def _known_flags(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        try:
            check_allowed(keys)
        except UsageError as why:
            raise ValueError(str(why).replace("--allow", "allow:")) from None
        return keys

    @property
    def rules_sha256(self) -> str:
        """Hash of all that decides a figure or a rank; who takes part is no rule."""
        rules = self.model_dump(mode="json", exclude={"teams", "publish", "contact", "organisers"})
        return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()

    def team(self, identifier: str) -> Team:
        """The team so called; raises UsageError that names the nearest one."""
        for team in self.teams:
            if team.id == identifier:
                return team
        known = [team.id for team in self.teams]
        raise UsageError(f"There is no team {identifier!r}{nearest(identifier, known)}")

    def is_late(self, entry: Received) -> bool:
        """Whether it arrived after the close."""
        return self.dates.close is not None and entry.received > self.dates.close

    def standing_entry(self, team: Team) -> Received | None:
        """The version that counts: the newest in time, else the newest; None for none."""
        in_time = [entry for entry in team.submissions if not self.is_late(entry)]
        standing = in_time or list(team.submissions)
        return standing[-1] if standing else None
