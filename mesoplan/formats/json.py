"""The plan as JSON: the stable, versioned schema “mesoplan/1”.

The documents hold days and moments as they are: `dumps` writes them.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from mesoplan.model.plan import Status
from mesoplan.rules.limits import NOT_FOR, OWN_NUMBERS
from mesoplan.rules.sources import ASK_FIRST, CALL, DECIDES, KEEPING, SAFETY, SIDE_EFFECTS
from mesoplan.wording.findings import assumption_note, finding_text, unclear_text
from mesoplan.wording.notices import notice_text
from mesoplan.wording.reasons import reason_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from mesoplan.formats.comparison import Offer
    from mesoplan.formats.plan_file.published import Difference
    from mesoplan.model.plan import Notice, Plan, Session, SessionName
    from mesoplan.planning.checking import CheckedCourse
    from mesoplan.planning.replanner import Comparison
    from mesoplan.rules.goals import Goal
    from mesoplan.rules.limits import Rule
    from mesoplan.rules.protocol import Protocol
    from mesoplan.rules.sources import Citation

SCHEMA = "mesoplan/1"


def dumps(document: Any) -> str:
    """JSON text in ASCII, so that it is the same on every console; ends with a line break."""
    return json.dumps(document, indent=2, default=_written) + "\n"


def _written(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def _session(session: Session, now: datetime) -> dict[str, Any]:
    is_course, window = session.kind == "course", session.window_at(now)
    intervals = {
        "interval_days": session.interval_days,
        "preferred_interval_days": session.preferred_interval_days,
    }
    return {
        "number": session.number,
        "kind": session.kind,
        **({} if is_course else {"due": session.due}),
        "uid": session.uid,
        "start": session.start,
        "end": session.end,
        **(intervals if is_course else {}),
        "window": [window.first, window.last],
        "status": session.status,
        "reasons": [
            {"code": each.code, "text": reason_text(each), "days": each.days}
            for each in session.reasons
        ],
        "fixed": session.pinned,
        "late": session.late,
        "moved_from": session.moved_from,
    }


def _notes(notices: Iterable[Notice]) -> list[dict[str, str]]:
    return [{"code": each.code, "text": notice_text(each)} for each in notices]


def plan_document(plan: Plan, now: datetime) -> dict[str, Any]:
    """The plan as the schema “mesoplan/1” has it, at the moment *now* (aware)."""
    stay = None if plan.stay is None else plan.stay._asdict() | {"nights": plan.stay.nights}
    practitioner = None
    if plan.request.practitioner is not None:
        practitioner = {"id": plan.request.practitioner, "name": plan.request.treats}
    return {
        "schema": SCHEMA,
        "id": plan.id,
        "revision": plan.revision,
        "goal": plan.goal,
        "area": plan.area,
        "timezone": plan.request.timezone,
        "language": plan.request.language,
        "patient": plan.request.patient,
        "practitioner": practitioner,
        "sessions": [_session(each, now) for each in plan.sessions],
        "maintenance": [_session(each, now) for each in plan.maintenance],
        "dropped": [_session(each, now) for each in plan.dropped],
        "ended": plan.cancelled,
        "stay": stay,
        "warnings": _notes(plan.notices),
    }


def check_document(
    courses: Sequence[CheckedCourse], notes: Sequence[Notice], zone_name: str
) -> dict[str, Any]:
    """What came out of a check, as the schema “mesoplan-check/1” has it.

    `line` is where a course begins in the file, `lines` is where the appointments of a problem
    stand; null and empty if lines mean nothing. `size` is in `unit`; both are null for what has
    no measure. What is `unclear` does not count.
    """
    return {
        "schema": "mesoplan-check/1",
        "timezone": zone_name,
        "breaches": sum(len(each.problems) for each in courses),
        "courses": [_checked(each) for each in courses],
        "notes": _notes(notes),
    }


def _checked(checked: CheckedCourse) -> dict[str, Any]:
    course = checked.course
    return {
        "line": course.first_line,
        "sessions": [each.day for each in course.sessions],
        "maintenance": [each.day for each in course.maintenance],
        "unclear": [
            {"line": each.line, "day": each.day, "text": unclear_text(each)}
            for each in course.unclear
        ],
        "fully_checked": not course.unclear,
        "checked": checked.checked,
        "breaches": [
            {
                "code": problem.code,
                "text": finding_text(problem),
                "days": problem.days,
                "size": problem.size,
                "unit": problem.unit,
                "lines": problem.lines,
            }
            for problem in checked.problems
        ],
        "notes": _notes(map(assumption_note, checked.assumptions)),
    }


def shown_document(plan: Plan, now: datetime) -> dict[str, Any]:
    """The plan, and how it is doing at the moment *now* (aware)."""
    done = sum(session.status is Status.ATTENDED for session in plan.sessions)
    following = plan.coming(now)
    return plan_document(plan, now) | {
        "progress": {
            "done": done,
            "total": plan.total_sessions,
            "overdue": [str(session.name) for session in plan.overdue(now)],
            "next": following[0].uid if following else None,
        }
    }


def changed_document(comparison: Comparison, now: datetime) -> dict[str, Any]:
    """The plan after a change, and what the change made of it."""
    return plan_document(comparison.after, now) | _changed(comparison, now)


def offers_document(
    plan: Plan, name: SessionName, offers: Iterable[Offer], now: datetime
) -> dict[str, Any]:
    """The plan as it is, and days for one session, each with what it changes."""
    return plan_document(plan, now) | {
        "offers": [
            {
                "session": str(name),
                "day": each.day,
                "command": each.command,
                **_changed(each.comparison, now),
            }
            for each in offers
        ]
    }


def differences_document(
    plan: Plan, differences: Iterable[Difference], now: datetime
) -> dict[str, Any]:
    """The plan as it is, and what somebody changed in a calendar on a server."""
    return plan_document(plan, now) | {"differences": differences_there(differences)}


def differences_there(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    """What somebody changed there, under the names that sessions had when that was found."""
    return [
        {
            "uid": each.session.uid,
            "session": str(each.session.name),
            "what": each.what,
            "there": None
            if each.there is None
            else {"start": each.there.start, "end": each.there.end},
        }
        for each in differences
    ]


def _changed(comparison: Comparison, now: datetime) -> dict[str, Any]:
    return {
        "changes": [
            {
                "uid": row.after.uid,
                "before": None if row.before is None else _session(row.before, now),
                "after": _session(row.after, now),
            }
            for row in comparison.rows
            if not row.is_kept
        ],
        "going": [session.start for session in comparison.going],
        "coming": [session.start for session in comparison.coming],
    }


def rules_document(rules: tuple[Rule, ...], source: str) -> dict[str, Any]:
    """The rules; `maximum` is null where the source sets no upper limit."""
    return {
        "schema": "mesoplan-rules/1",
        "source": source,
        "rules": [
            {
                "id": rule.id,
                "rule": rule.name,
                "minimum": rule.minimum,
                "maximum": rule.maximum,
                "unit": rule.unit,
                "section": rule.section,
                "fact": rule.fact,
            }
            for rule in rules
        ],
        "own_numbers": [each._asdict() for each in OWN_NUMBERS],
        "not_for": NOT_FOR,
    }


def goals_document(goals: tuple[Goal, ...]) -> dict[str, Any]:
    """The goals with their protocols; intervals are in days, lengths of sessions in minutes.

    `grade` is that of a protocol's weakest number; `figures` has the grade of each. The `result` of
    a citation is “for”, “against”, “unclear”, “practice” or “safety”.
    """
    return {
        "schema": "mesoplan-goals/1",
        "goals": [_goal(goal) for goal in goals],
        "side_effects": SIDE_EFFECTS,
        "safety": list(map(_citation, SAFETY)),
        "advice": [ASK_FIRST, CALL, KEEPING, DECIDES],
    }


def _goal(goal: Goal) -> dict[str, Any]:
    return {
        "goal": goal.name,
        "aliases": goal.aliases,
        "for": goal.purpose,
        "areas": goal.areas,
        "protocol": _protocol(goal.protocol),
        "area_protocols": {
            area: _protocol(protocol) for area, protocol in goal.area_protocols.items()
        },
        "alternatives": goal.alternatives,
        "caution": goal.caution,
        "evidence": goal.evidence,
        "studies": list(map(_citation, goal.cited)),
        "substances": goal.substances,
    }


def _protocol(protocol: Protocol) -> dict[str, Any]:
    return {
        "phases": [
            {"sessions": phase.sessions, "interval_days": phase.interval_days}
            for phase in protocol.phases
        ],
        "maintenance_per_year": protocol.maintenance_per_year,
        "duration_minutes": protocol.minutes,
        "grade": protocol.grade,
        "source": protocol.source,
        "figures": {
            figure.of: {
                "value": protocol.value_of(figure.of),
                "grade": figure.grade,
                "note": figure.note or None,
                "citations": list(map(_citation, figure.citations)),
            }
            for figure in protocol.figures
        },
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {name: value or None for name, value in citation._asdict().items()}
