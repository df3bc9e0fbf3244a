"""Busy calendars that have an address: what is fetched, and what is kept of it."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mesoplan.dates.days import DateRange
from mesoplan.errors import FileProblem, InvalidInput, ServerProblem
from mesoplan.formats.fetched import Fetching
from mesoplan.model.clinic import Calendars, Profile
from mesoplan.servers.http import Address, Patience, address_in
from tests import fake_server
from tests.busy_times import BusyReading, read_busy
from tests.fake_server import Server, calendar, serving

SECRET = "secret-0123"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
YEARS = DateRange(date(2026, 1, 1), date(2027, 12, 31))
CALENDARS = Path(__file__).parents[1] / "calendars"
QUICK = Patience(pause=0.01)
OWN = "0d4c6d12-7b8e-4a53-9f61-2a8c1e90b7aa-03"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mesoplan" / "calendars"


def ics(*events: str) -> bytes:
    inside = "".join(f"BEGIN:VEVENT\n{each}\nEND:VEVENT\n" for each in events)
    return f"BEGIN:VCALENDAR\nX-WR-CALNAME:Mrs Roux\n{inside}END:VCALENDAR\n".encode()


def event(uid: str = "a", hour: int = 9, more: str = "") -> str:
    times = f"DTSTART:20261201T{hour:02}0000Z\nDTEND:20261201T{hour + 1:02}0000Z"
    return f"UID:{uid}\n{times}{more}"


def address(server: Server, path: str, whose: str = "") -> Address:
    return address_in(server.url(f"{path}?{SECRET}"), whose)


def reading(*sources: Path | Address, offline: bool = False, now: datetime = NOW) -> BusyReading:
    fetching = Fetching(now, offline=offline, patience=QUICK)
    return read_busy(fetching.read(sources), YEARS, PARIS)


def spans(found: BusyReading) -> list[tuple[str, int]]:
    return [(each.name, len(each.spans)) for each in found.calendars]


def test_it_is_busy_as_the_file_of_the_same_calendar_is(server: Server) -> None:
    for path in sorted(CALENDARS.glob("*.ics")):
        server["/same"] = calendar(path.read_bytes())
        of_file, fetched = reading(path), reading(address(server, "/same"))
        expected = [span for each in of_file.calendars for span in each.spans]
        assert [span for each in fetched.calendars for span in each.spans] == expected, path
        assert len(fetched.unreadable) == len(of_file.unreadable)


def test_a_copy_is_busy_at_the_same_times_and_says_from_when_it_is(server: Server) -> None:
    server["/google"] = calendar((CALENDARS / "google.ics").read_bytes())
    google = address(server, "/google")
    fetched = reading(google)
    del server.answers["/google"]
    copy = reading(google, offline=True, now=datetime(2026, 11, 25, tzinfo=UTC))
    assert [each.spans for each in copy.calendars] == [each.spans for each in fetched.calendars]
    assert fetched.old == ()
    (old,) = copy.old
    assert "Mon 23 Nov 2026, 13:00" in old


def test_an_old_copy_is_never_taken_unless_it_is_asked_for(server: Server) -> None:
    server["/gone"] = fake_server.at_last(2, calendar(ics(event())), fake_server.status(404))
    reading(address(server, "/gone"))
    with pytest.raises(ServerProblem):
        reading(address(server, "/gone"))


def test_without_a_copy_there_is_nothing_to_read(server: Server) -> None:
    with pytest.raises(ServerProblem) as refusal:
        reading(address(server, "/never"), offline=True)
    assert "no copy" in refusal.value.problem
    assert server.count["/never"] == 0


def test_what_has_not_changed_is_not_sent_again(server: Server) -> None:
    server["/tag"] = calendar(ics(event()), ETag='"1"')
    for _ in range(2):
        assert spans(reading(address(server, "/tag"))) == [("127.0.0.1", 1)]
    assert server.count["/tag"] == 2
    assert server.headers[-1]["if-none-match"] == '"1"'
    server["/tag"] = calendar(ics(event(), event("b", 11)), ETag='"2"')
    assert spans(reading(address(server, "/tag"))) == [("127.0.0.1", 2)]


def test_a_damaged_copy_is_as_good_as_none(server: Server, cache: Path) -> None:
    server["/damaged"] = calendar(ics(event()), ETag='"1"')
    reading(address(server, "/damaged"))
    (copy,) = cache.glob("*.copy")
    for data in (b"", b"[]", b'{"copied_at": "now"}\n', b'{"copied_at": "2026-11-23", "x": 1}\n'):
        copy.write_bytes(data)
        assert spans(reading(address(server, "/damaged"))) == [("127.0.0.1", 1)]


def test_each_is_fetched_once_in_a_command(server: Server) -> None:
    server["/once"] = calendar(ics(event()))
    fetching = Fetching(NOW, patience=QUICK)
    one, other = address(server, "/once"), address(server, "/once", "the diary of Dr Roux")
    fetching.read([one, other, one])
    fetching.read([other])
    assert server.count["/once"] == 1


def test_one_that_fails_is_asked_once_in_a_command(server: Server) -> None:
    server["/fails"] = fake_server.status(404)
    fetching = Fetching(NOW, patience=QUICK)
    for _ in range(2):
        with pytest.raises(ServerProblem):
            fetching.read([address(server, "/fails")])
    assert server.count["/fails"] == 1


# ---------------------------------------------------------------- what is kept


def test_a_copy_has_times_alone_and_belongs_to_its_user(server: Server, cache: Path) -> None:
    more = (
        "\nSUMMARY:IVF\nLOCATION:Room IVF\nDESCRIPTION:IVF\nATTENDEE;CN=IVF:mailto:IVF@e.org"
        "\nSTATUS:CONFIRMED\nCATEGORIES:IVF\nX-NOTE:IVF\nBEGIN:VALARM\nDESCRIPTION:IVF\nEND:VALARM"
        '\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;X-WHY="IVF":20261202T090000Z'
    )
    server["/times"] = calendar(ics(event("IVF@e.org", more=more)), ETag='"IVF"')
    fetched = reading(address(server, "/times"))
    assert spans(fetched) == [("127.0.0.1", 2)]
    files = [each for each in cache.iterdir() if each.name != "key"]
    (copy,) = files
    text = copy.read_text().replace('\\"IVF\\"', "")
    assert "IVF" not in text
    assert "Roux" not in text
    assert SECRET not in text
    if os.name != "nt":
        assert {each.stat().st_mode & 0o777 for each in cache.iterdir()} == {0o600}
        assert cache.stat().st_mode & 0o777 == 0o700


def test_the_name_of_a_copy_tells_nothing_and_differs_from_folder_to_folder(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server["/name"] = calendar(ics(event()))
    reading(address(server, "/name"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "other"))
    reading(address(server, "/name"))
    names = [each.stem for each in cache.rglob("*.copy")]
    assert len(set(names)) == 2
    assert all(len(name) == 32 and int(name, 16) for name in names)


def test_copies_that_nobody_uses_any_more_go(server: Server, cache: Path) -> None:
    server["/old"] = server["/new"] = calendar(ics(event()))
    reading(address(server, "/old"))
    (old,) = cache.glob("*.copy")
    os.utime(old, (0, 0))
    reading(address(server, "/new"))
    assert len([*cache.glob("*.copy")]) == 1
    assert not old.exists()


def test_where_no_copy_can_be_kept_it_is_read_all_the_same(server: Server, cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be")
    server["/no-copy"] = calendar(ics(event()))
    assert spans(reading(address(server, "/no-copy"))) == [("127.0.0.1", 1)]


# ---------------------------------------------------------------- the same event in several


def test_an_event_in_a_file_and_at_an_address_is_one(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "room.ics"
    file.write_bytes(ics(event("a"), event("b", 11)))
    server["/room"] = calendar(ics(event("a"), event("c", 13)))
    server["/hall"] = calendar(ics(event("c", 13), event("d", 15)))
    found = reading(file, address(server, "/room"), address(server, "/hall"))
    assert spans(found) == [("room.ics", 2), ("127.0.0.1", 2)]


def test_events_without_a_uid_are_events_of_their_own(server: Server) -> None:
    one = event().replace("UID:a\n", "")
    server["/one"] = server["/two"] = calendar(ics(one, one))
    found = reading(address(server, "/one"), address(server, "/two"))
    assert spans(found) == [("127.0.0.1", 4)]


@pytest.mark.parametrize("uid", [OWN, f"agenda-{OWN}", OWN.upper()])
def test_sessions_of_ours_are_known_by_their_uid(server: Server, uid: str) -> None:
    server["/own"] = calendar(ics(event(uid), event("b", 11)))
    fetched = Fetching(NOW, patience=QUICK).read([address(server, "/own")])
    (found,) = read_busy(fetched, YEARS, PARIS, without={OWN}).calendars
    assert len(found.spans) == 1


# ---------------------------------------------------------------- what is no calendar

_ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "answers with anything but a calendar"),
        (b"\xef\xbb\xbf \r\n", "answers with anything but a calendar"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "a web page, not a calendar"),
        (b"\r\n<HTML><form>Password</form>", "a web page, not a calendar"),
        (b"\xef\xbb\xbf<!-- hello --><html>", "a web page, not a calendar"),
        (_ENTITIES, "a web page, not a calendar"),
        (b'{"error": "denied"}', "anything but a calendar"),
        (b"PK\x03\x04", "anything but a calendar"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "is damaged: this is not a calendar"),
        (ics(event())[:-32], "is damaged: the file ends inside"),
    ],
)
def test_an_answer_that_is_no_calendar_is_refused(server: Server, data: bytes, what: str) -> None:
    server["/what"] = calendar(data)
    with pytest.raises(ServerProblem) as refusal:
        reading(address(server, "/what"))
    assert what in refusal.value.problem
    assert SECRET not in refusal.value.in_one_line


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xef\xbb\xbf" + ics(event()), "text/calendar"),
        (ics(event()).decode().encode("utf-16"), "text/calendar; charset=utf-8"),
        (ics(event(more="\nSUMMARY:Müller")).decode().encode("latin-1"), "text/calendar"),
        (ics(event()), "text/html; charset=nonsense"),
        (b"\r\n" + ics(event()), "application/octet-stream"),
    ],
)
def test_a_calendar_is_known_by_what_it_says(server: Server, data: bytes, kind: str) -> None:
    server["/kind"] = calendar(data, Content_Type=kind)
    assert spans(reading(address(server, "/kind"))) == [("127.0.0.1", 1)]


@pytest.mark.parametrize("offline", [False, True])
def test_http_to_another_machine_is_refused_before_anything_is_asked(*, offline: bool) -> None:
    asked = Calendars[Path | str](clinic=(f"http://example.org/{SECRET}",))
    with pytest.raises(InvalidInput):
        Fetching(NOW, offline=offline).calendars(asked, Profile())


def test_without_the_library_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(FileProblem):
        reading(Address("https://example.org/a.ics"))
