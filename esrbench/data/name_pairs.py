"""Which SR image belongs to which HR image, from their names alone.

Programs add what they like to a name: ``baby_x4``, ``babyx4``, ``baby_SwinIR``, ``0801X4``,
``baby_MyNet_x4``, ``img_001_SRF_4_SR``. What one run adds is the same for all of its images, so
one ending is looked for that leads from every SR name to an HR name and back. HR names may end in
their own way (``baby_HR_x4``, ``img_001_SRF_4_HR``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

_HR_ENDING = re.compile(r"(?:[_\-. ](?:HR|GT|hr|gt|SRF_\d+|[xX]\d+)|[xX]\d+)+$")
_BEGINS_AN_ENDING = re.compile(r"[_\-. (+]|[xX]\d")
_SCALE = re.compile(r"(?:[xX]|SRF_)(\d)(?!\d)")
_SHOWN = 5


class UnpairedError(ValueError):
    """The names do not pair; the text says why, as a sentence without its subject's folder."""


def pair_names(sr: Sequence[str], hr: Sequence[str]) -> tuple[dict[str, str], str]:
    """HR's name for every SR name, and the ending that SR names have beside them.

    Each HR name is used once. Raises UnpairedError, with what is missing, double or mixed.
    """
    for hr_ending in _hr_endings(hr):
        bases = {name.removesuffix(hr_ending): name for name in hr}
        for ending in _endings(sr[0], bases):
            found = {name: bases.get(name.removesuffix(ending)) for name in sr}
            whole = all(name.endswith(ending) for name in sr)
            if whole and None not in found.values() and len(set(found.values())) == len(hr):
                return {name: base for name, base in found.items() if base is not None}, ending
    raise UnpairedError(_why_not(sr, hr))


def scale_in(ending: str) -> int | None:
    """The scale that an ending such as ``_x4`` or ``_SRF_4_SR`` names."""
    scales = {int(match) for match in _SCALE.findall(ending)}
    return scales.pop() if len(scales) == 1 else None


def some(names: Sequence[str]) -> str:
    """The first few of ``names``."""
    return ", ".join(names[:_SHOWN]) + (" and so on" if len(names) > _SHOWN else "")


def _hr_endings(hr: Sequence[str]) -> Iterator[str]:
    """What every HR name may end in beside the image's name: nothing, or what all share."""
    yield ""
    match = _HR_ENDING.search(hr[0])
    ending = match.group() if match else ""
    if ending and all(name.endswith(ending) and name != ending for name in hr):
        yield ending


def _endings(name: str, bases: dict[str, str]) -> list[str]:
    """What ``name`` has after each base it begins with, the shortest first."""
    rests = [name[len(base) :] for base in bases if name.startswith(base)]
    return sorted((rest for rest in rests if _is_ending(rest)), key=len)


def _is_ending(rest: str) -> bool:
    return not rest or _BEGINS_AN_ENDING.match(rest) is not None


def _why_not(sr: Sequence[str], hr: Sequence[str]) -> str:
    """The first thing that is wrong: SR without HR, several for one, mixed endings, a part."""
    bases = {name.removesuffix(list(_hr_endings(hr))[-1]): name for name in hr}
    of_hr: dict[str, list[str]] = defaultdict(list)
    endings = set()
    for name in sr:
        fits = _endings(name, bases)
        if not fits:
            return (
                f"{name} has no HR image of its name; HR has {some(hr)}. Say how SR names are "
                "made with --suffix or --pattern"
            )
        of_hr[name.removesuffix(fits[0])].append(name)
        endings.add(fits[0])
    twice = [names for names in of_hr.values() if len(names) > 1]
    known = " or ".join(f"--suffix {ending or chr(39) * 2}" for ending in sorted(endings))
    if twice:
        return f"{some(twice[0])} are all of one HR image; choose one run's with {known}"
    missing = [base for base in bases if base not in of_hr]
    if missing:
        return (
            f"{len(missing)} of {len(hr)} HR images have no SR image ({some(missing)}); a mean "
            "over a part of a set is not that set's mean"
        )
    return f"the names end in several ways, as several runs' do; choose one run's with {known}"
