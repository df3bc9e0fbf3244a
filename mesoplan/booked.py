"""A plan as the book has it: what an agenda shows of it, and which times it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.model import SessionName, Status

if TYPE_CHECKING:
    from pathlib import Path

    from mesoplan.model import Plan, Session


class BookedSession(NamedTuple):
    """An appointment of a plan in the book.

    A tuple, since there may be a hundred thousand, and a frozen dataclass takes longer to make.
    """

    plan_id: str
    serial: str
    """What ends its UID: “01”."""
    kind: Literal["course", "maintenance"]
    number: int
    """Counts from 1 within its kind."""
    start_seconds: int
    """Its start and its end, in seconds since 1970 began in UTC."""
    end_seconds: int
    status: Status
    sequence: int
    """How often its event was changed."""

    @property
    def uid(self) -> str:
        """The appointment's own name in calendar files."""
        return f"{self.plan_id}-{self.serial}"

    @property
    def start(self) -> datetime:
        """An aware moment, in UTC."""
        return datetime.fromtimestamp(self.start_seconds, UTC)

    @property
    def end(self) -> datetime:
        """An aware moment, in UTC."""
        return datetime.fromtimestamp(self.end_seconds, UTC)

    @property
    def is_dropped(self) -> bool:
        """Whether it was missed or cancelled; all others take a room."""
        return self.status is Status.MISSED or self.status is Status.CANCELLED

    @property
    def name(self) -> SessionName:
        """What it is called where a session is to be named."""
        return SessionName(self.kind, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedPlan:
    """A plan in the book."""

    folder: Path
    file_name: str
    plan_id: str
    goal: str | None
    """None where a private file does not tell it; so are area and patient."""
    area: str | None
    patient: str | None
    zone: str
    """The IANA name of the clinic's zone, as the plan has it."""
    total_sessions: int
    """How many sessions the course is to have."""
    total_maintenance: int
    ended: bool
    """Whether all that had not taken place was cancelled."""
    is_whole: bool
    """Whether all sessions of the course are in the file, or it was ended."""
    row_digest: str | None
    """Of a plan from a batch: see `Plan`."""
    breaches: tuple[str, ...]
    """The rules R1 to R5 that it breaks: “R2: session 4 comes 16 days after session 3 (…)”."""
    sessions: tuple[BookedSession, ...]
    """What stands, and what was dropped, in the order of their starts."""

    @property
    def path(self) -> Path:
        """The plan's file."""
        return self.folder / self.file_name

    def total(self, session: BookedSession) -> int:
        """Of how many a session is one: all of its kind."""
        return self.total_sessions if session.kind == "course" else self.total_maintenance


def booked(plan: Plan, folder: Path, file_name: str) -> BookedPlan:
    """The plan that is in a file of the book."""
    # Not needed where nothing but the index is read.
    from mesoplan.checking import rules_broken

    sessions = map(_session, (*plan.standing, *plan.dropped))
    return BookedPlan(
        folder=folder,
        file_name=file_name,
        plan_id=plan.id,
        goal=plan.goal,
        area=plan.area,
        patient=plan.request.patient,
        zone=plan.request.timezone,
        total_sessions=plan.total_sessions,
        total_maintenance=plan.maintenance_per_year * plan.request.years,
        ended=plan.ended,
        is_whole=plan.is_whole,
        row_digest=plan.row_digest,
        breaches=tuple(f"{breach.code}: {breach.text}" for breach in rules_broken(plan)),
        sessions=tuple(sorted(sessions, key=lambda each: (each.start_seconds, each.serial))),
    )


def _session(session: Session) -> BookedSession:
    plan_id, _, serial = session.uid.rpartition("-")
    return BookedSession(
        plan_id,
        serial,
        session.kind,
        session.number,
        int(session.start.timestamp()),
        int(session.end.timestamp()),
        session.status,
        session.sequence,
    )
