"""``competition.yaml`` of version 2, as Codabench documents it ("YAML Structure").

Used in both directions: the bundle is written from these models, and a bundle is checked by them.
An unknown key is refused: one page of that documentation shows ``leaderboard`` where version 2
reads ``leaderboards`` only, and such a competition would have no table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_DATE = "%Y-%m-%d %H:%M:%S"


def _moment(value: Any) -> Any:
    """Codabench's ``YYYY-MM-DD HH:MM:SS`` (UTC), whether YAML took it for a date or for text."""
    return datetime.strptime(value, _DATE) if isinstance(value, str) else value


Moment = Annotated[datetime, BeforeValidator(_moment)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(_Strict):
    """A page of the competition."""

    title: str
    file: str


class Task(_Strict):
    """What is to be solved: programs and data, each a zip or a folder of the bundle."""

    index: int = Field(ge=0)
    name: str
    scoring_program: str
    description: str | None = None
    input_data: str | None = None
    reference_data: str | None = None
    ingestion_program: str | None = None
    ingestion_only_during_scoring: bool | None = None


class Phase(_Strict):
    """When which tasks are open."""

    name: str
    start: Moment
    end: Moment | None = None
    """None in the last phase only."""
    tasks: tuple[int, ...] = Field(min_length=1)
    index: int | None = None
    description: str | None = None
    max_submissions: int | None = Field(default=None, ge=1)
    max_submissions_per_day: int | None = Field(default=None, ge=1)
    auto_migrate_to_this_phase: bool | None = None
    execution_time_limit: int | None = Field(default=None, ge=1)
    hide_output: bool | None = None
    hide_prediction_output: bool | None = None
    hide_score_output: bool | None = None
    starting_kit: str | None = None
    public_data: str | None = None
    accepts_only_result_submissions: bool | None = None


class Column(_Strict):
    """A column of a leaderboard: what the scoring program writes under ``key``."""

    title: str
    key: str = Field(pattern=r"^\S+$")
    index: int = Field(ge=0)
    sorting: Literal["asc", "desc"] | None = None
    computation: Literal["sum", "avg", "min", "max"] | None = None
    computation_indexes: tuple[int, ...] | None = None
    precision: int | None = Field(default=None, ge=0)
    hidden: bool | None = None

    @model_validator(mode="after")
    def _computed_from_something(self) -> Column:
        if (self.computation is None) != (self.computation_indexes is None):
            raise ValueError("computation and computation_indexes go together")
        return self


class Leaderboard(_Strict):
    """A table of results."""

    title: str
    key: str
    columns: tuple[Column, ...] = Field(min_length=1)
    index: int | None = None
    submission_rule: (
        Literal[
            "Add",
            "Add_And_Delete",
            "Add_And_Delete_Multiple",
            "Force_Last",
            "Force_Latest_Multiple",
            "Force_Best",
        ]
        | None
    ) = None
    hidden: bool | None = None

    @model_validator(mode="after")
    def _columns_told_apart(self) -> Leaderboard:
        _told_apart("column key", [column.key for column in self.columns])
        _told_apart("column index", [column.index for column in self.columns])
        return self


class Competition(_Strict):
    """The whole file."""

    version: Literal[2]
    title: str
    image: str
    terms: str
    pages: tuple[Page, ...] = Field(min_length=1)
    tasks: tuple[Task, ...] = Field(min_length=1)
    phases: tuple[Phase, ...] = Field(min_length=1)
    leaderboards: tuple[Leaderboard, ...] = Field(min_length=1)
    description: str | None = None
    registration_auto_approve: bool | None = None
    docker_image: str | None = None
    make_programs_available: bool | None = None
    make_input_data_available: bool | None = None
    queue: str | None = None
    enable_detailed_results: bool | None = None
    show_detailed_results_in_submission_panel: bool | None = None
    show_detailed_results_in_leaderboard: bool | None = None
    contact_email: str | None = None
    reward: str | None = None
    auto_run_submissions: bool | None = None
    can_participants_make_submissions_public: bool | None = None
    forum_enabled: bool | None = None
    solutions: tuple[dict[str, Any], ...] | None = None
    fact_sheet: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Competition:
        _told_apart("task", [task.index for task in self.tasks])
        known = {task.index for task in self.tasks}
        for phase in self.phases:
            for index in phase.tasks:
                if index not in known:
                    raise ValueError(f"phase {phase.name!r} names task {index}, which is not there")
        for before, after in pairwise(self.phases):
            if before.end is None:
                raise ValueError(f"phase {before.name!r} has no end and another one follows it")
            if after.start < before.end:
                raise ValueError(f"phase {after.name!r} begins before {before.name!r} has ended")
        if self.phases[0].auto_migrate_to_this_phase:
            raise ValueError("auto_migrate_to_this_phase cannot be set on the first phase")
        return self

    def files(self) -> list[str]:
        """Every path of the bundle that the file names."""
        named: list[str | None] = [self.image, self.terms, *(page.file for page in self.pages)]
        for task in self.tasks:
            named += [task.scoring_program, task.input_data]
            named += [task.reference_data, task.ingestion_program]
        for phase in self.phases:
            named += [phase.starting_kit, phase.public_data]
        return [path for path in named if path is not None]


def dumped(competition: Competition) -> dict[str, Any]:
    """As Codabench reads it: dates in its own form, nothing that was not said."""
    data = competition.model_dump(exclude_none=True)
    for phase in data["phases"]:
        for key in ("start", "end"):
            if key in phase:
                phase[key] = phase[key].strftime(_DATE)
    plain: dict[str, Any] = _lists(data)
    return plain


def _lists(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _lists(value) for key, value in data.items()}
    return [_lists(value) for value in data] if isinstance(data, tuple) else data


def _told_apart(what: str, values: Sequence[object]) -> None:
    for value in values:
        if list(values).count(value) > 1:
            raise ValueError(f"the {what} {value!r} stands there twice")
