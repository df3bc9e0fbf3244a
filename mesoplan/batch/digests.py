"""Whether a row asks for something else than before, and how much of its plan stays then.

A plan keeps a digest of what its row asked for, in five parts. So a row that is the same changes
nothing, whatever was done to its plan since, and one that is not changes no more than it must.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from mesoplan.dates.times import reminders_text
from mesoplan.model.fields import RECORDED, Part, request_pairs
from mesoplan.planning.problem import problem_for
from mesoplan.planning.replanner import Kept

if TYPE_CHECKING:
    from mesoplan.model.request import CalendarOptions, Request

GONE = "0" * 32
"""In place of the digest of a plan that was cancelled since its row was gone."""

_FORM = "01"
"""Of the digest."""
_PART_BYTES = 3
_PART_DIGITS = 2 * _PART_BYTES
_KEPT = {
    Part.COURSE: Kept.NOTHING,
    Part.TIME: Kept.DAYS,
    Part.COUNT: Kept.TIMES,
    Part.DAYS: Kept.TIMES,
    Part.WORDS: Kept.ALL,
}
"""The parts in their order, and what stays where a part is the first that changed."""


def digest_of(request: Request, options: CalendarOptions) -> str:
    """What a request and the form of its file come to, as 32 hexadecimal digits.

    They depend on the id of the plan, so that equal requests can't be told in several files. The
    goal, the area and the patient of a private file are not in them. Raises InvalidInput for a
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
    *firsts, last = problem.phases
    pairs[Part.COURSE] += [
        *(("phase", f"{each.sessions}x{each.interval_days}") for each in firsts),
        ("phase", f"{last.interval_days}"),
    ]
    pairs[Part.COUNT] += [("sessions", f"{problem.sessions}")]
    pairs[Part.DAYS] += [
        ("upkeep", f"{problem.maintenance_per_year}x{request.years}"),
        ("minutes", f"{problem.duration_minutes}"),
        ("limits", f"{problem.limits}"),
    ]
    pairs[Part.WORDS] += [
        ("private", f"{options.private}"),
        ("utc", f"{options.utc}"),
        ("remind", reminders_text(options.reminders)),
    ]
    if not options.private:
        pairs[Part.WORDS] += [("goal", f"{problem.goal}"), ("area", f"{problem.area}")]
    salt = request.plan_id.encode()
    texts = ("\n".join(f"{key}={value}" for key, value in pairs[part]) for part in _KEPT)
    return _FORM + "".join(
        blake2b(text.encode(), digest_size=_PART_BYTES, key=salt).hexdigest() for text in texts
    )


def what_stays(before: str, now: str) -> Kept | None:
    """How much of a plan stays whose row had the one digest and has the other.

    None where they are the same.
    """
    parts = zip(_KEPT.values(), _parts(before), _parts(now), strict=True)
    return next((kept for kept, was, is_now in parts if was != is_now), None)


def same_counts(before: str, now: str) -> bool:
    """Whether as many sessions are asked for as before."""
    count = list(_KEPT).index(Part.COUNT)
    return _parts(before)[count] == _parts(now)[count]


def _parts(digest: str) -> list[str]:
    return [digest[at : at + _PART_DIGITS] for at in range(len(_FORM), len(digest), _PART_DIGITS)]
