"""What a record says, as lines of the tables of its page."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from esrbench.leaderboard.imported import is_imported
from esrbench.leaderboard.literature import is_literature
from esrbench.quantities.costs import larger_macs
from esrbench.report.numbers import with_prefix
from esrbench.results.record import RunRecord
from esrbench.results.unsteady import unsteady

_LONGEST = 600
"""Characters of one fact; a page is no place for an array."""


def safe_link(text: str | None) -> str | None:
    """``text`` when it is an http(s) address, so that a record cannot carry a script."""
    if text and urlsplit(text).scheme in {"http", "https"}:
        return text
    return None


def facts(record: RunRecord) -> list[tuple[str, str, str | None]]:
    """``(what, text, address)`` of those facts there are."""
    about = record.about
    rows = [
        ("Authors", about.authors, None),
        ("Year", str(about.year) if about.year else None, None),
        ("Paper", about.paper, safe_link(about.paper)),
        ("Code", about.code, safe_link(about.code)),
        ("Licence", about.licence, None),
        ("Weights", about.weights_origin, safe_link(about.weights_origin)),
        ("Weights sha256", record.weights_sha256, None),
        ("Code and weights sha256", record.submission_sha256, None),
        ("Scale", f"×{record.scale}", None),
    ]
    if is_literature(record):  # nothing was measured, on no device
        return [(what, text, address) for what, text, address in rows if text]
    rows += [
        ("Device", record.device, None),
        ("Precision", record.precision, None),
        ("Sandbox", record.sandbox, None),
        (
            "Imported" if is_imported(record) else "Measured",
            record.created[:19].replace("T", " ") + " UTC",
            None,
        ),
        ("Harness", _harness(record), None),
        ("Record", record.id, None),
    ]
    return [(what, text, address) for what, text, address in rows if text]


def _harness(record: RunRecord) -> str:
    commit = f", commit {record.harness_commit[:12]}" if record.harness_commit else ""
    return f"esrbench {record.harness_version}{commit}"


def operators(record: RunRecord) -> list[tuple[str, int, int, float]]:
    """Operator, MACs, calls and share of the whole, the largest first."""
    if record.complexity is None:
        return []
    rows = sorted(record.complexity.by_operator, key=lambda o: -o.macs)
    whole = sum(o.macs for o in rows) or 1
    return [(o.operator, o.macs, o.calls, o.macs / whole) for o in rows]


def modules(record: RunRecord) -> list[tuple[str, int, float]]:
    """Module path, MACs and share of the whole of the forty largest."""
    if record.complexity is None or not record.complexity.by_module:
        return []
    rows = sorted(record.complexity.by_module.items(), key=lambda m: -m[1])[:40]
    whole = larger_macs(record) or max(macs for _, macs in rows) or 1
    return [(name or "(the model)", macs, min(1.0, macs / whole)) for name, macs in rows]


def counted(record: RunRecord) -> list[tuple[str, str]]:
    """The counts beside the headline ones."""
    c = record.complexity
    if c is None:
        return []
    rows: list[tuple[str, str]] = [("Counted at", "×".join(str(n) for n in c.input_shape))]
    rows += unsteady(record)
    plain = {
        "Params before the first forward": c.params_before_forward,
        "Params after it": c.params_after_forward,
        "Elements of buffers": c.buffers,
        "Elements of constants": c.constant_elements,
    }
    rows += [(name, f"{value:,}") for name, value in plain.items() if value is not None]
    mean, one = _over(record)
    macs = {
        f"MACs, fvcore{one}": c.macs_fvcore,
        f"MACs, dispatcher{mean}": c.macs_dispatch,
        f"MACs, NTIRE 2022 counter{one}": c.macs_ntire2022,
        f"MACs, ARM counter{one}": c.macs_arm,
        f"Activations, fvcore{one}": c.activations_fvcore,
    }
    rows += [(name, with_prefix(value)) for name, value in macs.items() if value is not None]
    if c.unsupported_ops:
        named = ", ".join(f"{op} ({calls})" for op, calls in c.unsupported_ops.items())
        rows.append(("No count in fvcore for", named))
    if c.opaque_ops:
        rows.append(("Opaque to both counters", ", ".join(c.opaque_ops)))
    drawn = {"effective_field", "layers", "roofline"}
    return rows + flat({key: fact for key, fact in c.facts.items() if key not in drawn})


def _over(record: RunRecord) -> tuple[str, str]:
    """What is said behind a mean, and behind a count of one forward, where they are not alike."""
    spread = record.count_spread
    if spread is None:
        return "", ""
    return f", mean over {spread.over}", f", one {spread.over.removesuffix('s')}"


def flat(facts: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Nested facts as lines: ``flags: tf32``, ``no``; what is None or empty is left out."""
    rows: list[tuple[str, str]] = []
    for key, value in facts.items():
        name = prefix + str(key).replace("_", " ")
        if isinstance(value, dict):
            rows += flat(value, f"{name}: ")
        elif value is not None and value != []:
            rows.append((name, _in_words(value)))
    return rows


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    text = ", ".join(_in_words(v) for v in value) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
