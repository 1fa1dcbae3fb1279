"""Some of the records: of one protocol, device or precision track."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from esrbench.errors import UsageError, nearest
from esrbench.results.record import RunRecord


def select(
    records: Sequence[RunRecord],
    *,
    protocol: str | None = None,
    device: str | None = None,
    precision: str | None = None,
) -> list[RunRecord]:
    """``records`` of ``protocol``, of devices whose name contains ``device`` whatever its case, and
    of the track ``precision``; None takes all.

    Raises UsageError when there is none, and says what there is.
    """
    found = _kept(records, "protocol", protocol, lambda r: r.protocol, exact=True)
    found = _kept(found, "device", device, lambda r: r.device, exact=False)
    return _kept(found, "precision track", precision, lambda r: r.precision, exact=True)


def _kept(
    records: Sequence[RunRecord],
    what: str,
    wanted: str | None,
    of: Callable[[RunRecord], str],
    *,
    exact: bool,
) -> list[RunRecord]:
    if wanted is None:
        return list(records)
    found = [
        r for r in records if of(r) == wanted or (not exact and wanted.lower() in of(r).lower())
    ]
    if not found:
        known = {of(r) for r in records}
        raise UsageError(f"There is no record of the {what} {wanted!r}{nearest(wanted, known)}")
    return found
