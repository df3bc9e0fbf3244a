"""What happens in a year, day by day: calls, no-shows, illness, diaries that change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random
from uuid import UUID

import mesoplan
from tests.proving.year.checker import HOLIDAYS, Wish
from tests.proving.year.clinic import (
    CLOSINGS,
    FIRST,
    HALF_DAYS,
    HOURS,
    LAST,
    LAST_KNOWN,
    PROTOCOLS,
    WHOLE_DAY,
    Clinic,
    Person,
    add_appointment,
    days_from,
    new_clinic,
    take,
)
from tests.proving.year.desk import Desk

MORNING = 7 * 60 + 30
NO_SHOW, LATE = 0.04, 0.04
CALLS = 0.012
"""How likely a patient with an appointment to come calls on a day."""
ILL = 1 / 45
DIARY_CHANGES = 0.4
OFTEN = (30, 20, 10, 15, 10, 8, 7)
"""How often each goal is asked for, of a hundred times."""
NAMED = date(2027, 2, 1)
"""From this day on the program knows who treats."""
GOES, COMES = date(2027, 9, 30), "weber"
"""The last day of Dr Roux, and who comes in her place."""


class Year:
    """A clinic, its patients, and a random year."""

    def __init__(self, seed: int, patients: int, desk_in: Callable[[Clinic], Desk] = Desk) -> None:
        self.random = Random(seed)
        self.desk = desk_in(new_clinic(self.random))
        self.checker, self.clinic = self.desk.checker, self.desk.clinic
        open_days = [day for day in days_from(FIRST, LAST) if self._is_open(day)]
        self.new: dict[date, int] = {}
        for _ in range(patients):
            day = self.random.choice(open_days)
            self.new[day] = self.new.get(day, 0) + 1
        self.late: dict[tuple[str, str], int] = {}
        """Appointments whose patient is late today, and when they end then."""

    def _is_open(self, day: date) -> bool:
        closed = any(first <= day <= last for first, last, _ in CLOSINGS)
        return bool(HOURS[day.weekday()]) and day not in HOLIDAYS and not closed

    def run(self) -> None:
        """Let it all happen."""
        for day in days_from(FIRST, LAST):
            self.desk.day, self.desk.minute = day, MORNING
            self._morning(day)
            if self._is_open(day):
                self._hours(day)
            self.desk.minute = WHOLE_DAY[1] - 1
            self.checker.everything((day, self.desk.minute))
        self.checker.accounted_for()

    # ------------------------------------------------------------ before the first patient

    def _morning(self, day: date) -> None:
        desk, clinic = self.desk, self.clinic
        if day == FIRST:
            desk.clinic_changed()
        if day == NAMED:
            clinic.are_named = True
            desk.look_again(days_from(day, LAST_KNOWN))
        for first, last, known in CLOSINGS:
            if known == day:
                clinic.closed.update(days_from(first, last))
                desk.look_again(days_from(first, last))
        for each, span, known in HALF_DAYS:
            if known == day:
                clinic.shut[each].append(span)
                desk.look_again([each])
        if day == GOES + timedelta(days=1):
            self._one_goes_another_comes()
        if not self._is_open(day):
            return
        for name, person in clinic.people.items():
            if (
                person.hours[day.weekday()]
                and day <= person.last_day
                and self.random.random() < ILL
            ):
                ill = list(days_from(day, day + timedelta(days=self.random.randrange(4))))
                take(person.diary, ill)
                desk.done["ill"] += 1
                desk.look_again(ill, name)
        if self.random.random() < DIARY_CHANGES:
            self._diary_changes(day)

    def _diary_changes(self, day: date) -> None:
        """Somebody's diary, the laser's or the clinic's has something new, or something less."""
        other = day + timedelta(days=self.random.randrange(1, 56))
        kind = self.random.random()
        self.desk.done["diary changed"] += 1
        if kind < 0.1:
            begin = self.random.randrange(9 * 60, 17 * 60, 15)
            self.clinic.busy[other].append((begin, begin + 60))
            self.desk.look_again([other])
        elif kind < 0.2:
            begin = self.random.randrange(9 * 60, 16 * 60, 15)
            self.clinic.room_busy[other].append((begin, begin + 120))
            self.desk.look_again([other])
        else:
            name = self.random.choice(sorted(self.clinic.people))
            person = self.clinic.people[name]
            if kind < 0.35 and person.diary[other]:
                person.diary[other].pop()
                self.desk.clinic_changed()
                return
            add_appointment(person, other, self.random)
            self.desk.look_again([other], name)

    def _one_goes_another_comes(self) -> None:
        """Somebody is gone without notice; a plan of theirs changes once it says who treats."""
        desk, people = self.desk, self.clinic.people
        people["roux"].last_day = GOES
        people[COMES] = Person(HOURS)
        desk.clinic_changed()
        for plan_id, plan in list(desk.plans.items()):
            if plan.request.practitioner != "roux" or not plan.coming(desk.now):
                continue
            if desk.change(plan_id, mesoplan.Replan()):
                self.checker.illegal.append(f"{plan_id}: is planned again with somebody gone")
            for other in (COMES, "petit"):
                if desk.change(plan_id, mesoplan.Replan(), practitioner=other):
                    break
            else:
                for session in plan.coming(desk.now):
                    if desk.plans[plan_id].find(session.name) is not None:
                        desk.drop(plan_id, session.name, practitioner=COMES)

    # ------------------------------------------------------------ a day

    def _hours(self, day: date) -> None:
        """Calls and sessions, as they come."""
        opens, closes = HOURS[day.weekday()][0][0], HOURS[day.weekday()][-1][1]
        calls = [(self.random.randrange(opens, closes), "new") for _ in range(self.new.get(day, 0))]
        for plan_id, plan in self.desk.plans.items():
            to_come = plan.coming(self.desk.now)
            if to_come and to_come[0].day > day and self.random.random() < CALLS:
                calls.append((self.random.randrange(opens, closes), plan_id))
        calls.sort(reverse=True)
        waiting = self._waiting(day)
        while calls or waiting:
            if calls and (not waiting or calls[-1][0] < waiting[0][0]):
                self.desk.minute, what = calls.pop()
                if what == "new":
                    self._new_patient()
                else:
                    self._call(what)
            else:
                self.desk.minute, plan_id, name = waiting[0]
                self._session(plan_id, name)
            waiting = self._waiting(day)

    def _waiting(self, day: date) -> list[tuple[int, str, mesoplan.SessionName]]:
        """The sessions of today that are not recorded, by when they end."""
        found = []
        for plan in self.desk.plans.values():
            for each in plan.active:
                if each.day == day and each.status is mesoplan.Status.PLANNED:
                    end = each.end.hour * 60 + each.end.minute
                    found.append((self.late.get((plan.id, each.uid), end), plan.id, each.name))
        return sorted(found)

    def _session(self, plan_id: str, name: mesoplan.SessionName) -> None:
        """What came of a session whose time is over."""
        desk = self.desk
        session = desk.plans[plan_id].find(name)
        assert session is not None
        ends = self.late.pop((plan_id, session.uid), None)
        if ends is not None:
            self._late(plan_id, session, ends)
        elif (chance := self.random.random()) < NO_SHOW:
            desk.done["no-show"] += 1
            desk.drop(plan_id, name)
        elif chance < NO_SHOW + LATE:
            self.late[plan_id, session.uid] = desk.minute + self.random.randrange(5, 30, 5)
        else:
            desk.change(plan_id, mesoplan.Attend((name,)))

    def _late(self, plan_id: str, session: mesoplan.Session, ends: int) -> None:
        """The patient came late, and was treated if there still was time."""
        desk, checker = self.desk, self.checker
        plan, wish = checker.plans[plan_id], checker.wishes[plan_id]
        there = next(each for each in plan.appointments if each.uid == session.uid)
        instead = there._replace(begin=ends - (there.end - there.begin), end=ends)
        if any(checker.hindrances(plan, wish, instead)):
            desk.done["came too late"] += 1
            desk.drop(plan_id, session.name)
        else:
            desk.done["came late"] += 1
            clock = time(*divmod(instead.begin, 60))
            desk.change(plan_id, mesoplan.Attend((session.name,), session.day, clock))

    # ------------------------------------------------------------ the telephone

    def _new_patient(self) -> None:
        random, today = self.random, self.desk.day
        goal = random.choices(list(PROTOCOLS), OFTEN)[0]
        sessions, minutes, yearly = PROTOCOLS[goal]
        start = today + timedelta(days=random.randrange(1, 21))
        wish = Wish(goal, minutes, start, sessions, yearly)
        kind = random.random()
        if kind < 0.12:
            wish.start = None
            wish.arrive = today + timedelta(days=random.randrange(5, 40))
            wish.depart = wish.arrive + timedelta(days=random.randrange(30, 75))
        elif kind < 0.17:
            wish.finish_by = today + timedelta(days=random.randrange(100, 150))
        if random.random() < 0.3:
            first = today + timedelta(days=random.randrange(7, 60))
            wish.away.append((first, first + timedelta(days=random.randrange(1, 10))))
        if random.random() < 0.2:
            weekday, begin = random.randrange(5), random.randrange(9 * 60, 16 * 60, 30)
            for day in days_from(today, today + timedelta(days=200)):
                if day.weekday() == weekday:
                    wish.busy[day].append((begin, begin + 120))
        treats = [
            name
            for name, person in self.clinic.people.items()
            if today <= person.last_day and (not person.goals or goal in person.goals)
        ]
        request = mesoplan.Request(
            goal,
            wish.start,
            arrive=wish.arrive,
            depart=wish.depart,
            finish_by=wish.finish_by,
            away=tuple(mesoplan.DateRange(*days) for days in wish.away),
            flex_days=random.choice((0, 14)) if wish.start or wish.arrive else 0,
            time_of_day=self._any_time(),
            practitioner=(
                random.choice(treats) if self.clinic.are_named and random.random() < 0.15 else None
            ),
            timezone="Europe/Paris",
            plan_id=str(UUID(int=random.getrandbits(128), version=4)),
        )
        self.desk.plan(request, wish)

    def _any_time(self) -> time | mesoplan.TimeRange:
        if self.random.random() < 0.3:
            half_day = self.random.choice(((9 * 60, 13 * 60), (13 * 60, 19 * 60)))
            return mesoplan.TimeRange(*half_day)
        return time(self.random.randrange(9, 18), self.random.choice((0, 30)))

    def _call(self, plan_id: str) -> None:
        """A patient calls, and wants something else."""
        random, desk = self.random, self.desk
        plan, wish = desk.plans[plan_id], self.checker.wishes[plan_id]
        session = random.choice(plan.coming(desk.now)[:4])
        today = desk.day
        kind = random.random()
        if kind < 0.4:
            for _ in range(5):
                day = session.day + timedelta(days=random.randrange(-6, 8))
                clock = time(random.randrange(9, 18), random.choice((0, 15, 30, 45)))
                asked = clock if random.random() < 0.4 else None
                # Who asks for an earlier first day gives up the START that was asked for.
                start = min(wish.start, day) if wish.start is not None else None
                sooner = replace(wish, start=start)
                move = mesoplan.Move(session.name, day, asked)
                if day > today and desk.change(plan_id, move, sooner):
                    return
        elif kind < 0.65:
            first = today + timedelta(days=random.randrange(1, 35))
            days = first, first + timedelta(days=random.randrange(12))
            away = replace(wish, away=[*wish.away, days])
            desk.change(plan_id, mesoplan.Away((mesoplan.DateRange(*days),)), away)
        elif kind < 0.75:
            by = random.choice((1, 1, 2, -1))
            more = replace(wish, sessions=wish.sessions + by)
            desk.change(plan_id, mesoplan.Extend(by), more)
        elif kind < 0.83:
            desk.change(plan_id, mesoplan.Replan(), time_of_day=self._any_time())
        elif kind < 0.88:
            self._another_trip(plan_id, wish)
        elif kind < 0.93 and self.clinic.are_named:
            others = [each for each in self.clinic.people if each != plan.request.practitioner]
            desk.change(plan_id, mesoplan.Replan(), practitioner=random.choice(others))
        elif kind < 0.98:
            fewer = replace(wish, sessions=wish.sessions - 1)
            if session.kind == "maintenance":
                fewer = replace(wish, given_up=wish.given_up + 1)
            desk.change(plan_id, mesoplan.Cancel(session.name), fewer)
        else:
            desk.change(plan_id, mesoplan.Cancel())

    def _another_trip(self, plan_id: str, wish: Wish) -> None:
        """The flight there is later, or the one home is on another day."""
        if wish.arrive is None or wish.depart is None:
            return
        off = timedelta(days=self.random.randrange(-5, 6))
        if self.desk.day < wish.arrive:
            later = replace(wish, arrive=wish.arrive + abs(off))
            self.desk.change(plan_id, mesoplan.Replan(), later, arrive=later.arrive)
        else:
            other = replace(wish, depart=wish.depart + off)
            self.desk.change(plan_id, mesoplan.Replan(), other, depart=other.depart)
