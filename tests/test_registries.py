"""Every table that rows are added to is whole: what it names is there, what is there is named."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import get_args

import pytest
import torch

import esrbench
from esrbench import policies
from esrbench.cli.app import app
from esrbench.leaderboard.formula import load_formula
from esrbench.protocol.load import load_protocol
from esrbench.quantities.metrics import METRICS
from esrbench.report.plots.kinds import KINDS
from esrbench.submission.formats.registry import AS_EXPORTED, LOADERS
from esrbench.tracks import TRACKS, Track

PACKAGE = Path(esrbench.__file__).parent


def _stems(folder: str, suffix: str) -> set[str]:
    return {path.stem for path in (PACKAGE / folder).glob(f"*{suffix}") if path.stem[0] != "_"}


@pytest.mark.parametrize("key", METRICS)
def test_a_metric_has_its_file(key: str) -> None:
    module = importlib.import_module(f"esrbench.metrics.{METRICS[key].module}")
    assert list(inspect.signature(module.open_metric).parameters) == ["options", "setting"]
    assert METRICS[key].direction in ("higher", "lower")


@pytest.mark.parametrize("name", sorted(_stems("protocol/definitions", ".yaml")))
def test_a_protocol_names_what_there_is(name: str) -> None:
    protocol = load_protocol(name)
    assert protocol.name == name
    assert set(protocol.metrics) <= set(METRICS)
    if protocol.score is not None:
        assert load_formula(protocol.score)


@pytest.mark.parametrize("form", sorted(LOADERS))
def test_a_format_loads_from_one_request(form: str) -> None:
    assert list(inspect.signature(LOADERS[form]).parameters) == ["request"]


def test_every_form_has_a_loader() -> None:
    assert set(LOADERS) >= AS_EXPORTED


def test_a_policy_of_a_protocol_has_a_row_and_a_row_is_a_policy() -> None:
    assert tuple(policies.POLICIES) == get_args(policies.Name)
    assert [name for name, row in policies.POLICIES.items() if row.cold] == ["ntire"]
    assert policies.policy_of("of-a-later-version").statistic == "median"


@pytest.mark.parametrize("track", TRACKS.values(), ids=lambda track: track.name)
def test_a_track_computes_in_what_torch_knows(track: Track) -> None:
    assert isinstance(getattr(torch, track.operands), torch.dtype)
    assert track.copied == (track.operands != "float32")


def test_every_command_has_a_file_and_every_file_a_command() -> None:
    groups = [group.typer_instance for group in app.registered_groups]
    commands = {
        one.callback.__module__
        for typer in (app, *groups)
        if typer is not None
        for one in typer.registered_commands
        if one.callback is not None
    }
    for name in commands:
        assert (PACKAGE.parent / (name.replace(".", "/") + ".py")).is_file()
    for name in _stems("cli", ".py"):
        source = (PACKAGE / "cli" / f"{name}.py").read_text(encoding="utf-8")
        if f'"""``esrbench {name}``' in source:
            assert f"esrbench.cli.{name}" in commands


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_plot_takes_records(kind: str) -> None:
    assert next(iter(inspect.signature(KINDS[kind]).parameters)) == "records"
