"""Inputs that mean something, of which nonsense is made: the tests' own files, and plans just made.

The same in every process: the ids of plans are not left to chance.
"""

import hashlib
import itertools
import shlex
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from unittest.mock import patch

from tests.command_line import mesoplan, mesoplan_line
from tests.golden import commands_of

_TESTS = Path(__file__).parents[2]
_HERE = Path(__file__).parent
_LARGEST_SEED = 40_000
_LATER = "2026-12-13T12:00:00Z"
_PLANS = """\
mesoplan plan skin 2026-12-01 -n 3 -m 0 --location 'Here; 2\\3' -o short.ics
mesoplan plan hair 2026-12-01 --closed sat,sun --closure 2026-12-24..2027-01-03 \
--patient 'Zoë, Ä' -o long.ics
mesoplan plan skin 2026-12-01 -n 3 -m 0 --private -o private.ics
mesoplan plan skin 2026-12-01 -n 3 -m 0 --tz Africa/Cairo -o cairo.ics
mesoplan plan skin 2026-12-01 -n 3 -m 0 --utc --remind none -o utc.ics
mesoplan plan hair 2026-12-01 --closed sat,sun -o moved.ics
mesoplan move moved.ics 4 2026-12-23
mesoplan plan hair 2026-12-01 --closed sat,sun -o missed.ics
mesoplan miss missed.ics 2
"""
SEPARATOR = b"\x1e"
"""Stands between the arguments of a command line, and between variables of an environment."""


def _files(*folders: str, suffix: str) -> list[bytes]:
    paths = sorted(path for each in folders for path in (_TESTS / each).rglob(f"*{suffix}"))
    return [data for path in paths if len(data := path.read_bytes()) <= _LARGEST_SEED]


class _Settled:
    """Takes the place of `os.urandom`, and gives the same bytes in each process."""

    def __init__(self) -> None:
        self._asked = itertools.count()

    def __call__(self, size: int) -> bytes:
        return hashlib.shake_128(b"%d" % next(self._asked)).digest(size)


@cache
def own_plans() -> dict[str, bytes]:
    """Plans as this program writes them, new and changed."""
    with tempfile.TemporaryDirectory() as name, patch("os.urandom", _Settled()):
        for line in _PLANS.splitlines():
            outcome = mesoplan_line(Path(name), line, now=_LATER if "plan " not in line else None)
            assert outcome.exit_code == 0, outcome.error
        return {path.name: path.read_bytes() for path in sorted(Path(name).glob("*.ics"))}


@cache
def plans() -> tuple[bytes, ...]:
    """The same, and what calendar programs make of plans."""
    return (*[*own_plans().values()] * 5, *_files("exports", suffix=".ics"))


@cache
def calendars() -> tuple[bytes, ...]:
    """Calendars of every origin."""
    repeating = (_HERE / "repeating.ics").read_bytes()
    own = own_plans()["short.ics"]
    return (*_files("calendars", "runs/check", suffix=".ics"), own, repeating)


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


TABLE = """\
id,goal,start,patient,away,time,tz,holidays,sessions
1042,hair,2026-12-01,A. Martin,2027-01-10..2027-01-14,14:30,,FR,
1043,skin,1-Dec-26,=1+1,,morning,Asia/Bangkok,TH|FR,3
x,fat,25.12.2026 10:00,é\u202eé,,14:00-18:00,,,8.0
"""


@cache
def tables() -> tuple[bytes, ...]:
    """Tables of a batch."""
    semicolons, tabs = TABLE.replace(",", ";"), TABLE.replace(",", "\t")
    return (
        *(TABLE.encode(), semicolons.encode(), tabs.encode()),
        *_files("runs/batch", suffix=".csv"),
        *(semicolons.encode("utf-16"), tabs.encode("cp1252", "replace")),
        b'{"id": 1, "goal": "hair", "start": "2026-12-01", "closed": ["sun", "mon"]}\n'
        b'{"id": "b", "goal": "skin", "start": "2026-12-02", "private": true, "flex": 10}\n',
        b"id,goal,start,maintenance,years,area,duration,closed,closure,open,arrive,depart,finish-by,"
        b"flex,remind,location,private,utc,interval\n"
        b"a,hair,2026-12-01,1,2,scalp,45,sun|mon,2026-12-24..2027-01-03,2026-12-27,2026-11-30,"
        b"2027-05-01,2027-05-02,3,1d 2h,Here,yes,no,8\n",
    )


def names() -> tuple[bytes, ...]:
    """Tables that say whose private plans are."""
    text = 'plan,label,phone\r\n0-1,"Ann, B",1\r\n0-2,\'=Bob,\r\n,,\r\n0-3,張偉,3\r\n'
    semicolons = "sep=;\n" + text.replace('"Ann, B"', "Ann").replace(",", ";")
    return text.encode("utf-8-sig"), semicolons.encode(), semicolons.encode("utf-16")


def put_batch(folder: Path) -> None:
    """What a batch made of a table: the table itself, and the folder “plans”."""
    (folder / "rows.csv").write_text(TABLE, "utf-8")
    with patch("os.urandom", _Settled()):
        mesoplan(folder, "batch", "rows.csv", "-o", "plans")


@cache
def of_a_batch() -> tuple[bytes, ...]:
    """A plan that a batch made, and plans of others."""
    with tempfile.TemporaryDirectory() as name:
        put_batch(Path(name))
        made = (Path(name) / "plans" / "1042.ics").read_bytes()
    return (*(made,) * 6, *own_plans().values())


@cache
def profiles() -> tuple[bytes, ...]:
    """Profiles of clinics."""
    return (*_files("runs", suffix=".toml"), (_HERE / "profile.toml").read_bytes())


@cache
def command_lines() -> tuple[bytes, ...]:
    """Command lines, their arguments ended by `SEPARATOR`."""
    golden = (path.read_text("utf-8") for path in sorted((_TESTS / "runs").glob("*.txt")))
    lines = [shlex.split(line)[1:] for text in golden for line in commands_of(text)]
    return tuple(SEPARATOR.join(map(str.encode, line)) for line in lines)


@cache
def words() -> tuple[bytes, ...]:
    """Words of every kind."""
    return tuple(map(str.encode, _WORDS.split("|")))


@cache
def environments() -> tuple[bytes, ...]:
    """Moments, zones, profiles and widths."""
    moments = (b"2026-12-01T09:00:00Z", b"2026-12-01T09:00:00+01:00", b"99991231T235959-2359", b"")
    zones = (b"Europe/Paris", b":Asia/Tokyo", b"UTC0", b"CET-1CEST,M3.5.0,M10.5.0/3", b"")
    return tuple(
        SEPARATOR.join((moment, zone, b"none", b"80")) for moment in moments for zone in zones
    )


_WORDS = (
    "2026-12-01|2026-12-01 10:00|1 Dec 2026|Tue 1 December 2026, 10:00|tomorrow|today|01/02/2026|"
    "25.12.2026|1-Dec-26|2026-12-25 00:00|25/12/2026 2:30 PM|46357|20261201|2026-12-01T10:00:00Z|"
    "10:00|9h30|14:00-18:00|morning|any|2:30 pm|24:00|2026-12-24..2027-01-03|1 Dec 2026..tomorrow|"
    "sun,mon|Monday|8|+2|-1|m1|3|1d|2h|30m|1w|1d 2h|none|Europe/Paris|UTC|Etc/GMT+5|FR|FR-Alsace|"
    "US-California|TH|hair|dark-spots|A. Martin|[b]x[/b]|yes|tue 9|next tue 14h30|last fri|+3w|"
    "10 Dec|10/12|1.2.|in 3 weeks|tue..fri|10..14 Dec|24 Dec 12h..6pm|2pm|noon"
)
