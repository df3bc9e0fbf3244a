"""Clinics with practitioners, rooms and diaries, held against the slow search.

MESOPLAN_TIMES=100 looks at a hundred times as many clinics.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from itertools import islice, pairwise
from random import Random

import pytest

from mesoplan import DateRange, InvalidInput, NoLegalPlan, Plan, Practitioner, Request, plan
from tests.examples import examples
from tests.instances_clinic import Clinic, random_clinic
from tests.oracle import days_after, is_usable
from tests.oracle_clinic import ClinicOracle, Right, expected, is_nonsense, tries

TODAY = date(2025, 6, 1)
CHUNK_SIZE = examples(15)
Found = tuple[str | None, list[tuple[str, str]]]


def found_or_refused(request: Request) -> Plan | None:
    try:
        return plan(request, not_before=TODAY, explains=False)
    except NoLegalPlan:
        return None


def of_plan(found: Plan | None) -> Found | None:
    """Who treats, and when sessions begin and end, with the offset from UTC."""
    if found is None:
        return None
    moments = [(each.start.isoformat(), each.end.isoformat()) for each in found.sessions]
    return found.request.practitioner, moments


def of_right(right: Right | None) -> Found | None:
    if right is None:
        return None
    moments = [(slot.begin.isoformat(), slot.end.isoformat()) for slot in right.slots]
    return right.practitioner, moments


def clinics(seed: int) -> Iterator[Clinic]:
    """Random clinics, without those in which nobody can treat."""
    random = Random(seed)
    while True:
        clinic = random_clinic(random)
        if not is_nonsense(clinic.request):
            yield clinic


def planned(seed: int, count: int) -> Iterator[tuple[Plan, ClinicOracle]]:
    """Plans for random clinics, those that refuse left out, with what is right for who treats."""
    for clinic in clinics(seed):
        found = found_or_refused(clinic.request)
        if found is not None and clinic.request.sessions and clinic.request.start:
            yield found, ClinicOracle(found.request, clinic.others)
            count -= 1
        if not count:
            return


@pytest.mark.parametrize("chunk", range(2))
def test_days_times_and_who_treats_equal_those_of_the_exhaustive_search(chunk: int) -> None:
    refused = several = not_the_first = 0
    for clinic in islice(clinics(7012 + chunk), CHUNK_SIZE):
        request, right = clinic.request, expected(*clinic)
        found = found_or_refused(request)
        assert of_plan(found) == of_right(right), clinic
        refused += right is None
        able = tries(request)
        several += len(able) > 1
        not_the_first += right is not None and right.practitioner != able[0].practitioner
    # The instances are as hard as they are meant to be.
    assert CHUNK_SIZE / 5 < refused < CHUNK_SIZE * 4 / 5
    assert several > CHUNK_SIZE / 10
    assert not_the_first


def test_a_request_in_which_nobody_can_treat_is_refused_as_such() -> None:
    random, refused = Random(7100), 0
    while refused < examples(2):
        request = random_clinic(random).request
        if is_nonsense(request):
            refused += 1
            with pytest.raises(InvalidInput):
                plan(request, not_before=TODAY)


def test_every_way_out_of_a_refusal_is_a_plan_and_the_best_one() -> None:
    codes: Counter[str] = Counter()
    for clinic in clinics(7222):
        request = clinic.request
        if codes["refusals"] >= examples(2):
            break
        if found_or_refused(request) is not None:
            continue
        with pytest.raises(NoLegalPlan) as refusal:
            plan(request, not_before=TODAY)
        codes["refusals"] += 1
        ways = refusal.value.ways_out
        for way in ways:
            changed = replace(request, **way.change)
            again = plan(changed, not_before=TODAY)
            assert of_plan(again) == of_right(expected(changed, clinic.others)), way
            codes[way.code] += 1
    assert codes.total() > 2 * codes["refusals"]


def test_another_practitioner_is_offered_if_and_only_if_one_of_them_has_a_course() -> None:
    offered = none = 0
    for request, others in clinics(7302):
        if offered and none:
            return
        if request.practitioner is None or len(request.practitioners) < 2:
            continue
        if found_or_refused(request) is not None:
            continue
        # The first of the others, in the clinic's order.
        anybody = tries(replace(request, practitioner=None))
        rest = [each for each in anybody if each.practitioner != request.practitioner]
        right = [each.practitioner for each in rest if expected(each, others) is not None]
        if offered if right else none:
            continue
        with pytest.raises(NoLegalPlan) as refusal:
            plan(request, not_before=TODAY)
        ways = [way for way in refusal.value.ways_out if "practitioner" in way.change]
        assert [way.change["practitioner"] for way in ways] == right[:1]
        offered, none = offered + bool(right), none + (not right)


def test_intervals_and_windows_are_of_days_on_which_the_one_who_treats_is_free() -> None:
    for found, oracle in planned(7400, examples(4)):
        days = [session.day for session in found.sessions]
        assert all((b - a).days in oracle.legal_intervals for a, b in pairwise(days))
        for index, session in enumerate(found.sessions):
            movable = []
            for shift in range(-14, 15):
                moved = [*days[:index], days_after(days[index], shift), *days[index + 1 :]]
                legal = all((b - a).days in oracle.legal_intervals for a, b in pairwise(moved))
                in_time = moved[index] >= min(found.request.start or days[0], days[0])
                if legal and in_time and oracle.best_slot(moved[index]):
                    movable.append(moved[index])
            assert session.window == DateRange(movable[0], movable[-1])


OF_TIMES = {"CLOSURE", "BUSY", "CAPACITY", "PRACTITIONER", "DAY_FULL", "AWAY"}


def test_each_reason_names_something_that_does_take_the_day_or_the_time() -> None:
    codes: Counter[str] = Counter()
    for found, oracle in planned(7502, examples(15)):
        for session in found.sessions:
            for reason in session.reasons:
                code = reason.code.value
                if reason.days == (session.day,):
                    if code in OF_TIMES:
                        assert code in set(oracle.taken_by(next(oracle.slots(session.day))))
                        codes[f"{code} at a time"] += 1
                    continue
                for day in reason.days:
                    if code == "WEEKDAY":
                        assert oracle.is_other(day)
                        continue
                    no_course = session.number == 1 and code == "LOOK_AHEAD"
                    assert (oracle.best_slot(day) is not None) == no_course
                    if code in OF_TIMES and is_usable(oracle.request, day):
                        slots = [set(oracle.taken_by(slot)) for slot in oracle.slots(day)]
                        assert any(code in taken for taken in slots)
                        assert all(slots)
                        codes[f"{code} all day"] += 1
    assert {code.partition(" ")[0] for code in codes} == OF_TIMES


def test_a_practitioner_who_works_as_long_as_the_clinic_is_open_changes_nothing() -> None:
    compared = 0
    for request, _ in clinics(7600):
        if request.opening_hours is None or request.timezone != "Asia/Bangkok":
            continue
        alone = Practitioner("ann", "Dr Ann", request.opening_hours)
        with_her = replace(request, booked=None, practitioners=(alone,), practitioner=None)
        without = replace(with_her, practitioners=())
        if request.open_days:
            continue
        (_, found), (_, same) = (
            of_plan(found_or_refused(each)) or (None, None) for each in (with_her, without)
        )
        assert found == same
        compared += 1
        if compared == examples(3):
            return


def test_a_practitioner_of_whom_nothing_is_known_changes_nothing() -> None:
    # On 28 March the clocks skip the time.
    request = Request(
        "cellulite",
        date(2027, 3, 7),
        sessions=4,
        time_of_day=time(2, 30),
        timezone="Europe/Paris",
    )
    alone = plan(request, not_before=TODAY)
    gone = plan(replace(request, practitioner="ann"), not_before=TODAY)
    assert gone.notices == alone.notices
    assert [each.start for each in gone.sessions] == [each.start for each in alone.sessions]
