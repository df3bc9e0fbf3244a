"""What a plan's record would hold where it is gone, worked out from what the events show too."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange
from mesoplan.errors import InvalidInput, UnknownName
from mesoplan.formats.plan_file.record import (
    OF_THE_FILE,
    PlanRecord,
    SessionRecord,
    plan_without_sessions,
)
from mesoplan.model.plan import Notice, Status
from mesoplan.model.request import DEFAULT_TIME, MAX_YEARS_OF_MAINTENANCE, CalendarOptions
from mesoplan.rules.goals import find_goal, phases_of_goal
from mesoplan.rules.limits import (
    MAINTENANCE_PER_YEAR,
    MAX_INTERVAL_DAYS,
    MAX_SESSIONS,
    MIN_INTERVAL_DAYS,
    MIN_SESSIONS,
)
from mesoplan.rules.protocol import (
    MAX_DURATION_MINUTES,
    MIN_DURATION_MINUTES,
    Phase,
    Protocol,
    with_sessions,
)
from mesoplan.wording.recognised import described, language_of, own_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from mesoplan.formats.ical.lines import Block
    from mesoplan.formats.plan_file.finding import DatedEvent, FoundEvent, FoundPlan
    from mesoplan.model.plan import Plan
    from mesoplan.wording.recognised import OwnTitle

    Titles = Mapping[str, OwnTitle | None]
    "The title of each event, by its UID; None if it isn't one of ours."

USUAL_MINUTES = 30
"""How long a session is taken to be where no event says."""

_DAYS_A_YEAR_OF_MAINTENANCE = 380
"""A year after the course, and R3's 14 days."""


def title_of(block: Block) -> OwnTitle | None:
    """The title of an event, if it is as we write it for one that takes place."""
    title = own_title(block.text("SUMMARY") or "")
    return None if title is None or title.total is None else title


def assumed_session(block: Block, title: OwnTitle | None, day: date) -> SessionRecord:
    """What the record of an event would hold, as far as its title and status show it too."""
    if title is None:
        is_maintenance = block.word("STATUS") == "TENTATIVE"
    else:
        is_maintenance = title.kind == "maintenance"
    return SessionRecord(
        kind="maintenance" if is_maintenance else "course",
        number=0 if title is None else title.number,
        window=DateRange(day, day),
    )


def assumed_record(
    found: FoundPlan,
    titles: Titles,
    zone_name: str,
    course: Sequence[DatedEvent],
    maintenance: Sequence[DatedEvent],
) -> tuple[PlanRecord, Notice]:
    """What the record would hold, as far as the events show it too; and what to say of that.

    *course* and *maintenance* are what is active of them, in order; both may be empty.
    """
    goal, area = _goal(found.events, titles)
    phases, total_shown = _phases(goal, area, titles, course)
    years, yearly = _maintenance(titles, course, maintenance)
    length = _minutes(course)
    clocks = Counter(time(each.start.hour, each.start.minute) for each in course)
    asked = {
        "timezone": zone_name,
        "time_of_day": clocks.most_common(1)[0][0] if clocks else DEFAULT_TIME,
        "years": years,
        "language": language_of("\n".join(map(_description, found.events))),
    }
    protocol = Protocol(phases, yearly, length, *OF_THE_FILE)
    cancelled = not course and not maintenance
    whole = phases_of_goal(goal, area, phases)
    fields = {"cancelled": cancelled, "protocol_phases": whole}
    plan = plan_without_sessions(found.plan_id, goal, area, protocol, asked, **fields)
    with suppress(InvalidInput):
        plan = replace(plan, request=replace(plan.request, location=_location(found.events)))
    options = CalendarOptions(private=not _shows_treatment(found.events, titles))
    return PlanRecord(plan, options, is_part=False), Notice(
        "RECORD_GONE", (total_shown, goal is not None)
    )


def missing(plan: Plan, given_up: AbstractSet[int], lost: int) -> Iterator[Notice]:
    """That sessions are not in a file, *given_up* ones of the course aside.

    Maintenance may have found no day from the start on; so it counts only where more appointments
    are *lost* than the course lacks.
    """
    there = {session.number for session in plan.sessions} | given_up
    numbers = [number for number in range(1, plan.total_sessions + 1) if number not in there]
    if numbers:
        yield Notice("MISSING", (tuple(numbers), plan.total_sessions))
    total = plan.maintenance_per_year * plan.request.years
    there = {session.number for session in plan.maintenance}
    there |= {
        each.number
        for each in plan.dropped
        if each.kind == "maintenance" and each.status is Status.CANCELLED and each.pinned
    }
    left = [number for number in range(1, total + 1) if number not in there]
    if left and lost > len(numbers):
        yield Notice("MAINTENANCE_MISSING", (tuple(left), total))


def assumed_before(assumed: Iterable[Notice], before: Plan, after: Plan) -> Iterator[Notice]:
    """What was assumed of a file before a change, if it matters after it."""
    comes_back = {
        "MISSING": after.is_whole,
        "MAINTENANCE_MISSING": len(after.maintenance) > len(before.maintenance),
    }
    for notice in assumed:
        if comes_back.get(notice.code) and not after.cancelled:
            yield Notice(notice.code, (*notice.about, True))
        elif notice.code != "CANCELLED":
            yield notice


def _shows_treatment(events: Sequence[FoundEvent], titles: Titles) -> bool:
    """Whether a title or a description names the treatment, so that the file isn't a private one.

    Where neither is left as we write it, nobody knows, and neutral words harm nobody.
    """
    return any(title and not title.is_private for title in titles.values()) or any(
        _described(event) for event in events
    )


def _location(events: Sequence[FoundEvent]) -> str | None:
    """The one place that most events have; None if that is not so."""
    places = Counter(place for each in events if (place := each.block.text("LOCATION")))
    place, times = next(iter(places.most_common(1)), ("", 0))
    return place.strip() if len(places) == 1 and 2 * times > len(events) else None


def _described(event: FoundEvent) -> tuple[str, str | None] | None:
    return described(_description(event))


def _description(event: FoundEvent) -> str:
    return event.block.text("DESCRIPTION") or ""


def _goal(events: Sequence[FoundEvent], titles: Titles) -> tuple[str | None, str | None]:
    """The goal and the area in titles and descriptions."""
    named = [title.goal for title in titles.values() if title]
    found = [*filter(None, map(_described, events))]
    goals = {*filter(None, (*named, *(goal for goal, _ in found)))}
    areas = {area for _, area in found if area is not None}
    if len(goals) != 1:
        return None, None
    try:
        goal = find_goal(goals.pop())
        area = goal.area_meant(areas.pop() if len(areas) == 1 else None)
    except UnknownName:
        return None, None
    return goal.name, area


def _phases(
    goal: str | None, area: str | None, titles: Titles, course: Sequence[DatedEvent]
) -> tuple[tuple[Phase, ...], bool]:
    """The phases of the course, and whether titles say how many sessions it has."""
    totals = Counter(
        title.total or 0 for each in course if (title := titles.get(each.uid)) is not None
    )
    protocol = find_goal(goal).protocol_for(area) if goal is not None else None
    if totals:
        total = totals.most_common(1)[0][0]
    else:
        total = len(course) if course or protocol is None else protocol.sessions
    total = min(max(total, len(course), MIN_SESSIONS), MAX_SESSIONS)
    if protocol is not None:
        return with_sessions(protocol.phases, total), bool(totals)
    intervals = Counter((after.day - before.day).days for before, after in pairwise(course))
    usual = intervals.most_common(1)[0][0] if intervals else MIN_INTERVAL_DAYS
    interval = min(max(usual, MIN_INTERVAL_DAYS), MAX_INTERVAL_DAYS)
    return (Phase(total, interval),), bool(totals)


def _maintenance(
    titles: Titles, course: Sequence[DatedEvent], maintenance: Sequence[DatedEvent]
) -> tuple[int, int]:
    """For how many years there is maintenance, and how many sessions a year."""
    if not maintenance:
        return 1, 0
    last = course[-1].day if course else maintenance[0].day
    days = max((session.day - last).days for session in maintenance)
    years = min(max(1, -(-days // _DAYS_A_YEAR_OF_MAINTENANCE)), MAX_YEARS_OF_MAINTENANCE)
    told = [it.total or 0 for each in maintenance if (it := titles.get(each.uid))]
    yearly = round(max([len(maintenance), *told]) / years)
    return years, min(max(yearly, 0), MAINTENANCE_PER_YEAR.maximum or 0)


def _minutes(course: Sequence[DatedEvent]) -> int:
    """How long most sessions are, as far as sessions can be so long."""
    lengths = Counter((each.end - each.start) // timedelta(minutes=1) for each in course)
    possible = [
        length
        for length, _ in lengths.most_common()
        if MIN_DURATION_MINUTES <= length <= MAX_DURATION_MINUTES
    ]
    return next(iter(possible), USUAL_MINUTES)
