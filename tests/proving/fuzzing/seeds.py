"""Inputs that mean something, of which nonsense is made: the tests' own files, and plans just made.

The same in every process: the ids of plans are not left to chance.
"""

from __future__ import annotations

import csv
import io
import shlex
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from unittest.mock import patch
from uuid import UUID

from mesoplan import Closure, Miss, Move, Request, SessionName, plan
from mesoplan.formats.plan_file.reading import plan_in
from mesoplan.formats.plan_file.rewriting import rewritten
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.request import CalendarOptions
from mesoplan.planning.replanner import replan
from tests.command_line import mesoplan
from tests.golden import commands_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_TESTS = Path(__file__).parents[2]
STAMP = datetime(2026, 11, 23, 12, tzinfo=UTC)
_LARGEST_SEED = 40_000


def _files(*folders: str, suffix: str) -> list[bytes]:
    paths = sorted(path for each in folders for path in (_TESTS / each).rglob(f"*{suffix}"))
    return [data for path in paths if len(data := path.read_bytes()) <= _LARGEST_SEED]


@cache
def own_plans() -> tuple[bytes, ...]:
    """Plans as this program writes them, new and changed."""
    request = Request("hair", date(2026, 12, 1), timezone="Europe/Paris")
    closures = (Closure(date(2026, 12, 24), date(2027, 1, 3)),)
    long = replace(request, closed_weekdays=frozenset({5, 6}), closures=closures, patient="Zoë, Ä")
    short = replace(request, goal="skin", sessions=3, maintenance_per_year=0, location="Here; 2\\3")
    plans = [
        (short, CalendarOptions()),
        (long, CalendarOptions()),
        (short, CalendarOptions(private=True)),
        (replace(short, timezone="Africa/Cairo"), CalendarOptions()),
        (short, CalendarOptions(utc=True, reminders=())),
    ]
    files = [
        calendar_file(plan(replace(each, plan_id=str(UUID(int=number)))), options, STAMP)
        for number, (each, options) in enumerate(plans)
    ]
    read = plan_in([(Path("plan.ics"), files[1])], lambda: "UTC")
    now = STAMP + timedelta(days=20)
    moved = Move(SessionName("course", 4), date(2026, 12, 23))
    missed = Miss(SessionName("course", 2))
    changed = (replan(read.plan, change, now=now) for change in (moved, missed))
    return (*files, *(rewritten(read, each, now) for each in changed))


@cache
def plans() -> tuple[bytes, ...]:
    """The same, and what calendar programs make of plans."""
    return (*own_plans() * 5, *_files("exports", suffix=".ics"))


@cache
def calendars() -> tuple[bytes, ...]:
    """Calendars of every origin."""
    return (*_files("calendars", "runs/check", suffix=".ics"), own_plans()[0], _REPEATING)


@cache
def date_lists() -> tuple[bytes, ...]:
    """Lists of dates: plain, and as tables."""
    texts = []
    for path in sorted((_TESTS / "checks").glob("*.toml")):
        case = tomllib.loads(path.read_text("utf-8"))
        dates = case.get("dates") or case.get("sessions") or ()
        texts.append("\n".join(str(each) for each in dates).encode())
    return (
        *_files("runs/check", suffix=".csv"),
        *_files("runs/check", suffix=".txt"),
        *texts[:6],
        b"Tue 1 Dec 2026 at 10:00, 8 Dec 2026\n# no\n15.12.2026 9h30 2026-12-22T10:00:00+01:00\n",
        b"Datum\tUhrzeit\tArt\n1.12.2026\t10:00\tcourse\n8.12.2026\t10:00\tcourse\n",
        b'date,end,kind\r\n"2026-12-01 10:00",2026-12-01T10:30Z,upkeep\r\n1-Dec-26,,m1\r\n',
    )


@cache
def tables() -> tuple[bytes, ...]:
    """Tables of a batch."""
    rows = [
        *(("id", "goal", "start", "patient", "away", "time", "tz", "holidays", "sessions"),),
        *(
            (
                "1042",
                "hair",
                "2026-12-01",
                "A. Martin",
                "2027-01-10..2027-01-14",
                "14:30",
                "",
                "FR",
            ),
        ),
        *(("1043", "skin", "1-Dec-26", "=1+1", "", "morning", "Asia/Bangkok", "TH;FR", "3"),),
        *(("x", "fat", "25.12.2026 10:00", "é\u202eé", "", "14:00-18:00", "", "", "8.0"),),
    ]
    made = []
    for delimiter in ",;\t":
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(rows)
        made.append(text.getvalue().encode())
    return (
        *made,
        *_files("runs/batch", suffix=".csv"),
        made[1].decode().encode("utf-16"),
        made[2].decode().encode("cp1252", "replace"),
        b'{"id": 1, "goal": "hair", "start": "2026-12-01", "closed": ["sun", "mon"]}\n'
        b'{"id": "b", "goal": "skin", "start": "2026-12-02", "private": true, "flex": 10}\n',
        b"id,goal,start,maintenance,years,area,duration,closed,closure,open,arrive,depart,finish-by,"
        b"flex,remind,location,private,utc,interval\n"
        b"a,hair,2026-12-01,1,2,scalp,45,sun|mon,2026-12-24..2027-01-03,2026-12-27,2026-11-30,"
        b"2027-05-01,2027-05-02,3,1d 2h,Here,yes,no,8\n",
    )


@cache
def profiles() -> tuple[bytes, ...]:
    """Profiles of clinics."""
    return (*_files("runs", suffix=".toml"), _PROFILE)


@cache
def command_lines() -> tuple[bytes, ...]:
    """Command lines, their arguments ended by `SEPARATOR`."""
    golden = (path.read_text("utf-8") for path in sorted((_TESTS / "runs").glob("*.txt")))
    lines = [shlex.split(line)[1:] for text in golden for line in commands_of(text)]
    return tuple(SEPARATOR.join(map(str.encode, line)) for line in lines)


SEPARATOR = b"\x1e"
"""Stands between the arguments of a command line, and between variables of an environment."""


def put_batch(folder: Path) -> None:
    """What a batch made of a table: the table itself, and the folder “plans”."""
    (folder / "rows.csv").write_bytes(tables()[0])
    random = Random(1)

    def next_id() -> UUID:
        return UUID(int=random.getrandbits(128))

    with patch("mesoplan.model.clinic.uuid4", next_id):
        mesoplan(folder, "batch", "rows.csv", "-o", "plans")


def words_in(texts: Iterator[bytes] | tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The lines of texts, each once."""
    return tuple(dict.fromkeys(line for text in texts for line in text.splitlines(keepends=True)))


_REPEATING = b"""BEGIN:VCALENDAR\r
BEGIN:VTIMEZONE\r
TZID:Here\r
BEGIN:STANDARD\r
DTSTART:20001029T030000\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r
END:STANDARD\r
BEGIN:DAYLIGHT\r
DTSTART:20000326T020000\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
RDATE:20000326T020000\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3;UNTIL=20300331T010000Z\r
END:DAYLIGHT\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:a\r
DTSTART;TZID=Here:20261201T100000\r
DURATION:PT1H\r
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU;COUNT=9\r
EXDATE;TZID=Here:20261203T100000,20261215T100000\r
RDATE;VALUE=PERIOD:20261224T090000Z/PT2H\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:a\r
RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Here:20261217T100000\r
DTSTART;TZID=Here:20261217T120000\r
DTEND;TZID=Here:20261217T130000\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:b\r
DTSTART;VALUE=DATE:20261208\r
RRULE:FREQ=MONTHLY;BYMONTHDAY=-1,8;BYSETPOS=1\r
TRANSP:OPAQUE\r
END:VEVENT\r
BEGIN:VFREEBUSY\r
FREEBUSY;FBTYPE=BUSY:20261209T080000Z/20261209T090000Z,20261210T080000Z/P1DT2H\r
END:VFREEBUSY\r
END:VCALENDAR\r
"""

_PROFILE = b"""name = "Clinic \\u00e9"
address = '''1, Park Street'''
phone = "+33 1 23 45"
timezone = "Europe/Paris"
rooms = 2
slot_minutes = 15
busy = ["doctor.ics"]
book = "plans"

[hours]
mon = ["09:00-12:30", "14:00-18:00"]
tue = "09:00-18:30"
wed = []
thu = "09:00-12:30"

[holidays]
country = "FR"
subdivision = "Alsace"
open_on = ["Christmas Day", 2026-12-28]

[[closures]]
from = 2026-12-24
to = 2027-01-03
reason = "New Year"

[defaults]
time = "morning"
remind = ["1d", "2h"]
private = true
years = 2

[protocols.hair]
phases = [{ sessions = 4, interval_days = 7 }, { sessions = 4, interval_days = 14 }]
maintenance_per_year = 1
minutes = 45
min_interval_days = 7
max_sessions = 10
"""
