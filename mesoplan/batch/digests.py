"""What tells whether a row asks for something else than before, and how much of it.

A plan keeps a digest of what its row asked for, in four parts. So a row that is the same changes
nothing, whatever was done to its plan since, and one that is not changes no more than it must.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.times import reminders_text
from mesoplan.model.fields import RECORDED, Part, request_pairs
from mesoplan.planning.problem import problem_for
from mesoplan.planning.replanner import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoplan.model.request import CalendarOptions, Request

GONE = "0" * 32
"""In place of the digest of a plan that was cancelled since its row was gone."""

_FORM = "01"
"""Of the digest."""
_PART_BYTES = 3
_PART = 2 * _PART_BYTES


class AskedParts(NamedTuple):
    """What a request and the form of its file come to, in words, apart from the plan's id."""

    course: str
    times: str
    counts: str
    days: str
    words: str

    def digest(self, plan_id: str) -> str:
        """The same as 32 hexadecimal digits.

        They depend on the id of the plan, so that equal requests can't be told in several files.
        """
        key = plan_id.encode()
        return _FORM + "".join(
            hashlib.blake2b(part.encode(), digest_size=_PART_BYTES, key=key).hexdigest()
            for part in self
        )


def digest_of(request: Request, options: CalendarOptions) -> str:
    """The digest for the plan of the request; see `parts_of`."""
    return parts_of(request, options).digest(request.plan_id)


def parts_of(request: Request, options: CalendarOptions) -> AskedParts:
    """What a request and the form of its file come to.

    The goal, the area and the patient of a private file are not in it. Raises InvalidInput for a
    request that no plan can have.
    """
    problem = problem_for(request)
    pairs: dict[Part, list[tuple[str, str]]] = {part: [] for part in Part}
    # Without START the trip decides where the course begins.
    of_the_trip = Part.DAYS if request.start else Part.COURSE
    for key, value in request_pairs(request):
        part = RECORDED[key].part
        if not (options.private and key == "patient"):
            pairs[of_the_trip if part is Part.TRIP else part].append((key, value))
    course, words = pairs[Part.COURSE], pairs[Part.WORDS]
    *firsts, last = problem.phases
    course += [("phase", f"{each.sessions}x{each.interval_days}") for each in firsts]
    course.append(("phase", f"{last.interval_days}"))
    pairs[Part.COUNT].append(("sessions", f"{problem.sessions}"))
    pairs[Part.DAYS] += [
        ("upkeep", f"{problem.maintenance_per_year}x{request.years}"),
        ("minutes", f"{problem.duration_minutes}"),
        ("limits", f"{problem.limits}"),
    ]
    words += [
        ("private", f"{options.private}"),
        ("utc", f"{options.utc}"),
        ("remind", reminders_text(options.reminders)),
    ]
    if not options.private:
        words += [("goal", f"{problem.goal}"), ("area", f"{problem.area}")]
    return AskedParts(
        _text(course),
        _text(pairs[Part.TIME]),
        _text(pairs[Part.COUNT]),
        _text(pairs[Part.DAYS]),
        _text(words),
    )


def what_stays(before: str, now: str) -> Kept | None:
    """How much of a plan stays whose row had the one digest and has the other.

    None where they are the same.
    """
    kept = (Kept.NOTHING, Kept.DAYS, Kept.TIMES, Kept.TIMES, Kept.ALL)
    parts = zip(kept, _parts(before), _parts(now), strict=True)
    return next((kept for kept, was, is_now in parts if was != is_now), None)


def same_counts(before: str, now: str) -> bool:
    """Whether as many sessions are asked for as before."""
    return _parts(before)[2] == _parts(now)[2]


def _parts(digest: str) -> list[str]:
    return [digest[at : at + _PART] for at in range(len(_FORM), len(digest), _PART)]


def _text(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{key}={value}" for key, value in pairs)
