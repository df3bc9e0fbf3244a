"""The checker of the year notices each thing that could go wrong."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.proving.year.checker import Appointment, Checker, Shown, Wish
from tests.proving.year.clinic import HOURS, Clinic, Person

NOW = date(2027, 3, 1), 8 * 60
DAYS = (date(2027, 3, 2), date(2027, 3, 9), date(2027, 3, 16), date(2027, 3, 23))
WISH = Wish("hair", 30, None, 4, 0, practitioner="petit")


def _plan(name: str, begin: int = 600, who: str = "petit", revision: int = 0) -> Shown:
    course = tuple(
        Appointment(f"{name}-{number}", "course", number, "planned", day, begin, begin + 30, False)
        for number, day in enumerate(DAYS, 1)
    )
    return Shown(name, revision, who, False, course)


def _with(plan: Shown, which: int, /, **changes: Any) -> Shown:
    """The plan with something else about the appointment of that number."""
    appointments = list(plan.appointments)
    appointments[which - 1] = appointments[which - 1]._replace(**changes)
    return plan._replace(appointments=tuple(appointments))


def _checker() -> Checker:
    return Checker(Clinic({"petit": Person(HOURS), "roux": Person(HOURS)}))


def _broken(checker: Checker) -> str:
    return "\n".join((*checker.illegal, *checker.doubled, *checker.lost))


def test_it_finds_nothing_in_a_plan_that_keeps_the_rules() -> None:
    checker = _checker()
    checker.agreed(_plan("a"), WISH, NOW)
    checker.agreed(_plan("b", who="roux"), replace(WISH, practitioner="roux"), NOW)
    checker.everything(NOW)
    checker.accounted_for()
    assert _broken(checker) == ""
    assert checker.tried > 20


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"day": date(2027, 3, 24)}, "R2: 15 days"),
        ({"day": date(2027, 3, 21)}, "R2: 5 days"),
        ({"day": date(2027, 3, 28)}, "the clinic is not open"),
        ({"day": date(2027, 3, 29)}, "the clinic is closed on that day"),
        ({"begin": 1200, "end": 1230}, "the clinic is not open"),
        ({"end": 640}, "ends at minute 640"),
        ({"number": 5}, "is numbered [1, 2, 3, 5]"),
        ({"status": "cancelled"}, "has 3 sessions, not 4"),
    ],
)
def test_it_notices_a_date_that_breaks_a_rule(changes: dict[str, Any], found: str) -> None:
    checker = _checker()
    plan = _plan("a")
    if found == "R2: 15 days":
        plan = _with(plan, 3, day=date(2027, 3, 9))
    checker.agreed(_with(plan, 4, **changes), WISH, NOW)
    assert found in _broken(checker)


def _ill(clinic: Clinic) -> None:
    clinic.people["petit"].diary[DAYS[1]].append((0, 24 * 60))


def _treats_something_else(clinic: Clinic) -> None:
    clinic.people["petit"].goals = frozenset({"fat"})


def _works_in_the_afternoon(clinic: Clinic) -> None:
    clinic.people["petit"].hours = (((14 * 60, 18 * 60),),) * 7


def _is_gone(clinic: Clinic) -> None:
    clinic.people["petit"].last_day = date(2027, 3, 10)


def _closes_at_ten(clinic: Clinic) -> None:
    clinic.shut[DAYS[2]].append((600, 720))


def _meets(clinic: Clinic) -> None:
    clinic.busy[DAYS[2]].append((620, 680))


def _is_full(clinic: Clinic) -> None:
    clinic.room_busy[DAYS[2]] += [(600, 610), (605, 640)]


@pytest.mark.parametrize(
    ("happens", "found"),
    [
        (_ill, "the practitioner is busy"),
        (_treats_something_else, "does not treat hair"),
        (_works_in_the_afternoon, "does not work then"),
        (_is_gone, "nobody called petit treats"),
        (_closes_at_ten, "the clinic is closed then"),
        (_meets, "the clinic is busy"),
        (_is_full, "both rooms are taken"),
    ],
)
def test_it_notices_that_the_clinic_has_no_time(
    happens: Callable[[Clinic], None], found: str
) -> None:
    checker = _checker()
    checker.agreed(_plan("a"), WISH, NOW)
    happens(checker.clinic)
    checker.everything(NOW)
    assert found in _broken(checker)


def test_it_notices_that_the_patient_has_no_time() -> None:
    busy = replace(WISH, away=[(DAYS[0], DAYS[0])], busy=defaultdict(list))
    busy.busy[DAYS[3]].append((615, 616))
    checker = _checker()
    checker.agreed(_plan("a"), busy, NOW)
    assert "the patient is away" in _broken(checker)
    assert "the patient is busy" in _broken(checker)


def test_it_notices_a_practitioner_with_two_sessions_at_once_and_a_third_in_two_rooms() -> None:
    checker = _checker()
    checker.agreed(_plan("a"), WISH, NOW)
    checker.agreed(_plan("b", 625), WISH, NOW)
    assert "the practitioner has another session" in _broken(checker)
    assert "both rooms" not in _broken(checker)
    checker.agreed(_plan("c", 625, "roux"), replace(WISH, practitioner="roux"), NOW)
    assert "both rooms are taken" in _broken(checker)


def test_it_notices_what_is_lost() -> None:
    taken = _with(_plan("a"), 1, status="attended")
    after = _with(taken, 1, begin=630, end=660)._replace(revision=1)
    after = after._replace(appointments=after.appointments[:3])
    checker = _checker()
    checker.agreed(taken, WISH, NOW)
    checker.agreed(after, WISH, NOW)
    checker.accounted_for()
    assert "took place, and is now" in _broken(checker)
    assert "is no more" in _broken(checker)
    assert "has 3 sessions, not 4" in _broken(checker)
    assert "lacks a-4" in _broken(checker)


def test_it_notices_an_appointment_that_nobody_recorded_and_another_practitioner() -> None:
    checker = _checker()
    checker.agreed(_plan("a", who="roux"), WISH, NOW)
    checker.everything((date(2027, 3, 10), 0))
    assert "is with roux, not petit" in _broken(checker)
    assert "was never recorded" in _broken(checker)
