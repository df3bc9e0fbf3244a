"""Today's sessions on the screen, numbered, and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import day_text
from mesoplan.errors import printable
from mesoplan.formats.agenda import agenda_document
from mesoplan.formats.page import Part, counted, line, table_of
from mesoplan.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from mesoplan.errors import FileProblem
    from mesoplan.planning.agenda import Agenda, Booking

_NOT_RECORDED = "not recorded"
_STATUSES = ("done", "missed", _NOT_RECORDED, "now", "to come", "cancelled")


def status_at(booking: Booking, now: datetime) -> str:
    """What has become of a session of today at *now* (aware), in a word or two."""
    if booking.session.status is Status.PLANNED:
        if not booking.is_overdue:
            return "to come"
        return "now" if now < booking.end else _NOT_RECORDED
    return "done" if booking.session.status is Status.ATTENDED else booking.session.status.value


def today_page(
    agenda: Agenda,
    numbers: Mapping[str, int],
    now: datetime,
    unreadable: Sequence[FileProblem],
    command: Callable[..., str],
) -> Iterator[Part]:
    """A line for each session of the one day of an agenda, with its number, by its UID.

    Below it is what needs attention, with what is typed to see to it: *command* makes it of words.
    """
    bookings = [booking for day in agenda.found for booking in day.bookings]
    local, found = now.astimezone(agenda.zone), Counter(status_at(each, now) for each in bookings)
    name = agenda.name_of(agenda.of_one)
    title = ["Today", *filter(None, [printable(name)]), f"{day_text(local.date())}, {local:%H:%M}"]
    yield line((" · ".join(title), "title"), f" · {agenda.zone}")
    if bookings:
        yield line(", ".join(f"{found[each]} {each}" for each in _STATUSES if found[each]))
        yield line()
        columns: dict[str, Callable[[Booking], str]] = {
            "No.": lambda each: str(numbers.get(each.session.uid, "")),
            "Time": lambda each: f"{each.start:%H:%M}",
            "Session": lambda each: each.number,
            "Goal": lambda each: each.entry.plan.goal or "–",
        }
        if agenda.has_practitioners and agenda.of_one is None:
            columns["With"] = lambda each: printable(agenda.name_of(each.entry.practitioner))
        columns |= {
            "Status": lambda each: status_at(each, now),
            # Nothing follows the label, so that right-to-left script turns nothing round.
            "Patient": lambda each: each.entry.called,
        }
        yield table_of(
            bookings,
            columns,
            right_aligned={"No.", "Session"},
            attention=lambda each: status_at(each, now) in {_NOT_RECORDED, "now"},
            quiet=lambda each: each.session.is_dropped,
            optional=["Goal"],
        )
    else:
        following = agenda.next_day
        yield line("No sessions." + (f" Next: {day_text(following)}" if following else ""))
    yield from _to_see_to(agenda, bookings, numbers, unreadable, command)


def _to_see_to(
    agenda: Agenda,
    bookings: Sequence[Booking],
    numbers: Mapping[str, int],
    unreadable: Sequence[FileProblem],
    command: Callable[..., str],
) -> Iterator[Part]:
    to_record = [str(numbers[each.session.uid]) for each in bookings if each.is_overdue]
    earlier = len(agenda.overdue) - len(to_record)
    others = (
        *[f"{counted(earlier, 'session')} of earlier days to record"] * (earlier > 0),
        *[counted(len(agenda.clashes), "clash", "clashes")] * bool(agenda.clashes),
        *[f"{counted(len(unreadable), 'file')} left out"] * bool(unreadable),
    )
    if to_record or others:
        yield line()
    if to_record:
        # Without numbers it records those of everybody.
        of_one = to_record if agenda.of_one is not None else ()
        yield line(f"Took place? {command('done', '--today', *of_one)}")
    if others:
        yield line((f"{' · '.join(others)}: ", "attention"), command("agenda"))


def today_document(
    agenda: Agenda, numbers: Mapping[str, int], unreadable: Sequence[FileProblem]
) -> dict[str, Any]:
    """The agenda as `agenda_document` has it; a session's `place` is its number in the list."""
    document = agenda_document(agenda, unreadable)
    for day in document["days"]:
        for session in day["sessions"]:
            session["place"] = numbers.get(session["uid"])
    return document
