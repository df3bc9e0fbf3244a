"""What the patient has: the message, the page beside a change, and who has an old file."""

import json
import re
from pathlib import Path

import pytest

from tests.command_line import mesoplan_line

PLAN = "mesoplan plan hair 2026-12-01 --patient Martin --clinic-phone 012 -o book/plan.ics"
MOVE = "mesoplan move book/plan.ics 3 2026-12-16"
OLD = "plan.ics: not handed out since revision 1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "book").mkdir()
    assert mesoplan_line(tmp_path, PLAN).exit_code == 0
    return tmp_path


def agenda(folder: Path) -> str:
    return mesoplan_line(folder, "mesoplan agenda book").text


@pytest.mark.parametrize(
    "handed_out",
    [
        "mesoplan handout book/plan.ics",
        "mesoplan handout book/plan.ics -o -",
        "mesoplan show book/plan.ics --message",
        "mesoplan show book/plan.ics --handed-out",
        "mesoplan move book/plan.ics 3 2026-12-17 --handout page.html",
    ],
)
def test_the_agenda_lists_who_has_an_old_file_until_it_is_handed_out(
    folder: Path, handed_out: str
) -> None:
    assert OLD not in agenda(folder)
    assert mesoplan_line(folder, MOVE).exit_code == 0
    assert OLD in agenda(folder)
    assert mesoplan_line(folder, "mesoplan move book/plan.ics 3 2026-12-15").exit_code == 0
    assert OLD in agenda(folder)
    listed = json.loads(mesoplan_line(folder, "mesoplan agenda book --json").text)
    assert [each["since_revision"] for each in listed["not_handed_out"]] == [1]
    assert mesoplan_line(folder, handed_out).exit_code == 0
    assert "handed out" not in agenda(folder)


def test_what_took_place_is_nothing_to_hand_out(folder: Path) -> None:
    now = "2026-12-01T12:00:00Z"
    assert mesoplan_line(folder, "mesoplan done book/plan.ics 1", now).exit_code == 0
    assert b"unseen" not in (folder / "book/plan.ics").read_bytes()


def test_another_language_is_to_be_handed_out(folder: Path) -> None:
    assert mesoplan_line(folder, "mesoplan replan book/plan.ics --language fr").exit_code == 0
    assert OLD in agenda(folder)


def test_handing_out_is_no_change_of_the_plan(folder: Path) -> None:
    mesoplan_line(folder, MOVE)
    path, kept = folder / "book/plan.ics", folder / "book/plan.ics~"
    changed, before = path.read_bytes(), kept.read_bytes()
    assert b"&unseen=1" in changed
    mesoplan_line(folder, "mesoplan handout book/plan.ics")
    unfolded = [re.sub(rb"\r\n ", b"", each) for each in (changed, path.read_bytes())]
    assert unfolded[0].replace(b"&unseen=1", b"") == unfolded[1]
    assert kept.read_bytes() == before
    assert mesoplan_line(folder, "mesoplan undo book/plan.ics").exit_code == 0
    assert "not handed out since revision 2" in agenda(folder)


def test_the_message_has_what_changed_and_all_dates_to_come(folder: Path) -> None:
    mesoplan_line(folder, MOVE)
    now = "2026-12-02T12:00:00Z"
    text = mesoplan_line(folder, "mesoplan show book/plan.ics --message", now).text
    assert text.startswith("Your appointments\n\nSome dates have changed:\n")
    change = "Tuesday 15 December 2026, 10:00 → Wednesday 16 December 2026, 10:00"
    assert text.splitlines()[3] == change
    assert "1 December" not in text.replace("11 December", "")
    assert text.endswith("Can't come, or need another day? Call 012.\n")
    assert re.findall("(?i)hair|scalp|martin|meso", text) == []
    again = mesoplan_line(folder, "mesoplan show book/plan.ics --message", now).text
    changed = r"Some dates have changed:\n(.+\n)+\nAll your dates:\n"
    assert again == re.sub(changed, "", text)


def test_a_message_after_several_changes_says_that_dates_have_changed(folder: Path) -> None:
    mesoplan_line(folder, MOVE)
    mesoplan_line(folder, "mesoplan move book/plan.ics 3 2026-12-17")
    text = mesoplan_line(folder, "mesoplan show book/plan.ics --message").text
    assert "Your dates now; some may have changed:\nTuesday 1 December 2026, 10:00\n" in text


def test_a_message_in_another_language_does_not_say_that_dates_have_changed(folder: Path) -> None:
    mesoplan_line(folder, "mesoplan replan book/plan.ics --language fr")
    text = mesoplan_line(folder, "mesoplan show book/plan.ics --message").text
    assert text.startswith("Vos rendez-vous\n\nmardi ")


def test_who_has_the_dates_that_an_undo_puts_back_has_them_still(folder: Path) -> None:
    mesoplan_line(folder, MOVE)
    mesoplan_line(folder, "mesoplan undo book/plan.ics")
    assert "handed out" not in agenda(folder)
    mesoplan_line(folder, "mesoplan undo book/plan.ics")
    assert "not handed out since revision 3" in agenda(folder)


def test_a_message_has_no_line_of_the_clinics_own_that_names_the_treatment(folder: Path) -> None:
    (folder / "clinic.toml").write_text('[patient_text]\ncontact = "Call the hair clinic."\n')
    mesoplan_line(folder, "mesoplan plan hair 2026-12-01 -o own.ics --clinic clinic.toml")
    text = mesoplan_line(folder, "mesoplan show own.ics --message --clinic clinic.toml").text
    assert text.endswith("Can't come, or need another day? Please call us.\n")


def test_after_the_last_session_it_is_said_that_none_is_to_come(folder: Path) -> None:
    done = mesoplan_line(folder, "mesoplan show book/plan.ics --message", "2029-01-01T12:00:00Z")
    assert done.error == "No session is to come.\n"


def test_a_language_is_not_ignored_where_there_is_no_message(folder: Path) -> None:
    assert mesoplan_line(folder, "mesoplan show book/plan.ics --language fr").exit_code == 2


@pytest.mark.parametrize("page", ["page.ics", "there.html", "missing/page.html"])
def test_where_the_page_cannot_be_written_nothing_is(folder: Path, page: str) -> None:
    (folder / "there.html").write_text("mine")
    before = (folder / "book/plan.ics").read_bytes()
    for line in (
        f"{MOVE} --handout {page}",
        f"{PLAN.replace('plan.ics', 'p.ics')} --handout {page}",
    ):
        assert mesoplan_line(folder, line).exit_code in {2, 4}
    assert (folder / "book/plan.ics").read_bytes() == before
    assert not (folder / "book/p.ics").exists()


def test_a_page_comes_with_a_new_plan_and_not_with_a_dry_run(folder: Path) -> None:
    line = "mesoplan plan hair 2027-01-12 -o p.ics --handout page.html"
    dry = mesoplan_line(folder, f"{line} --dry-run")
    assert dry.text.splitlines()[-1] == "Page for the patient: not written (--dry-run)"
    taken = "mesoplan plan hair 2027-01-12 -o p.ics --dry-run --handout"
    (folder / "there.html").write_text("mine")
    assert mesoplan_line(folder, f"{taken} there.html").exit_code == 4
    assert not (folder / "page.html").exists()
    done = mesoplan_line(folder, line)
    assert done.text.splitlines()[-1] == "Page for the patient: page.html"
    assert "1/8" in (folder / "page.html").read_text()


def test_a_message_is_for_one_plan_alone(folder: Path) -> None:
    for more in ("--json", "--view month", "other.ics"):
        done = mesoplan_line(folder, f"mesoplan show book/plan.ics --message {more}")
        assert done.exit_code == 2
