"""What the patient reads in an event: titles and descriptions, word by word."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mesoplan import DateRange, Plan, Request, Session, Status, plan
from mesoplan.errors import InvalidInput
from mesoplan.model.request import CalendarOptions, ClinicWords
from mesoplan.wording.neutral import neutral, require_neutral, telling
from mesoplan.wording.patient import LINES, alarm_text, lines_of, title
from mesoplan.wording.recognised import title_of_others, words_of_others

OPEN, PRIVATE = CalendarOptions(), CalendarOptions(private=True)
REQUEST = Request(
    "hair",
    date(2026, 12, 1),
    sessions=4,
    timezone="Europe/Paris",
    phone="+33 1 23",
    plan_id="4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f",
)
PLAN = plan(REQUEST)


def without_goal() -> Plan:
    """As it is read back from a private file."""
    return replace(PLAN, goal=None, area=None)


def lines(
    made: Plan, session: Session, *, private: bool = False, words: ClinicWords | None = None
) -> list[str]:
    options = CalendarOptions(private=private, words=words or ClinicWords())
    return [line for line, _ in lines_of(made, session, options)]


def beginnings(made: Plan, session: Session, *, private: bool = False) -> list[str]:
    return [line.split()[0] for line in lines(made, session, private=private)]


def test_titles_tell_which_of_how_many_and_no_goal() -> None:
    first, upkeep = PLAN.sessions[0], PLAN.maintenance[1]
    assert title(PLAN, first, private=False) == "Mesotherapy 1/4"
    assert title(PLAN, upkeep, private=False) == "Mesotherapy top-up 2/2"
    assert title(PLAN, first, private=True) == "Appointment 1/4"
    assert title(PLAN, upkeep, private=True) == "Follow-up 2/2"


@pytest.mark.parametrize("status", [Status.MISSED, Status.CANCELLED])
def test_the_title_of_what_does_not_take_place_says_so(status: Status) -> None:
    dropped = replace(PLAN.sessions[1], status=status)
    assert title(PLAN, dropped, private=False) == "Cancelled: Mesotherapy 2"
    assert title(PLAN, dropped, private=True) == "Cancelled: Appointment 2"
    is_missed = status is Status.MISSED
    for private in (False, True):
        (line,) = lines(PLAN, dropped, private=private)
        assert ("is cancelled" in line) != is_missed
        assert line.endswith("another appointment then. Questions? Call +33 1 23.")


USUAL = ["Session", "Before:", "The", "After:", "Call", "Trouble", "Travelling?"]


def test_a_session_says_what_a_patient_needs_the_phone_first() -> None:
    assert beginnings(PLAN, PLAN.sessions[1]) == ["Can't", *USUAL, "Planning"]
    said = "\n".join(lines(PLAN, PLAN.sessions[1]))
    assert said.startswith("Can't come, or need another day? Call your clinic, +33 1 23, as early")
    assert "Session 2 of 4 (hair, scalp), about 30 minutes." in said


def test_the_last_session_of_the_course_says_how_to_keep_the_result() -> None:
    assert beginnings(PLAN, PLAN.sessions[3]) == ["Can't", *USUAL, "To", "Planning"]


def test_a_trip_is_in_its_first_session_and_the_journey_home_in_its_last() -> None:
    trip = plan(replace(REQUEST, arrive=date(2026, 11, 30)))
    first, last = lines(trip, trip.sessions[0]), lines(trip, trip.sessions[3])
    assert first[2] == (
        "Your trip: your last session says from when you can travel home. Dates can still change: "
        "book tickets that can be changed."
    )
    assert last[-3] == "You can travel home from Wed 23 Dec 2026."
    assert beginnings(trip, trip.sessions[1]) == beginnings(PLAN, PLAN.sessions[1])


def test_a_top_up_is_held_until_a_day_is_agreed() -> None:
    upkeep = PLAN.maintenance[0]
    assert lines(PLAN, upkeep)[1] == (
        "This date is held for you, but not fixed. Please call to confirm it, or to choose another "
        "day."
    )
    assert lines(PLAN, upkeep)[2] == "Top-up 1 of 2 (hair, scalp), about 30 minutes."
    agreed = replace(upkeep, pinned=True)
    assert lines(PLAN, agreed) == [each for each in lines(PLAN, upkeep) if "is held" not in each]


@pytest.mark.parametrize("private", [False, True])
def test_an_event_says_the_same_wherever_other_sessions_are(private: bool) -> None:
    trip = plan(replace(REQUEST, arrive=date(2026, 11, 30)))
    *course, last = trip.sessions
    later = replace(last, start=last.start + timedelta(2), end=last.end + timedelta(2))
    moved = replace(trip, sessions=(*course, later))
    for session in (*course, *trip.maintenance):
        elsewhere = replace(session, window=DateRange(session.day, session.day))
        assert lines(moved, elsewhere, private=private) == lines(trip, session, private=private)
    assert "home from Fri 25 Dec 2026" in "".join(lines(moved, later, private=private))


def test_a_private_event_says_no_more_than_an_appointment_needs() -> None:
    said = lines(PLAN, PLAN.sessions[3], private=True)
    assert said[:2] == [
        "Can't come, or need another day? Call +33 1 23.",
        "About 30 minutes.",
    ]
    assert beginnings(PLAN, PLAN.sessions[3], private=True)[2:] == ["You", "If", "In", "If"]
    assert lines(PLAN, PLAN.maintenance[0], private=True)[1].startswith("This date is held")


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(without_goal(), request=replace(REQUEST, phone=None))
    first = bare.sessions[0]
    assert lines(bare, first)[:2] == [
        "Can't come, or need another day? Call your clinic as early as you can.",
        "Session 1 of 4, about 30 minutes.",
    ]
    assert lines(bare, first, private=True)[0].endswith("? Please call us.")
    assert alarm_text(bare, first, OPEN) == (
        "Mesotherapy 1/4, Tue 1 Dec 10:00. Can't come? Please call your clinic."
    )


def test_an_alarm_says_when_where_and_whom_to_call() -> None:
    made = replace(PLAN, request=replace(REQUEST, location="Park House, 1 Park Street"))
    session = made.sessions[2]
    named = replace(OPEN, words=ClinicWords("Clinic by the Park"))
    assert alarm_text(made, session, named) == (
        "Mesotherapy 3/4, Tue 15 Dec 10:00, Clinic by the Park. Can't come? +33 1 23"
    )
    assert "10:00, Park House. Can't come?" in alarm_text(made, session, OPEN)
    assert alarm_text(made, session, replace(named, private=True)) == (
        "Appointment 3/4, Tue 15 Dec 10:00. Can't come? +33 1 23"
    )


@pytest.mark.parametrize("line", LINES)
def test_the_clinic_can_replace_or_switch_off_any_line(line: str) -> None:
    trip = plan(replace(REQUEST, arrive=date(2026, 11, 30)))
    sessions = [*trip.active, *(replace(trip.sessions[1], status=each) for each in DROPS)]
    usual = [lines(trip, each) for each in sessions]
    off = [lines(trip, each, words=ClinicWords(None, {line: ""})) for each in sessions]
    own = [lines(trip, each, words=ClinicWords(None, {line: "Ours."})) for each in sessions]
    assert off != usual
    for before, without, ours in zip(usual, off, own, strict=True):
        assert [each for each in ours if each != "Ours."] == without
        assert len(ours) == len(before)
        assert set(without) <= set(before)


def test_a_telling_line_of_the_clinic_is_in_no_private_file() -> None:
    texts = {"before": "No make-up on your face.", "after": "Rest a little."}
    options = CalendarOptions(private=True, words=ClinicWords("Hair Clinic", texts))
    assert neutral(PLAN, options).words == ClinicWords(None, {"after": "Rest a little."})
    assert neutral(PLAN, replace(options, private=False)).words == options.words
    assert list(telling(texts)) == ["before"]


DROPS = (Status.MISSED, Status.CANCELLED)
PLANS = [PLAN, without_goal(), plan(replace(REQUEST, phone=None, arrive=date(2026, 12, 1)))]


@pytest.mark.parametrize("made", PLANS)
@pytest.mark.parametrize("private", [False, True])
def test_every_title_and_line_is_known_as_ours_when_it_comes_back(
    made: Plan, private: bool
) -> None:
    named = CalendarOptions(private=private, words=ClinicWords("Clinic by the Park"))
    for each in (*made.active, *(replace(made.sessions[1], status=status) for status in DROPS)):
        assert (
            title_of_others(title(made, each, private=private), dropped=False, language="en")
            is None
        )
        said = [line for line, _ in lines_of(made, each, named)]
        assert words_of_others("\n".join([*said, "", "Mine"])) == "Mine"
        assert words_of_others("\n".join(f"{line} Mine" for line in said)).split() == [
            "Mine" for _ in said
        ]
        assert words_of_others(" ".join(said)) == ""


# ---------------------------------------------------------------- words that tell


def refused(made: Plan) -> tuple[str, str] | None:
    try:
        require_neutral(made, PRIVATE)
    except InvalidInput as error:
        return error.problem, error.remedy
    return None


def late(reason: str) -> Plan:
    first, *others = PLAN.sessions
    return replace(PLAN, sessions=(replace(first, late=reason), *others))


LATE = (
    "the reason for being late names the treatment or patient, which a private file must not",
    "write it in neutral words",
)
PLACE = (
    "the location or phone number names the treatment or patient, which a private file must not",
    "write it in neutral words, or plan with --no-private",
)


@pytest.mark.parametrize(
    ("reason", "tells"),
    [
        ("was ill", False),
        ("her Méso session", True),
        ("pain in the scalp", True),
        ("pain in the face", True),
        ("alopecia", True),
        ("ALOPÉCIA", True),
        ("a new Ann", True),
        ("was with Bo", False),
        ("XX", False),
    ],
)
def test_a_reason_that_tells_is_not_written_into_a_private_file(reason: str, tells: bool) -> None:
    made = late(reason)
    made = replace(made, request=replace(made.request, patient="Änn Bo"))
    assert refused(made) == (LATE if tells else None)
    require_neutral(made, OPEN)


@pytest.mark.parametrize(
    ("place", "tells"),
    [
        ("1, Park Street", False),
        ("5, Face Lane", False),
        ("Scalp House", True),
        ("Mesothérapie, 1st floor", True),
        ("at XXXX", False),
    ],
)
def test_a_place_that_tells_is_not_written_into_a_private_file(place: str, tells: bool) -> None:
    made = replace(PLAN, request=replace(PLAN.request, location=place))
    assert refused(made) == (PLACE if tells else None)
    by_phone = replace(PLAN, request=replace(PLAN.request, phone=place))
    assert refused(by_phone) == (PLACE if tells else None)


def test_place_and_phone_are_two_texts() -> None:
    made = replace(PLAN, request=replace(PLAN.request, location="Mes", phone="otherapy"))
    assert refused(made) is None
    made = replace(PLAN, request=replace(PLAN.request, location="Near the", phone="hair"))
    assert refused(made) == PLACE


def test_a_reason_for_a_session_that_was_dropped_counts_too() -> None:
    dropped = replace(PLAN.sessions[1], status=Status.MISSED, late="alopecia")
    assert refused(replace(PLAN, dropped=(dropped,))) == LATE
