"""A plan's file gives back the plan that was written; what is no such file is refused plainly."""

import time as clock
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesoplan import (
    DateRange,
    InvalidInput,
    Limits,
    NoLegalPlan,
    Plan,
    Protocol,
    Request,
    plan,
)
from mesoplan.dates.days import Closure
from mesoplan.errors import FileProblem
from mesoplan.formats.plan_file.reading import ReadPlan, plan_in
from mesoplan.formats.plan_file.values import is_sentence
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.causes import Cause, NoCourseGoesOn, SharesShift, Taken
from mesoplan.model.fields import RECORDED
from mesoplan.model.plan import ReasonCode
from mesoplan.model.request import CalendarOptions
from mesoplan.rules.goals import find_goal
from mesoplan.wording.reasons import NEUTRAL_REASONS, reason_text
from tests.command_line import mesoplan
from tests.examples import examples
from tests.instances_hours import random_request

STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAIN = CalendarOptions()
NAME = Path("plan.ics")
ID = "4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f"
UTC_ONLY = ("Africa/Cairo", "Asia/Jerusalem", "America/Santiago", "UTC", "Africa/Casablanca")
SHORT = plan(
    Request(
        "hair", date(2026, 12, 1), sessions=3, maintenance_per_year=0, plan_id=ID, patient="Zoë"
    )
)
SHORT_FILE = calendar_file(SHORT, PLAIN, STAMP)
TOLD = calendar_file(
    plan(
        Request(
            "hair",
            date(2026, 12, 1),
            closed_weekdays=frozenset({6}),
            closures=(DateRange(date(2026, 12, 24), date(2027, 1, 3)),),
            away=(DateRange(date(2027, 1, 10), date(2027, 1, 11)),),
            holidays=("FR",),
            open_holidays=frozenset({"Ascension Day"}),
            timezone="Europe/Paris",
            location="1 Park Street",
            phone="+33 1",
            plan_id=ID,
        )
    ),
    CalendarOptions(reminders=(timedelta(hours=2), timedelta(days=7))),
    STAMP,
)
"""A plan of which the record has many keys, sessions with reasons, and maintenance."""


def no_zone() -> str:
    raise AssertionError("the file tells its zone")


def read_back(data: bytes) -> ReadPlan:
    return plan_in([(NAME, data)], no_zone)


def kept(request: Request, **changed: object) -> Request:
    return replace(request, **changed)  # type: ignore[arg-type]  # by name


# ---------------------------------------------------------------- what was written is read


def random_written(random: Random) -> tuple[Plan, CalendarOptions] | None:
    """A random plan of any kind, and how it is written; None where no legal one exists."""
    request = random_request(random)
    goal = find_goal(request.goal)
    start = request.start
    assert start is not None
    closures = [
        Closure(each.first, each.last, random.choice([None, "Christmas"]))
        for each in request.closures
    ]
    request = kept(
        request,
        goal=random.choice([goal.name, *goal.aliases]),
        area=random.choice([None, *goal.areas]),
        maintenance_per_year=random.choice([None, 0, 1, 2]),
        years=random.choice([1, 1, 2, 3]),
        timezone=random.choice([request.timezone, request.timezone, *UTC_ONLY]),
        closures=tuple(closures),
        room_busy=random.choice([(), (), request.room_busy]),
        arrive=random.choice([None, None, request.arrive]),
        depart=random.choice([None, None, request.depart]),
        finish_by=random.choice([None, None, request.finish_by]),
        holidays=random.choice([(), (), ("FR",), ("FR-Alsace", "TH")]),
        open_holidays=random.choice([frozenset(), frozenset({"Labor Day", "All Saints' Day"})]),
        patient=random.choice([None, "A. B.", "Zoë & “Co”; =100%41 % | a, b"]),
        location=random.choice([None, "1 Park Street, 75012 Paris; 2nd floor + left"]),
        phone=random.choice([None, "+33 1 23 45 67 89"]),
    )
    options = CalendarOptions(
        private=random.random() < 0.3,
        utc=random.random() < 0.3,
        reminders=random.choice(
            [
                *[PLAIN.reminders, ()],
                (timedelta(hours=2), timedelta(days=1)),
                (timedelta(weeks=4), timedelta(minutes=90)),
            ]
        ),
    )
    try:
        return plan(request, explains=False), options
    except (NoLegalPlan, InvalidInput):
        return None


def expected(found: Plan, options: CalendarOptions) -> Plan:
    """The plan as its file is to tell it: all of it, but for the few things that are named here."""
    request = found.request
    limits = Limits() if request.protocol is None else request.protocol.limits
    protocol = Protocol(
        found.phases,
        found.maintenance_per_year,
        found.duration_minutes,
        "the clinic's own",
        "the plan's own file",
        limits,
    )
    # What the plan made of the request stands in its place; reasons of closures and busy times
    # are not the patient's business.
    request = kept(
        request,
        goal=found.goal,
        area=found.area,
        duration_minutes=found.duration_minutes,
        protocol=protocol,
        room_busy=(),
        closures=tuple(DateRange(each.first, each.last) for each in request.closures),
    )
    goal, area = found.goal, found.area
    of_the_moment = {"IN_THE_PAST", "HOLIDAYS_OF_PARTS", "SHORT_MARGIN", "CAUTION", "START_WEEKDAY"}
    of_the_moment |= {"WEEKDAY_CLOSED"}
    warnings = tuple(each for each in found.notices if each.code not in of_the_moment)
    if options.private:
        goal = area = None
        request = kept(request, goal="", area=None, patient=None)
        warnings = ()

    return replace(found, request=request, goal=goal, area=area, notices=warnings)


def reasons_in_words(found: Plan) -> list[str]:
    return [reason_text(reason) for session in found.active for reason in session.reasons]


def values_kept(data: bytes) -> list[str]:
    """What the records of a file keep of reasons and notices, beside their codes and days."""
    lines = data.decode().replace("\r\n ", "").splitlines()
    records = [line.partition(":")[2] for line in lines if line.startswith("X-APPOINTMENT")]
    pairs = [pair for record in records for pair in parse_qsl(record)]
    bars = {"why": 2, "note": 1}
    return [value.split("|", bars[key])[-1] for key, value in pairs if key in bars]


def expected_words(found: Plan, options: CalendarOptions) -> list[str]:
    """Busy calendars are not the patient's business."""

    def kept(cause: Cause) -> Cause:
        match cause:
            case Taken():
                return cause._replace(calendars=(), times=())
            case SharesShift() | NoCourseGoesOn():
                return cause._replace(causes=tuple(map(kept, cause.causes)))
            case _:
                return cause

    return [
        NEUTRAL_REASONS[reason.code]
        if options.private
        else reason_text(replace(reason, cause=kept(reason.cause)))
        for session in found.active
        for reason in session.reasons
    ]


def test_what_was_written_is_read_back() -> None:
    random = Random("written 1")
    ways: set[tuple[bool, bool]] = set()
    zones: set[str] = set()
    read = 0
    for _ in range(examples(20)):
        written = random_written(random)
        if written is None:
            continue
        found, options = written
        data = calendar_file(found, options, STAMP)
        back = read_back(data)
        assert back.plan == expected(found, options)
        assert not list(filter(is_sentence, values_kept(data)))
        assert reasons_in_words(back.plan) == expected_words(found, options)
        assert back.options == options
        assert back.assumed == ()
        ways.add((options.private, options.utc))
        zones.add(found.request.timezone)
        read += 1
    assert read > examples(20) / 3
    assert len(ways) == 4
    assert len(zones) > 5


def test_a_plan_that_was_read_is_written_as_it_was() -> None:
    for data in (SHORT_FILE, TOLD):
        back = read_back(data)
        assert calendar_file(back.plan, back.options, STAMP) == data


def test_every_field_of_a_request_is_in_the_record_or_is_told_elsewhere() -> None:
    recorded = {field.name for field in RECORDED.values()}
    assert len(recorded) == len(RECORDED)
    elsewhere = {"goal", "area", "years", "duration_minutes", "protocol", "plan_id", "busy"}
    of_the_moment = {"past", "another"}
    of_the_moment |= {"room_busy", "patient_busy", "booked", "practitioners"}
    of_the_moment |= {"most_sessions_a_day"}
    assert not recorded & (elsewhere | of_the_moment)
    assert recorded | elsewhere | of_the_moment == {each.name for each in fields(Request)}


def test_every_reason_has_words_where_its_own_are_not_told() -> None:
    assert set(NEUTRAL_REASONS) == set(ReasonCode)


# ---------------------------------------------------------------- damaged files


def test_a_file_that_ends_too_soon_is_refused_wherever_it_ends() -> None:
    # Of the last line only its end is missing.
    readable = (len(SHORT_FILE) - 2, len(SHORT_FILE) - 1)
    for end in range(readable[0]):
        with pytest.raises(FileProblem) as caught:
            read_back(SHORT_FILE[:end])
        assert "'plan.ics'" in caught.value.problem
        assert caught.value.problem.isprintable()
    for end in readable:
        assert read_back(SHORT_FILE[:end]).plan == read_back(SHORT_FILE).plan


@pytest.mark.parametrize("end", [0, 1, 200, 1500, 3000, -30])
def test_a_cut_file_is_exit_4_for_every_command_and_stays_as_it_is(
    end: int, tmp_path: Path
) -> None:
    path = tmp_path / "plan.ics"
    path.write_bytes(SHORT_FILE[:end])
    for line in (
        *["show plan.ics", "move plan.ics 2 2026-12-09", "miss plan.ics 2", "attend plan.ics 1"],
        *["extend plan.ics +1", "cancel plan.ics", "undo plan.ics"],
    ):
        outcome = mesoplan(tmp_path, *line.split())
        assert outcome.exit_code == 4, line
        assert len(outcome.error.splitlines()) == 2
        assert outcome.text == ""
    assert path.read_bytes() == SHORT_FILE[:end]
    assert list(tmp_path.iterdir()) == [path]


def test_a_very_large_file_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "large.ics"
    with path.open("wb") as file:
        file.write(SHORT_FILE)
        file.truncate(3_000_000_000)
    begin = clock.monotonic()
    for command in (["show"], ["cancel"]):
        outcome = mesoplan(tmp_path, *command, "large.ics")
        assert outcome.exit_code == 4
        assert "larger than 20 MB" in outcome.error
    assert clock.monotonic() - begin < 5


def test_a_title_that_is_no_utf_8_is_passed_over() -> None:
    data = SHORT_FILE.replace(b"Mesotherapy 2/3", b"Caf\xe9 \xff\xfe 2/3")
    assert data != SHORT_FILE
    assert read_back(data).plan == read_back(SHORT_FILE).plan


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_of_any_kind_are_read(end: bytes, mark: bytes) -> None:
    for data in (SHORT_FILE, TOLD):
        changed = mark + data.replace(b"\r\n", end) + end * 3
        assert read_back(changed).plan == read_back(data).plan


def test_lines_folded_anywhere_are_read() -> None:
    unfolded = TOLD.replace(b"\r\n ", b"")
    for width in (1, 7, 75):
        lines = []
        for line in unfolded.split(b"\r\n"):
            lines += [line[: width + 1]]
            rest = line[width + 1 :]
            lines += [b"\t" + rest[at : at + width] for at in range(0, len(rest), width)]
        assert read_back(b"\r\n".join(lines)).plan == read_back(TOLD).plan


def test_deep_nesting_is_refused() -> None:
    deep = b"BEGIN:X-A\r\n" * 5000 + b"END:X-A\r\n" * 5000
    with pytest.raises(FileProblem, match="nested too deep"):
        read_back(SHORT_FILE.replace(b"BEGIN:VEVENT", deep + b"BEGIN:VEVENT", 1))
    harmless = b"BEGIN:X-A\r\n" * 5 + b"END:X-A\r\n" * 5
    data = SHORT_FILE.replace(b"END:VEVENT", harmless + b"END:VEVENT")
    assert read_back(data).plan == read_back(SHORT_FILE).plan


def test_a_folder_is_no_file_to_change(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    for command in (["show"], ["cancel"], ["undo"]):
        outcome = mesoplan(tmp_path, *command, "plans")
        assert outcome.exit_code == 4
        assert len(outcome.error.splitlines()) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["plans"]


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="this system has no /dev/null")
def test_a_device_is_no_plan() -> None:
    for name in ("/dev/null", "/dev/zero"):
        for command in ("show", "cancel"):
            assert mesoplan(Path("/"), command, name).exit_code == 4


# ---------------------------------------------------------------- damaged records


def as_plan_or_problem(data: bytes) -> Plan | None:
    """The plan, or None for a refusal that a user can read."""
    try:
        found = plan_in([(NAME, data)], lambda: "UTC").plan
    except FileProblem as caught:
        problem = caught.problem
    else:
        # What was read can be written again.
        calendar_file(replace(found, notices=()), PLAIN, STAMP)
        return found
    assert problem.isprintable()
    return None


WORDS = """
    0 -1 1 3 15 16 99999999999999999999 1_0 ٣ nan 1e9 x 7 0,0 , a|b | \u202e
    2026-12-01 0001-01-01 9999-12-31 2026-02-30 2026-W01-1 20261201
    2027-01-01..2026-01-01 0001-01-01..9999-12-31 2026-12-01T10:00+01:00 2026-12-01T25:00
    8x7 0x7 4x7,4x14 3x0 3-15/7-14/2 9-3/7-14/2 1d,2h 5w 24:00
    FR XX FR-Nowhere UTC Nowhere/None ../etc hair none any planned missed cancelled attended
    CLOSURE|| AWAY|2026-12-01|x NONE||
    0.09:00-12:00 9.09:00-12:00 0.12:00-09:00 0.24:00-25:00
"""
ODD = st.one_of(
    st.sampled_from(["", "a\nb", "\x1b[2J", "x" * 2000, "a" * 64, *WORDS.split()]),
    st.text(max_size=12),
)


def mutated(text: str, key: str, value: str, how: str) -> str:
    pairs = parse_qsl(text)
    if how == "gone":
        pairs = [pair for pair in pairs if pair[0] != key]
    elif how == "twice":
        pairs += [(key, value)]
    else:
        pairs = [(name, value if name == key else old) for name, old in pairs]
        if key not in dict(pairs):
            pairs.append((key, value))
    return urlencode(pairs, errors="surrogatepass")


def with_records(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    lines = data.replace(b"\r\n ", b"").split(b"\r\n")
    begin = f"{name}:".encode()
    return b"\r\n".join(
        begin + change(line.removeprefix(begin).decode()).encode("utf-8", "surrogatepass")
        if line.startswith(begin)
        else line
        for line in lines
    )


@given(
    key=st.sampled_from(
        [
            *RECORDED,
            *["v", "id", "revision", "goal", "area", "phases", "total", "upkeep", "minutes"],
            *["limits", "serial", "ended", "utc", "remind", "note", "whatever"],
        ]
    ),
    value=ODD,
    how=st.sampled_from(["gone", "twice", "other", "other", "other"]),
)
@settings(max_examples=examples(20), deadline=None)
def test_a_plan_s_record_that_says_anything_else_is_a_plan_or_refused(
    key: str, value: str, how: str
) -> None:
    data = with_records(TOLD, "X-APPOINTMENT-PLAN", lambda text: mutated(text, key, value, how))
    as_plan_or_problem(data)


@given(
    key=st.sampled_from(
        [
            *["kind", "number", "status", "interval", "due", "window", "at", "fixed", "late"],
            *["why", "whatever"],
        ]
    ),
    value=ODD,
    how=st.sampled_from(["gone", "twice", "other", "other", "other"]),
    which=st.integers(0, 9),
)
@settings(max_examples=examples(20), deadline=None)
def test_a_session_s_record_that_says_anything_else_is_a_plan_or_refused(
    key: str, value: str, how: str, which: int
) -> None:
    seen = iter(range(100))

    def change(text: str) -> str:
        return mutated(text, key, value, how) if next(seen) == which else text

    as_plan_or_problem(with_records(TOLD, "X-APPOINTMENT", change))


PROPERTIES = ["UID", "SEQUENCE", "DTSTART", "DTEND", "DTSTAMP", "STATUS", "SUMMARY", "DESCRIPTION"]


@given(
    name=st.sampled_from([*PROPERTIES, "RRULE", "DURATION", "RECURRENCE-ID", "LOCATION"]),
    value=st.sampled_from(
        [
            *["", ":", ":x", ":-1", ":20261201", ";VALUE=DATE:20261201", ":20261201T100000Z"],
            *[
                ";TZID=Nowhere:20261201T100000",
                ":00000101T000000",
                ":99991231T235959Z",
                ":2147483648",
            ],
            *[";TZID=Europe/Paris:20890101T100000", ":FREQ=DAILY", ":FREQ=SECONDLY", ":PT30M"],
            *[":CANCELLED", ":Mesotherapy 99/99 · hair", ":Appointment 0/0", ":-P1D", f":{ID}-99"],
            *[f":{ID}-01", f":{ID}-000", ';X="a:b":20261201T100000Z', ":٢٠٢٦١٢٠١", ":99999999999"],
        ]
    ),
    which=st.integers(0, 9),
    gone=st.booleans(),
)
@settings(max_examples=examples(20), deadline=None)
def test_an_event_that_says_anything_else_is_a_plan_or_refused(
    name: str, value: str, which: int, gone: bool
) -> None:
    head, *events = TOLD.replace(b"\r\n ", b"").split(b"BEGIN:VEVENT\r\n")
    lines = [
        line
        for line in events[which].split(b"\r\n")
        if not (gone and line.startswith((f"{name}:".encode(), f"{name};".encode())))
    ]
    events[which] = b"\r\n".join([(name + value).encode(), *lines])
    as_plan_or_problem(b"BEGIN:VEVENT\r\n".join([head, *events]))


# ---------------------------------------------------------------- files that are none


@pytest.mark.parametrize("name", ["missing.ics", "a\0b", "x" * 300, "missing/plan.ics", ""])
def test_a_file_that_is_not_there_is_said(name: str, tmp_path: Path) -> None:
    for command in (["show"], ["cancel"], ["undo"], ["check"]):
        outcome = mesoplan(tmp_path, *command, name)
        assert outcome.exit_code in (2, 4)
        assert len(outcome.error.splitlines()) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_time_that_the_clocks_show_twice_is_read_back() -> None:
    found = plan(
        Request(
            "hair", date(2026, 10, 18), timezone="Europe/Paris", time_of_day=time(2, 30), plan_id=ID
        )
    )
    data = calendar_file(found, PLAIN, STAMP)
    assert b"VTIMEZONE" not in data
    assert read_back(data).plan == expected(found, PLAIN)


def test_a_time_that_the_clocks_skip_is_read_as_the_one_that_they_show_instead() -> None:
    request = Request(
        "hair", date(2027, 3, 14), sessions=3, timezone="Europe/Paris", maintenance_per_year=0
    )
    data = calendar_file(plan(request), PLAIN, STAMP)
    skipped = data.replace(b":20270328T100000", b":20270328T023000")
    skipped = skipped.replace(b":20270328T103000", b":20270328T030000")
    skipped = skipped.replace(b"at=2027-03-28T10:00", b"at=2027-03-28T02:30")
    assert read_back(skipped).plan.sessions[2].start.hour == 3


@pytest.mark.skipif(not hasattr(clock, "tzset"), reason="the zone of the process can't be set here")
def test_times_are_those_of_the_clinic_wherever_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = Request(
        "hair", date(2027, 3, 28), sessions=3, timezone="Europe/Paris", time_of_day=time(2, 30)
    )
    written = plan(request)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    clock.tzset()
    try:
        for options in (PLAIN, CalendarOptions(utc=True)):
            found = read_back(calendar_file(written, options, STAMP)).plan
            assert repr(found.sessions) == repr(written.sessions)
    finally:
        monkeypatch.undo()
        clock.tzset()
