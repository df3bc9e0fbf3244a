"""Calendar files in real programs: what khal and Radicale are left with after they took them in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from mesoplan import Plan, Request, plan
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.request import LANGUAGES, CalendarOptions
from mesoplan.wording.patient import title
from tests.calendar_programs import Khal, Radicale, events_by_uid, left, standing
from tests.examples import some

TakeIn = Callable[[bytes], list[tuple[str, datetime]]]

STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAIN = CalendarOptions()
ID = "4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f"


@pytest.fixture(params=some(["khal", "radicale", "radicale, each event"], 2))
def take_in(request: pytest.FixtureRequest, tmp_path: Path) -> TakeIn:
    """Takes a file in, over what was taken in before, and tells what is left."""
    if request.param == "khal":
        khal, path = Khal(tmp_path), tmp_path / "plan.ics"

        def import_into_khal(data: bytes) -> list[tuple[str, datetime]]:
            path.write_bytes(data)
            khal.import_file(path)
            return left(khal.appointments())

        return import_into_khal
    server = Radicale(tmp_path)

    def put(data: bytes) -> list[tuple[str, datetime]]:
        (server.put if request.param == "radicale" else server.put_each)(data)
        return left(server.appointments())

    return put


def course(zone: str = "Europe/Paris", **fields: object) -> Plan:
    request = Request("hair", date(2026, 12, 1), timezone=zone, plan_id=ID)
    return plan(replace(request, **fields))  # type: ignore[arg-type]  # by name


def placed(found: Plan) -> list[tuple[str, datetime]]:
    """The sessions of a plan, as a program is to have them."""
    sessions = (*found.sessions, *found.maintenance)
    return sorted((session.uid, session.start.astimezone(UTC)) for session in sessions)


def changed(data: bytes, serial: str, change: Callable[[bytes], bytes]) -> bytes:
    """The file with one event changed, by its text, as a new revision of it."""
    whole = events_by_uid(data)[f"{ID}-{serial}"]
    begin = whole.index(b"BEGIN:VEVENT")
    event = whole[begin : whole.rindex(b"END:VCALENDAR")]
    new = change(event).replace(b"SEQUENCE:0", b"SEQUENCE:1")
    assert data.count(event) == 1
    assert new.count(b"SEQUENCE:1") == 1
    return data.replace(event, new)


def moved(event: bytes) -> bytes:
    """From 10:00 on 15 December to 15:00 on the next day."""
    assert event.count(b"20261215T10") == 2
    return event.replace(b"20261215T10", b"20261216T15")


def cancelled(event: bytes) -> bytes:
    assert event.count(b"STATUS:CONFIRMED") == 1
    return event.replace(b"STATUS:CONFIRMED", b"STATUS:CANCELLED")


@pytest.mark.parametrize(
    ("zone", "start"),
    # Clocks change between two sessions in March and September. Cairo's file is in UTC, since the
    # zone's changes have no yearly rule.
    some(
        [
            ("Europe/Paris", date(2027, 3, 5)),
            ("Europe/Paris", date(2026, 12, 1)),
            ("Australia/Lord_Howe", date(2027, 3, 5)),
            ("Africa/Cairo", date(2027, 4, 1)),
            ("America/New_York", date(2026, 9, 20)),
            ("Asia/Kolkata", date(2026, 12, 1)),
        ],
        3,
    ),
)
def test_a_planned_course_leaves_exactly_its_sessions(
    take_in: TakeIn, zone: str, start: date
) -> None:
    found = course(zone, start=start, years=2)
    data = calendar_file(found, PLAIN, STAMP)
    assert take_in(data) == placed(found) == sorted(standing(data))


def test_a_session_in_the_night_of_a_change_of_clocks_is_at_its_instant(take_in: TakeIn) -> None:
    found = course(start=date(2026, 10, 25), time_of_day=time(6, 30))
    assert take_in(calendar_file(found, PLAIN, STAMP)) == placed(found)


def test_a_private_file_leaves_exactly_its_sessions(take_in: TakeIn) -> None:
    found = course(patient="A. B.")
    assert take_in(calendar_file(found, CalendarOptions(private=True), STAMP)) == placed(found)


def test_importing_the_same_file_again_doubles_nothing(take_in: TakeIn) -> None:
    found = course()
    data = calendar_file(found, PLAIN, STAMP)
    take_in(data)
    assert take_in(data) == placed(found)


def test_an_updated_file_leaves_exactly_the_standing_sessions(take_in: TakeIn) -> None:
    found = course()
    data = calendar_file(found, PLAIN, STAMP)
    take_in(data)
    update = changed(changed(data, "03", moved), "05", cancelled)
    before = dict(placed(found))
    expected = {**before, f"{ID}-03": datetime(2026, 12, 16, 14, tzinfo=UTC)}
    del expected[f"{ID}-05"]
    assert take_in(update) == sorted(expected.items())
    assert standing(update) == set(expected.items())


def test_a_file_of_just_the_changed_events_is_an_update_where_each_event_is_put(
    tmp_path: Path,
) -> None:
    found = course()
    data = calendar_file(found, PLAIN, STAMP)
    update = changed(changed(data, "03", moved), "05", cancelled)
    parts = events_by_uid(update)
    khal = Khal(tmp_path)
    for name, content in (
        ("plan", data),
        ("moved", parts[f"{ID}-03"]),
        ("cancelled", parts[f"{ID}-05"]),
    ):
        path = tmp_path / f"{name}.ics"
        path.write_bytes(content)
        khal.import_file(path)
    assert left(khal.appointments()) == sorted(standing(update))


def test_an_event_that_a_new_file_lacks_stays_except_where_the_whole_calendar_is_put(
    tmp_path: Path,
) -> None:
    # So a dropped session must stay in the file as a cancelled one.
    found = course()
    data = calendar_file(found, PLAIN, STAMP)
    parts = events_by_uid(data)
    gone = parts[f"{ID}-05"].partition(b"BEGIN:VEVENT")[2].removesuffix(b"END:VCALENDAR\r\n")
    without = data.replace(b"BEGIN:VEVENT" + gone, b"")
    assert len(standing(without)) == len(standing(data)) - 1
    whole, each, khal = Radicale(tmp_path / "1"), Radicale(tmp_path / "2"), Khal(tmp_path)
    for content in (data, without):
        whole.put(content)
        each.put_each(content)
        (tmp_path / "plan.ics").write_bytes(content)
        khal.import_file(tmp_path / "plan.ics")
    assert left(whole.appointments()) == sorted(standing(without))
    assert left(each.appointments()) == left(khal.appointments()) == placed(found)


def test_programs_tell_status_title_and_end(tmp_path: Path) -> None:
    data = changed(calendar_file(course(), PLAIN, STAMP), "05", cancelled)
    (tmp_path / "plan.ics").write_bytes(data)
    khal, server = Khal(tmp_path), Radicale(tmp_path / "server")
    khal.import_file(tmp_path / "plan.ics")
    server.put(data)
    for appointments in (khal.appointments(), server.appointments()):
        fifth = next(each for each in appointments if each.uid == f"{ID}-05")
        assert fifth.status == "CANCELLED"
        assert fifth.summary == "Mesotherapy 5/8"
        assert {(each.end - each.start).total_seconds() for each in appointments} == {1800}
        assert [each.status for each in appointments].count("TENTATIVE") == 2


def test_programs_show_the_titles_of_every_language(tmp_path: Path) -> None:
    titles: dict[str, str] = {}
    data = b""
    for number, language in enumerate(LANGUAGES):
        found = course(language=language, sessions=3, plan_id=f"{ID[:-1]}{number}")
        private = number % 2 == 1
        titles |= {each.uid: title(found, each, private=private) for each in found.active}
        file = calendar_file(found, CalendarOptions(private=private), STAMP)
        # One calendar with the events of all.
        begin = file.index(b"BEGIN:VEVENT") if data else 0
        data = data.removesuffix(b"END:VCALENDAR\r\n") + file[begin:]
    (tmp_path / "plan.ics").write_bytes(data)
    khal, server = Khal(tmp_path), Radicale(tmp_path / "server")
    khal.import_file(tmp_path / "plan.ics")
    server.put(data)
    for appointments in (khal.appointments(), server.appointments()):
        assert {each.uid: each.summary for each in appointments} == titles
