"""The commands that change a plan, and the world around them: files, disks, processes, mistakes."""

import errno
import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from mesoplan.cli.typed_words import session_name
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.model.plan import Status
from tests.command_line import Outcome, mesoplan, started
from tests.plan_exports import FOLDER
from tests.plan_texts import by_uid

PLAN = "plan hair 2026-12-01 --closed sun,mon --closure 2026-12-24..2027-01-03 -o plan.ics"
NOW = "2026-12-12T12:00:00Z"
CHANGES = (
    *["done plan.ics 1 2", "done plan.ics 2 --on 2026-12-09", "miss plan.ics 4"],
    *[
        "miss plan.ics 3 2026-12-16 15:30",
        "move plan.ics 3 16 Dec 2026",
        "move plan.ics m1 2027-08-20",
    ],
    *[
        "extend plan.ics +2",
        "extend plan.ics -1",
        "extend plan.ics +0 --away 2026-12-15..2026-12-15",
    ],
    *["away plan.ics 2026-12-15..2026-12-16", "replan plan.ics --time 11:00"],
    *["cancel plan.ics 5", "cancel plan.ics m2", "cancel plan.ics"],
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plan in it."""
    assert mesoplan(tmp_path, *PLAN.split()).exit_code == 0
    return tmp_path


def run(folder: Path, line: str, now: str = NOW) -> Outcome:
    return mesoplan(folder, *line.split(), now=now)


def done(folder: Path, line: str, now: str = NOW) -> Outcome:
    outcome = run(folder, line, now)
    assert outcome.exit_code == 0, (line, outcome.error)
    assert outcome.error == ""
    return outcome


def refused(folder: Path, line: str, exit_code: int, now: str = NOW) -> str:
    """What a command says that is refused, and leaves everything as it was."""
    before = contents(folder)
    outcome = run(folder, line, now)
    assert outcome.exit_code == exit_code, (line, outcome.exit_code, outcome.error, outcome.text)
    assert outcome.text == ""
    assert "Traceback" not in outcome.error
    assert contents(folder) == before, line
    said = outcome.error.splitlines()
    assert said[0].startswith("mesoplan: " if exit_code != 3 else "No schedule fits: ")
    assert said[1].startswith("  ")
    if exit_code != 3:
        assert len(said) == 2
    return outcome.error


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def plan_of(folder: Path, name: str = "plan.ics") -> Any:
    return read_plan([folder / name], lambda: "UTC").plan


# ---------------------------------------------------------------- looking, writing, undoing


@pytest.mark.parametrize("line", [*CHANGES, "undo plan.ics"])
def test_a_dry_run_prints_the_same_and_changes_nothing(line: str, folder: Path) -> None:
    if line.startswith("undo"):
        done(folder, "miss plan.ics 4")
    before = contents(folder)
    looked = done(folder, f"{line} --dry-run --changes changes.ics")
    assert contents(folder) == before
    *shown, last = looked.text.splitlines()
    assert last == "Calendar file: not changed (--dry-run)"
    written = done(folder, f"{line} --changes changes.ics").text.splitlines()
    assert written[: len(shown)] == shown
    own_files = ["Calendar file: plan.ics", "Before the change: plan.ics~"]
    assert written[len(shown) :] == [
        *own_files * (" done" not in shown[0]),
        "Changed events only: changes.ics",
        "To undo: mesoplan undo plan.ics",
    ]
    after = contents(folder)
    assert set(after) == {"plan.ics", "plan.ics~", "changes.ics"}
    assert after["plan.ics~"] == before["plan.ics"]
    assert after["plan.ics"] != before["plan.ics"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o600} or os.name == "nt"


@pytest.mark.parametrize("line", CHANGES)
def test_json_holds_the_schema_and_the_change(line: str, folder: Path) -> None:
    outcome = run(folder, f"{line} --json")
    assert outcome.exit_code == 0
    document = json.loads(outcome.text)
    assert "Calendar file: plan.ics" in outcome.error
    assert document["revision"] == 1
    assert document["changes"] or "done plan.ics 1 2" not in line
    for change in document["changes"]:
        assert set(change) == {"uid", "before", "after"}
        assert change["before"] != change["after"]
        assert change["after"]["uid"] == change["uid"]
    shown = run(folder, "show plan.ics --json")
    again = json.loads(shown.text)
    for key in ("id", "revision", "goal", "sessions", "maintenance", "dropped", "ended", "stay"):
        assert again[key] == document[key], key


def test_a_file_for_the_changes_that_is_there_is_left_as_it_is(folder: Path) -> None:
    (folder / "changes.ics").write_bytes(b"mine")
    for line in (*CHANGES, "miss plan.ics 4 --dry-run"):
        assert "already exists" in refused(folder, f"{line} --changes changes.ics", 4)
    assert "already exists" in refused(folder, "miss plan.ics 4 --changes plan.ics", 4)
    refused(folder, "miss plan.ics 4 --changes no/changes.ics", 4)
    refused(folder, "miss plan.ics 4 --changes no/changes.ics --dry-run", 4)
    refused(folder, "miss plan.ics 4 --changes .", 4)


def test_changes_never_take_the_name_of_the_file_that_is_kept(folder: Path) -> None:
    for line in ("miss plan.ics 4", "miss plan.ics 4 --dry-run"):
        assert "is kept" in refused(folder, f"{line} --changes plan.ics~", 4)
        assert "is kept" in refused(folder, f"{line} --changes {folder}/plan.ics~", 4)


def test_undo_puts_back_and_a_second_one_takes_that_back(folder: Path) -> None:
    first = plan_of(folder)
    done(folder, "miss plan.ics 4")
    second = plan_of(folder)
    done(folder, "undo plan.ics")
    third = plan_of(folder)
    assert days(third) == days(first)
    assert third.revision == 2
    done(folder, "undo plan.ics")
    fourth = plan_of(folder)
    assert days(fourth) == days(second)
    assert fourth.revision == 3
    for each in (*fourth.active, *fourth.dropped):
        earlier = [
            old.sequence
            for plan in (first, second, third)
            for old in (*plan.active, *plan.dropped)
            if old.uid == each.uid
        ]
        assert each.sequence >= max(earlier)


def said_of_undo(folder: Path) -> list[str]:
    shown = json.loads(run(folder, "undo plan.ics --dry-run --json").text)["warnings"]
    return [each["text"] for each in shown if each["code"] in {"UNDONE", "REDONE"}]


@pytest.mark.parametrize("line", CHANGES)
def test_undo_says_which_change_it_takes_back(line: str, folder: Path) -> None:
    done(folder, line)
    typed = {"3 2026-12-16 15:30": "3 2026-12-16", "3 16 Dec 2026": "3 2026-12-16"}
    command, _, rest = line.partition(" --away")[0].partition(" plan.ics")
    change = f"{command} {typed.get(rest.strip(), rest.strip())}".strip()
    assert said_of_undo(folder) == [f"This takes back “{change}”. Another undo does it again."]


def test_undo_of_a_change_made_before_changes_were_noted(folder: Path) -> None:
    done(folder, "extend plan.ics +1")
    path = folder / "plan.ics"
    text = path.read_bytes().replace(b"\r\n ", b"")
    path.write_bytes(re.sub(rb"&did=[^&\r]*", b"", text))
    assert said_of_undo(folder) == ["This takes back the last change. Another undo does it again."]


def days(plan: Any) -> list[tuple[str, str, str]]:
    return [(each.uid, str(each.name), str(each.start)) for each in plan.active]


def test_undo_where_nothing_is_kept(folder: Path) -> None:
    assert "nothing to undo" in refused(folder, "undo plan.ics", 4)


@pytest.mark.parametrize("kept", [b"", b"BEGIN:VCALENDAR\r\n", b"no plan\n"])
def test_undo_where_what_is_kept_is_damaged(kept: bytes, folder: Path) -> None:
    done(folder, "miss plan.ics 4")
    (folder / "plan.ics~").write_bytes(kept)
    refused(folder, "undo plan.ics", 4)


def test_undo_never_puts_back_another_plan(folder: Path) -> None:
    done(folder, "miss plan.ics 4")
    (folder / "plan.ics~").write_bytes((FOLDER / "ours.ics").read_bytes())
    assert "not an earlier state" in refused(folder, "undo plan.ics", 4)


def test_undo_of_what_was_kept_by_hand_says_that_nothing_changes(folder: Path) -> None:
    (folder / "plan.ics~").write_bytes((folder / "plan.ics").read_bytes())
    assert "nothing to undo" in refused(folder, "undo plan.ics", 2)


# ---------------------------------------------------------------- what is due, and what is not new


def test_done_without_a_session_is_today_s_once_it_has_begun(folder: Path) -> None:
    done(folder, "done plan.ics", "2026-12-08T11:00:00Z")
    assert statuses(plan_of(folder))[:3] == ["planned", "attended", "planned"]


def test_done_without_a_session_is_the_only_past_one_not_recorded(folder: Path) -> None:
    assert ": mesoplan done plan.ics 1 2\n" in refused(folder, "done plan.ics", 2)
    done(folder, "done plan.ics 2")
    done(folder, "attend plan.ics")
    assert statuses(plan_of(folder))[:3] == ["attended", "attended", "planned"]


def test_done_without_a_session_takes_none_that_has_not_begun(folder: Path) -> None:
    done(folder, "done plan.ics 1 2")
    for now in ("2026-12-12T12:00:00Z", "2026-12-15T08:00:00Z"):
        assert "mesoplan done plan.ics 3" in refused(folder, "done plan.ics", 2, now)


def test_attend_is_done_under_another_name(folder: Path) -> None:
    assert run(folder, "attend --help").text == run(folder, "done --help").text
    assert "attend" in run(folder, "done --help-all").text
    assert "attend" not in run(folder, "--help").text


def statuses(plan: Any) -> list[str]:
    return [session.status.value for session in plan.sessions]


def test_an_absence_without_a_session_is_kept_and_changes_no_date(folder: Path) -> None:
    before = days(plan_of(folder))
    done(folder, "away plan.ics 2027-05-03..2027-05-04 2027-06-01 --changes changes.ics")
    after = plan_of(folder)
    assert days(after) == before
    assert [str(each.first) for each in after.request.away] == ["2027-05-03", "2027-06-01"]
    assert not (folder / "changes.ics").exists()


def test_the_folder_of_events_may_be_the_one_it_is_typed_in(folder: Path) -> None:
    done(folder, "away . 2026-12-15")
    done(folder, "undo .")
    assert plan_of(folder).revision == 2


def test_an_absence_within_another_is_not_kept_beside_it(folder: Path) -> None:
    done(folder, "away plan.ics 2027-05-03..2027-05-04 2027-06-01")
    before = contents(folder)
    done(folder, "away plan.ics 2027-05-04")
    assert contents(folder) == before
    done(folder, "away plan.ics 2027-05-01..2027-05-05")
    kept = plan_of(folder).request.away
    assert [str(each.first) for each in kept] == ["2027-06-01", "2027-05-01"]


def test_an_absence_may_be_typed_with_blanks(folder: Path) -> None:
    done(folder, "away plan.ics 16 Dec 2026 .. 17 Dec 2026")
    assert [str(each.last) for each in plan_of(folder).request.away] == ["2026-12-17"]


@pytest.mark.parametrize(
    "line",
    ["away plan.ics 2026-12-15", "replan plan.ics --open 2026-12-28 --closed sat --maintenance 1"],
)
def test_the_same_change_once_more_writes_nothing(line: str, folder: Path) -> None:
    done(folder, line)
    before = contents(folder)
    document = json.loads(run(folder, f"{line} --json").text)
    assert document["changes"] == []
    assert contents(folder) == before


def test_replan_takes_up_the_profile_only_where_that_moves_a_session(folder: Path) -> None:
    closure = "[[closures]]\nfrom = 2026-12-{}\nto = 2026-12-{}\n"
    (folder / "clinic.toml").write_text(f'name = "Park"\n{closure.format(16, 18)}', "utf-8")
    before = contents(folder)
    done(folder, "replan plan.ics --clinic clinic.toml")
    assert contents(folder) == before
    (folder / "clinic.toml").write_text(f'name = "Park"\n{closure.format(15, 18)}', "utf-8")
    done(folder, "replan plan.ics --clinic clinic.toml")
    assert "2026-12-15" not in {str(each.day) for each in plan_of(folder).sessions}
    assert len(plan_of(folder).request.closures) == 2


def test_replan_takes_what_plan_takes_of_a_plan_that_exists(folder: Path) -> None:
    done(
        folder,
        "replan plan.ics --time 15:00 --duration 45 --interval 10 --maintenance 1 --closed sat "
        "--holidays FR --arrive 2026-11-30 --finish-by 2027-06-01",
    )
    new = plan_of(folder)
    assert {each.start.hour for each in new.sessions[2:]} == {15}
    assert [each.preferred_interval_days for each in new.sessions[2:]] == [10] * 6
    assert (new.duration_minutes, new.maintenance_per_year) == (45, 1)
    lengths = [(each.end - each.start).seconds // 60 for each in new.active]
    assert lengths == [30] * 2 + [45] * 7
    assert new.request.closed_weekdays == {5, 6, 0}
    assert new.request.holidays == ("FR",)
    done(folder, "replan plan.ics --closed none --holidays none --arrive none --finish-by none")
    back = plan_of(folder).request
    assert (back.closed_weekdays, back.holidays) == (frozenset(), ())
    assert (back.arrive, back.finish_by) == (None, None)


def test_another_length_is_that_of_maintenance_too_which_stays(folder: Path) -> None:
    before = days(plan_of(folder))
    done(folder, "replan plan.ics --duration 45", "2026-11-20T12:00:00Z")
    assert days(plan_of(folder)) == before
    assert {(each.end - each.start).seconds // 60 for each in plan_of(folder).active} == {45}


def test_a_private_plan_is_planned_again_without_its_goal(tmp_path: Path) -> None:
    done(tmp_path, "plan hair 2026-12-01 --private -o plan.ics", "2026-11-20T12:00:00Z")
    done(tmp_path, "replan plan.ics --interval 10 --depart 2027-03-01", "2026-11-20T12:00:00Z")
    new = plan_of(tmp_path)
    assert [each.interval_days for each in new.sessions[1:]] == [10] * 7
    assert b"hair" not in (tmp_path / "plan.ics").read_bytes()


def test_a_course_that_ends_by_a_day_gets_another_interval_from_its_end(tmp_path: Path) -> None:
    now = "2026-11-20T12:00:00Z"
    done(tmp_path, "plan contouring --finish-by 2027-06-01 -o plan.ics", now)
    last = days(plan_of(tmp_path))[7]
    done(tmp_path, "replan plan.ics --interval 14", now)
    new = plan_of(tmp_path)
    assert [each.interval_days for each in new.sessions[1:]] == [14] * 7
    assert days(new)[7] == last


# ---------------------------------------------------------------- what the rest is planned around


def test_what_is_typed_beside_a_change_is_kept_until_it_is_taken_back(folder: Path) -> None:
    closures = plan_of(folder).request.closures
    done(
        folder, "extend plan.ics +0 --away 2026-12-15..2026-12-16 --closure 2027-02-01..2027-02-05"
    )
    kept = plan_of(folder).request
    assert [str(each.first) for each in kept.away] == ["2026-12-15"]
    assert [str(each.first) for each in kept.closures] == ["2026-12-24", "2027-02-01"]
    assert "2026-12-15" not in {str(each.day) for each in plan_of(folder).sessions}
    done(
        folder,
        "extend plan.ics +0 --open 2026-12-28 --depart 2027-05-01 --away 2027-02-16..2027-02-17",
    )
    kept = plan_of(folder).request
    assert {str(each) for each in kept.open_days} == {"2026-12-28"}
    assert str(kept.depart) == "2027-05-01"
    assert [str(each.first) for each in kept.away] == ["2026-12-15", "2027-02-16"]
    done(
        folder,
        "extend plan.ics +1 --away none --depart none "
        "--closure none --closure 2027-03-09..2027-03-10",
    )
    kept = plan_of(folder).request
    assert kept.away == ()
    assert kept.depart is None
    assert [str(each.first) for each in kept.closures] == ["2027-03-09"]
    assert kept.open_days
    assert closures


def test_a_part_of_a_day_is_closed_until_all_closures_are_taken_back(folder: Path) -> None:
    record = (folder / "plan.ics").read_bytes()
    assert b"shut=" not in record
    third = plan_of(folder).sessions[2]
    part = f"{third.day}T09:00..{third.end:%H:%M}"
    done(folder, f"replan plan.ics --closure {part}")
    kept = plan_of(folder)
    assert [str(each.begin) for each in kept.request.closed_times] == [f"{third.day} 09:00:00"]
    assert [str(each.first) for each in kept.request.closures] == ["2026-12-24"]
    assert kept.sessions[2].start >= third.end
    problem = mesoplan(folder, "check", "plan.ics", "--closure", f"{third.day} 09:00..20:00")
    assert (problem.exit_code, problem.text.startswith("closure  session 3 ")) == (1, True), (
        problem.text
    )
    done(folder, "replan plan.ics --closure none")
    back = plan_of(folder).request
    assert (back.closures, back.closed_times) == ((), ())


def test_the_profile_s_closures_are_not_kept_twice(folder: Path) -> None:
    (folder / "clinic.toml").write_text(
        'name = "Park"\n[[closures]]\nfrom = 2026-12-24\nto = 2027-01-03\nreason = "Christmas"\n'
        "[[closures]]\nfrom = 2027-02-09\nto = 2027-02-10\n",
        "utf-8",
    )
    done(folder, "extend plan.ics +0 --clinic clinic.toml --away 2026-12-15..2026-12-15")
    closures = plan_of(folder).request.closures
    assert [str(each.first) for each in closures] == ["2026-12-24", "2027-02-09"]


def test_the_plan_s_own_appointments_do_not_stand_in_its_way(folder: Path) -> None:
    # The folder holds the plan itself, as the clinic's book does, and a doctor's afternoon.
    (folder / "book").mkdir()
    (folder / "plan.ics").rename(folder / "book" / "plan.ics")
    (folder / "book" / "doctor.ics").write_bytes(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:x\r\n"
        b"DTSTAMP:20261101T000000Z\r\nDTSTART:20261216T080000Z\r\nDTEND:20261216T110000Z\r\n"
        b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    done(folder, "move book/plan.ics 3 2026-12-16 --busy book")
    found = plan_of(folder, "book/plan.ics")
    third, fourth = found.sessions[2:4]
    # 9:00 to 12:00 in Paris is taken; the others stay where they were.
    assert f"{third.start:%d %H:%M}" == "16 12:00"
    assert f"{fourth.start:%d %H:%M}" == "23 10:00"
    assert found.request.busy == ()
    assert {each.start.hour for each in found.sessions} == {10, 12}


# ---------------------------------------------------------------- what makes no sense


@pytest.mark.parametrize(
    ("line", "exit_code"),
    [
        ("attend plan.ics 0", 2),
        ("attend plan.ics m0", 2),
        ("attend plan.ics 99", 2),
        ("attend plan.ics m9", 2),
        ("attend plan.ics three", 2),
        ("attend plan.ics", 2),
        ("attend plan.ics 4", 2),
        ("attend plan.ics m1", 2),
        ("attend plan.ics 2 --on 2026-12-13", 2),
        ("attend plan.ics 2 --on 2026-12-01", 2),
        ("attend plan.ics 1 2 --on 2026-12-09", 2),
        ("attend plan.ics 2 --on 09/12/2026", 2),
        ("move plan.ics 2 2026-12-16", 2),
        ("move plan.ics 3 2026-12-11", 2),
        ("move plan.ics 3 01/02/2027", 2),
        ("move plan.ics 3 Dec 2026", 2),
        ("move plan.ics 3 2026-12-16 25:00", 2),
        ("move plan.ics 3 2029-12-16", 2),
        ("move plan.ics 3", 2),
        ("move plan.ics 0 2026-12-16", 2),
        ("move plan.ics 3 2026-12-13", 3),
        ("move plan.ics m1 2027-12-01", 3),
        ("miss plan.ics 9", 2),
        ("miss plan.ics 4 2026-12-01", 2),
        ("miss plan.ics 4 soon", 2),
        ("miss plan.ics 4 --late x", 2),
        ("move plan.ics 3 2026-12-16 --late x", 2),
        ("extend plan.ics +1 --late x", 2),
        ("extend plan.ics 2", 2),
        ("extend plan.ics +8", 2),
        ("extend plan.ics 10", 2),
        ("extend plan.ics +10", 2),
        ("extend plan.ics -9", 2),
        ("extend plan.ics -6", 2),
        ("extend plan.ics --2", 2),
        ("extend plan.ics", 2),
        ("cancel plan.ics 0", 2),
        ("cancel plan.ics 12", 2),
        ("cancel plan.ics 5 6", 2),
        ("cancel plan.ics --depart 2020-13-01", 2),
        ("cancel plan.ics --nonsense", 2),
        ("cancel missing.ics", 4),
        ("show plan.ics --tz Nowhere/None", 2),
        ("show plan.ics --json --view month", 2),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    line: str, exit_code: int, folder: Path
) -> None:
    refused(folder, line, exit_code)


def test_a_reason_for_being_late_must_be_one_line(folder: Path) -> None:
    before = contents(folder)
    outcome = mesoplan(folder, "miss", "plan.ics", "3", "--late", "a\nb", now=NOW)
    assert outcome.exit_code == 2
    assert contents(folder) == before


def test_what_took_place_can_not_be_changed(folder: Path) -> None:
    done(folder, "attend plan.ics 1 2")
    for line in ("attend plan.ics 1", "cancel plan.ics 2"):
        refused(folder, line, 2)
    refused(folder, "move plan.ics 1 2026-12-16", 2)
    refused(folder, "attend plan.ics 2 --on 2026-12-08", 2)


def test_what_was_said_to_have_taken_place_by_mistake_can_be_said_to_have_been_missed(
    folder: Path,
) -> None:
    done(folder, "attend plan.ics 1 2")
    done(folder, "miss plan.ics 2 --not-attended")
    (dropped,) = json.loads(done(folder, "show plan.ics --json").text)["dropped"]
    assert (dropped["number"], dropped["status"]) == (2, "missed")


def test_what_is_past_and_will_not_be_made_up_for_is_cancelled(folder: Path) -> None:
    done(folder, "attend plan.ics 1")
    done(folder, "cancel plan.ics 2")
    shown = json.loads(done(folder, "show plan.ics --json").text)
    assert shown["progress"]["total"] == 7
    assert [each["status"] for each in shown["dropped"]] == ["cancelled"]


def test_a_session_is_fixed_on_the_day_that_it_has(folder: Path) -> None:
    done(folder, "move plan.ics 3 2026-12-15")
    third = json.loads(done(folder, "show plan.ics --json").text)["sessions"][2]
    assert third["fixed"]
    refused(folder, "move plan.ics 3 2026-12-15", 2)


def test_a_cancelled_plan_can_only_be_put_back_or_told_of(folder: Path) -> None:
    done(folder, "cancel plan.ics")
    for line in (
        *["miss plan.ics 1 2026-12-16", "move plan.ics 1 2026-12-16", "extend plan.ics +1"],
        *["cancel plan.ics", "cancel plan.ics 1"],
    ):
        assert "cancelled" in refused(folder, line, 2)
    done(folder, "attend plan.ics 1 2")
    assert "the rest is cancelled" in done(folder, "show plan.ics").text


def test_a_course_with_a_gap_too_long_needs_a_reason(folder: Path) -> None:
    done(folder, "attend plan.ics 1 2")
    later = "2026-12-23T07:00:00Z"
    said = refused(folder, "miss plan.ics 3", 3, later)
    assert "--late" in said
    assert "14 days" in said
    mesoplan(folder, "miss", "plan.ics", "3", "--late", "travel delay", now=later)
    (late,) = (each for each in plan_of(folder).sessions if each.late)
    assert late.late == "travel delay"
    assert late.status is Status.PLANNED
    assert "travel delay" in run(folder, "show plan.ics", later).text
    checked = run(folder, "check plan.ics", later)
    assert checked.exit_code == 1
    assert "R2" in checked.text
    # It is told for good.
    done(folder, "cancel plan.ics 6", later)
    assert [each.code for each in plan_of(folder).notices].count("LATE") == 1


def test_fewer_sessions_need_no_special_spelling(folder: Path) -> None:
    done(folder, "extend plan.ics -1")
    assert plan_of(folder).total_sessions == 7
    done(folder, "extend --dry-run plan.ics -1")
    done(folder, "extend plan.ics -- -1")
    assert plan_of(folder).total_sessions == 6


# ---------------------------------------------------------------- several files and folders


def test_a_plan_in_many_files_is_shown_and_none_of_them_is_changed_alone(tmp_path: Path) -> None:
    assert mesoplan(tmp_path, *PLAN.split(), "--split", "events").exit_code == 0
    parts = sorted(f"events/{path.name}" for path in (tmp_path / "events").iterdir())
    whole = run(tmp_path, "show plan.ics --json")
    for names in (["events"], parts, list(reversed(parts))):
        outcome = run(tmp_path, " ".join(["show", *names, "--json"]))
        assert outcome.exit_code == 0
        ours, theirs = json.loads(outcome.text), json.loads(whole.text)
        assert ours["sessions"] == theirs["sessions"]
        assert ours["maintenance"] == theirs["maintenance"]
    before = contents(tmp_path / "events")
    refused(tmp_path, "cancel events/" + parts[0].partition("/")[2] + " 5", 4)
    assert contents(tmp_path / "events") == before


IN_TURN = ("move {} 8 2027-02-03", "extend {} +1", "cancel {} 5", "undo {}", "undo {}")


def shown(folder: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(folder, f"show {name} --json").text)
    # The command to record sessions has the name of the file.
    return found | {"warnings": str(found["warnings"]).replace(f" {name} ", " PLAN ")}


@pytest.mark.parametrize("typed", ["events", "plan.ics"])
def test_a_folder_of_events_says_what_the_plan_s_file_says_after_every_change(
    tmp_path: Path, typed: str
) -> None:
    assert mesoplan(tmp_path, *PLAN.split(), "--split", "events").exit_code == 0
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "plan.ics").write_bytes((tmp_path / "plan.ics").read_bytes())
    if typed == "events":
        (tmp_path / "plan.ics").unlink()
    for change in IN_TURN:
        done(tmp_path, change.format(typed))
        done(tmp_path, change.format("alone/plan.ics"))
        assert shown(tmp_path, "events") == shown(tmp_path, "alone/plan.ics")
    files = sorted((tmp_path / "events").glob("*.ics"))
    assert [path.read_bytes().count(b"BEGIN:VEVENT") for path in files] == [1] * 11
    assert files[-1].name.endswith("-11.ics")


def test_a_plan_that_is_left_behind_by_its_folder_of_events_is_named(tmp_path: Path) -> None:
    assert mesoplan(tmp_path, *PLAN.split(), "--split", "events").exit_code == 0
    before = (tmp_path / "plan.ics").read_bytes()
    outcome = run(tmp_path, "cancel events 8")
    assert "Not changed: plan.ics" in outcome.text
    assert (tmp_path / "plan.ics").read_bytes() == before
    assert run(tmp_path, "check events").text.startswith("No problems: 7 sessions")


def test_a_folder_of_events_that_can_t_be_kept_in_step_is_named(tmp_path: Path) -> None:
    assert mesoplan(tmp_path, *PLAN.split(), "--split", "events").exit_code == 0
    first = min((tmp_path / "events").iterdir())
    first.with_name("copy-01.ics").write_bytes(first.read_bytes().replace(b"SEQUENCE:0", b""))
    before = contents(tmp_path / "events")
    assert "Not changed: events: " in run(tmp_path, "cancel plan.ics 8").text
    assert contents(tmp_path / "events") == before


def test_two_plans_in_a_folder_are_told_apart(folder: Path) -> None:
    (folder / "other.ics").write_bytes((FOLDER / "ours.ics").read_bytes())
    assert "2 plans" in refused(folder, "show .", 4)
    assert "2 plans" in refused(folder, "show plan.ics other.ics", 4)
    refused(folder, "show empty.ics", 4)


def test_the_kept_file_and_the_changes_are_no_part_of_a_folder_s_plan(folder: Path) -> None:
    done(folder, "miss plan.ics 4")
    assert shown(folder, ".") == shown(folder, "plan.ics")


# ---------------------------------------------------------------- links, modes, disks


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_stays_a_link_and_what_it_leads_to_changes(folder: Path) -> None:
    (folder / "book").mkdir()
    real = folder / "book" / "ann.ics"
    (folder / "plan.ics").rename(real)
    (folder / "hop.ics").symlink_to(real)
    (folder / "plan.ics").symlink_to("hop.ics")
    before = real.read_bytes()
    outcome = done(folder, "miss plan.ics 4")
    assert (folder / "plan.ics").is_symlink()
    assert (folder / "hop.ics").is_symlink()
    assert real.read_bytes() != before
    assert {path.name for path in (folder / "book").iterdir()} == {"ann.ics", "ann.ics~"}
    assert (folder / "book" / "ann.ics~").read_bytes() == before
    assert set(os.listdir(folder)) == {"book", "hop.ics", "plan.ics"}  # noqa: PTH208 - links too
    assert "Calendar file: plan.ics" in outcome.text
    done(folder, "undo plan.ics")
    (folder / "loop.ics").symlink_to("loop.ics")
    assert run(folder, "cancel loop.ics").exit_code == 4


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written_is_said(folder: Path) -> None:
    folder.chmod(0o500)
    try:
        said = refused(folder, "miss plan.ics 4", 4)
    finally:
        folder.chmod(0o700)
    assert "can't be changed" in said


CALLS = ("os.fsync", "os.replace", "os.link", "os.open")
DISK_FULL = OSError(errno.ENOSPC, "No space left on device")


def interrupted(call: str, number: int, failure: BaseException) -> Callable[..., Any]:
    """The function of that name, failing the *number*th time that it is called."""
    real = getattr(os, call.partition(".")[2])
    count = iter(range(1, 10_000))

    def failing(*args: Any, **kwargs: Any) -> Any:
        if next(count) == number:
            raise failure
        return real(*args, **kwargs)

    return failing


@pytest.mark.parametrize("failure", [DISK_FULL, KeyboardInterrupt()])
@pytest.mark.parametrize("call", CALLS)
def test_the_file_is_the_old_or_the_new_one_whatever_fails(
    call: str, failure: BaseException, folder: Path
) -> None:
    before = contents(folder)
    done(folder, "miss plan.ics 4 --changes changes.ics")
    after = contents(folder)
    failed = 0
    for number in range(1, 40):
        for name in after:
            (folder / name).unlink(missing_ok=True)
        (folder / "plan.ics").write_bytes(before["plan.ics"])
        with patch(call, interrupted(call, number, failure)):
            outcome = run(folder, "miss plan.ics 4 --changes changes.ics")
        left = contents(folder)
        assert "Traceback" not in outcome.error
        if outcome.exit_code == 0:
            # The call was not needed, or never came so often.
            assert left == after
            if not failed or number > failed + 3:
                break
            continue
        failed = number
        assert outcome.exit_code == (130 if isinstance(failure, KeyboardInterrupt) else 4)
        assert left["plan.ics"] in (before["plan.ics"], after["plan.ics"])
        assert set(left) <= set(after), left.keys()
        if left["plan.ics"] == before["plan.ics"]:
            assert "changes.ics" not in left
        if "plan.ics~" in left:
            assert left["plan.ics~"] == before["plan.ics"]
    assert 0 < failed < number < 39


def test_a_reader_that_has_gone_does_not_undo_the_change(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started(folder, "miss", "plan.ics", "4", now=NOW, output=writing)
    os.close(writing)
    _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (0, "")
    assert plan_of(folder).revision == 1
    assert set(contents(folder)) == {"plan.ics", "plan.ics~"}


# ---------------------------------------------------------------- locks
# Commands at once, and killed ones, are the matter of `tests.proving.crowd`.


@pytest.mark.parametrize("kind", ["link", "hard link", "folder", "pipe"])
def test_what_stands_where_the_lock_would_be_is_left_alone(kind: str, folder: Path) -> None:
    place, other = folder / ".plan.ics.lock", folder / "other"
    other.write_text("mine")
    match kind:
        case "link":
            place.symlink_to("other")
        case "hard link":
            place.hardlink_to(other)
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
    before = place.lstat().st_ino
    error = refused(folder, "extend plan.ics +1", 4)
    assert "is not a lock" in error
    assert place.lstat().st_ino == before
    assert other.read_text() == "mine"


@pytest.mark.parametrize("left", [b"", b"12345"])
def test_a_lock_that_a_dead_process_left_does_not_block(left: bytes, folder: Path) -> None:
    (folder / ".plan.ics.lock").write_bytes(left)
    done(folder, "miss plan.ics 4")
    assert set(contents(folder)) == {"plan.ics", "plan.ics~"}


def test_a_plan_that_another_command_keeps_is_refused_plainly(folder: Path) -> None:
    from mesoplan.storage.revisions import locked

    with locked(folder / "plan.ics"), patch("mesoplan.storage.locks._LONGEST_WAIT_SECONDS", 0.2):
        outcome = run(folder, "miss plan.ics 4")
    assert outcome.exit_code == 4
    assert "another command" in outcome.error
    assert set(contents(folder)) == {"plan.ics"}
    # Looking needs no lock.
    with locked(folder / "plan.ics"):
        done(folder, "show plan.ics")
        done(folder, "miss plan.ics 4 --dry-run")


def test_a_file_that_another_program_saved_meanwhile_is_left_to_it(folder: Path) -> None:
    from mesoplan.wording import plans

    theirs = (folder / "plan.ics").read_bytes().replace(b"CONFIRMED", b"TENTATIVE", 1)

    def saved_meanwhile(*args: Any, **kwargs: Any) -> Any:
        (folder / "plan.ics").write_bytes(theirs)
        return plans.replan(*args, **kwargs)

    with patch("mesoplan.cli.carry_out.plan_again", saved_meanwhile):
        outcome = run(folder, "miss plan.ics 4 --changes changes.ics")
    assert outcome.exit_code == 4
    assert "just been changed" in outcome.error
    assert contents(folder) == {"plan.ics": theirs}


# ---------------------------------------------------------------- the file before the change


def test_a_file_of_somebody_else_beside_the_plan_is_not_written_over(folder: Path) -> None:
    backup = folder / "plan.ics~"
    backup.write_text("notes")
    for line in ("miss plan.ics 4", "miss plan.ics 4 --dry-run"):
        assert "no earlier state of this plan" in refused(folder, line, 4)
    backup.unlink()
    done(folder, "miss plan.ics 4")
    done(folder, "extend plan.ics +1")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_the_file_before_the_change_is_told_where_it_is(folder: Path) -> None:
    (folder / "patients").mkdir()
    (folder / "patients" / "link.ics").symlink_to(folder / "plan.ics")
    told = done(folder, "miss patients/link.ics 4").text
    assert f"Before the change: {folder.resolve() / 'plan.ics~'}" in told.replace("\n", "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize(
    "line",
    ["show pipe.ics", "check pipe.ics", "undo plan.ics", "cancel pipe.ics", "undo pipe.ics"],
)
def test_a_pipe_that_nobody_writes_to_is_refused(line: str, folder: Path) -> None:
    os.mkfifo(folder / "pipe.ics")
    os.mkfifo(folder / "plan.ics~")
    assert re.search("is a pipe|is not a regular file", refused(folder, line, 4))


def test_what_was_not_in_the_file_is_said_when_it_gets_a_day_again(folder: Path) -> None:
    data = (folder / "plan.ics").read_bytes()
    fifth = next(event for uid, event in by_uid(data).items() if uid.endswith("-05"))
    (folder / "plan.ics").write_bytes(data.replace(fifth, b""))
    assert "Session 5 of 8 is not in this file" in run(folder, "show plan.ics").text
    told = done(folder, "miss plan.ics 8").text
    assert "Session 5 of 8 was not in the file, and has a day again" in told


def delete_in_a_calendar(folder: Path, name: str, path: str = "plan.ics") -> None:
    uid = plan_of(folder, path).find(session_name(name)).uid
    data = (folder / path).read_bytes()
    (folder / path).write_bytes(data.replace(by_uid(data)[uid], b""))


def test_maintenance_deleted_in_a_calendar_is_not_brought_back_without_a_word(
    folder: Path,
) -> None:
    delete_in_a_calendar(folder, "m2")
    for command in ("show", "check"):
        assert "Maintenance 2 of 2 is not in this file" in run(folder, f"{command} plan.ics").text
    told = done(folder, "move plan.ics 8 2027-02-18").text
    assert "Maintenance 2 of 2 was not in the file, and has a day again" in told
    assert "maintenance" not in run(folder, "show plan.ics").text.partition("stay")[2]


def test_nothing_that_was_deleted_in_a_calendar_has_a_day_again_where_all_is_cancelled(
    folder: Path,
) -> None:
    delete_in_a_calendar(folder, "m1")
    delete_in_a_calendar(folder, "8")
    told = done(folder, "cancel plan.ics").text
    assert "Session 8 of 8 is not in this file" in told
    assert "Maintenance 1 of 2 is not in this file" in told


def test_a_session_of_a_plan_that_was_cancelled_is_told_apart_from_none(folder: Path) -> None:
    done(folder, "cancel plan.ics")
    assert "is cancelled" in refused(folder, "attend plan.ics 5", 2)
