"""An agenda as JSON: the stable, versioned schema “mesoplan-agenda/1”."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesoplan.agenda import Agenda, Booking, Clash
    from mesoplan.booked import BookedPlan
    from mesoplan.errors import FileProblem


def agenda_document(agenda: Agenda, unreadable: Sequence[FileProblem]) -> dict[str, Any]:
    """The agenda as the schema “mesoplan-agenda/1” has it; *unreadable* are the files left out.

    A session's `file` is the name of its plan's file in the book, `at_once` how many sessions
    there are at most while it lasts. A clash is of ROOMS or of one PATIENT.
    """
    return {
        "schema": "mesoplan-agenda/1",
        "from": agenda.days.first.isoformat(),
        "to": agenda.days.last.isoformat(),
        "timezone": str(agenda.zone),
        "rooms": agenda.rooms,
        "plans": agenda.plans,
        "days": [
            {
                "day": day.day.isoformat(),
                "standing": day.standing,
                "at_once": day.at_once,
                "sessions": [{**_booking(each), "at_once": each.at_once} for each in day.bookings],
            }
            for day in agenda.found
        ],
        "next_day": agenda.next_day.isoformat() if agenda.next_day else None,
        "clashes": list(map(_clash, agenda.clashes)),
        "overdue": list(map(_booking, agenda.overdue)),
        "breaches": [{**_plan(plan), "breaches": list(plan.breaches)} for plan in agenda.broken],
        "unfinished": [
            {
                **_plan(each.plan),
                "sessions": each.standing,
                "total": each.plan.total_sessions,
                "has_next": each.has_next,
            }
            for each in agenda.unfinished
        ],
        "unreadable": [
            {"file": problem.path.name if problem.path else None, "problem": problem.problem}
            for problem in unreadable
        ],
    }


def _plan(plan: BookedPlan) -> dict[str, Any]:
    return {
        "file": plan.file_name,
        "plan": plan.plan_id,
        "patient": plan.patient,
        "goal": plan.goal,
        "area": plan.area,
    }


def _booking(booking: Booking) -> dict[str, Any]:
    session = booking.session
    return {
        **_plan(booking.plan),
        "kind": session.kind,
        "number": session.number,
        "total": booking.plan.total(session),
        "uid": session.uid,
        "start": booking.start.isoformat(),
        "end": booking.end.isoformat(),
        "status": session.status.value,
        "overdue": booking.is_overdue,
    }


def _clash(clash: Clash) -> dict[str, Any]:
    return {
        "code": clash.kind.upper(),
        "start": clash.start.isoformat(),
        "end": clash.end.isoformat(),
        "sessions": clash.sessions,
        "uids": [booking.session.uid for booking in clash.bookings],
    }
