"""Reasons that fit beside a name: the first clause, with the whole a click away."""

from __future__ import annotations

import re

_LONGEST = 76
_ASIDE = re.compile(r"\s*\([^()]*\)")
_CLAUSE = re.compile(r"; |: (?=\S)|\. |, (?:and|but|so) | and this | \(")


def first_clause(reason: str) -> str:
    """``reason`` up to where its first clause ends, asides in brackets left out.

    At most 76 characters, cut at a word and ended by ``…``. The same as ``reason`` where that is
    one short clause already.
    """
    if len(reason) <= _LONGEST:
        return reason
    head, *rest = _CLAUSE.split(_ASIDE.sub("", reason), maxsplit=1)
    if rest and len(head) < 12:  # "failed: ...", "no PSNR: ..." say nothing by themselves
        second = _CLAUSE.split(rest[0], maxsplit=1)[0]
        head = f"{head}: {second}"
    if len(head) <= _LONGEST:
        return head
    return head[:_LONGEST].rsplit(" ", 1)[0].rstrip(",;:") + " …"
