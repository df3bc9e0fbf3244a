"""A change is put into the plan's file; what it does not concern stays as it was, byte for byte.

Records, which no calendar shows, follow the plan in every event.
"""

import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import icalendar
import pytest

from mesoplan import DateRange, Plan, Request, plan
from mesoplan.formats.plan_file.reading import ReadPlan, plan_in, read_plan
from mesoplan.formats.plan_file.rewriting import changes_file, rewritten
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.changes import Attend, Away, Cancel, Change, Extend, Miss, Move
from mesoplan.model.plan import SessionName, Status
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.replanner import undone
from mesoplan.wording.plans import replan
from mesoplan.wording.reasons import reason_text
from tests.command_line import mesoplan
from tests.examples import some
from tests.plan_exports import FOLDER, READABLE
from tests.plan_texts import alarms, by_uid, events, lines, outside_events, said, value

STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = "4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f"
PLAIN = CalendarOptions()
NAME = Path("plan.ics")
OUR_ALARM = b"TRIGGER:-P2D"
THEIR_ALARM = b"BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT3H\r\nX-MOZ-LASTACK:1\r\nEND:VALARM\r\n"
THEIR_LINES = (
    b"CATEGORIES:Health,Private\r\n"
    b'ATTACH;FMTTYPE=text/plain;X-LABEL="Bring: this; and, that":https://exa\r\n'
    b"\tmple.org/a%20very/long/path?with=many&parts=in:it\r\n"
    b"X-MOZ-GENERATION:4\r\n"
    b"COLOR:teal\r\n"
    b"X-APPLE-TRAVEL-ADVISORY-BEHAVIOR;ACKNOWLEDGED=20261101T000000Z:AUTOM\r\n ATIC\r\n"
)
FOREIGN_ZONE = (
    b"BEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
DENTIST = (
    b"BEGIN:VEVENT\r\nUID:dentist-1@example.org\r\nDTSTAMP:20261001T000000Z\r\n"
    b"DTSTART;TZID=Asia/Tokyo:20261201T100000\r\nSUMMARY:Dentist: caf\xe9 1/2\r\n"
    b"RRULE:FREQ=YEARLY\r\nDESCRIPTION:folded in the middle of a charac\r\n"
    b" ter\r\nEND:VEVENT\r\n"
)


def s(number: int) -> SessionName:
    return SessionName("course", number)


def m(number: int) -> SessionName:
    return SessionName("maintenance", number)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def course(**fields: object) -> Plan:
    request = Request(
        "hair",
        date(2026, 12, 1),
        timezone="Europe/Paris",
        closed_weekdays=frozenset({6, 0}),
        closures=(DateRange(date(2026, 12, 24), date(2027, 1, 3)),),
        patient="Zanne Quibble",
        plan_id=ID,
    )
    return plan(replace(request, **fields))  # type: ignore[arg-type]  # by name


def read_back(data: bytes) -> ReadPlan:
    return plan_in([(NAME, data)], lambda: "Pacific/Auckland")


CHANGES: dict[str, tuple[str, Change]] = {
    "attend": ("2026-12-09T12:00", Attend((s(1), s(2)))),
    "attend on another day": ("2026-12-10T12:00", Attend((s(2),), date(2026, 12, 9), time(11))),
    "miss one to come": ("2026-12-12T12:00", Miss(s(4))),
    "miss a past one": ("2026-12-12T12:00", Miss(s(2))),
    "miss, put off": ("2026-12-12T12:00", Miss(s(3), date(2026, 12, 16), time(15))),
    "miss the last": ("2026-12-12T12:00", Miss(s(8))),
    "miss maintenance": ("2026-12-12T12:00", Miss(m(1))),
    "move": ("2026-12-02T12:00", Move(s(3), date(2026, 12, 16), time(15, 30))),
    "move the last": ("2026-12-02T12:00", Move(s(8), date(2027, 2, 12))),
    "move maintenance": ("2026-12-02T12:00", Move(m(1), date(2027, 8, 20))),
    "extend": ("2026-12-02T12:00", Extend(2)),
    "shorten": ("2026-12-02T12:00", Extend(-1)),
    "cancel one": ("2026-12-02T12:00", Cancel(s(5))),
    "cancel maintenance": ("2026-12-02T12:00", Cancel(m(2))),
    "away": ("2026-12-02T12:00", Away((DateRange(date(2026, 12, 15), date(2026, 12, 16)),))),
    "cancel all": ("2026-12-12T12:00", Cancel()),
    "late": ("2027-01-12T12:00", Miss(s(5), late="a long illness")),
}


def changed(read: ReadPlan, name: str) -> tuple[Plan, datetime]:
    when, change = CHANGES[name]
    now = moment(when)
    ready = read.plan
    if name == "late":
        ready = replan(ready, Attend(tuple(map(s, range(1, 5)))), now=moment("2026-12-25T12:00"))
    return replan(ready, change, now=now), now


def decorated(data: bytes) -> bytes:
    """A file after a calendar program and the patient have had it."""
    data = data.replace(b"END:VEVENT", THEIR_ALARM + b"END:VEVENT")
    data = data.replace(
        b"BEGIN:VALARM\r\nACTION:DISPLAY", THEIR_LINES + b"BEGIN:VALARM\r\nACTION:DISPLAY"
    )
    data = data.replace(
        b"VERSION:2.0\r\n", b"VERSION:2.0\r\nX-WR-CALNAME:My days\r\nNAME:My days\r\n"
    )
    return data.replace(b"BEGIN:VEVENT", FOREIGN_ZONE + DENTIST + b"BEGIN:VEVENT", 1)


def written(options: CalendarOptions = PLAIN, **fields: object) -> bytes:
    return calendar_file(course(**fields), options, STAMP)


# ---------------------------------------------------------------- what every change keeps


@pytest.mark.parametrize(
    ("name", "utc"), [*((name, False) for name in CHANGES), ("move", True), ("extend", True)]
)
def test_a_change_touches_only_what_it_changes(name: str, utc: bool) -> None:
    data = decorated(written(CalendarOptions(utc=utc)))
    read = read_back(data)
    after, now = changed(read, name)
    new = rewritten(read, after, now)
    before, then = by_uid(data), by_uid(new)
    assert set(before) <= set(then)
    old_sessions = {each.uid: each for each in (*read.plan.active, *read.plan.dropped)}
    sessions = {each.uid: each for each in (*after.active, *after.dropped)}
    touched = 0
    for uid, event in then.items():
        if uid not in sessions:
            assert uid == "dentist-1@example.org"
            assert event == DENTIST
            continue
        session = sessions[uid]
        if said(before.get(uid)) == said(event):
            old = old_sessions[uid]
            assert (old.start, old.end, old.status, old.number, old.sequence) == (
                *(session.start, session.end, session.status, session.number, session.sequence),
            )
            continue
        touched += 1
        stamp = f"{now:%Y%m%dT%H%M%SZ}"
        assert value(event, "DTSTAMP") == value(event, "LAST-MODIFIED") == stamp
        if uid not in before:
            assert value(event, "SEQUENCE") == str(session.sequence)
            assert value(event, "CREATED") == stamp
            continue
        # The late one was changed by what came before it, too.
        more = int(value(event, "SEQUENCE") or 0) - int(value(before[uid], "SEQUENCE") or 0)
        assert more == 1 if name != "late" else 1 <= more <= 2
        assert value(event, "CREATED") == "20261123T120000Z"
        for line in lines(THEIR_LINES):
            assert line in lines(event)
        assert THEIR_ALARM in alarms(event)
    assert touched
    assert new.count(b"\r\nX-WR-CALNAME:My days\r\nNAME:My days\r\n") == 1
    assert new.count(FOREIGN_ZONE) == 1
    assert new.count(b"BEGIN:VTIMEZONE") == (1 if utc else 2)
    assert outside_events(new).count(b"X-APPOINTMENT-PLAN:") == 1
    # Another parser sees the same.
    assert len(icalendar.Calendar.from_ical(new).walk("VEVENT")) == len(then)


def reasons_in_words(found: Plan) -> list[str]:
    sessions = (*found.active, *found.dropped)
    return [reason_text(reason) for session in sessions for reason in session.reasons]


@pytest.mark.parametrize(("zone", "private"), [("Europe/Paris", False), ("Africa/Cairo", True)])
@pytest.mark.parametrize("name", CHANGES)
def test_the_changed_plan_is_read_back(name: str, zone: str, private: bool) -> None:
    read = read_back(decorated(written(CalendarOptions(private=private), timezone=zone)))
    after, now = changed(read, name)
    back = read_back(rewritten(read, after, now))
    notes = () if private else after.notices

    # The protocol that is told is what the plan makes of it.
    assert after.request.protocol is not None
    protocol = replace(after.request.protocol, phases=after.phases)
    wanted = replace(after, request=replace(after.request, protocol=protocol), notices=notes)
    assert back.plan == wanted
    if not private:
        assert reasons_in_words(back.plan) == reasons_in_words(wanted)
    assert back.options == read.options
    assert back.assumed == ()


@pytest.mark.parametrize("name", CHANGES)
def test_every_event_tells_what_the_plan_says(name: str) -> None:
    read = read_back(decorated(written()))
    after, now = changed(read, name)
    then = by_uid(rewritten(read, after, now))
    for session in (*after.active, *after.dropped):
        event = then[session.uid]
        assert value(event, "DTSTART") == f"TZID=Europe/Paris:{session.start:%Y%m%dT%H%M%S}"
        assert value(event, "DTEND") == f"TZID=Europe/Paris:{session.end:%Y%m%dT%H%M%S}"
        dropped = session in after.dropped
        usual = "CONFIRMED" if session.kind == "course" else "TENTATIVE"
        assert value(event, "STATUS") == ("CANCELLED" if dropped else usual)
        assert value(event, "TRANSP") == ("TRANSPARENT" if dropped else "OPAQUE")
        title = value(event, "SUMMARY") or ""
        assert title.startswith("Cancelled: ") == dropped
        if not session.is_past(now):
            of_how_many = "" if dropped else f"/{after.total(session)}"
            assert title.endswith(f" {session.number}{of_how_many}")
        ours = [alarm for alarm in alarms(event) if OUR_ALARM in alarm]
        assert len(ours) == (0 if dropped else 1)
        if dropped:
            assert "Please don't come" in (value(event, "DESCRIPTION") or "")


@pytest.mark.parametrize("name", CHANGES)
def test_the_changes_alone_are_the_events_that_changed(name: str) -> None:
    read = read_back(written())
    after, now = changed(read, name)
    old, new = by_uid(written()), by_uid(rewritten(read, after, now))
    alone = by_uid(changes_file(read, after, now))
    assert set(alone) == {uid for uid, event in new.items() if said(old.get(uid)) != said(event)}
    for uid, event in alone.items():
        for line in ("SEQUENCE", "DTSTART", "DTEND", "STATUS", "SUMMARY", "X-APPOINTMENT"):
            assert value(event, line) == value(new[uid], line)


def test_an_undone_change_leaves_events_newer_than_both() -> None:
    for name in CHANGES:
        read = read_back(decorated(written()))
        after, now = changed(read, name)
        second = read_back(rewritten(read, after, now))
        again = undone(second.plan, read.plan, now + timedelta(hours=1))
        third = rewritten(second, again, now + timedelta(hours=1))
        first, changed_, last = (
            by_uid(x) for x in (decorated(written()), rewritten(read, after, now), third)
        )
        assert set(last) == set(changed_)
        for uid, event in last.items():
            if uid in first and said(changed_[uid]) == said(first[uid]):
                assert said(event) == said(first[uid])
                continue
            sequences = [
                int(value(each[uid], "SEQUENCE") or 0)
                for each in (first, changed_, last)
                if uid in each
            ]
            assert sequences[-1] == max(sequences[:-1]) + 1
            if uid in first:
                for line in ("DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "CREATED"):
                    assert value(event, line) == value(first[uid], line)
                assert sorted(alarms(event)) == sorted(alarms(first[uid]))
            else:
                assert value(event, "STATUS") == "CANCELLED"
        assert read_back(third).plan == again, name


def test_what_is_put_back_is_newer_even_than_a_later_state() -> None:
    read = read_back(written())
    now = moment("2026-12-02T12:00")
    later = replan(read.plan, Move(s(3), date(2026, 12, 16)), now=now)
    later = replan(later, Move(s(3), date(2026, 12, 16), time(11)), now=now)
    # As after somebody copied files by hand: what is kept is newer than the plan itself.
    again = undone(read.plan, later, now)
    assert later.sessions[2].sequence == 2
    assert again.sessions[2].sequence == 3


def test_an_undone_change_tells_of_what_is_past_by_now_as_its_file_does() -> None:
    read = read_back(written())
    after = replan(read.plan, Move(s(3), date(2026, 12, 16)), now=moment("2026-12-02T12:00"))
    second = read_back(rewritten(read, after, moment("2026-12-02T12:00")))
    # The window of session 2 is another one since session 3 has moved; that one is past now.
    assert second.plan.sessions[1].window != read.plan.sessions[1].window
    now = moment("2026-12-10T12:00")
    again = undone(second.plan, read.plan, now)
    assert read_back(rewritten(second, again, now)).plan == again


def test_an_appointment_that_was_cancelled_in_a_calendar_stays_cancelled() -> None:
    data = written()
    event = by_uid(data)[f"{ID}-05"]
    read = read_back(data.replace(event, event.replace(b"STATUS:CONFIRMED", b"STATUS:CANCELLED")))
    assert [notice.code for notice in read.assumed] == ["CANCELLED"]
    (gone,) = read.plan.dropped
    assert (gone.number, gone.status) == (5, Status.CANCELLED)
    after, now = changed(read, "move")
    back = read_back(rewritten(read, after, now))
    assert back.plan == after
    assert gone.uid not in {session.uid for session in back.plan.active}
    assert len(back.plan.sessions) == 8
    # The patient gave that day up: no other session is put on it.
    assert gone.day not in {session.day for session in back.plan.sessions}


# ---------------------------------------------------------------- what the patient did


@pytest.mark.parametrize("name", ["move", "attend", "extend", "miss one to come"])
def test_a_title_that_the_patient_wrote_stays(name: str) -> None:
    data = written()
    for number in range(1, 9):
        data = data.replace(f"SUMMARY:Mesotherapy {number}/8".encode(), b"SUMMARY:Doctor!")
    read = read_back(data)
    after, now = changed(read, name)
    new = by_uid(rewritten(read, after, now))
    for session in after.sessions:
        title = value(new[session.uid], "SUMMARY")
        known = session.uid in by_uid(data)
        assert title == (
            "Doctor!" if known else f"Mesotherapy {session.number}/{after.total_sessions}"
        )
    for session in after.dropped:
        assert (value(new[session.uid], "SUMMARY") or "").startswith("Cancelled: ")


def test_an_event_that_the_patient_moved_is_the_plan_s_own_once_it_is_moved_there() -> None:
    data = written()
    event = by_uid(data)[f"{ID}-04"]
    read = read_back(data.replace(event, event.replace(b":20261223T10", b":20261223T11")))
    assert read.plan.sessions[3].moved_from is not None
    now = moment("2026-12-02T12:00")
    after = replan(read.plan, Move(s(4), date(2026, 12, 23), time(11)), now=now)
    new = rewritten(read, after, now)
    assert read_back(new).plan == after
    assert after.sessions[3].moved_from is None
    assert after.sessions[3].pinned
    # To undo that brings back what the patient did, and that they did it.
    second = read_back(new)
    again = undone(second.plan, read.plan, now)
    third = read_back(rewritten(second, again, now)).plan
    assert third == again
    assert third.sessions[3].moved_from == read.plan.sessions[3].moved_from
    # A change of something else leaves it as it is.
    later = replan(read.plan, Attend((s(1),)), now=now)
    back = read_back(rewritten(read, later, now)).plan
    assert back.sessions[3].moved_from == read.plan.sessions[3].moved_from


def test_a_second_event_of_an_appointment_does_not_stay() -> None:
    data = written()
    event = by_uid(data)[f"{ID}-03"]
    older = event.replace(b"20261215T", b"20261214T").replace(b"DTSTAMP:2026", b"DTSTAMP:2025")
    read = read_back(
        data.replace(event, older.replace(b"LAST-MODIFIED:2026", b"LAST-MODIFIED:2025") + event)
    )
    assert [notice.code for notice in read.assumed] == ["DOUBLED"]
    assert read.plan.sessions[2].day == date(2026, 12, 15)
    for name in ("move", "attend"):
        after, now = changed(read, name)
        new = rewritten(read, after, now)
        assert by_uid(new)
        assert read_back(new).plan == after


@pytest.mark.parametrize("name", ["outlook_com_wrapped_uids", "edited_repeating", "ours_missed"])
def test_an_event_keeps_the_very_uid_that_it_has_in_the_file(name: str) -> None:
    data = normal(FOLDER / READABLE[name]["path"])
    read = read_back(data)
    after = replan(read.plan, Cancel(), now=moment("2026-12-02T12:00"))
    new = rewritten(read, after, moment("2026-12-02T12:00"))
    assert set(by_uid(new)) == set(by_uid(data))
    assert new.count(b"STATUS:CANCELLED") > 5
    assert read_back(new).plan.dropped == after.dropped


@pytest.mark.parametrize(
    ("name", "serial"), [("ours_missed", 12), ("google_missed", 112), ("thunderbird_missed", 12)]
)
def test_a_uid_is_never_used_again_even_where_no_record_tells_of_it(name: str, serial: int) -> None:
    case = READABLE[name]
    read = plan_in([(NAME, normal(FOLDER / case["path"]))], lambda: "Europe/Paris")
    after = replan(read.plan, Extend(1), now=moment("2026-12-02T12:00"))
    before = {each.uid for each in (*read.plan.active, *read.plan.dropped)}
    (new,) = {each.uid for each in after.active} - before
    # What Google dropped may have been numbered higher than what it kept.
    assert new.endswith(f"-{serial}")


# ---------------------------------------------------------------- the zone


@pytest.mark.parametrize("name", ["extend", "move", "attend", "cancel all"])
def test_a_zone_that_a_program_took_out_is_there_for_events_that_need_it(name: str) -> None:
    data = written()
    begin, end = data.index(b"BEGIN:VTIMEZONE"), data.index(b"BEGIN:VEVENT")
    read = read_back(data[:begin] + data[end:])
    after, now = changed(read, name)
    new = rewritten(read, after, now)
    assert new.count(b"TZID:Europe/Paris") == 1
    assert new.index(b"END:VTIMEZONE") < new.index(b"BEGIN:VEVENT")


# ---------------------------------------------------------------- files of every program

SINGLE = [
    name
    for name, case in READABLE.items()
    if (FOLDER / case["path"]).is_file() and "lagging" not in case
]
FOLDERS = [name for name, case in READABLE.items() if (FOLDER / case["path"]).is_dir()]
OURS = {
    *["UID", "SEQUENCE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY"],
    *["DESCRIPTION", "LOCATION", "STATUS", "TRANSP", "X-APPOINTMENT-PLAN", "X-APPOINTMENT"],
    *["DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "METHOD", "BEGIN", "END"],
}


BUSY_HERE = {"X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"}
DROPS = {"miss", "cancel"}


def normal(path: Path) -> bytes:
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n") + b"\n"
    return re.sub(rb"\n+", b"\r\n", data)


def of_others(block: bytes) -> Counter[str]:
    # The clinic's zone is written anew.
    zones = re.findall(rb"BEGIN:VTIMEZONE\r\n.*?END:VTIMEZONE\r\n", block, re.DOTALL)
    for zone in zones:
        if b"TZID:Europe/Paris\r\n" in zone:
            block = block.replace(zone, b"")
    return Counter(
        line for line in lines(block) if re.split("[:;]", line, maxsplit=1)[0].upper() not in OURS
    )


@pytest.mark.parametrize("name", some(SINGLE, 3))
def test_what_any_program_saved_can_be_changed_and_loses_nothing(name: str, tmp_path: Path) -> None:
    case = READABLE[name]
    data = normal(FOLDER / case["path"])
    standing = [each for each in case["course"] if each]
    first = date.fromisoformat(standing[1][:10])
    now = f"{first + timedelta(days=1)}T18:00:00Z"
    soon = first + timedelta(days=9)
    zone = case["tz"] if case["zone"] == "assumed" else case["zone"]
    read = plan_in([(NAME, data)], lambda: zone)
    second = str(read.plan.sessions[1].name)
    third = next(str(x.name) for x in read.plan.sessions if x.start > datetime.fromisoformat(now))
    done = 0
    for line in (*[f"attend {second}", f"miss {third}", f"move {third} {soon}", "cancel"],):
        command, *rest = line.split()
        path = tmp_path / "plan.ics"
        path.write_bytes(data)
        outcome = mesoplan(tmp_path, command, "plan.ics", *rest, now=now)
        new = path.read_bytes()
        if outcome.exit_code:
            assert outcome.exit_code in (2, 3), (line, outcome.error)
            assert new == data
            continue
        done += 1
        back = plan_in([(NAME, new)], lambda: zone)
        assert back.plan.id == read.plan.id
        assert back.plan.revision == read.plan.revision + 1
        assert {x.uid for x in (*read.plan.active, *read.plan.dropped)} <= {
            x.uid for x in (*back.plan.active, *back.plan.dropped)
        }
        if command == "attend":
            assert {x.uid for x in back.plan.sessions if x.status is Status.ATTENDED} >= {
                read.plan.sessions[1].uid
            }
        # Whatever else was in the file is there still.
        assert not of_others(outside_events(data)) - of_others(outside_events(new)), line
        all_new: Counter[str] = sum((of_others(event) for event in events(new)), Counter())
        kept = {value(event, "UID"): event for event in events(data)}
        all_old: Counter[str] = sum((of_others(event) for event in kept.values()), Counter())
        gone = {each.partition(":")[0].partition(";")[0] for each in all_old - all_new}
        # They would contradict what is written now: the old description, and a time still taken.
        assert gone <= {"X-ALT-DESC"} | (BUSY_HERE if line.split()[0] in DROPS else set()), line
        unknown = [
            event for event in events(data) if event not in new and not mine(event, case["plan"])
        ]
        assert unknown == [], line
        icalendar.Calendar.from_ical(new)
        assert "METHOD" not in new.decode("utf-8", "replace")
    assert done >= 3


def mine(event: bytes, plan_id: str) -> bool:
    uid = value(event, "UID") or ""
    return uid.startswith(plan_id) or plan_id.encode().hex().upper() in uid.upper()


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_events_that_any_program_keeps_can_be_changed(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "events"
    shutil.copytree(FOLDER / READABLE[name]["path"], folder)
    now = "2026-12-12T12:00:00Z"
    before = read_plan([folder], lambda: "Europe/Paris").plan
    files = {path.name: path.read_bytes() for path in folder.glob("*.ics")}
    assert mesoplan(tmp_path, "miss", "events", "4", now=now).exit_code == 0
    after = read_plan([folder], lambda: "Europe/Paris").plan
    assert after.revision == before.revision + 1
    assert after.last_serial == before.last_serial + 1
    assert len(list(folder.glob("*.ics"))) == len(files) + 1
    assert {name: (folder / f"{name}~").read_bytes() for name in files} == files
