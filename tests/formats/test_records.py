"""The record of a plan, word by word, and what is refused when it is read."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from mesoplan import (
    DateRange,
    Limits,
    Notice,
    Phase,
    Plan,
    Protocol,
    Reason,
    ReasonCode,
    Request,
    Status,
    TimeRange,
    plan,
)
from mesoplan.formats.plan_file.record import (
    BrokenRecord,
    NewerRecord,
    SessionRecord,
    further_record,
    plan_record,
    read_plan_record,
    read_session_record,
    session_record,
)
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.causes import BusyTimes, Closed, Plain, Taken
from mesoplan.model.fields import request_pairs, request_values
from mesoplan.model.request import CalendarOptions
from mesoplan.wording.reasons import reason_text

PLAN_ID = "4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f"
DIGEST = "0123456789abcdef" * 2
OPEN, PRIVATE = CalendarOptions(), CalendarOptions(private=True)
OTHERWISE = CalendarOptions(utc=True, reminders=(timedelta(days=1), timedelta(hours=2)))

USUAL = (
    f"v=1&id={PLAN_ID}&revision=2&goal=hair&area=scalp&zone=Europe/Paris&time=10:00"
    "&start=2026-12-01&count=4&patient=Ann+%26+Bo&phases=4x7&total=4&upkeep=2x1&minutes=30"
)

CUT = USUAL.replace("&total", "&whole=4x7%2C4x14&total")
"""As it is written now; earlier versions forgot the phases that are not planned."""


def made() -> Plan:
    request = Request(
        "hair",
        date(2026, 12, 1),
        sessions=4,
        timezone="Europe/Paris",
        patient="Ann & Bo",
        plan_id=PLAN_ID,
    )
    of_the_moment = ("IN_THE_PAST", "BUSY_UNREADABLE", "NOT_IN_BOOK")
    notices = (Notice("ENDS_EARLY", (26,)), *(Notice(code, "now") for code in of_the_moment))
    return replace(plan(request), revision=2, notices=notices)


def test_the_record_of_a_plan_is_one_line_of_pairs() -> None:
    assert plan_record(made(), OPEN) == f"{CUT}&serial=6"
    assert further_record(made(), OPEN, is_part=False) == "note=ENDS_EARLY%7C26"


def test_what_is_not_usual_is_told_too() -> None:
    protocol = Protocol((Phase(4, 7),), 2, 30, "the clinic's own", "a test", Limits(4, 8, 7, 10, 2))
    base = made()
    unusual = replace(
        base,
        request=replace(base.request, protocol=protocol),
        cancelled=True,
        row_digest=DIGEST,
        notices=(),
    )
    assert plan_record(unusual, OTHERWISE) == (
        f"{CUT}&limits=4-8/7-10/2&serial=6&ended=1&row={DIGEST}&utc=1&remind=1d%2C2h"
    )
    assert further_record(unusual, OTHERWISE, is_part=True) == "part=1"
    none = replace(OTHERWISE, utc=False, reminders=())
    assert plan_record(base, none) == f"{CUT}&serial=6&remind=none"


def test_a_private_record_tells_no_goal_area_patient_or_notice() -> None:
    untold = CUT.replace("&goal=hair&area=scalp", "").replace("&patient=Ann+%26+Bo", "")
    assert plan_record(made(), PRIVATE) == f"{untold}&serial=6"
    assert further_record(made(), PRIVATE, is_part=False) == ""


def test_the_record_of_a_session_tells_its_state_and_its_reasons() -> None:
    session = made().sessions[1]
    usual = "kind=series&number=2&status=planned&interval=7&window=2026-12-08..2026-12-08"
    at = "&at=2026-12-08T10:00"
    assert session_record(session, OPEN) == usual + at
    reasons = (
        Reason(
            ReasonCode.CLOSURE,
            (date(2026, 12, 7), date(2026, 12, 8)),
            Closed(DateRange(date(2026, 12, 7), date(2026, 12, 9)), "1/2 & 50%"),
        ),
        Reason(
            ReasonCode.BUSY, (date(2026, 12, 7),), Taken(1, ("a.ics",), (BusyTimes((), 0),), 600)
        ),
        Reason(ReasonCode.PINNED, (), Plain.BY_HAND),
        Reason(ReasonCode.LOOK_AHEAD, (date(2026, 12, 7),), "in words of an earlier version"),
    )
    unusual = replace(session, reasons=reasons, pinned=True, late="was ill")
    days = "%7C2026-12-07%2C2026-12-08%7C"
    assert session_record(unusual, OPEN) == (
        f"{usual}{at}&fixed=1&late=was+ill"
        f"&why=CLOSURE{days}closed/2026-12-07..2026-12-09/1%252F2+%26+50%2525"
        "&why=BUSY%7C2026-12-07%7Ctaken/1/10:00&why=PINNED%7C%7Cby-hand"
        "&why=LOOK_AHEAD%7C2026-12-07%7Cin+words+of+an+earlier+version"
    )
    assert session_record(unusual, PRIVATE).endswith(
        f"&why=CLOSURE{days}&why=BUSY%7C2026-12-07%7C&why=PINNED%7C%7C"
        "&why=LOOK_AHEAD%7C2026-12-07%7C"
    )
    for alone, text in (
        (replace(session, pinned=True), "&fixed=1"),
        (replace(session, late="was ill"), "&late=was+ill"),
        (replace(session, reasons=reasons[2:3]), "&why=PINNED%7C%7Cby-hand"),
    ):
        assert session_record(alone, OPEN) == usual + at + text
    moved = replace(session, moved_from=datetime(2026, 12, 9, 9, 30, tzinfo=UTC))
    assert session_record(moved, OPEN) == f"{usual}&at=2026-12-09T09:30"


# ---------------------------------------------------------------- read back

WHOLE = (
    f"{USUAL}&whole=4x7%2C2x9&place=1+Park+Street&phone=%2B33&limits=4-8/7-10/1&serial=60"
    f"&ended=1&row={DIGEST}&part=1&utc=1&remind=1d%2C2h&note=A%7Cfirst+%7C+more"
    "&note=B%7Cin/values&note=ENDS_EARLY%7C26&note=ENDS_EARLY%7Csoon"
)


def test_every_key_of_a_record_is_read() -> None:
    protocol = Protocol(
        (Phase(4, 7),), 2, 30, "the clinic's own", "the plan's own file", Limits(4, 8, 7, 10, 1)
    )
    request = Request(
        "hair",
        date(2026, 12, 1),
        sessions=4,
        area="scalp",
        timezone="Europe/Paris",
        time_of_day=time(10),
        years=1,
        duration_minutes=30,
        protocol=protocol,
        patient="Ann & Bo",
        location="1 Park Street",
        phone="+33",
        plan_id=PLAN_ID,
    )
    found = read_plan_record(WHOLE)
    assert found.plan == Plan(
        id=PLAN_ID,
        revision=2,
        request=request,
        goal="hair",
        area="scalp",
        phases=(Phase(4, 7),),
        protocol_phases=(Phase(4, 7), Phase(2, 9)),
        maintenance_per_year=2,
        duration_minutes=30,
        sessions=(),
        maintenance=(),
        stay=None,
        notices=(
            *(Notice("A", "first | more"), Notice("B", "")),
            *(Notice("ENDS_EARLY", (26,)), Notice("ENDS_EARLY", "")),
        ),
        last_serial=60,
        cancelled=True,
        row_digest=DIGEST,
    )
    assert (found.options, found.is_part) == (OTHERWISE, True)


def test_what_a_record_does_not_tell_is_as_usual() -> None:
    untold = CUT.replace("&goal=hair&area=scalp", "").replace("upkeep=2x1", "upkeep=0x3")
    found, options, is_part = read_plan_record(untold)
    assert (found.goal, found.area, found.request.goal) == (None, None, "")
    assert (options, is_part) == (PRIVATE, False)
    assert (found.last_serial, found.cancelled, found.row_digest) == (0, False, None)
    assert (found.notices, found.maintenance_per_year, found.request.years) == ((), 0, 3)
    assert found.request.limits == Limits()


SESSION = "kind=upkeep&number=2&status=missed&due=2027-06-01&window=2027-05-18..2027-06-15"


def test_every_key_of_the_record_of_a_session_is_read() -> None:
    assert read_session_record(f"{SESSION}&at=2027-06-01T10:00&fixed=0") == SessionRecord(
        kind="maintenance",
        number=2,
        status=Status.MISSED,
        preferred_interval_days=None,
        due=date(2027, 6, 1),
        window=DateRange(date(2027, 5, 18), date(2027, 6, 15)),
        planned=datetime(2027, 6, 1, 10),  # noqa: DTZ001 - by the clinic's clocks
        pinned=False,
        late=None,
        reasons=(),
    )


def test_goal_and_area_are_told_alone_or_together() -> None:
    no_area = read_plan_record(USUAL.replace("&area=scalp", "")).plan
    assert (no_area.goal, no_area.area) == ("hair", None)
    no_goal = read_plan_record(USUAL.replace("&goal=hair", "")).plan
    assert (no_goal.goal, no_goal.area) == (None, None)


def test_a_file_of_what_stands_is_a_part_where_something_was_dropped() -> None:
    base = made()
    dropped = replace(base.sessions[1], status=Status.CANCELLED)
    for found, part in ((base, b""), (replace(base, dropped=(dropped,)), b"&part=1")):
        data = calendar_file(found, OPEN, datetime(2026, 11, 23, 12, tzinfo=UTC))
        record = data.replace(b"\r\n ", b"").split(b"\r\n")[4]
        assert (b"&part=1" in record) is bool(part)


def test_of_a_session_all_that_is_told_is_read() -> None:
    found = read_session_record(
        f"{SESSION}&interval=9&fixed=1&late=was+ill&why=CLOSURE%7C2026-12-07%2C2026-12-08%7Ca+%7C+b"
        "&why=BUSY%7C%7C"
    )
    assert (found.preferred_interval_days, found.planned) == (9, None)
    assert (found.pinned, found.late) == (True, "was ill")
    assert found.reasons == (
        Reason(ReasonCode.CLOSURE, (date(2026, 12, 7), date(2026, 12, 8)), "a | b"),
        Reason(ReasonCode.BUSY, (), ""),
    )
    assert [reason.cause for reason in found.reasons] == ["a | b", ""]


def test_reasons_without_words_have_neutral_ones() -> None:
    said = {
        code.value: read_session_record(f"{SESSION}&why={code.value}%7C%7C") for code in ReasonCode
    }
    assert {code: reason_text(found.reasons[0]) for code, found in said.items()} == {
        "CLOSED_WEEKDAY": "closed on that weekday",
        "HOLIDAY": "a public holiday",
        "CLOSURE": "closed then",
        "AWAY": "away then",
        "GIVEN_UP": "missed or given up",
        "BUSY": "the time was taken",
        "CAPACITY": "all rooms were taken",
        "PRACTITIONER": "the practitioner was not free",
        "DAY_FULL": "the day was full",
        "HOURS": "the opening hours",
        "DEADLINE": "the end of the trip",
        "WEEKDAY": "another weekday is preferred",
        "LOOK_AHEAD": "to make room for the sessions after it",
        "PINNED": "chosen by hand",
        "AGREED": "agreed before",
        "PAST": "the preferred day was past",
    }


NONE = "a value in it can't be read"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("v=1&", "", "“v” is missing"),
        ("v=1&", "v=0&", NONE),
        ("v=1&", "v=x&", NONE),
        ("phases=4x7&", "", "“phases” is missing"),
        ("phases=4x7", "phases=4x6", NONE),
        ("phases=4x7", "phases=4x15", NONE),
        ("phases=4x7", "phases=3x7", NONE),
        ("phases=4x7", "phases=4x7,0x7", NONE),
        ("phases=4x7", "phases=4", NONE),
        ("total=4", "total=5", NONE),
        ("phases=4x7&total=4", "phases=2x7&total=2", NONE),
        ("phases=4x7&total=4", "phases=16x7&total=16", NONE),
        ("upkeep=2x1", "upkeep=3x1", NONE),
        ("upkeep=2x1", "upkeep=2", NONE),
        ("goal=hair", "goal=nothing", NONE),
        ("area=scalp", "area=elbow", NONE),
        ("zone=Europe/Paris", "zone=Europe/Nowhere", NONE),
        ("revision=2", "revision=-1", NONE),
        ("minutes=30", "minutes=0", NONE),
        ("minutes=30", "minutes=30&serial=-1", NONE),
        ("minutes=30", "minutes=30&serial=100000", NONE),
        ("minutes=30", "minutes=30&row=123", NONE),
        ("minutes=30", "minutes=30&remind=5x", NONE),
        ("minutes=30", "minutes=30&limits=4-8/7-10", NONE),
        ("minutes=30", "minutes=30&limits=4-8/6-10/1", NONE),
        ("minutes=30", "minutes=30&phone=a%0Ab", NONE),
        ("minutes=30", "minutes=30&place=a%0Ab", NONE),
        ("minutes=30", "minutes=30&note=A%0A%7Cb", NONE),
        ("minutes=30", "minutes=30&note=A%7Cb%0A", NONE),
        ("minutes=30", "minutes=30&whole=3x7,3x14", NONE),
        ("minutes=30", "minutes=30&whole=4x7,0x14", NONE),
        ("minutes=30", "minutes=30&minutes=30", "it says something twice"),
        ("minutes=30", "minutes=30&x", "it is not a list of pairs"),
        ("minutes=30", "minutes=30&patient=%FF", "it is not a list of pairs"),
    ],
)
def test_a_record_that_no_plan_has_is_refused(old: str, new: str, problem: str) -> None:
    assert old in USUAL
    with pytest.raises(BrokenRecord) as caught:
        read_plan_record(USUAL.replace(old, new))
    assert not isinstance(caught.value, NewerRecord)
    assert str(caught.value) == problem


@pytest.mark.parametrize("version", ["2", "10", "9" * 10, "9" * 5000])
def test_a_record_of_a_later_version_is_refused_as_such(version: str) -> None:
    with pytest.raises(NewerRecord, match=r"^it was written by a later version of this program$"):
        read_plan_record(USUAL.replace("v=1", f"v={version}"))


def test_no_revision_is_beyond_nine_digits() -> None:
    for told, counted in ((999_999_999, 999_999_999), (10**9, 999_999_999), (10**30, 999_999_999)):
        record = read_plan_record(USUAL.replace("revision=2", f"revision={told}")).plan
        assert record.revision == counted


def test_a_version_with_zeros_before_it_is_this_one() -> None:
    assert read_plan_record(USUAL.replace("v=1", "v=000000001")) == read_plan_record(USUAL)


def test_the_largest_serial_and_no_revision_are_read() -> None:
    record = read_plan_record(f"{USUAL.replace('revision=2', 'revision=0')}&serial=99999").plan
    assert (record.revision, record.last_serial) == (0, 99_999)
    assert read_plan_record(f"{USUAL}&serial=0").plan.last_serial == 0
    one_each = USUAL.replace("phases=4x7", "phases=1x7,1x8,2x9")
    assert read_plan_record(one_each).plan.phases == ((1, 7), (1, 8), (2, 9))


WEEKLY = Protocol((Phase(4, 7),), 2, 30, "the clinic's own", "the clinic")


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize(
    ("protocol", "sessions", "interval", "phases"),
    [
        (None, 4, None, ((4, 7), (4, 14))),
        (None, 3, None, ((4, 7), (4, 14))),
        (None, 12, None, ()),
        (None, 4, 7, ()),
        (WEEKLY, 4, None, ()),
        (replace(WEEKLY, phases=(Phase(2, 7), Phase(2, 9), Phase(3, 12))), 4, None, None),
    ],
)
def test_the_phases_that_are_not_planned_are_kept(
    protocol: Protocol | None,
    sessions: int,
    interval: int | None,
    phases: tuple[Phase, ...] | None,
    private: bool,
) -> None:
    asked = Request(
        "hair", date(2026, 12, 1), sessions=sessions, interval_days=interval, protocol=protocol
    )
    record = plan_record(plan(asked), CalendarOptions(private=private))
    found = read_plan_record(record).plan.protocol_phases
    assert found == (((2, 7), (2, 9), (3, 12)) if phases is None else phases)


@pytest.mark.parametrize(
    ("old", "new", "phases"),
    [
        ("count", "count", ((4, 7), (4, 14))),
        ("count=4", "depart=2026-12-31", ((4, 7), (4, 14))),
        # Four sessions that nobody asked for are the clinic's own protocol.
        ("count=4&", "", ()),
        ("count=4", "count=4&interval=7", ()),
        ("phases=4x7", "phases=4x8", ()),
        ("goal=hair&area=scalp&", "", ()),
    ],
)
def test_of_an_earlier_record_the_goal_knows_the_phases_that_are_not_planned(
    old: str, new: str, phases: tuple[Phase, ...]
) -> None:
    assert old in USUAL
    assert read_plan_record(USUAL.replace(old, new)).plan.protocol_phases == phases


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("kind=upkeep", "kind=other", NONE),
        ("kind=upkeep&", "", "“kind” is missing"),
        ("number=2", "number=0", NONE),
        ("status=missed", "status=other", NONE),
        ("due=2027-06-01", "due=2027-06-31", NONE),
        ("window=2027-05-18..2027-06-15", "window=2027-06-18..2027-06-15", NONE),
        ("window=2027-05-18..2027-06-15", "window=2027-06-18", NONE),
        ("&window=2027-05-18..2027-06-15", "", "“window” is missing"),
        ("number=2", "number=2&at=2027-06-01T10:00Z", NONE),
        ("number=2", "number=2&at=1800-06-01T10:00", NONE),
        ("number=2", "number=2&late=a%0Ab", NONE),
        ("number=2", "number=2&why=OTHER%7C%7Ca", NONE),
        ("number=2", "number=2&why=BUSY%7C", NONE),
        ("number=2", "number=2&why=BUSY%7Cx%7Ca", NONE),
        ("number=2", "number=2&why=BUSY%7C%7Ca%0Ab", NONE),
    ],
)
def test_a_record_that_no_session_has_is_refused(old: str, new: str, problem: str) -> None:
    assert old in SESSION
    for at in ("", "&at=2027-06-01T10:00"):
        if "at=" in new and at:
            continue
        with pytest.raises(BrokenRecord) as caught:
            read_session_record(SESSION.replace(old, new) + at)
        assert str(caught.value) == problem


def test_texts_are_written_so_that_they_are_read_as_they_were() -> None:
    for late in ("x=y&z", "é", "1:2./-_~ +%", "a" * 200):
        session = replace(made().sessions[1], late=late)
        assert read_session_record(session_record(session, OPEN)).late == late
    session = replace(made().sessions[1], late="1:2./-_~ +")
    assert session_record(session, OPEN).endswith("&late=1:2./-_~+%2B")
    text = f" {SESSION}&l%61te=a+b&fixed= "
    assert (read_session_record(text).late, read_session_record(text).pinned) == ("a b", False)


@pytest.mark.parametrize(("length", "is_read"), [(20_000, True), (20_001, False)])
def test_a_note_that_is_too_long_is_refused(length: int, is_read: bool) -> None:
    text = f"{USUAL}&note=A%7C{'b' * (length % 2)}{' b' * (length // 2)}"
    if is_read:
        assert len(read_plan_record(text).plan.notices[0].about) == length
    else:
        with pytest.raises(BrokenRecord, match=NONE):
            read_plan_record(text)


def test_every_field_of_a_request_is_written_and_read_back() -> None:
    both = (TimeRange(540, 750), TimeRange(840, 1080))
    request = Request(
        "hair",
        date(2026, 12, 1),
        sessions=5,
        interval_days=9,
        maintenance_per_year=1,
        timezone="Asia/Bangkok",
        time_of_day=TimeRange(540, 840),
        opening_hours=((), both, (), (), (TimeRange(600, 1440),), (), ()),
        slot_minutes=20,
        rooms=2,
        phone="+33 1",
        location="1 Park Street",
        closed_weekdays=frozenset({6, 0}),
        closures=(
            DateRange(date(2027, 1, 1), date(2027, 1, 3)),
            DateRange(date(2026, 12, 24), date(2026, 12, 24)),
        ),
        holidays=("TH", "fr-la réunion"),
        open_holidays=frozenset({"Victory Day", "All Saints' Day"}),
        open_days=frozenset({date(2026, 12, 28), date(2026, 12, 27)}),
        away=(
            DateRange(date(2027, 2, 1), date(2027, 2, 2)),
            DateRange(date(2027, 1, 1), date(2027, 1, 2)),
        ),
        arrive=date(2026, 11, 30),
        depart=date(2027, 3, 1),
        finish_by=date(2027, 3, 2),
        flex_days=3,
        patient="Ann",
    )
    pairs = list(request_pairs(request))
    assert pairs == [
        ("zone", "Asia/Bangkok"),
        ("time", "09:00-14:00"),
        ("hours", "1.09:00-12:30/14:00-18:00,4.10:00-24:00"),
        ("slot", "20"),
        ("rooms", "2"),
        ("phone", "+33 1"),
        ("place", "1 Park Street"),
        ("start", "2026-12-01"),
        ("count", "5"),
        ("interval", "9"),
        ("yearly", "1"),
        ("closed", "0,6"),
        ("closures", "2027-01-01..2027-01-03,2026-12-24..2026-12-24"),
        ("holidays", "TH,FR-La Réunion"),
        ("works", "All Saints' Day|Victory Day"),
        ("open", "2026-12-27,2026-12-28"),
        ("away", "2027-02-01..2027-02-02,2027-01-01..2027-01-02"),
        ("arrive", "2026-11-30"),
        ("depart", "2027-03-01"),
        ("finish", "2027-03-02"),
        ("flex", "3"),
        ("patient", "Ann"),
    ]
    told = replace(request, holidays=("TH", "FR-La Réunion"))
    assert replace(Request("hair", plan_id=request.plan_id), **request_values(dict(pairs))) == told
    usual = Request("hair", timezone="UTC", plan_id=request.plan_id)
    assert list(request_pairs(usual)) == [("zone", "UTC"), ("time", "10:00")]
    assert request_values({"time": "09:30"}) == {"time_of_day": time(9, 30)}


def test_hours_of_the_week_are_read_by_their_weekdays() -> None:
    hours = request_values({"hours": "0.09:00-12:30/14:00-18:00,6.10:00-24:00"})["opening_hours"]
    assert [len(spans) for spans in hours] == [2, 0, 0, 0, 0, 0, 1]
    assert [str(span) for span in (*hours[0], *hours[6])] == [
        "09:00–12:30",
        "14:00–18:00",
        "10:00–24:00",
    ]
