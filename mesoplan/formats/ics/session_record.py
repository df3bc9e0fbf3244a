"""The record of a session in its event: what the event itself does not tell for certain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from mesoplan.days import DateRange, require_plannable
from mesoplan.errors import InvalidInput
from mesoplan.formats.ics.record_text import (
    BrokenRecord,
    at_least,
    encoded,
    pairs_of,
    problem_of,
    require,
    require_shown,
)
from mesoplan.formats.ics.request_fields import read_range, write_range
from mesoplan.labels import require_one_line
from mesoplan.model import MAX_PLACE_CHARACTERS, Reason, ReasonCode, Status

if TYPE_CHECKING:
    from mesoplan.formats.ics.options import CalendarOptions
    from mesoplan.model import Session

EVENT_PROPERTY = "X-APPOINTMENT"

_KINDS = {"series": "course", "upkeep": "maintenance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """What the record in an event tells of its session, read back."""

    kind: str
    number: int
    status: Status
    preferred_interval_days: int | None
    due: date | None
    window: DateRange
    planned: datetime | None
    """When the plan has it, by the clinic's clocks; naive."""
    fixed: bool
    late: str | None
    reasons: tuple[Reason, ...]


def session_record(session: Session, options: CalendarOptions) -> str:
    """The record of a session; a private one tells reasons by their codes and days alone."""
    kind = next(word for word, kind in _KINDS.items() if kind == session.kind)
    return encoded(
        [
            ("kind", kind),
            ("number", session.number),
            ("status", session.status.value),
            ("interval", session.preferred_interval_days),
            ("due", session.due),
            ("window", write_range(session.window)),
            ("at", f"{session.moved_from or session.start:%Y-%m-%dT%H:%M}"),
            ("fixed", int(session.fixed) or None),
            ("late", session.late),
            *(("why", _reason(reason, private=options.private)) for reason in session.reasons),
        ]
    )


_UNTOLD = frozenset({ReasonCode.BUSY, ReasonCode.CAPACITY})
"""Reasons that name the clinic's own calendars, which are none of the patient's business."""


def _reason(reason: Reason, *, private: bool) -> str:
    days = ",".join(day.isoformat() for day in reason.days)
    text = "" if private or reason.code in _UNTOLD else reason.text
    return f"{reason.code.value}|{days}|{text}"


def read_session_record(text: str) -> SessionRecord:
    """The record of a session. Raises BrokenRecord where it is none."""
    pairs, reasons = pairs_of(text, repeated="why")
    try:
        late = pairs.get("late")
        if late is not None:
            require_one_line("reason", late, MAX_PLACE_CHARACTERS)
        kind = pairs["kind"]
        require(kind in _KINDS)
        return SessionRecord(
            kind=_KINDS[kind],
            number=at_least(int(pairs["number"]), 1),
            status=Status(pairs["status"]),
            preferred_interval_days=int(pairs["interval"]) if "interval" in pairs else None,
            due=date.fromisoformat(pairs["due"]) if "due" in pairs else None,
            window=read_range(pairs["window"]),
            planned=_planned(pairs["at"]) if "at" in pairs else None,
            fixed=pairs.get("fixed") == "1",
            late=late,
            reasons=tuple(map(_read_reason, reasons)),
        )
    except (KeyError, ValueError, InvalidInput) as error:
        raise BrokenRecord(problem_of(error)) from error


def _planned(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    require(moment.tzinfo is None)
    require_plannable(moment.date())
    return moment


def _read_reason(text: str) -> Reason:
    code, days, said = text.split("|", 2)
    known = ReasonCode(code)
    of_days = tuple(date.fromisoformat(day) for day in days.split(",") if day)
    require_shown(code, said)
    return Reason(known, said or NEUTRAL[known], of_days)


NEUTRAL = {
    ReasonCode.CLOSED_WEEKDAY: "closed on that weekday",
    ReasonCode.HOLIDAY: "a public holiday",
    ReasonCode.CLOSURE: "closed then",
    ReasonCode.AWAY: "away then",
    ReasonCode.BUSY: "the time was taken",
    ReasonCode.CAPACITY: "all rooms were taken",
    ReasonCode.HOURS: "the opening hours",
    ReasonCode.DEADLINE: "the end of the trip",
    ReasonCode.LOOK_AHEAD: "so that the ones after it fit",
    ReasonCode.PINNED: "chosen by hand",
    ReasonCode.AGREED: "agreed before",
    ReasonCode.PAST: "the preferred day was past",
}
"""What is said of a reason of which the record tells no words."""
