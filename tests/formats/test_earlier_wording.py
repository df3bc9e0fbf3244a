"""Plans whose files were written before the words for patients changed: read, and changed once.

The files in `earlier_texts` are as the program of that time wrote them.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import icalendar
import pytest

from mesoplan import Plan, Session
from mesoplan.formats.plan_file.reading import read_plan
from tests.command_line import mesoplan
from tests.examples import IN_THE_SUITE, some
from tests.plan_texts import alarms, by_uid, events, said, value

FOLDER = Path(__file__).parents[1] / "earlier_texts"
FILES = sorted(path.name for path in FOLDER.glob("*.ics"))
NOW = datetime.fromisoformat("2026-12-10T20:00:00+00:00")
CHANGES = (
    *("attend 2", "miss 2", "miss 4", "miss m1", "move 4", "move m1"),
    *("extend +1", "extend -1", "cancel 4", "cancel m1", "cancel"),
)
OLD = (
    *("What to expect", "Next session", "Next appointment", "If this day", "No other day"),
    *("Earliest day to travel", "a planning aid", "This is the last", "quiet day", "· "),
)


def read(path: Path) -> Plan:
    return read_plan([path], lambda: "Pacific/Auckland").plan


def own(plan: Plan, file: bytes) -> dict[str, tuple[object, ...]]:
    """Its date, time, place, status and number, by UID; and of one to come its total."""
    texts = by_uid(file)

    def of(session: Session) -> tuple[object, ...]:
        total = None if session.is_past(NOW) or session.is_dropped else plan.total(session)
        place = value(texts[session.uid], "LOCATION")
        return session.start, session.end, place, session.status, session.number, total

    return {session.uid: of(session) for session in (*plan.active, *plan.dropped)}


def typed(change: str, plan: Plan) -> list[str]:
    """The change in full: a session that is moved goes to the next day."""
    command, *names = change.split()
    if command == "move":
        among = plan.maintenance if names[0].startswith("m") else plan.sessions
        session = next((each for each in among if str(each.name) == names[0]), None)
        day = NOW.date() if session is None else session.day + timedelta(days=1)
        return [command, "plan.ics", *names, day.isoformat()]
    return [command, "plan.ics", *names]


def rises(before: bytes, after: bytes) -> dict[str, int]:
    old, new = by_uid(before), by_uid(after)
    return {
        uid: int(value(new[uid], "SEQUENCE") or 0) - int(value(event, "SEQUENCE") or 0)
        for uid, event in old.items()
    }


@pytest.mark.parametrize("name", FILES)
def test_a_change_reissues_only_events_whose_own_date_place_status_or_number_changes(
    name: str, tmp_path: Path
) -> None:
    # In the suite each change is made to two of the files or three.
    changes = some(CHANGES[FILES.index(name) % 3 :] if IN_THE_SUITE else CHANGES, 3)
    made = [change for change in changes if is_made(name, change, tmp_path)]
    # Not all of them make sense in all of the plans.
    assert len(made) >= (1 if IN_THE_SUITE else 6), made


def is_made(name: str, change: str, folder: Path) -> bool:
    """Whether the change makes sense; if so, it and its undoing are as they are to be."""
    path = folder / "plan.ics"
    first = (FOLDER / name).read_bytes()
    path.write_bytes(first)
    plan = read(path)
    now = NOW.isoformat().replace("+00:00", "Z")
    outcome = mesoplan(folder, *typed(change, plan), "--changes", "changes.ics", now=now)
    if outcome.exit_code:
        assert outcome.exit_code in {2, 3}
        assert path.read_bytes() == first
        return False
    second = path.read_bytes()
    icalendar.Calendar.from_ical(second)
    changed = compared(own(plan, first), own(read(path), second), first, second)
    changes = folder / "changes.ics"
    alone = {value(event, "UID") for event in events(changes.read_bytes())}
    changes.unlink()
    assert alone == changed | (by_uid(second).keys() - by_uid(first).keys())
    for uid in changed:
        in_today_s_words(by_uid(first)[uid], by_uid(second)[uid])
    was = read(path)
    outcome = mesoplan(folder, "undo", "plan.ics", now=now)
    assert outcome.exit_code == 0
    third = path.read_bytes()
    compared(own(was, second), own(read(path), third), second, third)
    return True


def compared(
    before: Mapping[str, object], after: Mapping[str, object], old: bytes, new: bytes
) -> set[str]:
    """The appointments that changed: those alone have a newer event, and the others stay."""
    changed = {uid for uid in before if before[uid] != after[uid]}
    assert rises(old, new) == {uid: int(uid in changed) for uid in before}
    texts, anew = by_uid(old), by_uid(new)
    assert {uid for uid in texts if said(texts[uid]) != said(anew[uid])} == changed
    return changed


def in_today_s_words(before: bytes, after: bytes) -> None:
    """Nothing of the old words is left in an event that changed, unless it took place."""
    record = value(after, "X-APPOINTMENT") or ""
    if "status=attended" in record:
        assert value(after, "DESCRIPTION") == value(before, "DESCRIPTION")
        return
    text = f"{value(after, 'SUMMARY')} {value(after, 'DESCRIPTION')}"
    assert [words for words in OLD if words in text] == []
    assert (value(after, "CONTACT") is not None) == (b"phone=" in before)
    leads = re.findall(r"TRIGGER:-(\w+)", b"".join(alarms(after)).decode())
    if value(after, "STATUS") == "CANCELLED":
        assert leads == []
    elif b"remind=" in before:
        assert leads == ["P3D", "PT2H"]
    else:
        assert leads == (["P14D", "P2D"] if "kind=upkeep" in record else ["P2D"])


@pytest.mark.parametrize("name", FILES)
def test_the_same_is_read_where_the_records_are_gone(name: str, tmp_path: Path) -> None:
    text = (FOLDER / name).read_bytes()
    bare = re.sub(rb"X-APPOINTMENT(-PLAN)?:.*?\r\n(?![ \t])", b"", text, flags=re.DOTALL)
    for file, data in (("whole.ics", text), ("bare.ics", bare)):
        (tmp_path / file).write_bytes(data)
    whole, assumed = (read(tmp_path / file) for file in ("whole.ics", "bare.ics"))
    assert [(each.name, each.start) for each in assumed.active] == [
        (each.name, each.start) for each in whole.active
    ]
    assert (assumed.goal, assumed.area) == (whole.goal, whole.area)


def test_rows_of_an_earlier_batch_change_no_event_until_their_own_place_changes(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    first = {name: (FOLDER / f"{name}.ics").read_bytes() for name in ("row", "row_1d")}
    for name, data in first.items():
        (out / f"{name}.ics").write_bytes(data)

    def again(head: str = "", cell: str = "") -> str:
        rows = ("row,hair,2026-12-01,", "row_1d,fat,2026-12-01,1d")
        lines = (f"id,goal,start,remind{head}", *(f"{row}{cell}" for row in rows))
        (tmp_path / "t.csv").write_text("\n".join(lines))
        return mesoplan(tmp_path, "batch", "t.csv", "-o", "out").text

    # What was asked for as “1d” is that, whatever is usual by now.
    assert again().startswith("2 rows: 0 new, 1 changed, 1 unchanged")
    assert (out / "row.ics").read_bytes() == first["row"]
    for heads in (("", ""), (",patient", ",Zanne"), (",clinic-phone", ",+33 1")):
        again(*heads)
        for name, data in first.items():
            assert set(rises(data, (out / f"{name}.ics").read_bytes()).values()) == {0}
    again(",location", ",1 Park Street")
    for name, lead in (("row", b"-P2D"), ("row_1d", b"-P1D")):
        now = (out / f"{name}.ics").read_bytes()
        assert set(rises(first[name], now).values()) == {1}
        assert all(b"TRIGGER:%b\r\n" % lead in event for event in events(now))
