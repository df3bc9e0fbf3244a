"""A plan and what it is made of: sessions, reasons and notices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mesoplan.dates.days import months_after
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from mesoplan.dates.days import DateRange
    from mesoplan.model.causes import Cause
    from mesoplan.model.request import Request
    from mesoplan.rules.protocol import Phase


class ReasonCode(StrEnum):
    """Why a session is not on its preferred day, or not at its preferred time."""

    CLOSED_WEEKDAY = "CLOSED_WEEKDAY"
    HOLIDAY = "HOLIDAY"
    CLOSURE = "CLOSURE"
    AWAY = "AWAY"
    GIVEN_UP = "GIVEN_UP"
    BUSY = "BUSY"
    CAPACITY = "CAPACITY"
    PRACTITIONER = "PRACTITIONER"
    DAY_FULL = "DAY_FULL"
    HOURS = "HOURS"
    DEADLINE = "DEADLINE"
    WEEKDAY = "WEEKDAY"
    LOOK_AHEAD = "LOOK_AHEAD"
    PINNED = "PINNED"
    AGREED = "AGREED"
    PAST = "PAST"


class Status(StrEnum):
    """What has become of a session."""

    PLANNED = "planned"
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why a session is not on its preferred day, or not at its preferred time."""

    code: ReasonCode
    days: tuple[date, ...]
    """The days that it is about, in order."""
    cause: Cause = field(compare=False)
    """What it is exactly; a file may have no more than a sentence, or nothing: an empty text."""


class Notice(NamedTuple):
    """Something about a whole plan that its reader must know; `warnings` in JSON."""

    code: str
    about: tuple[Any, ...] | str
    """The values of which `wording.notices` makes its sentences, which shows what they are; or the
    sentences, where they are of the moment, or in a file of an earlier version."""


class SessionName(NamedTuple):
    """Which session of a plan is meant: “3” in the course, “m1” in maintenance."""

    kind: Literal["course", "maintenance"]
    number: int

    def __str__(self) -> str:
        return f"{'m' if self.kind == 'maintenance' else ''}{self.number}"

    @property
    def in_words(self) -> str:
        """“session 3”, “maintenance 1”."""
        return f"{'session' if self.kind == 'course' else 'maintenance'} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One appointment of a plan."""

    number: int
    """Counts from 1 within its kind."""
    kind: Literal["course", "maintenance"]
    uid: str
    """The appointment's own name in calendar files: the plan's id and a serial number."""
    start: datetime
    """An aware moment in the clinic's zone."""
    end: datetime
    interval_days: int | None = None
    """Days since the session before; None for the first one and for maintenance."""
    preferred_interval_days: int | None = None
    due: date | None = None
    """The day on which maintenance is due; None in the course."""
    window: DateRange
    """The earliest and the latest usable day it could move to, all others left where they are, as
    the plan has it: `window_at` leaves out what is past."""
    status: Status = Status.PLANNED
    sequence: int = 0
    """How often this event was changed since it was first written."""
    reasons: tuple[Reason, ...] = ()
    """Why it is not on its preferred day; empty when it is."""
    pinned: bool = False
    """Whether its day was chosen by hand, so that planning anew may not move it."""
    late: str | None = None
    """Why it comes later after the session before it than the rules allow; None otherwise."""
    moved_from: datetime | None = None
    """When the plan had it, if somebody moved the event in a calendar."""

    @property
    def day(self) -> date:
        """Its calendar day in the clinic's zone."""
        return self.start.date()

    @property
    def place_in_time(self) -> tuple[datetime, str]:
        """What sessions are sorted by: one that was dropped may have the time of another."""
        return self.start, self.uid

    @property
    def name(self) -> SessionName:
        """What the session is called in texts."""
        return SessionName(self.kind, self.number)

    @property
    def is_dropped(self) -> bool:
        """Whether it was missed or cancelled: it does not take place."""
        return self.status in (Status.MISSED, Status.CANCELLED)

    def window_at(self, now: datetime) -> DateRange:
        """Its window at *now* (aware): of one that is to come it begins today at the earliest."""
        if self.is_past(now):
            return self.window
        today = now.astimezone(self.start.tzinfo).date()
        first = min(max(self.window.first, today), self.window.last)
        return replace(self.window, first=first)

    def is_past(self, now: datetime) -> bool:
        """Whether it took place, or its time has come by *now* (aware) and nobody says otherwise.

        What took place never moves.
        """
        return self.status is Status.ATTENDED or self.start < now


class Stay(NamedTuple):
    """From the first session to the earliest day of travel home."""

    arrive: date
    earliest_travel: date

    @property
    def nights(self) -> int:
        """The nights between the two days."""
        return (self.earliest_travel - self.arrive).days


def stay_of(course: Sequence[Session]) -> Stay | None:
    """The stay for the sessions of a course; None if there are none."""
    if not course:
        return None
    return Stay(course[0].day, course[-1].day + timedelta(days=MIN_DAYS_BEFORE_TRAVEL))


def due_day(last: date, number: int, per_year: int) -> date:
    """When a maintenance session is due, where the last session of the course is on *last*."""
    return months_after(last, number * 12 // per_year)


UNDO, ROW = "undo", "batch"
"""What `Plan.did` is where the last change was not typed as such."""


class Published(NamedTuple):
    """What of a plan was put into a calendar of a server."""

    place: str
    """A digest of which calendar."""
    revision: int
    """The latest of the plan that was put there."""
    serials: tuple[int, ...]
    """Of the UIDs of what was put there, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Course, maintenance and stay for one patient."""

    id: str
    revision: int
    """How often the plan was re-planned."""
    request: Request
    """What was asked for, word for word."""
    goal: str | None = None
    """The goal's own name; None if a private file leaves it out."""
    area: str | None = None
    phases: tuple[Phase, ...] = ()
    """As planned."""
    protocol_phases: tuple[Phase, ...] = ()
    """Those of its protocol, where some of them are not planned; none otherwise."""
    maintenance_per_year: int = 0
    duration_minutes: int = 0
    sessions: tuple[Session, ...] = ()
    """The course, in order: what is planned and what took place."""
    maintenance: tuple[Session, ...] = ()
    """The same of maintenance."""
    stay: Stay | None = None
    """None if no session of the course is left, or not all of them are here."""
    notices: tuple[Notice, ...] = ()
    dropped: tuple[Session, ...] = ()
    """What was missed or cancelled, in order, under the numbers that it had."""
    last_serial: int = 0
    """The highest serial that a UID of this plan has had: none is ever used again."""
    cancelled: bool = False
    """Whether all that had not taken place was cancelled."""
    row_digest: str | None = None
    """Of a plan from a batch, what its row asked for, as a digest; None for one that was typed."""

    unseen: int | None = field(default=None, compare=False)
    """The first revision with dates that the patient was not given; None if there is none."""

    link: int | None = field(default=None, compare=False)
    """The number of the last link to the patient's feed; None if there never was one."""
    withdrawn: bool = field(default=False, compare=False)
    """Whether nothing is there any more under that link."""

    published: tuple[Published, ...] = field(default=(), compare=False)
    """What was put into calendars of servers."""

    did: str | None = None
    """The last change of it, as it was typed; None if that is not known."""

    @property
    def feed(self) -> int | None:
        """The number of the link under which the patient finds its dates; None for no link."""
        return None if self.withdrawn else self.link

    @property
    def is_whole(self) -> bool:
        """Whether all sessions of the course are here, or it was ended: a file may lack some."""
        return self.cancelled or len(self.sessions) >= self.total_sessions

    @property
    def total_sessions(self) -> int:
        """How many sessions the course is to have."""
        return sum([sessions for sessions, _ in self.phases])

    def total(self, session: Session) -> int:
        """Of how many of its kind a session is one, a maintenance left out among them."""
        if session.kind == "maintenance":
            return self.maintenance_per_year * self.request.years
        return self.total_sessions

    @property
    def active(self) -> tuple[Session, ...]:
        """The course and the maintenance together, without what was dropped."""
        return (*self.sessions, *self.maintenance)

    @property
    def every_session(self) -> tuple[Session, ...]:
        """The same, and then what was dropped."""
        return (*self.active, *self.dropped)

    def with_each(self, changed: Callable[[Session], Session]) -> Plan:
        """The plan with each of its sessions *changed*, those that were dropped among them."""
        sessions, maintenance, dropped = (
            tuple(map(changed, each)) for each in (self.sessions, self.maintenance, self.dropped)
        )
        return replace(self, sessions=sessions, maintenance=maintenance, dropped=dropped)

    def overdue(self, now: datetime) -> tuple[Session, ...]:
        """The sessions that are past at *now* (aware), and neither attended nor missed."""
        planned = (each for each in self.active if each.status is Status.PLANNED)
        return tuple(session for session in planned if session.is_past(now))

    def coming(self, now: datetime) -> tuple[Session, ...]:
        """The sessions still to come at *now* (aware), in order."""
        coming = (session for session in self.active if not session.is_past(now))
        return tuple(sorted(coming, key=lambda session: session.start))

    def following(self, session: Session) -> Session | None:
        """The active session that comes after another; None after the last one."""
        later = (each for each in self.active if each.start > session.start)
        return min(later, key=lambda each: each.start, default=None)

    def find(self, name: SessionName) -> Session | None:
        """The active session of that name."""
        among = self.sessions if name.kind == "course" else self.maintenance
        return next((session for session in among if session.number == name.number), None)
