"""Whose calendar it is: the clinic's, its rooms', a practitioner's, the patient's."""

import json
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from mesoplan.formats import calendars
from mesoplan.formats.ical.occurrences import taken_times
from mesoplan.formats.plan_file.reading import read_plan
from tests.command_line import Outcome, mesoplan
from tests.plan_texts import by_uid, said

CLINIC = Path(__file__).parent.parent / "runs" / "practitioners"
"""Two practitioners, two rooms and their calendars."""
WRINKLES = "plan wrinkles 2026-12-01 -n 3 -m 0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CLINIC, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(folder: Path, line: str, clinic: str = "clinic.toml", given: bytes = b"") -> Outcome:
    outcome = mesoplan(folder, *line.split(), "--clinic", clinic, given=given)
    assert outcome.exit_code == 0, outcome.error
    return outcome


def starts(folder: Path, line: str, **others: Any) -> list[str]:
    """When the sessions of the course of a plan begin."""
    outcome = run(folder, f"{line} --json", **others)
    return [each["start"][:16] for each in json.loads(outcome.text)["sessions"]]


def edited(folder: Path, old: str, new: str) -> None:
    """Change what the profile says."""
    profile = folder / "clinic.toml"
    text = profile.read_text()
    assert old in text
    profile.write_text(text.replace(old, new))


def test_a_calendar_counts_for_each_whose_it_is(folder: Path) -> None:
    # The diary of one is the only room's calendar, too.
    edited(folder, 'rooms = 2\nroom_busy = ["laser.ics"]', 'rooms = 1\nroom_busy = ["lind.ics"]')
    line = f"{WRINKLES} --book none --dry-run"
    for who in ("lind", "roux"):
        # Dr Lind's course is on 1 December, all day.
        assert starts(folder, f"{line} --with {who}")[0] > "2026-12-02"
    edited(folder, 'room_busy = ["lind.ics"]', "")
    assert starts(folder, f"{line} --with roux")[0] == "2026-12-01T09:00"


def test_a_calendar_of_several_is_read_once(folder: Path) -> None:
    edited(folder, 'room_busy = ["laser.ics"]', 'busy = ["roux.ics"]\nroom_busy = ["roux.ics"]')
    with patch.object(calendars, "taken_times", wraps=taken_times) as read:
        run(folder, f"{WRINKLES} --dry-run --book none")
    assert sorted(call.args[2].name for call in read.call_args_list) == ["lind.ics", "roux.ics"]


def test_standard_input_can_be_the_calendar_of_several(folder: Path) -> None:
    line = "plan wrinkles 2026-12-22 -n 3 -m 0 --dry-run --book none --time 09:00"
    anna = (folder / "anna.ics").read_bytes()
    (alone,) = {*starts(folder, f"{line} --patient-busy -", given=anna)[:1]}
    assert alone == "2026-12-22T12:00"
    both = starts(folder, f"{line} --busy - --patient-busy -", given=anna)
    assert both[0] == alone


def test_own_sessions_and_those_of_the_book_take_no_time_in_a_diary(folder: Path) -> None:
    run(folder, f"{WRINKLES} --with lind -o book/a.ics")
    run(folder, f"{WRINKLES} --with lind -o book/b.ics")
    before = [starts(folder, f"show book/{name}.ics") for name in "ab"]
    # Both stand in the diary, as the agenda writes them, and in the patient's calendar.
    assert mesoplan(folder, "agenda", "book", "--ics", "all.ics").exit_code == 0
    edited(folder, 'busy = ["lind.ics"]', 'busy = ["lind.ics", "all.ics"]')
    for name in "ab":
        run(folder, f"replan book/{name}.ics --patient-busy book/{name}.ics")
    assert [starts(folder, f"show book/{name}.ics") for name in "ab"] == before


@pytest.mark.parametrize("private", [False, True])
def test_a_file_has_the_id_of_who_treats_and_neither_names_nor_calendars(
    folder: Path, private: bool
) -> None:
    edited(folder, 'id = "lind"\nname = "Dr Lind"', 'id = "qx7"\nname = "Dr Quill"')
    edited(folder, 'busy = ["lind.ics"]', "")
    line = f"{WRINKLES} --with qx7 --patient-busy anna.ics -o plan.ics"
    run(folder, line + " --private" * private)
    run(folder, "move plan.ics 2 2026-12-17 --patient-busy anna.ics")
    data = (folder / "plan.ics").read_bytes()
    assert b"Quill" not in data
    assert b"anna" not in data
    for event in by_uid(data).values():
        assert b"with=qx7" in event.replace(b"\r\n ", b"")
        assert b"theirs=1" in event.replace(b"\r\n ", b"")
        assert b"qx7" not in said(event)
    request = read_plan([folder / "plan.ics"], lambda: "UTC").plan.request
    assert (request.practitioner, request.has_calendar) == ("qx7", True)


def test_a_practitioner_with_a_telling_name_or_id_has_no_private_plan(folder: Path) -> None:
    edited(folder, 'id = "lind"', 'id = "hair-2"')
    for line, code in ((f"{WRINKLES} --with hair-2 -o a.ics", 0), ("replan a.ics", 0)):
        assert run(folder, line).exit_code == code
    # The patient may have the same name.
    run(folder, f"{WRINKLES} --with roux --private --patient Roux -o c.ics --book none")
    line = f"{WRINKLES} --with hair-2 --private -o b.ics --clinic clinic.toml"
    assert mesoplan(folder, *line.split()).exit_code == 2
    assert not (folder / "b.ics").exists()


def test_only_changes_that_plan_again_ask_for_the_patients_calendar(folder: Path) -> None:
    run(folder, f"{WRINKLES} --with roux --patient-busy anna.ics -o plan.ics")
    for line, asks in (
        ("move plan.ics 3 2026-12-24", True),
        ("move plan.ics 3 2026-12-23 --patient-busy anna.ics", False),
        ("away plan.ics 2026-12-29", True),
        ("undo plan.ics", False),
        ("cancel plan.ics", False),
    ):
        assert ("add --patient-busy" in run(folder, line).text) == asks, line


def test_what_took_place_is_recorded_with_whoever_treated(folder: Path) -> None:
    run(folder, f"{WRINKLES} -o plan.ics", clinic="alone.toml")
    later = "2026-12-01T12:00:00Z"
    for line in ("done plan.ics 1", "done plan.ics 1 --on 2026-11-30"):
        outcome = mesoplan(folder, *line.split(), "--clinic", "clinic.toml", now=later)
        assert outcome.exit_code == 0, outcome.error
        assert " with " not in outcome.text.splitlines()[0]
    run(folder, f"{WRINKLES} --with roux -o other.ics")
    for line, code in (
        ("done other.ics 1", 0),
        ("done other.ics 1 --on 2026-11-30", 0),
        ("undo other.ics", 0),
        # Who treats the rest is to be said only where the rest is planned.
        ("miss other.ics 2", 2),
        ("cancel other.ics 2", 2),
        ("cancel other.ics", 0),
        ("miss other.ics 1 --not-attended", 0),
    ):
        arguments = (*line.split(), "--clinic", "left.toml")
        outcome = mesoplan(folder, *arguments, now="2026-12-01T20:00:00Z")
        assert outcome.exit_code == code, (line, outcome.error)
