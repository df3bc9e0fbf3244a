"""Why a day can't be used, a session is not where it was preferred, or no plan exists: as values.

`wording.reasons` and `wording.refusals` make the words. They are tuples, since as many frozen
dataclasses would take longer to load than most plans to make.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mesoplan.errors import MesoplanError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time

    from mesoplan.dates.days import DateRange
    from mesoplan.dates.times import TimeRange


# Of days.


class ClosedWeekday(NamedTuple):
    """The clinic never opens on that weekday."""

    weekday: int


class Closed(NamedTuple):
    """The clinic is closed on all these days."""

    days: DateRange
    why: str | None


class Holiday(NamedTuple):
    """It is a public holiday."""

    name: str
    region: str


class Away(NamedTuple):
    """The patient can't come on all these days."""

    days: DateRange


class NotArrived(NamedTuple):
    """The patient arrives only then."""

    arrive: date


class LastDay(NamedTuple):
    """The last day that the trip or the deadline leaves for a session."""

    day: date
    rule_id: Literal["R4", "R5"]
    until: date
    """The journey home (R5), or the day on which recovery must be over (R4)."""


class NightSkipped(NamedTuple):
    """The clocks skip the time, and a session would begin on the next day."""

    clock: time


class GivenUp(NamedTuple):
    """A session on that day was missed, or the day was given up."""

    day: date


class Opening(NamedTuple):
    """The opening hours of a day."""

    spans: tuple[TimeRange, ...]
    is_known: bool
    """Whether they are the clinic's own, not assumed."""


class NoSlotLeft(NamedTuple):
    """The opening hours leave no time for a session of that length."""

    opening: Opening
    minutes: int
    asked: TimeRange | None
    """The range within which sessions are asked for."""
    clocks_change: bool


class BusyTimes(NamedTuple):
    """When a calendar is busy on a day."""

    spans: tuple[tuple[int, int], ...]
    """In minutes as the clock shows them, the first few; none where it is busy all day."""
    more: int
    """How many more there are."""


class Taken(NamedTuple):
    """All rooms are taken."""

    rooms: int
    calendars: tuple[str, ...]
    times: tuple[BusyTimes, ...]
    """Of each calendar where there is one room; else when all rooms are taken."""
    begin: int | None = None
    """The time of day that is not to be had; None if it is about all of the day's."""


class PractitionerBusy(NamedTuple):
    """The practitioner has something else in the diary, or another session."""

    who: str
    """Their name; empty if a file has no more."""
    times: BusyTimes | None
    """None if a file has no more."""
    begin: int | None = None
    """As of `Taken`."""


class PractitionerOff(NamedTuple):
    """The practitioner does not work at the time, or on the day."""

    who: str
    spans: tuple[TimeRange, ...]
    """When they work on such a day."""


class PractitionerAway(NamedTuple):
    """The practitioner is away on these days."""

    who: str
    days: DateRange


class NobodyFree(NamedTuple):
    """All practitioners are needed elsewhere."""

    times: BusyTimes | None
    begin: int | None = None


class DayFull(NamedTuple):
    """There are as many sessions on the day as there may be."""

    who: str
    """The practitioner's name; empty for the whole clinic."""
    most: int


class PatientBusy(NamedTuple):
    """The patient's own calendar has something else then."""

    times: BusyTimes | None
    begin: int | None = None


class ClosedPart(NamedTuple):
    """The clinic is closed for a part of the day: a closure with times, or half a holiday."""

    times: BusyTimes | None
    why: str | None


# Of times of day, in minutes since midnight as the clock shows them.


class TimePassed(NamedTuple):
    """The time has passed."""

    clock: int
    had: bool
    """Whether it had when the plan was made, not has now."""


class PastMidnight(NamedTuple):
    """A session of that length would run past midnight."""

    minutes: int


class ClockSkipped(NamedTuple):
    """The clocks skip the time on that day."""

    clock: int


class NotOpen(NamedTuple):
    """The clinic is not open at the time."""

    opening: Opening
    clock: int


class BetweenSlots(NamedTuple):
    """Sessions begin at fixed intervals, and not at the time."""

    slot_minutes: int
    first: int


class ClosesTooSoon(NamedTuple):
    """The clinic closes before a session that begins at the time would be over."""

    opening: Opening
    minutes: int
    clock: int


# Of sessions.


class OtherWeekday(NamedTuple):
    """A day is on none of the preferred weekdays."""

    weekdays: tuple[int, ...]


class AgreedTime(NamedTuple):
    """The time was agreed before."""

    clock: int
    by_hand: bool = False
    """Whether it was chosen by hand."""


class NoDayLeft(NamedTuple):
    """The session is late: no day within the rules is left."""

    late: str
    """Why, in the words of whoever said so."""
    was: bool
    """Whether none was left when it was planned, and there might be by now."""


class NoCourseGoesOn(NamedTuple):
    """No course within the rules goes on from a day, because of an obstacle further on."""

    day: date
    obstacle: date
    causes: tuple[Cause, ...]


class SharesShift(NamedTuple):
    """A later session needs a shift, and costs less if it is shared."""

    number: int
    obstacle: date
    causes: tuple[Cause, ...]


class Plain(Enum):
    """What needs no values, since the days of the reason say it all."""

    DAY_PASSED = auto()
    """All times of the day have passed."""
    AGREED = auto()
    """The day was agreed before."""
    BY_HAND = auto()
    """The day was chosen by hand."""
    TOOK_PLACE = auto()
    """The session took place on that day."""
    NO_COURSE_BEGINS = auto()
    """No course within the rules begins on those days."""
    MAKES_ROOM = auto()
    """So that the sessions after it fit."""


Cause = (
    ClosedWeekday
    | Closed
    | Holiday
    | Away
    | NotArrived
    | LastDay
    | NightSkipped
    | GivenUp
    | NoSlotLeft
    | Taken
    | PractitionerBusy
    | PractitionerOff
    | PractitionerAway
    | NobodyFree
    | DayFull
    | PatientBusy
    | ClosedPart
    | TimePassed
    | PastMidnight
    | ClockSkipped
    | NotOpen
    | BetweenSlots
    | ClosesTooSoon
    | OtherWeekday
    | AgreedTime
    | NoDayLeft
    | NoCourseGoesOn
    | SharesShift
    | Plain
    | str
)
"""A text is a sentence of a file of an earlier version; it is empty if a file has nothing."""


# Of plans.


class WayOut(NamedTuple):
    """One change after which a schedule fits; it was solved before it was offered."""

    text: str
    """The change in words: “start on Sat 5 Dec 2026”."""
    change: Mapping[str, Any]
    """The fields of the Request to replace, with their new values.

    Of a plan that changes also `when`, `by` and `late`, for what was asked of it, and `extend` and
    `cancel`, for what to ask in place of that, or first, and `move`, for what to do first.
    """
    code: str = ""
    """What is changed: START, TIME, DURATION, SESSIONS, …"""


class Conflict(NamedTuple):
    """Why no schedule fits: the place where the dates run out."""

    code: str
    """NO_START, BLOCKED, DEADLINE or MAINTENANCE.

    Of a plan that changes also PINNED, where a day was chosen by hand, and TOO_LATE, where all
    days within the rules are past.
    """
    rule_id: str | None
    """The rule that leaves no other day, where one does."""
    sessions: int
    """How many sessions the course was to have; 0 for maintenance."""
    session: int
    """The number of the session that finds no day."""
    days: tuple[date, ...]
    """The days on which it could have been, in order; none of them can be used."""
    text: str
    """The same in sentences, a line each: what is wrong, the rule and its days, the causes."""


class NoLegalPlan(MesoplanError):
    """No schedule fits the request."""

    exit_code = 3

    def __init__(self, conflict: Conflict, ways_out: tuple[WayOut, ...]) -> None:
        remedy = "Any one of these works:" if len(ways_out) > 1 else "This works:"
        if not ways_out:
            remedy = "No single change makes it fit: try two at once, or ask the practitioner."
        what = conflict.text[:1].lower() + conflict.text[1:]
        super().__init__(f"No schedule fits: {what}", remedy)
        self.details = tuple(way.text for way in ways_out)
        self.conflict = conflict
        self.ways_out = ways_out
        """The smallest changes that would make it work, each one solved; may be empty."""
        self.typed: tuple[Any, ...] = ()
        """On the command line, what to type for each: a `TypedWayOut`."""
