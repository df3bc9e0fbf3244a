"""`mesoplan publish`, `pull` and `--busy server:NAME`, with real servers and with hostile ones."""

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mesoplan.servers import dav
from tests import fake_server
from tests.command_line import Outcome, mesoplan
from tests.dav_servers import Calendar, RealServer, free_port, radicale
from tests.fake_server import A_CALENDAR, Server, multistatus, resource, serving, status

SECRET = "secret-0123"
"""The password, and a part of the address."""
PROFILE = "--clinic=clinic.toml"
SHORT = ("plan", "wrinkles", "2026-12-01", "-n", "3", "-m", "1", "-o", "p.ics")
"""Tuesdays: 1, 15 and 29 December."""


class Desk:
    """A desk with a plan, and a profile that names a server."""

    def __init__(self, folder: Path, profile: str) -> None:
        self.folder = folder
        (folder / "clinic.toml").write_text(profile)
        (folder / "clinic.toml").chmod(0o600)
        folder.chmod(0o700)

    def types(self, *words: str, exit_code: int = 0, now: str | None = None) -> Outcome:
        outcome = mesoplan(self.folder, *words, PROFILE, now=now)
        assert outcome.exit_code == exit_code, (words, outcome.text, outcome.error)
        assert SECRET not in outcome.text + outcome.error
        return outcome

    def plans(self, *further: str) -> None:
        self.types(*SHORT, *further)

    @property
    def file(self) -> bytes:
        return (self.folder / "p.ics").read_bytes()

    @property
    def starts(self) -> list[str]:
        shown = json.loads(self.types("show", "p.ics", "--json").text)
        return [each["start"][:16] for each in (*shown["sessions"], *shown["maintenance"])]


@pytest.fixture
def calendar(radicale_server: RealServer) -> Calendar:
    """An empty one."""
    return radicale_server.new_calendar()


@pytest.fixture
def desk(radicale_server: RealServer, calendar: Calendar, tmp_path: Path) -> Desk:
    return Desk(tmp_path, radicale_server.profile(calendar))


@pytest.fixture(scope="module")
def fake() -> Iterator[Server]:
    with serving() as running:
        yield running


def of_fake(fake: Server, folder: Path) -> Desk:
    address = f'url = "{fake.url(f"/{SECRET}/")}"'
    return Desk(folder, f"[servers.clinic]\n{address}\n")


def named(calendar: Calendar, serial: str) -> str:
    """The name of the event with that serial."""
    (name,) = [each for each in calendar.names() if each.endswith(f"-{serial}.ics")]
    return name


def edit(calendar: Calendar, serial: str, *changes: tuple[str, str]) -> None:
    """Somebody changes an event in a calendar program."""
    name = named(calendar, serial)
    text = calendar.get(name)
    for old, new in changes:
        assert old in text, (old, text)
        text = text.replace(old, new)
    calendar.put(name, text)


MOVED = ("20261215T10", "20261215T11")
"""Session 2 is an hour later."""


# ---------------------------------------------------------------- there and back


def test_what_others_do_there_comes_back_and_nothing_is_doubled_or_lost(
    real_server: RealServer, tmp_path: Path
) -> None:
    calendar = real_server.new_calendar()
    desk = Desk(tmp_path, real_server.profile(calendar))
    desk.plans()
    desk.types("publish", "p.ics")
    assert len(calendar.names()) == 4
    alarm = (
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT45M\r\nDESCRIPTION:Leave\r\nEND:VALARM\r\n"
    )
    note = ("END:VEVENT", f"COMMENT:Bring the form\r\n{alarm}END:VEVENT")
    edit(calendar, "02", MOVED, note, ("SUMMARY:", "SUMMARY:Room 2. "))
    calendar.delete(named(calendar, "03"))
    there = calendar.everything()
    assert "(moved)" in desk.types("publish", "p.ics", exit_code=1).text
    assert calendar.everything() == there
    shown = desk.types("pull", "p.ics", exit_code=1).text
    assert "Tue 15 Dec 2026 10:00 → Tue 15 Dec 2026 11:00 (moved)" in shown
    assert "Tue 29 Dec 2026 10:00 (deleted)" in shown
    desk.types("pull", "p.ics", "--accept", exit_code=1)
    assert desk.starts[:3] == ["2026-12-01T10:00", "2026-12-15T11:00", "2026-12-29T10:00"]
    desk.types("publish", "p.ics", exit_code=1)
    desk.types("publish", "p.ics", "--over", "3")
    there = calendar.everything()
    assert len(there) == 4
    second = re.sub(r"\r?\n ", "", there[named(calendar, "02")])
    for kept in ("COMMENT:Bring the form", "DESCRIPTION:Leave", "SUMMARY:Room 2. ", "20261215T11"):
        assert kept in second
    assert second.count("BEGIN:VEVENT") == 1
    file = desk.file
    assert "nothing was written" in desk.types("publish", "p.ics").text
    assert "no other dates" in desk.types("pull", "p.ics").text
    assert calendar.everything() == there
    assert desk.file == file


def test_a_change_is_published_where_it_was_and_what_is_dropped_is_marked(
    desk: Desk, calendar: Calendar
) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    name = named(calendar, "03")
    edit(calendar, "03", ("SEQUENCE:0", "SEQUENCE:7"), ("SUMMARY:", "SUMMARY:Room 2. "))
    desk.types("move", "p.ics", "3", "2026-12-28")
    desk.types("cancel", "p.ics", "m1")
    there = desk.types("publish", "p.ics", "--dry-run").text
    assert "20261229T10" in calendar.get(name)
    assert there.replace("To be published", "Published") == desk.types("publish", "p.ics").text
    event = calendar.get(name)
    assert "20261228T10" in event
    assert "SEQUENCE:7" in event
    assert "SUMMARY:Room 2. " in event
    assert "STATUS:CANCELLED" in calendar.get(named(calendar, "04"))
    assert "nothing was written" in desk.types("publish", "p.ics").text


def test_a_change_that_moves_nothing_is_known_there_too(desk: Desk, calendar: Calendar) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    desk.types("away", "p.ics", "2026-12-24..2026-12-26")
    desk.types("publish", "p.ics")
    (desk.folder / "there").mkdir()
    for name, text in calendar.everything().items():
        (desk.folder / "there" / name).write_text(text)
    own, there = (
        json.loads(desk.types("show", each, "--json").text) for each in ("p.ics", "there")
    )
    assert own["sessions"] == there["sessions"]
    assert own["revision"] == there["revision"]
    assert "nothing was written" in desk.types("publish", "p.ics").text


def test_what_takes_place_is_recorded_there_and_stays_where_it_was(
    desk: Desk, calendar: Calendar
) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    edit(calendar, "01", ("20261201T10", "20261202T10"))
    later = "2026-12-03T12:00:00Z"
    desk.types("done", "p.ics", "1", now=later)
    # Not without a word, though it took place when the clinic says.
    desk.types("publish", "p.ics", exit_code=1, now=later)
    desk.types("publish", "p.ics", exit_code=1, now=later)
    assert "20261202T10" in calendar.get(named(calendar, "01"))
    desk.types("publish", "p.ics", "--over", "1", now=later)
    assert "20261201T10" in calendar.get(named(calendar, "01"))
    calendar.delete(named(calendar, "01"))
    assert "nothing was written" in desk.types("publish", "p.ics", now=later).text


def test_an_empty_calendar_deletes_nothing(desk: Desk, calendar: Calendar) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    for name in calendar.names():
        calendar.delete(name)
    file = desk.file
    for words in (("pull", "p.ics", "--accept"), ("publish", "p.ics")):
        outcome = desk.types(*words, exit_code=1)
        assert "has nothing of this plan any more" in outcome.error
        assert "mesoplan cancel" not in outcome.error
    assert desk.file == file
    assert calendar.names() == []
    desk.types("publish", "p.ics", "--over", "all")
    assert len(calendar.names()) == 4


def test_a_move_that_the_rules_forbid_is_not_accepted(desk: Desk, calendar: Calendar) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    edit(calendar, "02", ("20261215T10", "20261203T10"))
    file = desk.file
    assert "Not accepted" in desk.types("pull", "p.ics", "--accept", exit_code=3).error
    assert desk.file == file
    desk.types("publish", "p.ics", "--over", "2")
    assert "20261215T10" in calendar.get(named(calendar, "02"))


def test_moves_that_need_each_other_are_accepted_together(desk: Desk, calendar: Calendar) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    edit(calendar, "02", ("20261215T10", "20261208T10"))
    edit(calendar, "03", ("20261229T10", "20261216T15"))
    desk.types("pull", "p.ics", "--accept")
    assert desk.starts[1:3] == ["2026-12-08T10:00", "2026-12-16T15:00"]
    desk.types("publish", "p.ics")


def test_what_was_cancelled_there_is_for_the_clinic_to_decide(
    desk: Desk, calendar: Calendar
) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    edit(calendar, "04", ("STATUS:TENTATIVE", "STATUS:CANCELLED"))
    shown = json.loads(desk.types("pull", "p.ics", "--json", exit_code=1).text)
    assert [(each["session"], each["what"]) for each in shown["differences"]] == [
        ("m1", "cancelled")
    ]
    desk.types("pull", "p.ics", "--accept", exit_code=1)
    desk.types("cancel", "p.ics", "m1")
    desk.types("publish", "p.ics")
    assert "no other dates" in desk.types("pull", "p.ics").text


def test_several_that_were_cancelled_there_are_cancelled_by_what_is_shown_line_by_line(
    desk: Desk, calendar: Calendar
) -> None:
    desk.plans("-n", "6", "-m", "0")
    desk.types("publish", "p.ics")
    for serial in ("03", "04"):
        edit(calendar, serial, ("STATUS:CONFIRMED", "STATUS:CANCELLED"))
    shown = desk.types("pull", "p.ics", exit_code=1).error
    commands = re.findall(r"mesoplan (cancel .*)", shown)
    assert len(commands) == 2
    for command in commands:
        desk.types(*command.split())
    assert {each["uid"][-2:] for each in sessions(desk)} == {"01", "02", "05", "06"}


def test_an_event_that_lost_our_record_gets_it_back(desk: Desk, calendar: Calendar) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    name = named(calendar, "02")
    text = re.sub(r"\r?\n ", "", calendar.get(name))
    calendar.put(name, re.sub(r"X-APPOINTMENT.*\r?\n", "", text))
    desk.types("publish", "p.ics")
    assert "X-APPOINTMENT" in calendar.get(name)
    assert "nothing was written" in desk.types("publish", "p.ics").text


def test_an_older_file_overwrites_nothing(desk: Desk, calendar: Calendar) -> None:
    desk.plans()
    older = desk.file
    desk.types("publish", "p.ics")
    desk.types("move", "p.ics", "3", "2026-12-28")
    desk.types("publish", "p.ics")
    calendar.delete(named(calendar, "01"))
    there = calendar.everything()
    (desk.folder / "p.ics").write_bytes(older)
    for command in ("publish", "pull"):
        error = desk.types(command, "p.ics", exit_code=1).error
        assert "is there in revision 1" in error
        assert "--over all" in error
    assert calendar.everything() == there
    desk.types("publish", "p.ics", "--over", "1", exit_code=1)
    assert calendar.everything() == there
    assert "revision 1" in desk.types("publish", "p.ics", "--over", "all").error
    assert "20261229T10" in calendar.get(named(calendar, "03"))
    assert "nothing was written" in desk.types("publish", "p.ics").text


def test_the_date_of_another_desk_is_not_written_over_without_a_word(
    desk: Desk, calendar: Calendar
) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    copy = desk.file
    desk.types("move", "p.ics", "3", "2026-12-28")
    desk.types("publish", "p.ics")
    (desk.folder / "p.ics").write_bytes(copy)
    for clock in ("11:00", "12:00"):
        desk.types("move", "p.ics", "3", "2026-12-22", clock)
    there = calendar.everything()
    for command in ("publish", "pull"):
        assert "revision 1" in desk.types(command, "p.ics", exit_code=1).error
    assert calendar.everything() == there


def test_what_was_dropped_here_and_moved_there_is_not_written_over(
    desk: Desk, calendar: Calendar
) -> None:
    desk.plans("-n", "4")
    desk.types("publish", "p.ics")
    edit(calendar, "02", MOVED)
    desk.types("cancel", "p.ics", "2")
    there = calendar.get(named(calendar, "02"))
    outcome = desk.types("publish", "p.ics", exit_code=1)
    assert "(moved)" in outcome.text
    assert calendar.get(named(calendar, "02")) == there
    (over,) = re.findall("mesoplan publish p.ics (--over .*)", outcome.error)
    desk.types("publish", "p.ics", *over.split())
    assert "STATUS:CANCELLED" in calendar.get(named(calendar, "02"))


UNCLEAR = {
    "no day": (r"DTSTART.*\n", "DTSTART:zzz\n"),
    "without": (r"DTSTART.*\n", ""),
    "far": (r"DTSTART.*\n", "DTSTART:99990101T100000Z\n"),
    "nowhere": (r"DTSTART.*\n", "DTSTART;TZID=Nowhere/X:20261216T100000\n"),
    "all day": (r"DTSTART.*\nDTEND.*\n", "DTSTART;VALUE=DATE:20261216\n"),
    "again": (r"(DTEND.*\n)", "\\1RRULE:FREQ=WEEKLY;COUNT=3\n"),
    "one of": (r"(DTEND.*\n)", "\\1RECURRENCE-ID:20261215T090000Z\n"),
    "damaged": ("END:VEVENT(?s:.*)", ""),
}


@pytest.mark.parametrize("kind", UNCLEAR)
def test_what_cannot_be_understood_there_is_not_taken_for_the_same(
    fake: Server, tmp_path: Path, kind: str
) -> None:
    desk = of_fake(fake, tmp_path)
    desk.plans("--split", "there")
    texts = {each.stem[-2:]: each.read_text() for each in (tmp_path / "there").iterdir()}
    put = dict[str, bytes]()

    def listed() -> fake_server.Answering:
        parts = (resource(f"/{SECRET}/{name}.ics", '"1"', text) for name, text in texts.items())
        return multistatus(*parts)

    def takes(asked: fake_server.Asked) -> None:
        put[asked.path] = asked.body
        status(204)(asked)

    calendar = multistatus(resource(f"/{SECRET}/", properties=A_CALENDAR))
    fake.answers = Answers({f"PROPFIND /{SECRET}/": calendar}, takes)
    fake[f"REPORT /{SECRET}/"] = listed()
    desk.types("publish", "p.ics")
    head, event = texts["02"].split("BEGIN:VEVENT")
    texts["02"] = f"{head}BEGIN:VEVENT{re.sub(*UNCLEAR[kind], event, count=1)}"
    fake[f"REPORT /{SECRET}/"] = listed()
    shown = desk.types("pull", "p.ics", "--json", exit_code=1).text
    (difference,) = json.loads(shown)["differences"]
    assert difference["session"] == "2"
    assert difference["what"] == ("repeating" if kind in {"again", "one of"} else "unreadable")
    desk.types("pull", "p.ics", "--accept", exit_code=1)
    # The others go on.
    desk.types("move", "p.ics", "3", "2026-12-28")
    desk.types("publish", "p.ics", exit_code=1)
    assert f"/{SECRET}/02.ics" not in put
    assert f"/{SECRET}/03.ics" in put
    desk.types("publish", "p.ics", "--over", "2")
    assert b"20261215T100000" in put[f"/{SECRET}/02.ics"]
    assert put[f"/{SECRET}/02.ics"].count(b"BEGIN:VEVENT") == 1


def test_what_is_left_to_decide_has_the_numbers_of_the_plan_by_now(
    desk: Desk, calendar: Calendar
) -> None:
    desk.plans("-n", "5")
    desk.types("publish", "p.ics")
    # Session 4 goes before session 3, and so they change numbers.
    edit(calendar, "03", ("20261229T10", "20270105T10"))
    edit(calendar, "04", ("20270112T10", "20261229T11"))
    edit(calendar, "05", ("STATUS:CONFIRMED", "STATUS:CANCELLED"))
    before = {each["uid"][-2:]: str(each["number"]) for each in sessions(desk)}
    outcome = desk.types("pull", "p.ics", "--accept", "--json", exit_code=1)
    after = {each["uid"][-2:]: str(each["number"]) for each in sessions(desk)}
    (left,) = json.loads(outcome.text)["differences"]
    assert left["uid"].endswith("-05")
    assert f"mesoplan cancel p.ics {after['05']}\n" in outcome.error
    assert f"--over {after['05']}\n" in outcome.error
    assert ("by now" in outcome.error) is (before["05"] != after["05"])


def sessions(desk: Desk) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(desk.types("show", "p.ics", "--json").text)["sessions"]
    return found


def test_only_what_can_be_taken_over_is_offered(desk: Desk, calendar: Calendar) -> None:
    desk.plans()
    desk.types("publish", "p.ics")
    edit(calendar, "02", ("20261215T103000", "20261215T104500"))
    outcome = desk.types("pull", "p.ics", exit_code=1)
    assert "10:00–10:30 → 10:00–10:45" in outcome.text
    assert "--accept" not in outcome.error
    desk.types("publish", "p.ics", "--over", "2")
    edit(calendar, "01", ("20261201T10", "20261202T11"))
    later = "2026-12-03T12:00:00Z"
    outcome = desk.types("pull", "p.ics", exit_code=1, now=later)
    (done,) = re.findall("mesoplan (done .*)", outcome.error)
    assert "--accept" not in outcome.error
    desk.types(*shlex.split(done), now=later)
    desk.types("publish", "p.ics", now=later)


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_change_that_was_published_in_part_is_completed(
    desk: Desk, calendar: Calendar, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    desk.plans("-n", "5")
    desk.types("publish", "p.ics")
    # The numbers of those after it change, and so do the days of some.
    desk.types("cancel", "p.ics", "2")
    put, asked = dav.Dav.put, list[object]()

    def dying(self: dav.Dav, *further: str) -> None:
        asked.append(further)
        if len(asked) > writes:
            raise self.address.failure("broken", status=500)
        put(self, *further)  # type: ignore[arg-type]

    monkeypatch.setattr(dav.Dav, "put", dying)
    desk.types("publish", "p.ics", exit_code=5)
    monkeypatch.undo()
    desk.types("publish", "p.ics")
    assert "no other dates" in desk.types("pull", "p.ics").text
    assert "nothing was written" in desk.types("publish", "p.ics").text
    assert "STATUS:CANCELLED" in calendar.get(named(calendar, "02"))


def test_what_somebody_changes_at_the_same_moment_is_not_written_over(
    desk: Desk, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, asked = dav.Dav.put, list[str]()

    def after_somebody(self: dav.Dav, url: str, data: bytes, *further: str) -> None:
        if not asked:
            # Another desk publishes the same, or moves it.
            name = url.rpartition("/")[2]
            text = data if name not in calendar.names() else calendar.get(name).encode()
            calendar.put(name, text.decode().replace(*MOVED))
        asked.append(url)
        put(self, url, data, *further)  # type: ignore[arg-type]

    monkeypatch.setattr(dav.Dav, "put", after_somebody)
    desk.plans()
    assert "3 new" in desk.types("publish", "p.ics").text
    asked.clear()
    desk.types("move", "p.ics", "2", "2026-12-15", "16:00")
    assert "11:00 (moved)" in desk.types("publish", "p.ics", exit_code=1).text
    assert "20261215T11" in calendar.get(named(calendar, "02"))
    assert len(calendar.names()) == 4


def test_two_plans_share_a_calendar(desk: Desk, calendar: Calendar) -> None:
    desk.plans("--patient", "A. Martin")
    desk.types("publish", "p.ics")
    first = calendar.everything()
    (desk.folder / "p.ics").rename(desk.folder / "first.ics")
    desk.plans("--patient", "B. Roux")
    desk.types("publish", "p.ics")
    assert len(calendar.names()) == 8
    assert first.items() <= calendar.everything().items()


def test_a_private_plan_is_private_there(desk: Desk, calendar: Calendar) -> None:
    desk.plans("--private", "--patient", "A. Martin")
    desk.types("publish", "p.ics")
    text = "".join(calendar.everything().values()).lower()
    assert not re.search("meso|wrinkles|martin", text)


def test_a_course_is_planned_around_the_calendar_of_a_server(
    desk: Desk, calendar: Calendar
) -> None:
    event = "BEGIN:VEVENT\r\nUID:{0}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{0}\r\nDTEND:{1}\r\n"
    for begin, end in (("20261201T080000Z", "20261201T100000Z"), ("20300101", "20300102")):
        day = ";VALUE=DATE" if len(begin) == 8 else ""
        text = event.format(begin, end).replace("DTSTART", f"DTSTART{day}")
        text = text.replace("DTEND", f"DTEND{day}") + "SUMMARY:Mrs Martin\r\nEND:VEVENT\r\n"
        head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
        calendar.put(f"{begin}.ics", f"{head}{text}END:VCALENDAR\r\n")
    desk.plans("--busy", "server:clinic")
    assert desk.starts[0] == "2026-12-01T11:00"
    # No machine is named, only what the clinic calls it.
    shown = desk.types(*SHORT[:-2], "--busy", "server:clinic", "--dry-run").text
    assert "the server clinic is busy" in shown
    desk.types("publish", "p.ics")
    # Its own sessions are there by now, and take no time.
    desk.types("replan", "p.ics", "--busy", "server:clinic", "--time", "11:00")
    assert desk.starts[0] == "2026-12-01T11:00"
    assert "Martin" not in "".join(each.read_text() for each in desk.folder.glob("cache/**/*.copy"))


def test_a_patient_of_the_book_takes_a_room_and_not_the_clinic(
    desk: Desk,
) -> None:
    (desk.folder / "plans").mkdir()
    two = ("--book", "plans", "--busy", "server:clinic")
    profile = (desk.folder / "clinic.toml").read_text()
    (desk.folder / "clinic.toml").write_text(f"rooms = 2\n{profile}")
    short = (*SHORT[:-2], *two)
    desk.types(*short, "--patient", "A. Martin")
    desk.types("publish", "martin", "--book", "plans")
    found = desk.types(*short, "--patient", "B. Roux", "--json").text
    assert json.loads(found)["sessions"][0]["start"][11:16] == "10:00"


def test_a_server_is_checked_and_nothing_of_it_stays(desk: Desk, calendar: Calendar) -> None:
    assert "can be used" in desk.types("server", "check").text
    assert "can be used" in desk.types("server", "check", "clinic").text
    assert calendar.names() == []


def test_where_feeds_go_is_checked_too(xandikos_server: RealServer, tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    public = 'public = "https://cal.example/"'
    home = xandikos_server.home
    desk = Desk(
        tmp_path,
        f'[servers.web]\nurl = "{home}"\n{public}\n[servers.local]\nfolder = "feeds"\n{public}\n',
    )
    said = desk.types("server", "check").text
    assert "A test file was written" in said
    assert "The server local is a folder" in said
    (tmp_path / "feeds").rmdir()
    assert "create it" in desk.types("server", "check", "local", exit_code=4).error


def test_a_server_that_dies_in_the_middle_is_completed_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, port = tmp_path / "radicale", free_port()
    home.mkdir()
    with ExitStack() as living:
        server = living.enter_context(radicale(home, port))
        calendar = server.new_calendar()
        desk = Desk(tmp_path, server.profile(calendar))
        desk.plans()
        file, put, written = desk.file, dav.Dav.put, list[object]()

        def dying(*asked: object) -> None:
            if len(written) == 2:
                living.close()
            written.append(asked)
            put(*asked)  # type: ignore[arg-type]

        monkeypatch.setattr(dav.Dav, "put", dying)
        desk.types("publish", "p.ics", exit_code=5)
    assert desk.file == file
    monkeypatch.undo()
    with radicale(home, port):
        assert len(calendar.names()) == 2
        assert "2 new" in desk.types("publish", "p.ics").text
        assert len(calendar.names()) == 4
        assert "nothing was written" in desk.types("publish", "p.ics").text


# ---------------------------------------------------------------- hostile servers


BOMB = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
HOSTILE: dict[str, fake_server.Answering] = {
    **{str(code): status(code, Retry_After=0) for code in (401, 403, 404, 412, 423, 429, 500)},
    "half": fake_server.half(b"<D:multistatus/>"),
    "lost": fake_server.lost,
    "page": fake_server.xml(b"<html/>"),
    "bomb": fake_server.xml(BOMB),
    "elsewhere": fake_server.redirect(f"https://elsewhere.example/{SECRET}"),
    "plain": fake_server.redirect(f"http://elsewhere.example/{SECRET}"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_server_changes_nothing_here_and_learns_nothing(
    fake: Server, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = of_fake(fake, tmp_path)
    desk.plans()
    file = desk.file
    monkeypatch.setattr(dav, "USUAL_PATIENCE", dav.USUAL_PATIENCE._replace(pause=0.01))
    monkeypatch.setattr(dav.Dav.__init__, "__defaults__", (dav.USUAL_PATIENCE,))
    listing = multistatus(resource(f"/{SECRET}/", properties=A_CALENDAR))
    for method in ("PROPFIND", "REPORT", "PUT"):
        fake.answers = {
            f"PROPFIND /{SECRET}/": listing,
            f"REPORT /{SECRET}/": multistatus(),
            f"{method} /{SECRET}/": HOSTILE[kind],
        }
        if method == "PUT":
            answers = Answers(fake.answers, HOSTILE[kind])
            fake.answers = answers
        for words in (("publish", "p.ics"), ("pull", "p.ics", "--json"), ("server", "check")):
            if method == "PUT" and words[0] == "pull":
                continue
            error = desk.types(*words, exit_code=5).error.splitlines()
            assert len(error) == 2, error
    assert desk.file == file
    assert sorted(each.name for each in tmp_path.glob("p*")) == ["p.ics"]


class Answers(dict[str, fake_server.Answering]):
    """What is put has that answer, whatever its name."""

    def __init__(
        self, others: dict[str, fake_server.Answering], put: fake_server.Answering
    ) -> None:
        super().__init__(others)
        self.put = put

    def get(self, key: str, usual: fake_server.Answering) -> fake_server.Answering:  # type: ignore[override]
        return self.put if key.startswith("PUT ") else super().get(key, usual)


@pytest.mark.parametrize("kind", ["401", "500", "bomb"])
def test_no_old_copy_is_used_in_silence(
    fake: Server, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        dav.Dav.__init__, "__defaults__", (dav.USUAL_PATIENCE._replace(pause=0.01),)
    )
    fake.answers = {f"/{SECRET}/": HOSTILE[kind]}
    desk = of_fake(fake, tmp_path)
    error = desk.types(*SHORT, "--busy", "server:clinic", exit_code=5).error
    assert error.splitlines()[-1].strip() == "or use the last copy: --busy-offline"
    assert not (tmp_path / "p.ics").exists()


def test_what_a_server_does_not_list_is_found_under_its_name(fake: Server, tmp_path: Path) -> None:
    desk = of_fake(fake, tmp_path)
    desk.plans("--split", "there")
    fake.answers = {
        f"PROPFIND /{SECRET}/": multistatus(resource(f"/{SECRET}/", properties=A_CALENDAR)),
        f"REPORT /{SECRET}/": multistatus(),
    }
    uid = re.search(rb"UID:(\S+)-01", desk.file)
    assert uid is not None
    for path in (tmp_path / "there").iterdir():
        name = f"/{SECRET}/{uid[1].decode()}-{path.stem[-2:]}.ics"
        fake[f"GET {name}"] = fake_server.calendar(path.read_bytes(), ETag='"1"')
        fake[f"PUT {name}"] = status(412)
    assert "nothing was written" in desk.types("publish", "p.ics").text
    assert "no other dates" in desk.types("pull", "p.ics").text
    fake.answers = {each: it for each, it in fake.answers.items() if "-02.ics" not in each}
    assert "(deleted)" in desk.types("pull", "p.ics", exit_code=1).text


def test_nothing_is_sent_without_a_server_that_is_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "")
    desk.plans()
    for words in (("publish", "p.ics"), ("pull", "p.ics"), ("server", "check")):
        assert "help servers" in desk.types(*words, exit_code=2).error
    assert "unknown server" in desk.types("publish", "p.ics", "--to", "clinic", exit_code=2).error
    assert desk.types("publish", "p.ics", "--over", "9", exit_code=2).error


def test_without_the_library_it_says_how_to_get_it(
    fake: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = of_fake(fake, tmp_path)
    desk.plans()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install" in desk.types("publish", "p.ics", exit_code=4).error
