"""What the reader of a whole plan must know beside its dates, told as notices."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text, days_text, list_text
from mesoplan.dates.holidays import holiday_year, region_name
from mesoplan.dates.times import clocks_change
from mesoplan.dates.zones import instant, shown_twice
from mesoplan.model.plan import Notice
from mesoplan.planning.availability import last_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.model.plan import Session
    from mesoplan.planning.placement import PlacedCourse
    from mesoplan.planning.problem import Task
    from mesoplan.planning.slots import Slots


def notices_of(task: Task, sessions: Sequence[Session], slots: Slots) -> Iterator[Notice]:
    """What sessions on those days and times ask to be said, however they came there.

    *slots* are those that their times were chosen from.
    """
    if sessions:
        yield from _hours(slots, sessions)
        yield from _clocks(slots, sessions)
        yield from _holidays(task, sessions)
    if task.caution:
        yield Notice("CAUTION", task.caution)


def course_notices(task: Task, course: PlacedCourse) -> Iterator[Notice]:
    """What is to be said of where a new course begins and ends."""
    first = course.days[0]
    slip_days = (first - course.start).days
    if slip_days:
        why = "; ".join(reason.text for reason in course.reasons_for_a_late_start())
        text = (
            f"the course begins on {day_text(first)}, {days_text(slip_days)} after "
            f"{day_text(course.start)} ({why})"
        )
        yield Notice("START_SLIPPED", text)
    end = last_day(task.request)
    if task.request.given_start is None and end is not None:
        early_days = (end.day - course.days[-1]).days
        if early_days >= task.limits.max_interval_days:
            text = (
                f"the course ends {days_text(early_days)} before it must, the latest way to keep "
                "nearest to its preferred intervals"
            )
            yield Notice("ENDS_EARLY", text)
    if (past_until := task.first_day_not_past) is not None and first < past_until:
        yield Notice("IN_THE_PAST", f"session 1, on {day_text(first)}, is in the past")


def _hours(slots: Slots, sessions: Sequence[Session]) -> Iterator[Notice]:
    if slots.hours_are_assumed and not slots.fixed:
        text = (
            f"the clinic's opening hours are not known, so sessions are kept within "
            f"{_usual_hours(slots)}; "
            "“mesoplan clinic init” makes a profile that says more"
        )
        yield Notice("HOURS_ASSUMED", text)
    opened = [session.day for session in sessions if slots.is_assumed_on(session.day)]
    if opened:
        hours = _usual_hours(slots)
        text = f"the opening hours on {list_text(opened)} are not known; {hours} is taken"
        yield Notice("HOURS_ASSUMED", text)


def _usual_hours(slots: Slots) -> str:
    return " and ".join(map(str, slots.usual_spans))


def _holidays(task: Task, sessions: Sequence[Session]) -> Iterator[Notice]:
    first, last = sessions[0].window.first.year, sessions[-1].window.last.year
    for region in dict.fromkeys(map(region_name, task.request.holidays)):
        years = range(first, last + 1)
        unknown = [str(year) for year in years if not holiday_year(region, year).complete]
        if unknown:
            text = f"not all holidays of {region} are known for {', '.join(unknown)}"
            yield Notice("HOLIDAYS_UNKNOWN", text)


def _clocks(slots: Slots, sessions: Sequence[Session]) -> Iterator[Notice]:
    for session in sessions:
        same_offset = session.start.utcoffset() == session.end.utcoffset()
        if same_offset and not clocks_change(session.day, slots.zone):
            continue
        best = slots.best(session.day)
        asked = None if best is None else time(*divmod(best, 60))
        if asked is None or instant(session.day, asked, slots.zone) != session.start:
            # It was put there by hand, in a calendar.
            continue
        begin = f"{session.start:%H:%M} (UTC{session.start:%z})"
        if session.start.time() != asked:
            why = f"clocks skip {asked:%H:%M}: the session begins at {begin}"
        elif shown_twice(session.start):
            why = f"clocks show {asked:%H:%M} twice: the session begins at the first, {begin}"
        elif session.start.utcoffset() != session.end.utcoffset():
            why = f"clocks change during the session: it begins at {begin} and ends at "
            why += f"{session.end:%H:%M} (UTC{session.end:%z})"
        else:
            continue
        yield Notice("CLOCK_CHANGE", f"on {day_text(session.day)} {why}")
