"""A changed event in a file that other programs and the patient have had their hands on."""

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from mesoplan import Attend, Cancel, Extend, Move, SessionName, replan
from mesoplan.errors import FileProblem
from mesoplan.formats.plan_file.reading import plan_in
from mesoplan.formats.plan_file.rewriting import changes_file, rewritten
from mesoplan.model.request import ClinicWords
from mesoplan.planning.replanner import undone
from tests import edited_plans
from tests.edited_plans import ID, bare, read, request, unfolded, with_more

LATER = datetime.fromisoformat("2026-11-24T12:00:00+00:00")
MOVE = Move(SessionName("course", 8), date(2027, 2, 3))
DROP = Cancel(SessionName("course", 8))
THEIRS = "BEGIN:VEVENT\r\nUID:theirs\r\nDTSTART;TZID={}:20200101T100000\r\nEND:VEVENT\r\n"


def written(*, utc: bool = False) -> str:
    return edited_plans.written(request(location="1 Park Street"), utc=utc)


def event(text: str, serial: int = 8) -> str:
    return edited_plans.event(text, serial)


def edited(pattern: str, new: str) -> str:
    """The file with a change in the event of session 8."""
    return edited_plans.edited(written(), 8, pattern, new)


def after(text: str, change: Move | Cancel | Extend = MOVE) -> str:
    return edited_plans.after(text, change, LATER)


def values(text: str, name: str, serial: int = 8) -> list[str]:
    own = re.sub(r"BEGIN:VALARM.*?END:VALARM\r\n", "", event(text, serial), flags=re.DOTALL)
    return re.findall(rf"^{name}[;:]([^\r]*)", own, re.MULTILINE)


def head(text: str) -> list[str]:
    return text[: text.index("BEGIN:VEVENT")].split("\r\n")


def test_the_head_of_the_file_is_written_once_and_without_a_method() -> None:
    text = written().replace("CALSCALE", "METHOD:PUBLISH\r\nX-THEIRS:1\r\nCALSCALE")
    lines = head(after(text))
    record = next(line for line in lines if line.startswith("X-APPOINTMENT-PLAN"))
    assert "revision=1" in record
    assert lines[:6] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//mesoplan//mesoplan//EN",
        "X-THEIRS:1",
        "CALSCALE:GREGORIAN",
        record,
    ]
    assert lines[6:] == head(written())[5:]


def test_the_file_of_the_changes_has_the_zone_and_the_changed_events_alone() -> None:
    found = read(written())
    text = unfolded(changes_file(found, replan(found.plan, MOVE, now=LATER), LATER))
    assert head(text)[:4] == head(written())[:4]
    assert head(text)[5:] == head(written())[5:]
    assert head(text)[4].endswith("&part=1")
    assert re.findall(rf"^UID:{ID}-(..)", text, re.MULTILINE) == ["08"]


def test_times_in_utc_stay_in_utc() -> None:
    text = after(written(utc=True))
    assert values(text, "DTSTART") == ["20270203T090000Z"]
    assert "VTIMEZONE" not in text


def test_what_an_event_lost_is_there_again() -> None:
    for name in ("SUMMARY", "DESCRIPTION", "CREATED"):
        text = after(edited(rf"^{name}:[^\r]*\r\n", ""))
        assert len(values(text, name)) == 1
    assert values(text, "CREATED") == ["20261124T120000Z"]
    assert values(after(written()), "CREATED") == ["20261123T120000Z"]


def test_a_title_of_somebody_else_stays_with_a_mark_while_the_session_is_dropped() -> None:
    text = edited(r"^SUMMARY:[^\r]*", "SUMMARY:My doctor")
    assert values(after(text), "SUMMARY") == ["My doctor"]
    dropped = after(text, DROP)
    assert values(dropped, "SUMMARY") == ["Cancelled: My doctor"]
    found = read(dropped)
    back = rewritten(found, undone(found.plan, read(text).plan, LATER), LATER)
    assert values(unfolded(back), "SUMMARY") == ["My doctor"]
    ours = values(after(written()), "SUMMARY")
    assert ours == ["Mesotherapy 8/8"]


DROPPED = (
    "This appointment is cancelled. Please don't come at this time\\, unless your calendar has "
    "another appointment then. Questions? Please call your clinic."
)


def test_words_under_and_above_the_description_stay_below_the_new_one() -> None:
    text = edited(r"^DESCRIPTION:([^\r]*)", r"DESCRIPTION:Mine\\n\1\\n\\nPark behind")
    (words,) = values(after(text), "DESCRIPTION")
    assert words.startswith("Can't come\\, or need another day?")
    (plain,) = values(after(written()), "DESCRIPTION")
    assert words == f"{plain}\\n\\nMine\\n\\nPark behind"


@pytest.mark.parametrize(
    ("edit", "kept"),
    [
        ("Mine", "Mine"),
        (r"\1 Mine\\n", "Mine"),
        # As a program saves it that shows descriptions as pages of the web.
        (r"<p>\1</p>Me &amp\; <b>mine</b><br>", "Me & mine"),
        (r"Session 8 of 8 (hair\, scalp)\, about 30 minutes. Mine", "Mine"),
        # As it was once.
        (r"Next session: Tue 2 Feb 2027\, 10:00.\\nMine", "Mine"),
    ],
)
def test_what_somebody_wrote_stays_whatever_became_of_our_own_lines(edit: str, kept: str) -> None:
    text = edited(r"^DESCRIPTION:([^\r]*)", f"DESCRIPTION:{edit}")
    (ours,) = values(after(written()), "DESCRIPTION")
    assert values(after(text), "DESCRIPTION") == [f"{ours}\\n\\n{kept}"]
    (dropped,) = values(after(text, DROP), "DESCRIPTION")
    assert dropped == f"{DROPPED}\\n\\n{kept}"


def test_a_note_stays_when_another_session_was_dragged_in_the_calendar() -> None:
    text = edited_plans.edited(written(), 2, r"^(DESCRIPTION:[^\r]*)", r"\1\\nBring the form")
    text = edited_plans.edited(text, 3, r"20261215T10", "20261216T10")
    text = after(text, Move(SessionName("course", 3), date(2026, 12, 17)))
    (words,) = values(text, "DESCRIPTION", 2)
    assert words.endswith("not medical advice.\\nBring the form")
    assert values(text, "SEQUENCE", 2) == ["0"]


@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("1 Park Street", ["1 Park Street"]),
        (" 1 Park Street ", ["1 Park Street"]),
        ("2 Park Street", ["2 Park Street"]),
        (None, ["1 Park Street"]),
    ],
)
def test_the_place_is_the_clinic_s_unless_somebody_wrote_another(
    location: str | None, kept: list[str]
) -> None:
    new = "" if location is None else f"LOCATION:{location}\r\n"
    assert values(after(edited(r"^LOCATION:[^\r]*\r\n", new)), "LOCATION") == kept


def test_what_would_contradict_the_new_day_goes_and_all_else_stays() -> None:
    theirs = (
        "X-MICROSOFT-CDO-ALLDAYEVENT:{}\r\nX-OTHER:TRUE\r\nDURATION:PT1H\r\nCATEGORIES:Mine\r\n"
    )
    for all_day, stays in (("TRUE", []), ("true", []), ("FALSE", ["FALSE"])):
        text = after(edited(r"^(STATUS)", theirs.format(all_day) + r"\1"))
        assert values(text, "X-MICROSOFT-CDO-ALLDAYEVENT") == stays
        assert values(text, "X-OTHER") == ["TRUE"]
        assert values(text, "CATEGORIES") == ["Mine"]
        assert values(text, "DURATION") == []


CONTRADICTING = (
    *("DURATION", "RDATE", "EXDATE", "EXRULE"),
    *("X-ALT-DESC", "X-MOZ-SNOOZE-TIME", "X-MOZ-LASTACK"),
)
OF_OUTLOOK = ("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS")


def test_of_theirs_what_would_contradict_ours_is_gone() -> None:
    theirs = "".join(f"{name}:20261201T100000\r\n" for name in (*CONTRADICTING, *OF_OUTLOOK))
    text = edited(r"^(STATUS)", theirs + r"RRULE:FREQ=DAILY\r\n\1")
    moved, dropped = after(text), after(text, DROP)
    for name in (*CONTRADICTING, "RRULE"):
        assert values(moved, name) == values(dropped, name) == []
    for name in OF_OUTLOOK:
        assert (len(values(moved, name)), len(values(dropped, name))) == (1, 0)


def test_an_occurrence_that_is_all_that_is_left_becomes_the_appointment() -> None:
    text = edited(r"^(STATUS)", r"RECURRENCE-ID:20270202T090000Z\r\n\1")
    assert values(after(text), "RECURRENCE-ID") == []


ALARM = r"^BEGIN:VALARM(?s:.*)END:VALARM\r\n"
OURS = [
    *("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P2D"),
    "DESCRIPTION:Mesotherapy 8/8\\, Wed 3 Feb 10:00\\, 1 Park Street. Can't come? Please call your "
    "clinic.",
]


def alarms(text: str) -> list[list[str]]:
    found = re.findall(r"BEGIN:VALARM.*?END:VALARM", event(text), re.DOTALL)
    return [alarm.split("\r\n") for alarm in found]


@pytest.mark.parametrize(
    ("alarm", "stays", "ours"),
    [
        ("", False, False),
        ("ACTION:DISPLAY\r\nTRIGGER:-PT2880M", False, True),
        ("ACTION:DISPLAY\r\nTRIGGER:-P2DT0S\r\nDESCRIPTION:This is an event reminder", False, True),
        ("ACTION:DISPLAY\r\nTRIGGER:-PT48H", False, True),
        ("ACTION:display\r\nTRIGGER:-P2D", False, True),
        ("ACTION:DISPLAY\r\nTRIGGER:-P1D", True, False),
        ("ACTION:AUDIO\r\nTRIGGER:-P2D", True, False),
        ("TRIGGER:-P2D", True, False),
        ("ACTION:DISPLAY", True, False),
        ("ACTION:DISPLAY\r\nTRIGGER:never", True, False),
    ],
)
def test_our_alarm_is_written_anew_and_another_stays(alarm: str, stays: bool, ours: bool) -> None:
    block = f"BEGIN:VALARM\r\n{alarm}\r\nEND:VALARM\r\n" if alarm else ""
    found = alarms(after(edited(ALARM, block)))
    expected = [[*OURS, "END:VALARM"]] * ours
    expected += [["BEGIN:VALARM", *alarm.split("\r\n"), "END:VALARM"]] * stays
    assert found == expected


def test_a_zone_that_events_of_others_go_by_stays_as_it_is() -> None:
    described = written().replace("X-LIC-LOCATION", "COMMENT:theirs\r\nX-LIC-LOCATION")
    shared = with_more(described, THEIRS.format("Europe/Paris"))
    assert "COMMENT:theirs" in after(shared)
    assert after(shared).count("BEGIN:VTIMEZONE") == 1
    assert "COMMENT:theirs" not in after(described)
    assert after(described).count("BEGIN:VTIMEZONE") == 1
    elsewhere = shared.replace("TZID=Europe/Paris:20200101", "TZID=Europe/Rome:20200101")
    assert "COMMENT:theirs" not in after(elsewhere)


def test_a_zone_of_another_name_stays() -> None:
    rome = re.search(r"BEGIN:VTIMEZONE.*END:VTIMEZONE\r\n", written(), re.DOTALL)
    assert rome is not None
    text = written().replace(rome[0], rome[0] + rome[0].replace("Europe/Paris", "Europe/Rome"))
    assert "TZID:Europe/Rome" in after(text)
    assert after(text).count("BEGIN:VTIMEZONE") == 2


def test_a_zone_that_only_others_go_by_is_described_for_ours() -> None:
    text = written().replace("TZID:Europe/Paris", "TZID:Europe/Rome")
    assert "TZID:Europe/Paris" in after(with_more(text, THEIRS.format("Europe/Paris")))


def test_where_the_record_is_gone_our_titles_are_written_anew_and_others_stay() -> None:
    assert values(after(bare(written())), "SUMMARY") == ["Mesotherapy 8/8"]
    text = bare(edited(r"^SUMMARY:[^\r]*", "SUMMARY:My doctor"))
    assert values(after(text), "SUMMARY") == ["My doctor"]


def test_an_event_that_lost_its_record_has_it_again_and_stays_as_it_is_otherwise() -> None:
    lost = re.sub(r"X-APPOINTMENT:[^\r]*\r\n", "X-THEIRS:1\r\n", event(written(), 1))
    text = after(written().replace(event(written(), 1), lost))
    assert values(text, "X-THEIRS", 1) == ["1"]
    assert values(text, "SEQUENCE", 1) == ["0"]
    assert values(text, "X-APPOINTMENT", 1)[0].startswith("kind=series&number=1&")
    assert len(values(text, "X-APPOINTMENT-PLAN", 1)) == 1
    assert event(text, 1).count("BEGIN:VALARM") == 1
    assert "X-THEIRS" not in event(text, 2)
    assert event(text, 2) == event(written(), 2)


def in_our_hands(text: str, words: ClinicWords, change: Move | Cancel = MOVE) -> str:
    found = read(text)
    options = replace(found.options, words=words)
    new = replan(found.plan, change, now=LATER)
    return unfolded(rewritten(found, new, LATER, options))


OLD_WORDS = ClinicWords("Old Clinic", {"before": "Drink water.", "advice": "Ask Ann."})


def test_a_line_of_the_clinic_goes_when_it_has_another_and_a_note_stays() -> None:
    text = in_our_hands(written(), OLD_WORDS)
    (words,) = values(text, "DESCRIPTION")
    assert "Drink water.\\n" in words
    assert words.endswith("\\nAsk Ann.")
    noted = edited_plans.edited(text, 8, r"^DESCRIPTION:([^\r]*)", r"DESCRIPTION:\1\\nMy note")
    for new, line in ((ClinicWords(None, {"before": "Eat well."}), ["Eat well."]), (NONE, [])):
        again = in_our_hands(noted, new, Move(SessionName("course", 8), date(2027, 2, 9)))
        lines = values(again, "DESCRIPTION")[0].split("\\n")
        assert lines.count("My note") == 1
        assert {"Drink water.", "Ask Ann."}.isdisjoint(lines)
        assert [each for each in lines if each in {"Eat well."}] == line
        assert lines.count("Planning aid\\, not medical advice.") == 1


NONE = ClinicWords()


def test_a_line_of_the_clinic_is_known_where_the_record_is_gone_and_it_still_says_it() -> None:
    text = bare(in_our_hands(written(), OLD_WORDS))
    again = in_our_hands(text, OLD_WORDS, Move(SessionName("course", 8), date(2027, 2, 9)))
    assert values(again, "DESCRIPTION")[0].count("Drink water.") == 1


def test_the_phone_of_the_clinic_follows_it_and_those_of_others_stay() -> None:
    text = edited_plans.written(request(phone="+33 1"))
    assert values(text, "CONTACT") == ["+33 1"]
    text = text.replace("CONTACT:+33 1\r\n", "CONTACT:+33 1\r\nCONTACT:Ann\r\n")
    found = read(text)
    new = replan(found.plan, MOVE, now=LATER, request=replace(found.plan.request, phone="+33 2"))
    text = unfolded(rewritten(found, new, LATER))
    assert values(text, "CONTACT") == ["+33 2", "Ann"]
    assert values(text, "CONTACT", 7) == ["+33 1", "Ann"]
    # One that has changed since it was written is known by its record.
    found = read(text)
    change = Move(SessionName("course", 7), date(2027, 1, 27))
    text = unfolded(rewritten(found, replan(found.plan, change, now=LATER), LATER))
    assert values(text, "CONTACT", 7) == ["+33 2", "Ann"]


def test_an_alarm_of_the_patient_s_own_stays_beside_ours_and_is_never_there_twice() -> None:
    their = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-P1D\r\nEND:VALARM\r\n"
    text = edited(r"^(END:VEVENT)", their + r"\1")
    assert triggers(after(text)) == ["-P2D", "-P1D"]
    # One that the patient wants at the time of ours.
    old = re.sub("&remind=2d", "", edited(r"TRIGGER:-P2D", "TRIGGER:-P1D"))
    both = edited_plans.edited(old, 8, r"^(END:VEVENT)", their.replace("1D", "2D") + r"\1")
    assert triggers(after(old)) == triggers(after(both)) == ["-P2D"]


def triggers(text: str) -> list[str]:
    return [
        line.removeprefix("TRIGGER:") for alarm in alarms(text) for line in alarm if "TR" in line
    ]


def test_of_an_event_in_two_files_the_record_of_the_later_revision_counts() -> None:
    before, now = written(), after(written())
    old, new = event(before, 7), event(now, 7)
    assert values(before, "SEQUENCE", 7) == values(now, "SEQUENCE", 7)
    assert old != new
    for both in (old + new, new + old):
        found = read(now.replace(new, both)).plan
        assert found.sessions[6].window == read(now).plan.sessions[6].window


def test_what_took_place_keeps_its_words() -> None:
    text = written().replace("Mesotherapy 1/8", "Mesotherapy 1/8 · hair")
    old = event(text, 1)
    now = datetime.fromisoformat("2026-12-01T12:00:00+00:00")
    found = read(text)
    new = replan(found.plan, Attend((SessionName("course", 1),)), now=now)
    attended = unfolded(rewritten(found, new, now))
    for name in ("SUMMARY", "DESCRIPTION", "LOCATION"):
        assert values(attended, name, 1) == values(text, name, 1)
    assert values(attended, "SEQUENCE", 1) == ["1"]
    assert "status=attended" in values(attended, "X-APPOINTMENT", 1)[0]
    assert event(attended, 1).count("BEGIN:VALARM") == old.count("BEGIN:VALARM")


def test_a_file_that_has_used_every_serial_can_not_have_another_session() -> None:
    text = written().replace("&serial=10", "&serial=99999")
    assert values(after(text), "SEQUENCE") == ["1"]
    for name in ("plan.ics", "n" * 200, "n" * 400):
        found = plan_in([(Path(name), text.encode())], lambda: "UTC")
        with pytest.raises(FileProblem) as caught:
            rewritten(found, replan(found.plan, Extend(1), now=LATER), LATER)
        shown = f"'{name}'" if len(name) <= 300 else f"'{name[:300]}…'"
        assert (caught.value.path, caught.value.problem, caught.value.remedy) == (
            Path(name),
            f"{shown} says that it had 99,999 appointments, and so can't have another",
            "change the plan's own file, the one that the clinic kept",
        )
