"""The changes of a plan that exists: one value for each."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.model.fields import write_range

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

    from mesoplan.dates.days import DateRange
    from mesoplan.model.plan import SessionName

_LONGEST_RECORDED = 200
_TODAY, _ALL = "--today", "--all"
_TOGETHER = re.compile(rf" ({_TODAY}|{_ALL}) (\S+Z)")
"""A change of several plans at once in what is kept of it, and its moment."""


class Move(NamedTuple):
    """One session goes to another day; the rest is planned around it."""

    session: SessionName
    day: date
    clock: time | None = None
    """The time of day; None for the one it has, or else the best free one."""
    late: str | None = None
    """Why the next session comes later than the rules allow; None if it does not."""


class Miss(NamedTuple):
    """Sessions were missed, or will be: each is dropped, and another takes its place."""

    session: SessionName
    day: date | None = None
    """The day on which it takes place instead; None for the best one."""
    clock: time | None = None
    late: str | None = None
    """See Move."""
    not_attended: bool = False
    """Whether it was recorded as attended by mistake."""
    others: tuple[SessionName, ...] = ()
    """Further missed sessions, by the numbers that they have now."""

    @property
    def sessions(self) -> tuple[SessionName, ...]:
        """All missed sessions, each once."""
        return tuple(dict.fromkeys((self.session, *self.others)))


class Attend(NamedTuple):
    """Sessions took place: as planned, or one of them on another day."""

    sessions: tuple[SessionName, ...]
    day: date | None = None
    """The day on which it took place; None for the planned one."""
    clock: time | None = None
    late: str | None = None
    """See Move."""
    of_day: datetime | None = None
    """When (aware) it is recorded together with others of that day; None if it is by itself."""


class Extend(NamedTuple):
    """The course has more sessions than before, or fewer."""

    by: int
    late: str | None = None
    """See Move."""


class Away(NamedTuple):
    """The patient can't come on these days, beside those that the plan has already."""

    days: tuple[DateRange, ...]
    late: str | None = None
    """See Move."""


class Replan(NamedTuple):
    """The rest is planned again, for the request that is given with the change."""

    late: str | None = None
    """See Move."""
    typed: tuple[str, ...] = ()
    """The options that were typed, for the plan's record: “--depart”, “2027-02-01”."""
    of_all: datetime | None = None
    """When (aware) all affected plans of a book are planned again; None for this one alone."""


class Cancel(NamedTuple):
    """One session is dropped without another in its place, or everything still to come."""

    session: SessionName | None = None


Change = Move | Miss | Attend | Extend | Away | Replan | Cancel

Keep = Literal["days", "rhythm"]
"""What counts first where sessions are planned again: the agreed days, or the preferred intervals,
Σ (interval - preferred)²."""


def as_recorded(change: Change, keep: Keep = "days") -> str:
    """A change as the plan's record keeps it, and undo repeats it: as typed, but not too long."""
    words = change.typed if isinstance(change, Replan) else ()
    if isinstance(change, Attend) and change.of_day is not None:
        words = (_TODAY, _moment(change.of_day))
    if isinstance(change, Replan) and change.of_all is not None:
        words = (_ALL, _moment(change.of_all), *words)
    kept = () if keep == "days" else ("--keep", keep)
    text = " ".join((as_typed(change), *words, *kept))
    if len(text) <= _LONGEST_RECORDED:
        return text
    return f"{text[:_LONGEST_RECORDED].rpartition(' ')[0]} …"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def recorded_of_day(did: str | None) -> datetime | None:
    """When a change was recorded together with others of the day, from what is kept of it."""
    return _recorded_with(_TODAY, did)


def recorded_of_all(did: str | None) -> datetime | None:
    """When it was made with all that were affected, from what is kept of it."""
    return _recorded_with(_ALL, did)


def _recorded_with(option: str, did: str | None) -> datetime | None:
    found = _TOGETHER.search(did or "")
    try:
        return datetime.fromisoformat(found[2]) if found and found[1] == option else None
    except ValueError:
        return None


def without_moment(did: str) -> str:
    """What is kept of a change as it was typed: only undo needs its moment."""
    return _TOGETHER.sub(r" \1", did)


def as_typed(change: Change) -> str:
    """A change as it is typed, “move 3 2026-12-17”, without its options and its time of day.

    The day on which a session took place is in it.
    """
    name = type(change).__name__.lower()
    match change:
        case Extend(by):
            words: Sequence[object] = (f"{by:+d}",)
        case Attend(sessions, day):
            name = "done"
            words = sessions if day is None else (*sessions, "--on", day)
        case Away(days):
            words = [it.first if len(it) == 1 else write_range(it) for it in days]
        case Replan():
            words = ()
        case Cancel(session):
            words = () if session is None else (session,)
        case Miss(day=day):
            words = change.sessions if day is None else (*change.sessions, day)
        case Move(session, day):
            words = (session, day)
    return " ".join(map(str, (name, *words)))
