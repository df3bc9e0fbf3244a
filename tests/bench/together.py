"""A full table: first come, first served, placed together, and the most that could be served.

Seeded clinics are asked for as many sessions as they have room for, by patients who have little
choice of days. OR-tools' CP-SAT says how many could have a course if days were free to choose: not
each would have the best course beside the others. Where its search ends before the proof, the table
says from what it has found to what it has proven. The days off are, for each patient with a course,
how much later than START it begins, and by how many days each interval is off the preferred one.
"""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from datetime import time as clock
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

from mesoplan import Plan, Practitioner, Request, TimeRange, plan_together
from tests.bench.measuring import at_most, left_out, measured

SECONDS, QUICK_SECONDS = 20.0, 5.0
MOST_SECONDS = {100: 5.0, 1_000: 120.0}
MOST_MIB = 300.0
MONDAY = date(2026, 11, 30)


class Clinic(NamedTuple):
    """What is asked of a clinic, and how many sessions each practitioner has room for a day."""

    requests: tuple[Request, ...]
    practitioners: int
    per_day: int


class Best(NamedTuple):
    """What CP-SAT has found, and what it has proven."""

    served: int
    at_most: int


def clinic(
    patients: int, practitioners: int, per_day: int, *, seed: int = 0, load: float = 1.0
) -> Clinic:
    """A clinic whose patients want about *load* times the sessions that it has room for.

    All sessions take one slot. So only days count, and how many sessions each has.
    """
    random = Random(f"{seed} {patients} {practitioners} {per_day}")
    sessions = [random.choice([3, 4, 5, 6]) for _ in range(patients)]
    weeks = sum(sessions) / (practitioners * per_day * load) / 5
    hours = ((TimeRange(540, 540 + 30 * per_day),),) * 5
    staff = tuple(Practitioner(f"p{at}", f"Dr {at}") for at in range(practitioners))

    def request(number: int, count: int) -> Request:
        interval = random.choice([7, 7, 10, 14])
        start = MONDAY + timedelta(days=random.randrange(max(1, int(7 * weeks - 7 * count))))
        end = start + timedelta(days=(count - 1) * interval + random.choice([1, 2, 4]))
        return Request(
            "hair",
            start,
            sessions=count,
            interval_days=interval,
            maintenance_per_year=0,
            finish_by=end,
            time_of_day=clock(random.choice([9, 10])),
            duration_minutes=30,
            opening_hours=(*hours, (), ()),
            slot_minutes=30,
            rooms=practitioners,
            practitioners=staff if practitioners > 1 else (),
            plan_id=f"patient-{number:04}",
        )

    requests = tuple(request(*each) for each in enumerate(sessions))
    return Clinic(requests, practitioners, per_day)


def best(asked: Clinic, seconds: float) -> Best:
    """How many patients can have a course, by CP-SAT."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    of_day = defaultdict(list)
    served = []
    for request in asked.requests:
        assert request.start is not None
        assert request.finish_by is not None
        assert request.sessions is not None
        length = (request.finish_by - request.start).days
        days = [k for k in range(length) if (request.start + timedelta(days=k)).weekday() < 5]
        by_each = [model.new_bool_var("") for _ in range(asked.practitioners)]
        served.append(sum(by_each))
        model.add_at_most_one(by_each)
        for who, treats in enumerate(by_each):
            before: dict[int, cp_model.IntVar] = {}
            for number in range(request.sessions):
                rest = 7 * (request.sessions - 1 - number)
                there = {
                    day: model.new_bool_var("") for day in days if 7 * number <= day < length - rest
                }
                model.add(sum(there.values()) == treats)
                for day, session in there.items():
                    of_day[request.start + timedelta(days=day), who].append(session)
                    if number:
                        # One before it, within the rules.
                        earlier = [before[at] for at in range(day - 14, day - 6) if at in before]
                        model.add(sum(earlier) >= session)
                for day, session in before.items():
                    later = [there[at] for at in range(day + 7, day + 15) if at in there]
                    model.add(sum(later) >= session)
                before = there
    for sessions in of_day.values():
        model.add(sum(sessions) <= asked.per_day)
    model.maximize(sum(served))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 1
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Best(0, len(served))
    bound = int(solver.best_objective_bound + 1e-6)
    return Best(round(solver.objective_value), min(bound, len(served)))


def deviation(plans: Sequence[Plan | None]) -> float:
    """The mean days that courses are off what was asked for."""
    days = [
        (plan.sessions[0].day - (plan.request.start or MONDAY)).days
        + sum(
            abs((after.day - before.day).days - (plan.request.interval_days or 0))
            for before, after in pairwise(plan.sessions)
        )
        for plan in plans
        if plan is not None
    ]
    return sum(days) / len(days)


def row_of(asked: Clinic, seconds: float) -> str:
    """A line of the table for a clinic."""
    plain = plan_together(asked.requests, rounds=0).plans
    together = plan_together(asked.requests).plans
    served, more = (len(plans) - plans.count(None) for plans in (plain, together))
    most = "–"
    if find_spec("ortools") is not None:
        found = best(asked, seconds)
        if not more <= found.at_most:
            raise AssertionError(f"{more} are served, and {found.at_most} can be at most")
        proven = found.served == found.at_most
        most = f"{found.served}" if proven else f"{max(found.served, more)}–{found.at_most}"
    kind = "days" if asked.per_day == 1 else "hours"
    return (
        f"| {len(asked.requests)} | {kind} | {asked.practitioners} | {served} | {more} | {most} "
        f"| {deviation(plain):.1f} | {deviation(together):.1f} |"
    )


def write_clinic(folder: Path, asked: Clinic) -> None:
    """The same clinic as a profile and a table."""
    per_day = asked.per_day
    hours = f'"9:00-{9 + per_day // 2}:{30 * (per_day % 2):02}"'
    lines = [
        f"rooms = {asked.practitioners}\nslot_minutes = 30\n[hours]",
        *(f"{day} = {hours}" for day in ("mon", "tue", "wed", "thu", "fri")),
        *(
            f'[[practitioner]]\nid = "{who.id}"\nname = "{who.name}"'
            for who in asked.requests[0].practitioners
        ),
    ]
    (folder / "clinic.toml").write_text("\n".join(lines))
    header = "id,goal,start,sessions,interval,maintenance,finish-by,time,duration"
    rows = [
        f"{each.plan_id},hair,{each.start},{each.sessions},{each.interval_days},0,"
        f"{each.finish_by},{each.time_of_day:%H:%M},30"
        for each in asked.requests
        if isinstance(each.time_of_day, clock)
    ]
    (folder / "patients.csv").write_text("\n".join([header, *rows]))


def run(quick: bool) -> bool:
    """Print the table, and how long the whole command takes; whether the aims are met."""
    print("| patients | slots | practitioners | in turn | together | most | off in turn | off |")
    if find_spec("ortools") is None:
        left_out("the most that can be", "ortools is not here; the extra “bench” brings it")
    for patients in (30,) if quick else (30, 60, 100):
        for per_day in (1, 4):
            for practitioners in (1, 2):
                asked = clinic(patients, practitioners, per_day)
                print(row_of(asked, QUICK_SECONDS if quick else SECONDS), flush=True)
    met = True
    for patients, most in MOST_SECONDS.items():
        if quick and patients > 100:
            left_out(f"{patients:,} patients", "it takes a minute")
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_clinic(folder, clinic(patients, 2, 4))
            line = ("batch", "patients.csv", "-o", "plans", "--book", "plans", "--together")
            taken = measured(folder, *line, "--clinic", "clinic.toml", now="2026-11-23T09:00:00Z")
            text = f"s for {patients:,} patients"
            met = at_most(taken.processor_seconds, most, text) and met
            met = at_most(taken.mib, MOST_MIB, f"MiB for {patients:,} patients") and met
    return met
