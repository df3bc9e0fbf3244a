"""Which events of calendar files are those of a plan, and why a plan can't be read from them."""

import re
from datetime import date
from pathlib import Path

import pytest

from mesoplan import SessionName
from mesoplan.errors import FileProblem
from mesoplan.formats.ical.events import is_cancelled
from mesoplan.formats.plan_file.finding import NotOnePlan, own_uid
from mesoplan.formats.plan_file.reading import ReadPlan, plan_in
from tests.edited_plans import ID, PATH, bare, events, request, with_more, written

ANOTHER_ID = "11111111-2222-3333-4444-555555555555"
KEPT = "use the file that the clinic kept"
ONE_BEFORE = f"{KEPT}, or the one before the last change (….ics~)"


def file(plan_id: str = ID) -> str:
    """A plan of three sessions."""
    return written(request(sessions=3, maintenance_per_year=0, plan_id=plan_id))


def read(*texts: str) -> ReadPlan:
    paths = [PATH, *(Path(f"{number}.ics") for number in range(1, len(texts)))]
    contents = [text.encode() for text in texts]
    return plan_in(zip(paths, contents, strict=True), lambda: "UTC")


def refused(*texts: str) -> tuple[Path | None, str, str]:
    """The file that is blamed, what is wrong, and what to do."""
    with pytest.raises(FileProblem) as caught:
        read(*texts)
    assert isinstance(caught.value.__cause__, NotOnePlan)
    assert str(caught.value.__cause__) == caught.value.__cause__.problem
    return caught.value.path, caught.value.problem, caught.value.remedy


EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
CHECK = "“mesoplan check” checks the dates of any calendar; “mesoplan plan” makes a plan"


def test_a_calendar_without_a_plan_is_said_to_be_one() -> None:
    assert refused(EMPTY) == (PATH, "'plan.ics': there is no plan here", CHECK)
    foreign = bare(file()).replace(ID, "visit-of-the-doctor")
    assert refused(foreign) == (PATH, "'plan.ics': there is no plan here", CHECK)
    assert refused(EMPTY, EMPTY) == (None, "these files: there is no plan here", CHECK)


def test_two_plans_in_one_file_are_refused() -> None:
    both = with_more(file(), *events(file(ANOTHER_ID)))
    remedy = "keep each plan in a file of its own"
    assert refused(both) == (PATH, "'plan.ics': there are 2 plans here, not one", remedy)
    problem = "these files: there are 2 plans here, not one"
    assert refused(file(), file(ANOTHER_ID)) == (None, problem, remedy)


def test_a_plan_without_its_events_is_refused() -> None:
    empty = re.sub(r"BEGIN:VEVENT.*END:VEVENT\r\n", "", file(), flags=re.DOTALL)
    assert refused(empty) == (PATH, "'plan.ics': the plan's events are missing", KEPT)
    assert refused(empty, EMPTY) == (None, "these files: the plan's events are missing", KEPT)


def test_events_that_a_program_gave_other_uids_are_refused() -> None:
    renamed = re.sub(r"UID:[^\r]*", "UID:made-by-the-server@example.org", file())
    assert refused(renamed) == (
        PATH,
        "'plan.ics': its events have other UIDs than the plan gave them, so that no calendar could "
        "follow a change",
        KEPT,
    )


def test_one_event_with_another_uid_is_a_copy_and_none_of_the_appointments() -> None:
    copy = events(file())[0].replace(f"UID:{ID}-01", "UID:a-copy")
    found = read(with_more(file(), copy, copy))
    assert found.found.copies == 2
    assert len(found.plan.sessions) == 3


def test_an_event_of_another_plan_without_its_record_is_none_of_the_appointments() -> None:
    other = bare(events(file(ANOTHER_ID))[0])
    assert len(read(with_more(file(), other)).plan.sessions) == 3


def test_a_task_with_the_uid_of_an_appointment_is_none() -> None:
    task = events(file())[0].replace("VEVENT", "VTODO")
    assert read(with_more(file(), task)).found.doubled == frozenset()


@pytest.mark.parametrize(
    ("record", "problem", "remedy"),
    [
        ("v=1&v=1", "it says something twice", ONE_BEFORE),
        ("v=1", "“phases” is missing", ONE_BEFORE),
        ("anything", "it is not a list of pairs", ONE_BEFORE),
        (
            "v=2",
            "it was written by a later version of this program",
            "use a later version of mesoplan",
        ),
    ],
)
def test_a_record_that_can_not_be_read_is_refused_with_its_line(
    record: str, problem: str, remedy: str
) -> None:
    in_calendar = re.sub(
        r"X-APPOINTMENT-PLAN:[^\r]*", f"X-APPOINTMENT-PLAN:{record}", file(), count=1
    )
    said = f"the plan's own record can't be read: {problem}"
    assert refused(in_calendar) == (PATH, f"'plan.ics', line 1: {said}", remedy)
    assert refused(in_calendar, EMPTY) == (PATH, f"'plan.ics', line 1: {said}", remedy)


def test_a_record_in_an_event_that_can_not_be_read_is_refused_with_the_line_of_the_event() -> None:
    broken = re.sub(r"X-APPOINTMENT:[^\r]*", "X-APPOINTMENT:kind=series", file(), count=1)
    line = broken[: broken.index("BEGIN:VEVENT")].count("\r\n") + 1
    said = "the plan's own record can't be read: “number” is missing"
    assert refused(broken, EMPTY) == (PATH, f"'plan.ics', line {line}: {said}", ONE_BEFORE)


def test_the_newest_record_is_that_of_the_plan() -> None:
    text = file()
    old, new = (text.replace("revision=0", f"revision={number}") for number in (1, 7))
    assert (
        read(with_more(re.sub(r"X-APPOINTMENT-PLAN[^\r]*\r\n", "", old, count=1))).plan.revision
        == 1
    )
    mixed = new.replace(events(new)[0], events(old)[0])
    assert read(mixed).plan.revision == 7


def moved(event: str, *, sequence: int, modified: str = "", stamp: str = "20261123T120000Z") -> str:
    """The event on 2 December, with that SEQUENCE and those stamps."""
    event = event.replace("20261201T", "20261202T")
    event = re.sub(r"SEQUENCE:[0-9]+", f"SEQUENCE:{sequence}", event)
    event = re.sub(r"DTSTAMP:[^\r]*\r\n", f"DTSTAMP:{stamp}\r\n" if stamp else "", event)
    return re.sub(
        r"LAST-MODIFIED:[^\r]*\r\n", f"LAST-MODIFIED:{modified}\r\n" if modified else "", event
    )


NOON, LATER, EARLIER = "20261123T120000Z", "20261124T120000Z", "20261122T120000Z"


@pytest.mark.parametrize(
    ("sequence", "modified", "stamp", "counts"),
    [
        (1, EARLIER, EARLIER, True),
        (0, LATER, EARLIER, True),
        (0, EARLIER, LATER, False),
        (0, NOON, LATER, True),
        (0, NOON, EARLIER, False),
        (0, "", LATER, False),
        (0, NOON, "", False),
    ],
)
def test_of_two_events_of_one_appointment_the_newer_counts(
    sequence: int, modified: str, stamp: str, counts: bool
) -> None:
    first = events(file())[0]
    again = moved(first, sequence=sequence, modified=modified, stamp=stamp)
    found = read(with_more(file(), again))
    assert found.plan.sessions[0].day == date(2026, 12, 2 if counts else 1)
    assert found.found.doubled == {f"{ID}-01"}
    assert "DOUBLED" in [notice.code for notice in found.assumed]


def test_the_same_event_twice_is_no_doubt() -> None:
    assert read(with_more(file(), *events(file()))).assumed == ()


def test_an_occurrence_counts_only_where_its_series_is_not_there() -> None:
    first = events(file())[0]
    occurrence = moved(first, sequence=5).replace(
        "SEQUENCE", "RECURRENCE-ID;TZID=Europe/Paris:20261201T100000\r\nSEQUENCE"
    )
    assert read(with_more(file(), occurrence)).plan.sessions[0].day == date(2026, 12, 1)
    alone = file().replace(first, occurrence)
    assert read(alone).plan.sessions[0].day == date(2026, 12, 2)


@pytest.mark.parametrize("line", ["RRULE:FREQ=WEEKLY", "RDATE:20261202T100000", "rrule:FREQ=DAILY"])
def test_a_series_that_a_program_made_is_said(line: str) -> None:
    text = file().replace("SEQUENCE", f"{line}\r\nSEQUENCE", 1)
    assert ("REPEATS", (SessionName("course", 1),)) in read(text).assumed


@pytest.mark.parametrize(
    ("status", "cancelled"),
    [
        ("CANCELLED", True),
        ("CANCELED", True),
        ("cancelled", True),
        ("CONFIRMED", False),
        (None, False),
    ],
)
def test_an_event_is_cancelled_where_its_status_says_so(
    status: str | None, cancelled: bool
) -> None:
    new = f"STATUS:{status}\r\n" if status else ""
    found = read(re.sub(r"STATUS:[^\r]*\r\n", new, file()))
    assert [is_cancelled(event.block) for event in found.found.events] == [cancelled] * 3


WRAPPED = "040000008200E00074C5B7101A82E008000000007643616C2D55696401000000"


@pytest.mark.parametrize(
    ("uid", "own"),
    [
        (f"{ID}-01", f"{ID}-01"),
        (f"{ID}-01".upper(), f"{ID}-01"),
        ("Visit-01", "Visit-01"),
        ("VISIT", "VISIT"),
        (WRAPPED + f"{ID}-01".encode().hex().upper(), f"{ID}-01"),
        (WRAPPED + f"{ID}-01\0\0".encode().hex(), f"{ID}-01"),
        (WRAPPED + b"Visit-X".hex(), "Visit-X"),
        (WRAPPED + "xyz", WRAPPED + "xyz"),
        (WRAPPED + "ff", WRAPPED + "ff"),
    ],
)
def test_an_appointment_is_known_by_its_uid_in_capitals_and_inside_that_of_exchange(
    uid: str, own: str
) -> None:
    assert own_uid(uid) == own


@pytest.mark.parametrize(
    ("calendars", "zone"),
    [
        (["Europe/Rome", ""], "Europe/Rome"),
        (["Europe/Rome", "Europe/Rome"], "Europe/Rome"),
        (["Europe/Rome", "Europe/Athens"], "UTC"),
        ([None], "UTC"),
    ],
)
def test_the_zone_of_the_calendar_is_the_one_that_all_files_tell(
    calendars: list[str | None], zone: str
) -> None:
    nameless = re.sub(r"X-APPOINTMENT[^\r]*\r\n|;TZID=[^:\r]*", "", file())
    texts = [
        nameless
        if name is None
        else nameless.replace("CALSCALE", f"X-WR-TIMEZONE:{name}\r\nCALSCALE")
        for name in calendars
    ]
    assert read(*texts).plan.request.timezone == zone


def test_an_event_that_lost_its_start_tells_no_zone() -> None:
    text = re.sub(r"DTSTART;[^\r]*\r\n", "", file(), count=1)
    assert [event.zone_name for event in read(text).found.events] == [
        None,
        "Europe/Paris",
        "Europe/Paris",
    ]


def test_a_zone_that_the_file_defines_for_itself_is_read_but_has_no_name() -> None:
    text = file().replace("Europe/Paris", "Clinic").replace("zone=Clinic", "zone=Asia/Tokyo")
    assert f"{read(text).plan.sessions[0].start:%d %H:%M}" == "01 18:00"
    found = read(bare(text))
    assert "ZONE_ASSUMED" in [notice.code for notice in found.assumed]
    assert f"{found.plan.sessions[0].start:%d %H:%M}" == "01 09:00"


@pytest.mark.parametrize("end", ["20261202T100000", "20261202T160000", "20261201T090000"])
def test_an_end_that_is_no_sessions_is_the_usual_one(end: str) -> None:
    text = re.sub(r"(DTEND;TZID=[^:]*:)20261201T[0-9]*", rf"\g<1>{end}", file())
    assert f"{read(text).plan.sessions[0].end:%d %H:%M}" == "01 10:30"


@pytest.mark.parametrize("plan_id", ["a" * 8, "Z9-" * 21 + "z", "PLAN-OF-2026"])
def test_any_id_of_letters_digits_and_hyphens_is_read(plan_id: str) -> None:
    assert read(file(plan_id)).plan.id == plan_id
