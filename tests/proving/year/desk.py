"""The desk of the clinic: it plans and changes by the public names. A checker sees all of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import mesoplan
from tests.proving.year.checker import Appointment, Checker, Shown, Wish
from tests.proving.year.clinic import (
    HOURS,
    MOST_SESSIONS_A_DAY,
    ROOMS,
    WHOLE_DAY,
    Clinic,
    Diary,
    Week,
)

ZONE = ZoneInfo("Europe/Paris")
_TYPED = {"start", "sessions", "time_of_day", "flex_days", "practitioner", "depart", "finish_by"}
"""What a patient may agree to in place of what was asked for."""


def moment(day: date, minute: int) -> datetime:
    """A minute of a day by the clinic's clocks."""
    clock = time(*divmod(minute, 60)) if minute < WHOLE_DAY[1] else time(23, 59)
    return datetime.combine(day, clock, ZONE)


class Desk:
    """Who plans, changes and records, at one moment after the other."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.checker = Checker(clinic)
        self.bookings = mesoplan.Bookings("the book")
        self.plans: dict[str, mesoplan.Plan] = {}
        self.day, self.minute = date.min, 0
        self.done: Counter[str] = Counter()
        """How often each thing was done."""
        self._clinic_today: dict[str, Any] = {}

    @property
    def now(self) -> datetime:
        """The moment, as the program takes it."""
        return moment(self.day, self.minute).astimezone(UTC)

    @property
    def changes(self) -> int:
        """How often a plan was changed or recorded."""
        names = ("Attend", "Miss", "Move", "Away", "Extend", "Replan", "Cancel")
        return sum(self.done[name] for name in names)

    # ------------------------------------------------------------ what the desk knows today

    def clinic_changed(self) -> None:
        """Read the clinic's profile and all diaries again."""
        clinic = self.clinic
        closed = sorted(clinic.closed)
        self._clinic_today = {
            "rooms": ROOMS,
            "holidays": ("FR",),
            "opening_hours": _hours(HOURS),
            "most_sessions_a_day": MOST_SESSIONS_A_DAY,
            "closures": tuple(mesoplan.DateRange(day, day) for day in closed),
            "closed_times": tuple(
                mesoplan.ClosedTime(
                    datetime.combine(day, time(*divmod(begin, 60))),
                    datetime.combine(day, time()) + timedelta(minutes=end),
                )
                for day, spans in sorted(clinic.shut.items())
                for begin, end in spans
            ),
            "busy": (_calendar("team.ics", clinic.busy),),
            "room_busy": (_calendar("laser.ics", clinic.room_busy),),
            "practitioners": tuple(
                mesoplan.Practitioner(
                    name,
                    f"Dr {name.title()}",
                    _hours(person.hours),
                    person.goals,
                    person.most_sessions_a_day,
                    (_calendar(f"{name}.ics", person.diary),),
                )
                for name, person in clinic.people.items()
                if self.clinic.are_named and self.day <= person.last_day
            ),
        }

    def _today(self, plan_id: str, wish: Wish) -> dict[str, Any]:
        """What a request says of the clinic, the book and the patient's own calendar."""
        theirs = (_calendar("own.ics", wish.busy),) if wish.busy else ()
        booked = self.bookings.around(plan_id)
        return {**self._clinic_today, "patient_busy": theirs, "booked": booked}

    # ------------------------------------------------------------ what it does

    def plan(self, request: mesoplan.Request, wish: Wish) -> mesoplan.Plan | None:
        """A new patient's plan; what is refused is asked for again in a way that was offered."""
        request = replace(request, **self._today(request.plan_id, wish))
        try:
            plan = mesoplan.plan(request, now=self.now)
        except mesoplan.NoLegalPlan as refusal:
            self.done["refused"] += 1
            ways = [way for way in refusal.ways_out if set(way.change) <= _TYPED]
            if not ways:
                self.done["turned away"] += 1
                return None
            request = replace(request, **ways[0].change)
            try:
                plan = mesoplan.plan(request, now=self.now)
            except mesoplan.NoLegalPlan as again:
                self.checker.illegal.append(
                    f"{request.plan_id}: “{ways[0].text}” was offered, and is refused: {again}"
                )
                return None
            self.done["offered another way"] += 1
            wish = replace(wish, depart=request.depart, finish_by=request.finish_by)
        # Only a trip or a deadline makes a course shorter.
        if wish.depart is not None or wish.finish_by is not None or request.sessions is not None:
            wish = replace(wish, sessions=min(wish.sessions, plan.total_sessions))
        wish = replace(wish, start=request.start)
        wish.practitioner = request.practitioner or plan.request.practitioner
        self._keep(plan, wish)
        self.done["planned"] += 1
        return plan

    def change(self, plan_id: str, change: Any, wish: Wish | None = None, **fields: Any) -> bool:
        """Change a plan; whether it could be done.

        *wish* is what the patient wants from now on, and *fields* is what is new in the request.
        """
        plan = self.plans[plan_id]
        wish = self.checker.wishes[plan_id] if wish is None else wish
        if "practitioner" in fields:
            wish = replace(wish, practitioner=fields["practitioner"])
        request = replace(plan.request, **self._today(plan_id, wish), **fields)
        kind = type(change).__name__
        try:
            after = mesoplan.replan(plan, change, now=self.now, request=request)
        except mesoplan.NoLegalPlan:
            self.done[f"{kind} refused"] += 1
            return False
        except mesoplan.InvalidInput as mistake:
            self.done[f"{kind} makes no sense: {mistake.problem.partition(' ')[2][:40]}"] += 1
            return False
        self.done[kind] += 1
        if wish.practitioner is None:
            wish = replace(wish, practitioner=after.request.practitioner)
        records = isinstance(change, mesoplan.Attend) or after.cancelled
        if after is plan:
            self.checker.stays(plan_id, wish, self._minute)
        else:
            self._keep(after, wish, planned_again=not records)
        return True

    def drop(self, plan_id: str, name: mesoplan.SessionName, **fields: Any) -> None:
        """A session does not take place: rebook it, or else do without it."""
        wish = self.checker.wishes[plan_id]
        fewer = replace(wish, sessions=wish.sessions - 1)
        if name.kind == "maintenance":
            fewer = replace(wish, given_up=wish.given_up + 1)
        if (
            self.change(plan_id, mesoplan.Miss(name), **fields)
            or self.change(plan_id, mesoplan.Miss(name, late="no free day"), **fields)
            or self.change(plan_id, mesoplan.Cancel(name), fewer, **fields)
        ):
            return
        self.change(plan_id, mesoplan.Cancel())
        session = self.plans[plan_id].find(name)
        if session is not None and session.status is mesoplan.Status.PLANNED:
            self.change(plan_id, mesoplan.Miss(name))

    def look_again(self, days: Iterable[date], practitioner: str | None = None) -> None:
        """Plan again who is agreed for one of these days, with one practitioner or with all."""
        among = set(days)
        self.clinic_changed()
        for plan_id in list(self.plans):
            plan = self.plans[plan_id]
            if practitioner in (None, plan.request.practitioner) and any(
                each.day in among for each in plan.coming(self.now)
            ):
                self._plan_again(plan_id, among)

    def _plan_again(self, plan_id: str, among: set[date]) -> None:
        if self.change(plan_id, mesoplan.Replan()):
            return
        plan = self.plans[plan_id]
        for each in self._clinic_today["practitioners"]:
            can = each.id != plan.request.practitioner and each.treats(plan.goal)
            if can and self.change(plan_id, mesoplan.Replan(), practitioner=each.id):
                self.done["went to another practitioner"] += 1
                return
        for session in plan.coming(self.now):
            there = next(
                (new for new in self.plans[plan_id].coming(self.now) if new.uid == session.uid),
                None,
            )
            if there is not None and there.day in among and there.start == session.start:
                self.drop(plan_id, there.name)

    # ------------------------------------------------------------ what it keeps

    @property
    def _minute(self) -> tuple[date, int]:
        return self.day, self.minute

    def _keep(self, plan: mesoplan.Plan, wish: Wish, *, planned_again: bool = True) -> None:
        self.plans[plan.id] = plan
        spans = [mesoplan.BusySpan(each.start, each.end) for each in plan.active]
        self.bookings.book(plan.id, spans, plan.request.practitioner)
        self.checker.agreed(shown(plan), wish, self._minute, planned_again=planned_again)


def shown(plan: mesoplan.Plan) -> Shown:
    """A plan as plain values."""
    appointments = []
    for each in (*plan.active, *plan.dropped):
        start, end = each.start.astimezone(ZONE), each.end.astimezone(ZONE)
        begin, length = start.hour * 60 + start.minute, (end - start) // timedelta(minutes=1)
        appointments.append(
            Appointment(
                each.uid,
                each.kind,
                each.number,
                str(each.status),
                start.date(),
                begin,
                begin + length,
                each.late is not None,
            )
        )
    who = plan.request.practitioner
    return Shown(plan.id, plan.revision, who, plan.cancelled, tuple(appointments))


def _hours(week: Week) -> tuple[tuple[mesoplan.TimeRange, ...], ...]:
    return tuple(tuple(mesoplan.TimeRange(*span) for span in spans) for spans in week)


def _calendar(name: str, diary: Diary) -> mesoplan.BusyCalendar:
    spans = sorted(
        mesoplan.BusySpan(
            moment(day, begin),
            moment(day + timedelta(days=1), 0) if end == WHOLE_DAY[1] else moment(day, end),
        )
        for day, taken in diary.items()
        for begin, end in taken
    )
    return mesoplan.BusyCalendar(name, tuple(spans))
