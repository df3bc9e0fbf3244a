"""What an agenda says of a book: by day, with what clashes, what is overdue and what is missing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from mesoplan import BusyCalendar, BusySpan, DateRange, Practitioner, Request, Session, TimeRange
from mesoplan.model.plan import Status
from mesoplan.planning.agenda import Agenda, BookEntry, agenda_of, usual_zone_of
from tests.plan_books import book_entry, session_at

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = DateRange(date(2026, 12, 1), date(2026, 12, 1))
ZONE = "Europe/Paris"


def a_plan(name: str, *starts: str, minutes: int = 30, **fields: Any) -> BookEntry:
    """A plan whose sessions begin at these times in UTC, “12-01 10:00”, perhaps with a status."""
    sessions = []
    for number, text in enumerate(starts, start=1):
        start, _, status = text.partition(" = ")
        moment = datetime.fromisoformat(f"2026-{start}+00:00").astimezone(ZoneInfo(ZONE))
        status_of = Status(status or "planned")
        sessions.append(session_at(f"{name}-{number}", number, moment, minutes, status=status_of))
    fields.setdefault("patient", name.title())
    return book_entry(name, sessions, total=fields.pop("total", len(starts)), **fields)


def on(*plans: BookEntry, days: DateRange = DAY, rooms: int = 1, **clinic: Any) -> Agenda:
    of_one = clinic.pop("of_one", None)
    return agenda_of(plans, days, Request("", timezone=ZONE, rooms=rooms, **clinic), NOW, of_one)


def names(agenda: Agenda) -> list[tuple[str, str]]:
    return [
        (f"{each.start:%d %H:%M}", f"{each.entry.path.name} {each.number}")
        for day in agenda.found
        for each in day.bookings
    ]


def test_sessions_are_told_by_day_and_time_on_the_clinics_clocks() -> None:
    found = on(
        a_plan("ann", "11-30 22:29", "11-30 23:00", "12-01 22:29", "12-01 23:00"),
        a_plan("bob", "12-01 08:00"),
    )
    assert names(found) == [
        ("01 00:00", "ann.ics 2/4"),
        ("01 09:00", "bob.ics 1/1"),
        ("01 23:29", "ann.ics 3/4"),
    ]
    assert [(day.day, day.active, day.at_once) for day in found.found] == [(DAY.first, 3, 1)]
    assert found.next_day == date(2026, 12, 2)


def test_what_is_past_and_not_said_is_overdue_in_the_whole_book_and_the_oldest_comes_first() -> (
    None
):
    found = on(
        a_plan("ann", "11-20 10:00", "11-27 10:00 = attended", "12-01 11:59", "12-01 12:00"),
        a_plan("bob", "11-10 10:00", "11-17 10:00 = missed", "11-18 10:00 = cancelled"),
    )
    assert [f"{each.entry.path.name} {each.number}" for each in found.overdue] == [
        *("bob.ics 1/3", "ann.ics 1/4", "ann.ics 3/4")
    ]
    assert [each.status for each in found.found[0].bookings] == ["not recorded", ""]


def test_more_sessions_at_once_than_rooms_are_a_clash_and_those_that_touch_are_none() -> None:
    ann, bob = a_plan("ann", "12-01 10:00"), a_plan("bob", "12-01 10:15")
    cid, dan = a_plan("cid", "12-01 10:45"), a_plan("dan", "12-01 10:15 = cancelled")
    (clash,) = on(ann, bob, cid, dan).clashes
    assert (clash.kind, clash.sessions) == ("rooms", 2)
    assert (f"{clash.start:%H:%M}", f"{clash.end:%H:%M}") == ("11:15", "11:30")
    assert [each.entry for each in clash.bookings] == [ann, bob]
    assert not on(ann, bob, cid, dan, rooms=2).clashes
    found = on(ann, bob, cid, dan).found[0]
    assert [each.at_once for each in found.bookings] == [2, 2, 0, 1]
    assert (found.active, found.at_once) == (3, 2)


def test_one_patient_twice_at_once_is_a_clash_in_any_number_of_rooms() -> None:
    ann, too = a_plan("ann", "12-01 10:00"), a_plan("too", "12-01 10:00", patient=" ANN ")
    nobody = [a_plan(name, "12-01 10:00", patient=None) for name in ("x", "y")]
    (clash,) = on(ann, too, *nobody, rooms=4).clashes
    assert (clash.kind, clash.sessions) == ("patient", 2)
    assert [each.entry for each in clash.bookings] == [ann, too]


def test_an_agenda_of_one_has_what_is_theirs_and_the_clashes_that_touch_them() -> None:
    ann = a_plan("ann", "11-30 10:00", "12-01 10:00", "12-09 10:00", total=4, treats="roux")
    bob = a_plan("bob", "11-30 10:00", "12-01 10:15", "12-03 10:00", total=4, treats="duval")
    cid, dan = (a_plan(name, "12-01 15:00", treats="duval") for name in ("cid", "dan"))
    found = on(ann, bob, cid, dan, of_one="roux")
    assert names(found) == [("01 11:00", "ann.ics 2/4")]
    assert {each.entry.path for each in found.overdue} == {ann.path}
    assert [each.entry for each in found.unfinished] == [ann]
    assert [(each.kind, len(each.bookings)) for each in found.clashes] == [("rooms", 2)]
    assert (found.next_day, found.own_plans, found.plans) == (date(2026, 12, 9), 1, 4)


def calendar(*times: str) -> tuple[BusyCalendar, ...]:
    """A calendar with what is from and until a time in UTC, “12-01 15:00 15:30”."""
    spans = []
    for text in times:
        day, begin, end = text.split()
        moments = (datetime.fromisoformat(f"2026-{day} {at}+00:00") for at in (begin, end))
        spans.append(BusySpan(*moments))
    return (BusyCalendar("diary.ics", tuple(spans)),)


def busy(*plans: BookEntry, **clinic: Any) -> list[tuple[str, str | None, list[str]]]:
    clashes = on(*plans, **clinic).clashes
    assert {clash.kind for clash in clashes} <= {"busy"}
    return [
        (
            f"{clash.start:%H:%M}",
            clash.practitioner or clash.lacks,
            [each.entry.plan.id for each in clash.bookings],
        )
        for clash in clashes
    ]


def test_sessions_to_come_that_a_diary_leaves_no_time_for_are_told() -> None:
    diary = calendar("12-01 10:00 10:30", "12-01 14:15 15:00")
    staff = (Practitioner("roux", "Dr Roux", busy=diary), Practitioner("duval", "Dr Duval"))
    plans = [
        a_plan("past", "12-01 10:00", treats="roux"),
        a_plan("before", "12-01 13:30", treats="roux"),
        a_plan("ann", "12-01 14:00", treats="roux"),
        a_plan("bob", "12-01 14:00", treats="duval"),
        a_plan("cid", "12-01 15:00", treats="roux"),
        a_plan("off", "12-01 14:30 = cancelled", treats="roux"),
    ]
    assert busy(*plans, rooms=9, practitioners=staff) == [("15:00", "roux", ["ann"])]
    # The clinic's calendar is everybody's.
    at_two = calendar("12-01 14:00 14:30")
    found = busy(*plans, rooms=9, practitioners=staff[1:], busy=at_two)
    assert found == [("15:00", None, ["ann"]), ("15:00", None, ["bob"])]


def test_sessions_outside_the_practitioners_hours_of_today_are_told() -> None:
    mornings = ((TimeRange(9 * 60, 12 * 60),),) * 7
    staff = (Practitioner("roux", "Dr Roux", hours=mornings),)
    plans = [a_plan("ann", "12-01 13:00", treats="roux"), a_plan("bob", "12-01 14:00")]
    found = busy(*plans, practitioners=staff)
    assert found == [("14:00", "roux", ["ann"]), ("15:00", "practitioner", ["bob"])]


def test_a_session_without_a_practitioner_needs_one_who_is_free_at_each_minute() -> None:
    first = Practitioner("roux", "Dr Roux", busy=calendar("12-01 14:00 14:15"))
    for begin, is_told in (("14:15", False), ("14:10", True)):
        second = Practitioner("duval", "D", busy=calendar(f"12-01 {begin} 14:30"))
        found = busy(a_plan("ann", "12-01 14:00"), practitioners=(first, second))
        assert found == [("15:00", "practitioner", ["ann"])] * is_told
    # One treats somebody else, and the other is busy.
    plans = [a_plan("ann", "12-01 14:00"), a_plan("bob", "12-01 14:00", treats="duval")]
    staff = (first, Practitioner("duval", "Dr Duval"))
    found = busy(*plans, rooms=2, practitioners=staff)
    assert found == [("15:00", "practitioner", ["ann", "bob"])]


def test_what_takes_a_room_leaves_fewer_for_the_sessions_to_come() -> None:
    laser = calendar("12-01 14:20 15:00")
    plans = [a_plan("ann", "12-01 14:00"), a_plan("bob", "12-01 14:00")]
    assert not busy(plans[0], rooms=2, room_busy=laser)
    assert busy(plans[0], room_busy=laser) == [("15:00", "room", ["ann"])]
    assert busy(*plans, rooms=2, room_busy=laser) == [("15:00", "room", ["ann", "bob"])]
    assert not busy(*plans, rooms=3, room_busy=laser)


def test_plans_of_a_practitioner_who_is_gone_are_told_while_sessions_are_to_come() -> None:
    ann = a_plan("ann", "11-24 10:00 = attended", "12-08 10:00", treats="duval")
    bob = a_plan("bob", "11-24 10:00 = attended", treats="duval")
    cid, dan = a_plan("cid", "12-08 10:00", treats="roux"), a_plan("dan", "12-08 10:00")
    staff = (Practitioner("roux", "Dr Roux"),)
    gone = on(ann, bob, cid, dan, practitioners=staff).deserted
    assert [(each.entry, each.to_come) for each in gone] == [(ann, 1)]
    assert not on(ann, bob, cid, dan).deserted


def test_a_session_that_began_the_day_before_still_takes_its_room() -> None:
    night = a_plan("ann", "11-30 22:30", minutes=60)
    found = on(night, a_plan("bob", "11-30 23:00"))
    assert names(found) == [("01 00:00", "bob.ics 1/1")]
    assert found.found[0].at_once == 2
    assert len(found.clashes) == 1


def test_a_course_without_all_its_sessions_is_told() -> None:
    lacking = a_plan("ann", "12-08 10:00", total=2)
    without = a_plan("bob", "11-24 10:00 = attended", total=2)
    ended = a_plan("cid", "11-24 10:00 = attended", total=2, cancelled=True)
    found = on(lacking, without, ended, a_plan("dan", "12-08 10:00"))
    assert [(each.entry, each.active, each.has_next) for each in found.unfinished] == [
        (lacking, 1, True),
        (without, 1, False),
    ]


def test_plans_that_break_a_rule_are_told() -> None:
    bad = a_plan("ann", "12-08 10:00", "12-15 10:00", "12-31 10:00")
    good = a_plan("bob", "12-09 10:00", "12-16 10:00", "12-23 10:00")
    (broken,) = on(good, bad).broken
    assert broken.entry == bad
    assert [(each.code, each.size, each.unit) for each in broken.problems] == [("R2", 2, "days")]


def test_a_rule_that_only_the_past_breaks_is_nobodys_task_any_more() -> None:
    past = a_plan("ann", "11-05 10:00 = attended", "11-24 10:00 = attended", "12-08 10:00")
    assert not on(past).broken
    # Unless what is to come breaks it.
    (broken,) = on(a_plan("bob", "11-05 10:00 = attended", "12-02 10:00", "12-09 10:00")).broken
    assert [each.code for each in broken.problems] == ["R2"]


def test_a_session_that_is_late_for_a_recorded_reason_is_nobodys_task() -> None:
    entry = a_plan("ann", "11-05 10:00 = attended", "12-02 10:00", "12-09 10:00")
    first, second, third = entry.plan.sessions
    late = replace(second, late="travel delay")
    assert not on(entry._replace(plan=replace(entry.plan, sessions=(first, late, third)))).broken


def test_the_zone_is_that_of_most_plans() -> None:
    plans = [a_plan("ann", zone="Asia/Bangkok"), a_plan("bob"), a_plan("cid")]
    assert usual_zone_of(plans) == ZONE
    assert usual_zone_of(plans[:2]) == "Asia/Bangkok"
    assert usual_zone_of([]) is None


def seconds_of(session: Session) -> range:
    return range(int(session.start.timestamp()), int(session.end.timestamp()), 300)


def test_loads_and_clashes_are_those_that_counting_each_minute_finds() -> None:
    random = Random(5)
    midnight = datetime(2026, 11, 30, 23, tzinfo=UTC)
    for _ in range(40):
        plans = []
        for number in range(random.randint(0, 9)):
            at = midnight + timedelta(minutes=5 * random.randrange(24))
            status = random.choice(["", "", "", " = cancelled"])
            length = 5 * random.randint(1, 8)
            treats = random.choice([None, "a", "b", "c", "gone"])
            text = f"{at:%m-%d %H:%M}{status}"
            plans.append(a_plan(f"p{number}", text, minutes=length, treats=treats))
        rooms = random.randint(1, 3)
        staff = [Practitioner(each, each.upper()) for each in "abc"][: random.randint(0, 3)]
        found = on(*plans, rooms=rooms, practitioners=tuple(staff))
        running: dict[int, set[str]] = {}
        treating: dict[int, list[str | None]] = {}
        for plan in plans:
            for session in plan.plan.sessions:
                for second in seconds_of(session):
                    running.setdefault(second, set()).add(plan.plan.id)
                    treating.setdefault(second, []).append(plan.practitioner)
        for day in found.found:
            for each in day.bookings:
                most = max(len(running.get(second, ())) for second in seconds_of(each.session))
                assert each.at_once == (0 if each.session.is_dropped else most)
        named = {each.id for each in staff}
        expected: dict[tuple[str, str | None], set[int]] = {("rooms", None): set()}
        for second, those in treating.items():
            if len(those) > rooms:
                expected["rooms", None].add(second)
            for who in ("a", "b", "c", "gone"):
                if those.count(who) > 1:
                    expected.setdefault(("practitioner", who), set()).add(second)
            if named and None in those and those.count(None) + len(named & {*those}) > len(named):
                expected.setdefault(("practitioners", None), set()).add(second)
        told: dict[tuple[str, str | None], set[int]] = {("rooms", None): set()}
        for clash in found.clashes:
            seconds = range(int(clash.start.timestamp()), int(clash.end.timestamp()), 300)
            told.setdefault((clash.kind, clash.practitioner), set()).update(seconds)
        assert told == expected
