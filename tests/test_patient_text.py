"""What patients read: easy for a reader of eleven, and the clinic's own where it wants that."""

import re
from collections.abc import Iterator
from pathlib import Path

import icalendar
import pytest
import readability

from tests.command_line import mesoplan

CLINIC = """\
name = "Clinic by the Park"
address = "1 Park Street, 75012 Paris"
phone = "+33 1 23 45 67 89"
timezone = "Europe/Paris"
"""
HARDEST = 7
"""The Flesch–Kincaid grade that no text may be above."""


def grade(text: str) -> float:
    """The Flesch–Kincaid grade: the years of school that a reader needs."""
    sentences = re.split(r"(?<=[.?!])\s+|\n+", text)
    tokens = (" ".join(re.findall(r"[\w'-]+|[^\w\s]", each)) for each in sentences if each.strip())
    found = readability.getmeasures("\n".join(tokens), lang="en")["readability grades"]["Kincaid"]
    return float(found)


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """Each text that a phone shows of a calendar, with the title of its event."""
    for event in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"):
        title = str(event["SUMMARY"])
        yield title, str(event["DESCRIPTION"])
        for alarm in event.walk("VALARM"):
            yield title, str(alarm["DESCRIPTION"])


@pytest.mark.parametrize("private", [[], ["--private"]])
@pytest.mark.parametrize("trip", [[], ["--arrive", "2026-11-30", "--depart", "2027-03-10"]])
@pytest.mark.parametrize("clinic", [CLINIC, 'timezone = "Europe/Paris"\n'])
def test_every_text_of_a_calendar_is_easy_to_read(
    private: list[str], trip: list[str], clinic: str, tmp_path: Path
) -> None:
    (tmp_path / "clinic.toml").write_text(clinic)
    also = {"MESOPLAN_CLINIC": "clinic.toml"}
    asked = ("plan", "hair", "2026-12-01", "-o", "plan.ics", *private, *trip)
    assert mesoplan(tmp_path, *asked, also=also).exit_code == 0
    for command, session in (("miss", "3"), ("cancel", "m1")):
        assert mesoplan(tmp_path, command, "plan.ics", session, also=also).exit_code == 0
    found = [*texts(tmp_path / "plan.ics")]
    assert len({title.rstrip("0123456789/") for title, _ in found}) == 4
    hard = {text: grade(text) for _, text in found if grade(text) > HARDEST}
    assert hard == {}


def test_the_measure_finds_what_is_hard() -> None:
    hard = "Recommendations regarding contraindications necessitate individualised consideration."
    assert grade(hard) > HARDEST


def description(path: Path, number: int) -> list[str]:
    events = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    (text,) = (str(e["DESCRIPTION"]) for e in events if f" {number}/8" in str(e["SUMMARY"]))
    return text.splitlines()


def changed_by_patient(path: Path, number: int) -> None:
    """The patient writes something below the text of a session."""
    text = path.read_bytes().replace(b"\r\n ", b"")
    pattern = rb"(SUMMARY:Mesotherapy %d/8\r\nDESCRIPTION:[^\r]*)" % number
    path.write_bytes(re.sub(pattern, rb"\1\\nBring the form", text))


def test_a_line_of_the_clinic_goes_with_its_profile_and_a_note_of_the_patient_stays(
    tmp_path: Path,
) -> None:
    profile, path = tmp_path / "clinic.toml", tmp_path / "plan.ics"
    also = {"MESOPLAN_CLINIC": "clinic.toml"}
    profile.write_text(CLINIC + '[patient_text]\nbefore = "Please eat first."\ntravel = false\n')
    mesoplan(tmp_path, "plan", "hair", "2026-12-01", "-o", "plan.ics", also=also)
    first = description(path, 4)
    assert "Please eat first." in first
    assert not any(line.startswith(("Before:", "Travelling?")) for line in first)
    changed_by_patient(path, 4)
    profile.write_text(CLINIC.replace("89", "99") + '[patient_text]\nbefore = "Drink water."\n')
    outcome = mesoplan(tmp_path, "move", "plan.ics", "4", "2026-12-23", also=also)
    assert outcome.exit_code == 0
    second = description(path, 4)
    assert second.count("Bring the form") == second.count("Drink water.") == 1
    assert "Please eat first." not in second
    assert second[0].startswith("Can't come, or need another day? Call Clinic by the Park, +33")
    assert "67 99," in second[0]
    assert any(line.startswith("Travelling?") for line in second)
    # The others keep what they say until they change.
    assert description(path, 3) == [line.replace("Session 4", "Session 3") for line in first]
    assert mesoplan(tmp_path, "undo", "plan.ics", also=also).exit_code == 0
    assert description(path, 4) == second


def test_what_the_clinic_says_to_patients_changes_no_row_of_a_batch(tmp_path: Path) -> None:
    table, profile = tmp_path / "t.csv", tmp_path / "clinic.toml"
    table.write_text("id,goal,start\na,hair,2026-12-01\n")
    also = {"MESOPLAN_CLINIC": "clinic.toml"}
    for texts_ in ("", '[patient_text]\nbefore = "Please eat first."\n'):
        profile.write_text(CLINIC + texts_)
        outcome = mesoplan(tmp_path, "batch", "t.csv", "-o", "out", also=also)
    assert outcome.text.startswith("1 row: 0 new, 1 unchanged")


def test_an_unknown_line_is_refused_with_the_nearest_and_a_sign_off_is_asked_for(
    tmp_path: Path,
) -> None:
    profile = tmp_path / "clinic.toml"
    profile.write_text(CLINIC + '[patient_text]\ntravle = false\nbefore = true\nafter = ""\n')
    outcome = mesoplan(tmp_path, "clinic", "check", "clinic.toml")
    assert outcome.exit_code == 2
    for key in ("travle", "before", "after"):
        assert f"patient_text.{key}: " in outcome.error
    assert "travel" in outcome.error
    profile.write_text(CLINIC)
    asks = mesoplan(tmp_path, "clinic", "check", "clinic.toml")
    assert asks.exit_code == 0
    assert "Trouble breathing" in asks.text
    own = '[patient_text]\nemergency = false\nafter = "See a hair doctor."\n'
    profile.write_text(CLINIC + own)
    asks = mesoplan(tmp_path, "clinic", "check", "clinic.toml")
    assert "Trouble breathing" not in asks.text
    assert "patient_text.after" in asks.text
    profile.write_text(CLINIC + 'patient_text_reviewed = "Dr A. Martin, 2026-11-01"\n')
    assert "sign off" not in mesoplan(tmp_path, "clinic", "check", "clinic.toml").text


def test_that_there_is_no_number_to_call_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,goal,start\na,hair,2026-12-01\nb,hair,2026-12-01\n")
    outcome = mesoplan(tmp_path, "batch", "t.csv", "-o", "out")
    assert f"{outcome.text}{outcome.error}".count("--clinic-phone") == 1
    plan = ("plan", "hair", "2026-12-01", "--dry-run")
    assert "--clinic-phone" in mesoplan(tmp_path, *plan).text
    assert "--clinic-phone" not in mesoplan(tmp_path, *plan, "--clinic-phone", "+33 1").text
