"""What no book of a clinic may ever show, whoever planned what in whatever order.

It shares nothing with the program: sessions are spans, and every moment at which one begins, or
anything that takes a room or a practitioner, is looked at.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mesoplan import Practitioner
from mesoplan.model.request import WeeklyHours

Span = tuple[datetime, datetime]


class Booked(NamedTuple):
    """A session of some plan of the book."""

    start: datetime
    end: datetime
    practitioner: str | None
    """None where nobody was named yet: anybody who is free may treat."""


class Clinic(NamedTuple):
    """What is known of a clinic."""

    zone: str
    rooms: int
    practitioners: Sequence[Practitioner]
    busy: Sequence[Span] = ()
    """Nobody treats then."""
    room_busy: Sequence[Span] = ()
    """Each takes one room."""
    most_sessions_a_day: int | None = None


def _at(spans: Sequence[Span], moment: datetime) -> int:
    return sum(start <= moment < end for start, end in spans)


def _is_within(hours: WeeklyHours | None, start: datetime, end: datetime) -> bool:
    """Whether one of a day's spans holds all of it; a session is never at midnight."""
    if hours is None:
        return True
    begin, over = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    return any(
        span.begin_minutes <= begin and over <= span.end_minutes for span in hours[start.weekday()]
    )


def wrongs(clinic: Clinic, book: Sequence[Booked]) -> Iterator[str]:
    """What is wrong with the sessions of a book that are still to come; nothing if all is right.

    A session is looked at where it has a practitioner: whoever planned it knew of all the others.
    """
    zone = ZoneInfo(clinic.zone)
    people = {who.id: who for who in clinic.practitioners}
    diaries = {
        who.id: [(span.start, span.end) for calendar in who.busy for span in calendar.spans]
        for who in clinic.practitioners
    }
    days: Counter[tuple[date, str]] = Counter()
    for one in book:
        day = one.start.astimezone(zone).date()
        days[day, ""] += 1
        if one.practitioner is None:
            continue
        days[day, one.practitioner] += 1
        begin, end = one.start.astimezone(zone), one.end.astimezone(zone)
        who = people[one.practitioner]
        near = [each for each in book if each.start < one.end and each.end > one.start]
        if sum(each.practitioner == one.practitioner for each in near) > 1:
            yield f"{begin}: two sessions of {who.id} at once"
        if not _is_within(who.hours, begin, end):
            yield f"{begin}: out of the hours of {who.id}"
        taken = [*clinic.busy, *diaries[who.id]]
        if any(start < one.end and over > one.start for start, over in taken):
            yield f"{begin}: {who.id} is busy"
        starts = [each.start for each in near]
        starts += [start for spans in (clinic.room_busy, *diaries.values()) for start, _ in spans]
        for moment in {max(start, one.start).astimezone(UTC) for start in starts}:
            if moment >= one.end:
                continue
            running = [each for each in near if each.start <= moment < each.end]
            if len(running) + _at(clinic.room_busy, moment) > clinic.rooms:
                yield f"{begin}: more sessions than rooms at {moment}"
            treat = {each.practitioner for each in running}
            away = [
                each
                for each in clinic.practitioners
                if each.id in treat
                or _at(diaries[each.id], moment)
                or not _is_within(each.hours, *[moment.astimezone(zone)] * 2)
            ]
            nobodys = sum(each.practitioner is None for each in running)
            if len(away) + nobodys > len(clinic.practitioners):
                yield f"{begin}: more sessions than people who could treat at {moment}"
    for (day, name), count in days.items():
        most = people[name].most_sessions_a_day if name else clinic.most_sessions_a_day
        if most is not None and count > most:
            yield f"{day}: {count} sessions of {name or 'the clinic'}, of {most} at most"
