"""All that reads something, in one table: what it is given, and what must hold of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tests.proving.fuzzing import reads_calendars, reads_words, seeds
from tests.proving.fuzzing.mutating import Material
from tests.proving.fuzzing.trial import SECONDS, Trial

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reader:
    """Something that reads."""

    name: str
    read: Callable[[Trial, bytes], None]
    """Gives it an input; raises Broken where a promise does not hold of it."""
    seeds: Callable[[], tuple[bytes, ...]]
    words: tuple[bytes, ...]
    """What it looks for."""
    separator: bytes = b"\n"
    """What ends a line for it."""
    of_files: bool = True
    """Whether what it reads is a file, which may be large."""

    seconds_a_line: float = 0.0
    """What each line may take beside: each row of a table is a plan."""

    def trial(self, folder: Path, data: bytes) -> Trial:
        """A trial of it in a folder, with the time that an input may take."""
        return Trial(folder, SECONDS + self.seconds_a_line * data.count(b"\n"))

    @property
    def about(self) -> str:
        """What it reads, in a line."""
        return (self.read.__doc__ or "").splitlines()[0]

    def material(self) -> Material:
        """What nonsense for it is made of."""
        return Material(self.seeds(), self.words, self.separator)


_SECONDS_A_ROW = 0.0002
_OF_CALENDARS = (
    *(b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"BEGIN:VALARM", b"BEGIN:VTIMEZONE", b"VCALENDAR"),
    *(b"UID:", b"SEQUENCE:", b"DTSTART:", b"DTEND:", b"DURATION:PT30M", b"DURATION:-P1W", b"RDATE"),
    *(b"STATUS:CANCELLED", b"STATUS:TENTATIVE", b"METHOD:CANCEL", b"TRANSP:TRANSPARENT"),
    *(b"RRULE:FREQ=SECONDLY", b"RRULE:FREQ=YEARLY;BYSETPOS=-1;BYDAY=MO", b"COUNT=999999999"),
    *(b"INTERVAL=0", b"UNTIL=99991231T235959Z", b"BYMONTHDAY=31", b"BYYEARDAY=366", b"BYWEEKNO=53"),
    *(b"EXDATE:20261201T100000", b"EXDATE;VALUE=DATE:20261208", b"RECURRENCE-ID:20261208T100000"),
    *(b";TZID=Europe/Paris", b';TZID="Here"', b";VALUE=DATE", b";VALUE=PERIOD", b";TZID=../x"),
    *(
        b"X-APPOINTMENT-PLAN:v=1&id=",
        b"X-APPOINTMENT:",
        b"&revision=",
        b"&serial=",
        b"&at=",
        b"&w=",
    ),
    *(b"&row=", b"&note=", b"&limits=", b"&phase=", b"planned", b"attended", b"missed", b"upkeep"),
    *(
        b"CREATED:",
        b"TZOFFSETTO:+2500",
        b"TZOFFSETFROM:-0000",
        b"FREEBUSY:",
        b"BEGIN:VFREEBUSY\r\n",
    ),
    *(b"=\r\n", b";ENCODING=QUOTED-PRINTABLE", b"VERSION:1.0", b"\r\n ", b"RANGE=THISANDFUTURE"),
)
_OF_TABLES = (
    *(b"id", b"goal", b"start", b"patient", b"finish-by", b"remind", b"line", b"code", b"reason"),
    *(b'""', b'","', b"sep=;\n", b"[", b"]", b"{", b"}", b"null", b"true", b"1e5", b'"\\ud800"'),
    *(b"hair", b"2026-12-01", b"CON", b"a" * 81, b".", b"a/b", b"none", b"yes", b"|", b"\t"),
)
_OF_PROFILES = (
    *(b"[", b"]]", b"[[closures]]\n", b"[hours]\n", b"[protocols.skin]\n", b'"""', b"'''", b"#"),
    *(b"inf", b"nan", b"0xff", b"1979-05-27T07:32:00Z", b"07:32:00", b"{}", b"[]", b"= ", b"a.b.c"),
    *(b"from = 2026-12-24", b"max_interval_days = 10", b"areas", b"\\u0000", b"\\U0001F600"),
)
_OF_LINES = (
    *(b"--", b"-", b"", b"-h", b"--version", b"--json", b"-o", b"--dry-run", b"--book", b"plans"),
    *(b"--sessions", b"--interval=8", b"-m", b"--years", b"--time", b"--duration", b"--tz"),
    *(b"--closed", b"--closure", b"--holidays", b"--busy", b"busy.ics", b"--away", b"--flex"),
    *(b"--finish-by", b"--arrive", b"--depart", b"--split", b"--remind", b"--private", b"--utc"),
    *(b"--clinic", b"clinic.toml", b"--view", b"month", b"plan.ics", b"--late", b"--changes"),
    *(
        b"--on",
        b"--prune",
        b"--tar",
        b"-",
        b"patients.csv",
        b"--from",
        b"--to",
        b"--match",
        b"--goal",
    ),
    *(
        b"plan",
        b"show",
        b"move",
        b"miss",
        b"attend",
        b"extend",
        b"cancel",
        b"undo",
        b"check",
        b"batch",
    ),
    *(
        b"agenda",
        b"goals",
        b"rules",
        b"clinic",
        b"init",
        b"hair",
        b"2026-12-01",
        b"tomorrow",
        b"99",
    ),
)

READERS = {
    reader.name: reader
    for reader in (
        Reader("plan", reads_calendars.plan, seeds.plans, _OF_CALENDARS),
        Reader("changes", reads_calendars.changes, seeds.plans, _OF_CALENDARS),
        Reader("undo", reads_calendars.undo, seeds.own_plans, _OF_CALENDARS),
        Reader("busy", reads_calendars.busy, seeds.calendars, _OF_CALENDARS),
        Reader("others", reads_calendars.others, seeds.calendars, _OF_CALENDARS),
        Reader("book", reads_calendars.book, seeds.plans, _OF_CALENDARS),
        Reader("index", reads_calendars.index, reads_calendars.index_seeds, _OF_TABLES, b","),
        Reader("dates", reads_words.dates, seeds.date_lists, (*_OF_TABLES, b"upkeep", b"m1")),
        Reader("table", reads_words.table, seeds.tables, _OF_TABLES, seconds_a_line=_SECONDS_A_ROW),
        Reader("update", reads_words.update, reads_words.update_seeds, _OF_CALENDARS),
        Reader("profile", reads_words.profile, seeds.profiles, _OF_PROFILES),
        Reader("words", reads_words.words, reads_words.word_seeds, _OF_LINES, b" ", of_files=False),
        Reader(
            "options",
            reads_words.options,
            seeds.command_lines,
            (*_OF_LINES, *reads_words.word_seeds()),
            seeds.SEPARATOR,
            of_files=False,
        ),
        Reader(
            "environment",
            reads_words.environment,
            reads_words.environment_seeds,
            (b"Z", b"+01:00", b"T", b"UTC", b"none", b"clinic.toml", b"2026-W01-1"),
            seeds.SEPARATOR,
            of_files=False,
        ),
    )
}


@cache
def material_of(name: str) -> Material:
    """What nonsense for the reader of that name is made of."""
    return READERS[name].material()
