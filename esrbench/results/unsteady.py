"""What a record says of a network that does not always answer, or cost, the same: in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from esrbench.results.record import Chance, CountSpread, RunRecord, Runtime


def unsteady(record: RunRecord) -> list[tuple[str, str]]:
    """``(what, sentence)`` of each; empty for nearly every network."""
    rows: list[tuple[str, str]] = []
    if record.chance is not None:
        rows.append(("Same image, other answer", " ".join(_chance(record.chance))))
    if record.count_spread is not None:
        rows.append(("Counts differ", _counts(record.count_spread)))
    if record.runtime_ms is not None and record.runtime_ms.by_image_ms:
        rows.append(("Runtime by image", _runtime(record.runtime_ms)))
    return rows


def _chance(chance: Chance) -> Iterator[str]:
    yield chance.sentence
    yield f"Two answers to one image were up to {chance.difference:.2g} of the range apart."
    for dataset, passes in chance.passes.items():
        keys = [key for key in passes[0] if chance.spread(dataset, key)] if passes else []
        if keys:
            low, high = chance.spread(dataset, keys[0]) or (0.0, 0.0)
            yield f"{dataset}: {keys[0]} {low:.4f} to {high:.4f} in {len(passes)} passes."


def _counts(spread: CountSpread) -> str:
    over = f"the images of {spread.dataset}" if spread.dataset else "draws"
    macs, acts = spread.macs, spread.activations
    said = (
        f"MACs {macs.low / 1e9:.4f} to {macs.high / 1e9:.4f} G, mean {macs.mean / 1e9:.4f} G over "
        f"{over}"
    )
    if acts.varies:
        said += (
            f"; activations {acts.low / 1e6:.4f} to {acts.high / 1e6:.4f} M, mean "
            f"{acts.mean / 1e6:.4f} M"
        )
    return f"{said}.{_bounds(spread)}"


def _bounds(spread: CountSpread) -> str:
    least, most = (spread.bounds.get(name) for name in ("least", "most"))
    if least is not None and most is not None:
        return f" However an image looks, {least / 1e9:.4f} to {most / 1e9:.4f} G."
    if most is not None:
        return f" However an image looks, {most / 1e9:.4f} G at most."
    return f" However an image looks, {least / 1e9:.4f} G at least." if least is not None else ""


def _runtime(timed: Runtime) -> str:
    medians = list(timed.by_image_ms.values())
    return (
        f"{medians[0]:.4g} to {medians[-1]:.4g} ms, the fastest and the slowest of {len(medians)} "
        f"photographs of {timed.shape}."
    )
