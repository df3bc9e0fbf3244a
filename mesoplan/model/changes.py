"""What can be asked of a plan that is there already: one value for each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, time

    from mesoplan.model.plan import SessionName


class Move(NamedTuple):
    """One session goes to another day; the rest is planned anew around it."""

    session: SessionName
    day: date
    clock: time | None = None
    """The time of day; None for the one it has, or else the best free one."""
    late: str | None = None
    """Why no legal day is left for the next session, so that a later one is taken."""


class Miss(NamedTuple):
    """Sessions were missed, or will be: each is dropped, and another takes its place."""

    session: SessionName
    day: date | None = None
    """The day to which it is put off; None where any will do."""
    clock: time | None = None
    late: str | None = None
    """See Move."""
    not_attended: bool = False
    """Whether it was said by mistake that it took place."""
    others: tuple[SessionName, ...] = ()
    """Those that were missed beside it, by the numbers that they have now."""

    @property
    def sessions(self) -> tuple[SessionName, ...]:
        """All that were missed, each once."""
        return tuple(dict.fromkeys((self.session, *self.others)))


class Attend(NamedTuple):
    """Sessions took place: as planned, or one of them on another day."""

    sessions: tuple[SessionName, ...]
    day: date | None = None
    """The day on which it took place; None where that is the planned one."""
    clock: time | None = None
    late: str | None = None
    """See Move."""


class Extend(NamedTuple):
    """The course has more sessions than before, or fewer."""

    by: int
    late: str | None = None
    """See Move."""


class Cancel(NamedTuple):
    """One session is dropped without another in its place, or all that has not taken place."""

    session: SessionName | None = None


Change = Move | Miss | Attend | Extend | Cancel


def as_typed(change: Change) -> str:
    """A change as it is typed, without its time and reasons: “move 3 2026-12-17”."""
    match change:
        case Extend(by):
            words: tuple[object, ...] = (f"{by:+d}",)
        case Attend(sessions, day):
            words = sessions if day is None else (*sessions, "--on", day)
        case Cancel(session):
            words = () if session is None else (session,)
        case Miss(day=day):
            words = change.sessions if day is None else (*change.sessions, day)
        case Move(session, day):
            words = (session, day)
    return " ".join(map(str, (type(change).__name__.lower(), *words)))
