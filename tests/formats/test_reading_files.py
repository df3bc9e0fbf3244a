"""Which files a plan is read from, and how it is said that one can't be read or changed."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from mesoplan import Cancel, Request, plan, replan
from mesoplan.errors import FileProblem, quoted
from mesoplan.formats.plan_file.reading import ReadPlan, holds_plan, names_plan, plan_in, read_plan
from mesoplan.formats.plan_file.rewriting import (
    require_own_previous,
    require_whole,
    rewritten,
    rewritten_files,
)
from mesoplan.formats.plan_file.writing import calendar_file, event_files
from mesoplan.model.request import CalendarOptions

NOW = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
ID = "4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f"
PLAN = plan(Request("hair", date(2026, 12, 1), timezone="Europe/Paris", plan_id=ID))
OPTIONS = CalendarOptions()
DATA = calendar_file(PLAN, OPTIONS, NOW)
ANOTHER = "name the plan's own file, or what a calendar program exported of it"
OWN = "change the plan's own file, the one that the clinic kept"
PATH = Path("plan.ics")


def zone() -> str:
    return "Asia/Tokyo"


def refused(problem: FileProblem) -> tuple[Path | None, str, str]:
    return problem.path, problem.problem, problem.remedy


def unreadable(*paths: Path) -> tuple[Path | None, str, str]:
    with pytest.raises(FileProblem) as caught:
        read_plan(paths, zone)
    return refused(caught.value)


def damaged(data: bytes) -> tuple[Path | None, str, str]:
    with pytest.raises(FileProblem) as caught:
        plan_in([(PATH, data)], zone)
    return refused(caught.value)


# ---------------------------------------------------------------- files and folders


def test_a_folder_is_read_for_its_calendar_files_alone(tmp_path: Path) -> None:
    for serial, data in event_files(PLAN, OPTIONS, NOW).items():
        (tmp_path / f"{serial}.{'ICS' if serial == '02' else 'ics'}").write_bytes(data)
    (tmp_path / ".hidden.ics").write_bytes(b"damaged")
    (tmp_path / "notes.txt").write_bytes(b"damaged")
    (tmp_path / "folder.ics").mkdir()
    found = read_plan([tmp_path], zone)
    assert found.plan.sessions == PLAN.sessions
    assert [file.path.name for file in found.files] == sorted(
        path.name for path in tmp_path.glob("[0-9]*")
    )


def test_the_usual_zone_is_asked_where_no_file_tells_one(tmp_path: Path) -> None:
    bare = re.sub(rb"X-APPOINTMENT[^\r]*\r\n", b"", DATA.replace(b"\r\n ", b""))
    (tmp_path / "a.ics").write_bytes(re.sub(rb"(DT\w+);TZID=[^:]*", rb"\1", bare))
    assert read_plan([tmp_path], zone).plan.request.timezone == "Asia/Tokyo"


def test_a_folder_without_calendar_files_is_refused(tmp_path: Path) -> None:
    assert unreadable(tmp_path) == (
        tmp_path,
        f"'{tmp_path}': there is no calendar file (.ics) in it",
        ANOTHER,
    )


def test_a_folder_of_too_many_calendar_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mesoplan.formats.plan_file.reading._MOST_FILES", 10)
    for serial, data in event_files(PLAN, OPTIONS, NOW).items():
        (tmp_path / f"{serial}.ics").write_bytes(data)
    assert len(read_plan([tmp_path], zone).files) == 10
    (tmp_path / "x.ics").write_bytes(b"")
    assert unreadable(tmp_path) == (
        tmp_path,
        f"'{tmp_path}': there are 11 calendar files in it",
        ANOTHER,
    )


def test_a_file_may_have_twenty_million_bytes(tmp_path: Path) -> None:
    path = tmp_path / "large.ics"
    for size, is_read in ((20_000_000, True), (20_000_001, False)):
        with path.open("wb") as file:
            file.truncate(size)
        assert unreadable(path)[1].endswith("line 1: this is not text") is is_read


def test_what_can_not_be_looked_at_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(error: Exception) -> tuple[Path | None, str, str]:
        def iterdir(_: Path) -> None:
            raise error

        monkeypatch.setattr(Path, "iterdir", iterdir)
        return unreadable(tmp_path)

    named = f"'{tmp_path}': it can't be read: "
    assert fails(OSError(13, "Permission denied")) == (
        tmp_path,
        f"{named}Permission denied",
        ANOTHER,
    )
    assert fails(OSError("broken")) == (tmp_path, f"{named}broken", ANOTHER)
    assert fails(ValueError("a null byte")) == (tmp_path, f"{named}a null byte", ANOTHER)


# ---------------------------------------------------------------- damaged files


def test_damage_is_said_with_its_line() -> None:
    with pytest.raises(FileProblem, match=f"^'{'n' * 200}', line 1: the file is empty$"):
        plan_in([(Path("n" * 200), b"")], zone)
    assert damaged(b"") == (PATH, "'plan.ics', line 1: the file is empty", ANOTHER)
    assert damaged(b"BEGIN:VCALENDAR\n\nX:\0\n\0") == (
        PATH,
        "'plan.ics', line 3: this is not text",
        ANOTHER,
    )
    assert damaged(b"\n\n\0") == (PATH, "'plan.ics', line 3: this is not text", ANOTHER)
    two = b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"
    assert damaged(two + two) == (
        PATH,
        "'plan.ics', line 3: a second calendar begins here",
        ANOTHER,
    )


# ---------------------------------------------------------------- whose file it is


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
@pytest.mark.parametrize("fold", [" ", "\t"])
def test_a_plan_is_found_by_its_id_however_lines_are_folded(line_end: str, fold: str) -> None:
    text = f"BEGIN:VEVENT{line_end}UID:{ID[:20]}{line_end}{fold}{ID[20:]}-01{line_end}"
    assert names_plan(text.encode(), ID)
    assert names_plan(text.upper().encode(), ID)
    assert holds_plan(text.encode())
    assert not names_plan(text.replace("7d3a", "7d3b").encode(), ID)
    record = f"X-APPOIN{line_end}{fold}TMENT-PLAN:v=1{line_end}"
    assert holds_plan(record.encode())
    assert not holds_plan(f"X-APPOINTMENT:1{line_end}UID:other-01{line_end}".encode())


def test_a_plan_is_found_by_its_id_inside_an_uid_of_exchange() -> None:
    head = "040000008200E00074C5B7101A82E008"
    wrapped = f"{head}{'0' * 16}7643616C2D55696401000000{f'{ID}-01'.encode().hex().upper()}"
    assert names_plan(f"UID:{wrapped}\r\n".encode(), ID)
    assert holds_plan(f"UID:{wrapped}\r\n".encode())


# ---------------------------------------------------------------- files that can't be changed


def read(data: bytes) -> ReadPlan:
    return plan_in([(PATH, data)], zone)


def unchangeable(found: ReadPlan, now: datetime = NOW) -> tuple[Path | None, str, str] | None:
    try:
        require_whole(found, now)
    except FileProblem as problem:
        return refused(problem)
    return None


def with_events(*serials: int) -> bytes:
    kept = b"|".join(b"%02d" % serial for serial in serials)
    return re.sub(
        rb"BEGIN:VEVENT.*?END:VEVENT\r\n",
        lambda event: event[0] if re.search(rb"UID:[^\r]*-(?:%b)\r" % kept, event[0]) else b"",
        DATA,
        flags=re.DOTALL,
    )


def part(there: int) -> tuple[Path, str, str]:
    problem = f"'plan.ics' holds only a part of the plan: {there} of 8 sessions"
    return PATH, problem, OWN


@pytest.mark.parametrize(
    ("serials", "whole"),
    [
        ((1, 2, 3, 4, 5, 6, 7, 8), True),
        ((1, 2, 3, 4, 5), True),
        ((1, 3, 5, 6, 8), True),
        ((1, 2, 3, 4), False),
        ((2, 3, 4, 5, 6, 7, 8), False),
        ((9,), False),
    ],
)
def test_most_of_a_plan_is_enough_where_its_beginning_is_there(
    serials: tuple[int, ...], whole: bool
) -> None:
    expected = None if whole else part(len([serial for serial in serials if serial < 9]))
    assert unchangeable(read(with_events(*serials))) == expected


def test_what_took_place_must_be_there() -> None:
    found = read(with_events(1, 3, 5, 6, 7, 8))
    for day, whole in ((date(2026, 12, 7), True), (date(2026, 12, 16), False)):
        now = datetime(day.year, day.month, day.day, 12, tzinfo=NOW.tzinfo)
        assert unchangeable(found, now) == (None if whole else part(6))


def test_a_file_that_was_written_as_a_part_is_one() -> None:
    pieces = calendar_file(PLAN, OPTIONS, NOW).replace(b"\r\n ", b"")
    record = re.search(rb"X-APPOINTMENT-PLAN:[^\r]*", pieces)
    assert record is not None
    marked = pieces.replace(record[0], record[0] + b"&part=1", 1)
    assert unchangeable(read(marked)) == part(8)
    ended = marked.replace(b"&serial=", b"&ended=1&serial=")
    assert unchangeable(read(ended)) is None


def test_an_event_that_does_not_tell_its_day_keeps_the_file_from_being_changed() -> None:
    assert unchangeable(read(without_its_day())) == (
        PATH,
        "'plan.ics' has an event of the plan that does not say its day",
        OWN,
    )


def without_its_day() -> bytes:
    text = DATA.replace(b"\r\n ", b"")
    first = re.search(rb"BEGIN:VEVENT.*?END:VEVENT", text, re.DOTALL)
    assert first is not None
    return text.replace(first[0], re.sub(rb"(?:DTSTART|X-APPOINTMENT:)[^\r]*", b"X-A:1", first[0]))


def test_a_calendar_of_another_version_is_not_changed() -> None:
    found = read(DATA.replace(b"VERSION:2.0", b"VERSION:1.0"))
    with pytest.raises(FileProblem) as caught:
        rewritten(found, replan(found.plan, Cancel(None), now=NOW), NOW)
    problem = "'plan.ics' is not a calendar of version 2.0, and can't be changed"
    assert refused(caught.value) == (PATH, problem, OWN)


def test_an_appointment_in_two_files_is_not_changed() -> None:
    contents = [(Path(name), data) for name, data in event_files(PLAN, OPTIONS, NOW).items()]
    found = plan_in([*contents, (Path("again"), contents[0][1])], zone)
    with pytest.raises(FileProblem) as caught:
        rewritten_files(found, replan(found.plan, Cancel(None), now=NOW), NOW)
    assert caught.value.problem.endswith("has an appointment that another file has, too")


def test_another_file_where_the_one_before_is_kept_is_not_lost(tmp_path: Path) -> None:
    deep = "/".join(["n" * 100] * 3)
    (tmp_path / deep).mkdir(parents=True)
    for name in ("plan.ics", "n" * 200 + ".ics", f"{deep}/plan.ics"):
        path, kept = tmp_path / name, tmp_path / f"{name}~"
        require_own_previous(path, ID)
        kept.write_bytes(DATA)
        require_own_previous(path, ID)
        kept.write_bytes(b"my notes")
        with pytest.raises(FileProblem) as caught:
            require_own_previous(path, ID)
        assert refused(caught.value) == (
            kept,
            f"{quoted(kept, 300)} is no earlier state of this plan, and would be lost",
            "give it another name, or move it away",
        )
