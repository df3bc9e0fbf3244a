"""What the patient reads in an event: titles and descriptions, word by word."""

from dataclasses import replace
from datetime import date

import pytest

from mesoplan import Plan, Request, Status, plan
from mesoplan.errors import InvalidInput
from mesoplan.model.request import CalendarOptions
from mesoplan.wording.patient import (
    description,
    require_neutral,
    title,
    title_of_others,
    words_of_others,
)

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


def test_titles_tell_which_of_how_many_and_the_goal() -> None:
    first, upkeep = PLAN.sessions[0], PLAN.maintenance[1]
    assert title(PLAN, first, private=False) == "Mesotherapy 1/4 · hair"
    assert title(PLAN, upkeep, private=False) == "Mesotherapy maintenance 2/2 · hair"
    assert title(PLAN, first, private=True) == "Appointment 1/4"
    assert title(PLAN, upkeep, private=True) == "Follow-up appointment 2/2"
    assert title(without_goal(), first, private=False) == "Mesotherapy 1/4"


@pytest.mark.parametrize("status", [Status.MISSED, Status.CANCELLED])
def test_the_title_of_what_does_not_take_place_says_so(status: Status) -> None:
    dropped = replace(PLAN.sessions[1], status=status)
    assert title(PLAN, dropped, private=False) == "Cancelled: Mesotherapy 2 · hair"
    assert title(PLAN, dropped, private=True) == "Cancelled: Appointment 2"
    for private in (False, True):
        assert description(PLAN, dropped, private=private) == [
            "This appointment does not take place."
        ]


RECOVERY = (
    "What to expect: slight bruising and swelling, usually gone within 24 hours. Many people work "
    "again the same day, some take a day off."
)
CALL = (
    "Call the clinic (+33 1 23) if you can't come; call at once if redness, swelling or pain gets "
    "worse instead of better, or with a fever."
)
MOVE = "If this day does not suit you, it may be possible to move it within {}; ask first."


def test_the_last_session_of_the_course_tells_when_to_travel_home() -> None:
    upkeep = PLAN.maintenance[0]
    assert description(PLAN, PLAN.sessions[3], private=False)[1:4] == [
        MOVE.format("22 – 29 Dec 2026"),
        "Earliest day to travel home: Wed 23 Dec 2026.",
        f"Next session: {upkeep.start:%a} {upkeep.start.day} {upkeep.start:%b %Y}, 10:00.",
    ]


def test_the_last_session_of_the_plan_says_that() -> None:
    lines = description(PLAN, PLAN.maintenance[1], private=False)
    assert lines[0] == f"Maintenance session 2 of 2 (hair, scalp). {RECOVERY}"
    assert lines[2] == "This is the last session of the plan."
    no_upkeep = plan(replace(REQUEST, maintenance_per_year=0))
    assert description(no_upkeep, no_upkeep.sessions[3], private=False)[2:4] == [
        "Earliest day to travel home: Wed 23 Dec 2026.",
        "This is the last session of the plan.",
    ]


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(without_goal(), request=replace(REQUEST, phone=None))
    lines = description(bare, bare.sessions[0], private=False)
    assert lines[0] == f"Session 1 of 4. {RECOVERY}"
    assert lines[3] == CALL.replace(" (+33 1 23)", "")
    lines = description(bare, bare.sessions[0], private=True)
    assert lines[3] == "Call as soon as you can if you can't come."
    no_area = replace(PLAN, area=None)
    assert description(no_area, no_area.sessions[0], private=False)[0].startswith(
        "Session 1 of 4 (hair). "
    )


@pytest.mark.parametrize("made", [PLAN, without_goal(), plan(replace(REQUEST, phone=None))])
@pytest.mark.parametrize("private", [False, True])
def test_every_title_and_line_is_known_as_ours_when_it_comes_back(
    made: Plan, private: bool
) -> None:
    dropped = replace(made.sessions[1], status=Status.MISSED)
    for each in (*made.active, dropped):
        assert title_of_others(title(made, each, private=private), dropped=False) is None
        lines = description(made, each, private=private)
        assert words_of_others("\n".join([*lines, "", "Mine"])) == "Mine"
        assert words_of_others(" ".join(lines)) == ""


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
