"""Where one forward spends its time, module by module, from what a record says of its layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from esrbench.quantities.quantity import number
from esrbench.results.record import RunRecord

_LARGEST = 0.5
"""A group above this share of the time is split into its own modules, where it has any."""
_DEEPEST = 6
WHOLE = "(the network itself)"
"""Operators outside any module of its own."""


@dataclass(frozen=True)
class Layer:
    """All calls of one operator within one module."""

    module: str
    operator: str
    """Without its namespace: ``convolution``, not ``aten::convolution``."""
    calls: int
    ms: float
    macs: float
    bytes: float
    share: float
    """Of the time of all layers."""


@dataclass(frozen=True)
class LayerGroup:
    """The layers under one module path, the slowest first."""

    name: str
    layers: tuple[Layer, ...]

    @property
    def ms(self) -> float:
        """Milliseconds of all of them."""
        return sum(layer.ms for layer in self.layers)

    @property
    def share(self) -> float:
        """Of the time of all layers."""
        return sum(layer.share for layer in self.layers)

    @property
    def macs(self) -> float:
        """MACs of all of them."""
        return sum(layer.macs for layer in self.layers)

    @property
    def bytes(self) -> float:
        """Bytes read and written by all of them."""
        return sum(layer.bytes for layer in self.layers)


def layers_of(record: RunRecord) -> list[Layer]:
    """The record's layers in the order they ran; [] where it has none, or not such a list."""
    rows = _rows(record)
    whole = sum(_figure(row, "ms") for row in rows)
    return [_layer(row, whole) for row in rows] if whole > 0 else []


def work_of(record: RunRecord) -> tuple[float, float]:
    """MACs and bytes of all layers; zeros where there are none."""
    rows = _rows(record)
    return sum(_figure(row, "macs") for row in rows), sum(_figure(row, "bytes") for row in rows)


def layer_groups(layers: Iterable[Layer]) -> list[LayerGroup]:
    """``layers`` by the first part of their module's path, the slowest group first.

    A group that holds more than half of the time is split by the next part of the path, so that
    one container around everything does not hide what is in it.
    """
    groups = _split(list(layers), 1)
    ordered = [
        LayerGroup(name, tuple(sorted(inside, key=lambda layer: -layer.ms)))
        for name, inside in groups.items()
    ]
    return sorted(ordered, key=lambda group: -group.ms)


def _split(layers: list[Layer], depth: int) -> dict[str, list[Layer]]:
    groups: dict[str, list[Layer]] = {}
    for layer in layers:
        groups.setdefault(".".join(layer.module.split(".")[:depth]) or WHOLE, []).append(layer)
    for name, inside in list(groups.items()):
        deeper = len({layer.module for layer in inside}) > 1
        if deeper and depth < _DEEPEST and sum(layer.share for layer in inside) > _LARGEST:
            del groups[name]
            for part, rest in _split(inside, depth + 1).items():
                groups.setdefault(part, []).extend(rest)
    return groups


def _rows(record: RunRecord) -> list[dict[str, object]]:
    facts = record.complexity.facts.get("layers") if record.complexity else None
    return [row for row in facts if isinstance(row, dict)] if isinstance(facts, list) else []


def _layer(row: Mapping[str, object], whole: float) -> Layer:
    ms = _figure(row, "ms")
    return Layer(
        module=str(row.get("module") or ""),
        operator=str(row.get("operator") or "?").rpartition("::")[2],
        calls=int(_figure(row, "calls")),
        ms=ms,
        macs=_figure(row, "macs"),
        bytes=_figure(row, "bytes"),
        share=ms / whole if whole else 0.0,
    )


def _figure(row: Mapping[str, object], key: str) -> float:
    """A figure of 0 or more; what is no such number counts as 0."""
    value = number(row.get(key))
    return value if value is not None and 0 <= value < float("inf") else 0.0
