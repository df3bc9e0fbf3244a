"""What must hold of the plans of a clinic: rules, times and promises, minute by minute.

It shares nothing with the program: neither code nor values. It keeps what each patient was given,
and compares each new revision of a plan with that, and with the clinic as it is on that day.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from tests.proving.year.clinic import (
    HOURS,
    MOST_SESSIONS_A_DAY,
    ROOMS,
    YEAR,
    Clinic,
    Diary,
    Person,
    Span,
    french_holidays,
)

MIN_SESSIONS, MAX_SESSIONS = 3, 15
MIN_DAYS, MAX_DAYS = 7, 14
NEAR_DUE = timedelta(days=14)
HOLIDAYS = frozenset().union(*map(french_holidays, range(YEAR, YEAR + 4)))


class Appointment(NamedTuple):
    """One appointment of a plan, as its patient has it."""

    uid: str
    kind: str
    """course or maintenance"""
    number: int
    status: str
    """planned, attended, missed or cancelled"""
    day: date
    begin: int
    """Begin and end are minutes of the day."""
    end: int
    late: bool

    @property
    def stands(self) -> bool:
        """Whether it takes place, or took place."""
        return self.status in ("planned", "attended")

    def is_to_come(self, now: tuple[date, int]) -> bool:
        """Whether it is still to come at a minute of a day."""
        return self.status == "planned" and (self.day, self.begin) >= now

    @property
    def in_words(self) -> str:
        """Which one it is, for a report."""
        clock = f"{self.begin // 60}:{self.begin % 60:02d}"
        return f"{self.kind} {self.number} on {self.day} at {clock}"


class Shown(NamedTuple):
    """A plan as the program shows it."""

    id: str
    revision: int
    practitioner: str | None
    cancelled: bool
    appointments: tuple[Appointment, ...]


@dataclass
class Wish:
    """What a patient asked for, by the latest word."""

    goal: str
    minutes: int
    start: date | None
    sessions: int
    """How many the course is to have."""
    maintenance_a_year: int
    arrive: date | None = None
    depart: date | None = None
    finish_by: date | None = None
    away: list[tuple[date, date]] = field(default_factory=list)
    busy: Diary = field(default_factory=lambda: defaultdict(list))
    """The patient's own calendar."""
    given_up: int = 0
    """How many maintenance sessions were cancelled."""
    practitioner: str | None = None
    """Who is to treat."""


Now = tuple[date, int]
_Key = tuple[str, str]


class Checker:
    """What each patient was given, and what broke."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.tried = 0
        self.illegal: list[str] = []
        self.doubled: list[str] = []
        self.lost: list[str] = []
        self.plans: dict[str, Shown] = {}
        self.wishes: dict[str, Wish] = {}
        self._given: dict[str, str] = {}
        """The plan of each appointment that anybody was ever given."""
        self._days: defaultdict[date, dict[_Key, Appointment]] = defaultdict(dict)

    # ------------------------------------------------------------ a revision

    def agreed(self, plan: Shown, wish: Wish, now: Now, *, planned_again: bool = True) -> None:
        """Check a plan that a patient has just been given.

        Where nothing was *planned_again*, what stays as it was may have become impossible.
        """
        before = self.plans.get(plan.id)
        if before is not None:
            self._nothing_is_lost(before, plan)
            for each in before.appointments:
                self._days[each.day].pop((plan.id, each.uid), None)
        self.plans[plan.id], self.wishes[plan.id] = plan, wish
        known = {each.uid: each for each in before.appointments} if before else {}
        for each in plan.appointments:
            if each.uid not in known:
                self._holds(each.uid not in self._given, self.lost, plan, each, "has an old UID")
                self._given[each.uid] = plan.id
            if each.stands:
                self._days[each.day][plan.id, each.uid] = each
        there = f"is with {plan.practitioner}, not {wish.practitioner}"
        self._holds(plan.practitioner == wish.practitioner, self.illegal, plan, None, there)
        self._counts(plan, wish, now)
        self._keeps_rules(plan, wish, now)
        same_person = before is not None and before.practitioner == plan.practitioner
        for each in plan.appointments:
            if each.is_to_come(now):
                old = known.get(each.uid)
                stayed = old is not None and (old.day, old.begin) == (each.day, each.begin)
                if planned_again or not stayed or not same_person:
                    self._is_possible(plan, wish, each)

    def stays(self, plan_id: str, wish: Wish, now: Now) -> None:
        """Check a plan that was planned again, and whose appointments all stayed."""
        plan, self.wishes[plan_id] = self.plans[plan_id], wish
        self._keeps_rules(plan, wish, now)
        for each in plan.appointments:
            if each.is_to_come(now):
                self._is_possible(plan, wish, each)

    def everything(self, now: Now) -> None:
        """Check all that is still to come, of all patients."""
        for plan in self.plans.values():
            for each in plan.appointments:
                if each.is_to_come(now):
                    self._is_possible(plan, self.wishes[plan.id], each)
                elif each.status == "planned":
                    self._holds(False, self.lost, plan, each, "is past and was never recorded")

    @property
    def by_status(self) -> Mapping[str, int]:
        """How many appointments were ever given, by what came of them."""
        counts: defaultdict[str, int] = defaultdict(int)
        for plan in self.plans.values():
            for each in plan.appointments:
                counts[each.status] += 1
        return counts

    def accounted_for(self) -> None:
        """Check that each appointment that was ever given is still known."""
        there = {each.uid for plan in self.plans.values() for each in plan.appointments}
        for uid, plan_id in self._given.items():
            self._holds(uid in there, self.lost, self.plans[plan_id], None, f"lacks {uid}")

    # ------------------------------------------------------------ what is lost

    def _nothing_is_lost(self, before: Shown, plan: Shown) -> None:
        after = {each.uid: each for each in plan.appointments}
        lost = self.lost
        self._holds(plan.revision == before.revision + 1, lost, plan, None, "skips a revision")
        for old in before.appointments:
            new = after.get(old.uid)
            self._holds(new is not None, lost, plan, old, "is no more")
            if new is None:
                continue
            if old.status == "attended":
                same = (new.status, new.day, new.begin, new.end, new.kind)
                was = (old.status, old.day, old.begin, old.end, old.kind)
                self._holds(same == was, lost, plan, old, f"took place, and is now {same}")
            elif not old.stands:
                self._holds(not new.stands, lost, plan, old, f"is {new.status} again")

    def _counts(self, plan: Shown, wish: Wish, now: Now) -> None:
        """Check that there are as many appointments as were asked for."""
        course = [each for each in plan.appointments if each.kind == "course" and each.stands]
        if plan.cancelled:
            to_come = any(each.is_to_come(now) for each in plan.appointments)
            self._holds(not to_come, self.lost, plan, None, "is cancelled, and goes on")
            return
        there = f"has {len(course)} sessions, not {wish.sessions}"
        self._holds(len(course) == wish.sessions, self.lost, plan, None, there)
        numbers = sorted(each.number for each in course)
        in_order = numbers == list(range(1, len(course) + 1))
        self._holds(in_order, self.lost, plan, None, f"is numbered {numbers}")
        maintenance = [
            each for each in plan.appointments if each.kind == "maintenance" and each.stands
        ]
        wanted = wish.maintenance_a_year - wish.given_up
        self._holds(len(maintenance) <= wanted, self.illegal, plan, None, "R3: too many a year")
        there_already = {each.number for each in maintenance}
        last = max(each.day for each in course)
        for number in range(1, wish.maintenance_a_year + 1):
            if len(maintenance) < wanted and number not in there_already:
                due = _months_after(last, 12 * number // wish.maintenance_a_year)
                days = (due + timedelta(days=off) for off in range(-14, 15))
                free = next((day for day in days if self._has_time(plan, wish, day, now)), None)
                self._holds(free is None, self.lost, plan, None, f"lacks m{number}: {free} is free")

    def _has_time(self, plan: Shown, wish: Wish, day: date, now: Now) -> bool:
        """Whether a session of the plan could take place on a day at all."""
        if day <= now[0]:
            return False
        for begin, end in HOURS[day.weekday()]:
            for start in range(begin, end - wish.minutes + 1, 5):
                tried = Appointment(
                    "", "maintenance", 0, "planned", day, start, start + wish.minutes, False
                )
                if not any(self.hindrances(plan, wish, tried)):
                    return True
        return False

    # ------------------------------------------------------------ rules between the days

    def _keeps_rules(self, plan: Shown, wish: Wish, now: Now) -> None:
        course = sorted(
            (each for each in plan.appointments if each.kind == "course" and each.stands),
            key=lambda each: each.day,
        )
        if not course or plan.cancelled:
            return
        several = MIN_SESSIONS <= len(course) <= MAX_SESSIONS
        self._holds(several, self.illegal, plan, None, f"R1: {len(course)} sessions")
        for old, new in pairwise(course):
            days = (new.day - old.day).days
            fits = MIN_DAYS <= days <= MAX_DAYS or new.late or new.status == "attended"
            self._holds(fits, self.illegal, plan, new, f"R2: {days} days after the one before")
            in_order = old.number < new.number
            self._holds(in_order, self.illegal, plan, new, "has a number of an earlier day")
        first, last = course[0], course[-1]
        if first.is_to_come(now):
            for what, day in (("START", wish.start), ("arrival", wish.arrive)):
                comes = day is None or first.day >= day
                self._holds(comes, self.illegal, plan, first, f"is before {what}, {day}")
        if last.is_to_come(now):
            for rule, day in (("R5", wish.depart), ("R4", wish.finish_by)):
                in_time = day is None or last.day <= day - timedelta(days=1)
                self._holds(
                    in_time, self.illegal, plan, last, f"{rule}: leaves no day before {day}"
                )
        for each in plan.appointments:
            if each.kind == "maintenance" and each.is_to_come(now) and not each.late:
                due = _months_after(last.day, 12 * each.number // wish.maintenance_a_year)
                near = abs(each.day - due) <= NEAR_DUE
                self._holds(near, self.illegal, plan, each, f"is far from its due day, {due}")

    # ------------------------------------------------------------ one appointment

    def _is_possible(self, plan: Shown, wish: Wish, each: Appointment) -> None:
        length = each.end - each.begin == wish.minutes
        self._holds(length, self.illegal, plan, each, f"ends at minute {each.end}")
        for found, why in self.hindrances(plan, wish, each):
            self._holds(False, found, plan, each, why)

    def hindrances(
        self, plan: Shown, wish: Wish, each: Appointment
    ) -> Iterator[tuple[list[str], str]]:
        """Why an appointment can't take place when it does, each with where that is counted."""
        clinic, day, span = self.clinic, each.day, (each.begin, each.end)
        who = clinic.people.get(plan.practitioner or "")
        if day in HOLIDAYS or day in clinic.closed:
            yield self.illegal, "the clinic is closed on that day"
        if any(first <= day <= last for first, last in wish.away):
            yield self.illegal, "the patient is away"
        if not any(begin <= each.begin and each.end <= end for begin, end in HOURS[day.weekday()]):
            yield self.illegal, "the clinic is not open"
        for what, spans in (
            ("the clinic is closed then", clinic.shut[day]),
            ("the clinic is busy", clinic.busy[day]),
            ("the patient is busy", wish.busy[day]),
        ):
            if any(_overlap(span, taken) for taken in spans):
                yield self.illegal, what
        if plan.practitioner is None and not clinic.are_named:
            pass
        elif who is None or day > who.last_day:
            yield self.illegal, f"nobody called {plan.practitioner} treats"
        else:
            yield from self._of_practitioner(who, wish.goal, day, span)
        yield from self._beside_others(plan, who, each)

    def _of_practitioner(
        self, who: Person, goal: str, day: date, span: Span
    ) -> Iterator[tuple[list[str], str]]:
        if who.goals and goal not in who.goals:
            yield self.illegal, f"the practitioner does not treat {goal}"
        if not any(begin <= span[0] and span[1] <= end for begin, end in who.hours[day.weekday()]):
            yield self.illegal, "the practitioner does not work then"
        if any(_overlap(span, taken) for taken in who.diary[day]):
            yield self.illegal, "the practitioner is busy"

    def _beside_others(
        self, plan: Shown, who: Person | None, each: Appointment
    ) -> Iterator[tuple[list[str], str]]:
        """Why it can't take place beside the appointments of the other patients."""
        others = [
            (self.plans[plan_id].practitioner, other)
            for (plan_id, _), other in self._days[each.day].items()
            if plan_id != plan.id
        ]
        theirs = [other for name, other in others if who is not None and name == plan.practitioner]
        span = each.begin, each.end
        if any(_overlap(span, (other.begin, other.end)) for other in theirs):
            yield self.doubled, "the practitioner has another session"
        taken = [(other.begin, other.end) for _, other in others]
        taken += self.clinic.room_busy[each.day]
        if any(
            sum(begin <= minute < end for begin, end in taken) >= ROOMS for minute in range(*span)
        ):
            yield self.doubled, "both rooms are taken"
        most = who.most_sessions_a_day if who is not None else None
        for among, limit in ((theirs, most), ([other for _, other in others], MOST_SESSIONS_A_DAY)):
            if limit is not None and len(among) >= limit:
                yield self.illegal, f"{len(among)} other sessions are on that day"

    def _holds(
        self,
        promise: bool,
        found: list[str],
        plan: Shown,
        each: Appointment | None,
        otherwise: str,
    ) -> None:
        self.tried += 1
        if not promise:
            what = "" if each is None else f", {each.in_words}"
            line = f"{plan.id} (revision {plan.revision}{what}): {otherwise}"
            if line not in found:
                found.append(line)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last that the month has."""
    years, month = divmod(day.month - 1 + months, 12)
    following = date(day.year + years + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(day.year + years, month + 1, min(day.day, last))
