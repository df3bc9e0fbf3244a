"""One table of everything that can be asked of a plan: each field with all its properties.

The options of `plan`, the columns of a batch, the record in a plan's file, what stays of a plan
when its row changes, and how a way out is typed are loops over it. So a new option is one row here,
beside the field of Request or CalendarOptions that holds its value.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.dates import parsing
from mesoplan.dates.days import ClosedTime, DateRange
from mesoplan.dates.holidays import region_name
from mesoplan.dates.times import TimeRange, reminders, time_of_day, time_range, time_text
from mesoplan.errors import InvalidInput, quoted
from mesoplan.model.request import LANGUAGES, Request, language_called

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from mesoplan.model.request import WeeklyHours


class Words(parsing.DateReader):
    """How days, numbers and times are written on the command line; a table writes some otherwise.

    Each method takes the name of the value for errors, and raises InvalidInput.
    """

    def number(self, what: str, text: str) -> int:
        """A whole number."""
        return parsing.whole_number(what, text)

    def time(self, what: str, text: str) -> time | TimeRange:
        """A time of day, or a range of them."""
        return time_of_day(what, text)

    def reminders(self, texts: Iterable[str]) -> tuple[timedelta, ...]:
        """How long before a session to remind."""
        return reminders(texts)

    def yes_or_no(self, what: str, text: str) -> bool:
        """Yes or no."""
        word = text.casefold()
        if word not in _YES | _NO:
            raise InvalidInput(f"{what}: {quoted(text)} is neither yes nor no", "write yes or no")
        return word in _YES


_YES = {"yes", "y", "true", "1", "x"}
_NO = {"no", "n", "false", "0"}


class Kind(NamedTuple):
    """How values of one kind are read from what was typed, and kept in a record.

    A tuple, as the rows of the table of fields are: each command loads them, and dataclasses take
    several times as long to make.
    """

    read: Callable[[str, Any, Words], Any]
    """From the name for errors and the text, or all the texts if it *repeats*."""
    write: Callable[[Any], str] = str
    """The value as a record has it."""
    read_record: Callable[[str], Any] = str
    """It raises ValueError, IndexError, OverflowError or InvalidInput for a wrong value."""
    repeats: bool = False
    """Whether there may be several."""


def read_range(text: str) -> DateRange:
    """FROM..TO as a range. Raises ValueError or InvalidInput if it is not one."""
    first, _, last = text.partition("..")
    return DateRange(date.fromisoformat(first), date.fromisoformat(last))


def write_range(days: DateRange) -> str:
    """A range as FROM..TO."""
    return f"{days.first}..{days.last}"


def _read_times(text: str) -> ClosedTime:
    begin, _, end = text.partition("..")
    return ClosedTime(datetime.fromisoformat(begin), datetime.fromisoformat(end))


def write_closure(closed: DateRange | ClosedTime) -> str:
    """Days, or a time from one moment to another, as FROM..TO."""
    if isinstance(closed, DateRange):
        return write_range(closed)
    return f"{closed.begin:%Y-%m-%dT%H:%M}..{closed.end:%Y-%m-%dT%H:%M}"


def _write_hours(hours: WeeklyHours) -> str:
    """“0.09:00-12:30/14:00-18:00,2.09:00-12:30”: the spans of each weekday that has any."""
    return ",".join(
        f"{weekday}.{'/'.join(span.in_numbers for span in spans)}"
        for weekday, spans in enumerate(hours)
        if spans
    )


def _read_hours(text: str) -> WeeklyHours:
    days: list[tuple[TimeRange, ...]] = [()] * 7
    for part in text.split(","):
        weekday, _, spans = part.partition(".")
        days[int(weekday)] = tuple(time_range("hours", span) for span in spans.split("/"))
    return tuple(days)


def _several(
    read: Callable[[str, Sequence[str], Words], Any],
    write: Callable[[Any], str],
    read_record: Callable[[str], Any],
    make: Callable[[Iterable[Any]], Any],
    separator: str = ",",
) -> Kind:
    """A kind of several values; sets are recorded in order."""
    in_order: Callable[[Iterable[Any]], Iterable[Any]] = sorted if make is frozenset else iter
    return Kind(
        read,
        lambda items: separator.join(map(write, in_order(items))),
        lambda text: make(map(read_record, text.split(separator))),
        repeats=True,
    )


def _read_flag(what: str, given: bool | str, words: Words) -> bool:
    return given if isinstance(given, bool) else words.yes_or_no(what, given)


TEXT = Kind(lambda _what, text, _words: text)
LANGUAGE = Kind(lambda _what, text, _words: language_called(text))
NUMBER = Kind(lambda what, text, words: words.number(what, text), read_record=int)
DAY = Kind(lambda what, text, words: words.day(what, text), read_record=date.fromisoformat)
TIME = Kind(
    lambda what, text, words: words.time(what, text),
    time_text,
    lambda text: time_of_day("time", text),
)
FLAG = Kind(_read_flag)
MARK = Kind(_read_flag, lambda _: "1", lambda text: text == "1")
REMINDERS = Kind(lambda _what, texts, words: words.reminders(texts), repeats=True)
TEXTS = Kind(lambda _what, texts, _words: tuple(texts), repeats=True)
DAYS = _several(
    lambda what, texts, words: frozenset(words.day(what, each) for each in texts),
    str,
    date.fromisoformat,
    frozenset,
)
RANGES = _several(
    lambda what, texts, words: tuple(words.days(what, each) for each in texts),
    write_range,
    read_range,
    tuple,
)
CLOSURES = _several(
    lambda what, texts, words: tuple(words.closure(what, each) for each in texts),
    write_closure,
    read_range,
    tuple,
)
CLOSED_TIMES = _several(CLOSURES.read, write_closure, _read_times, tuple)
WEEKDAYS = _several(lambda _what, texts, _words: parsing.weekdays(texts), str, int, frozenset)
REGIONS = _several(
    lambda _what, texts, _words: parsing.regions(texts), region_name, region_name, tuple
)
NAMES = _several(TEXTS.read, str, str, frozenset, "|")
HOURS = Kind(TEXT.read, _write_hours, _read_hours)


class Part(Enum):
    """What a field belongs to, and so how much of a plan stays when the field changes."""

    COURSE = "course"
    """Nothing that is agreed stays: the course is planned as a new one is."""
    TRIP = "trip"
    """As COURSE if the trip decides when the course begins, else as DAYS."""
    TIME = "time"
    """Days stay if they can; times are chosen anew."""
    COUNT = "count"
    """Days and times stay if they can; there are more sessions, or fewer."""
    DAYS = "days"
    """Days and times stay if they can."""
    WORDS = "words"
    """All days and times stay."""
    DECIDED = "decided"
    """What matters is the value in the plan, whoever decided it."""


class Field(NamedTuple):
    """One thing that can be asked of a plan, or that a request holds."""

    name: str
    """The field of Request or CalendarOptions, or the parameter of the command."""
    kind: Kind
    option: str = ""
    """The long name of the option, the name of the column, and the name in errors; or empty."""
    metavar: str | None = None
    group: str = ""
    """The heading above it in the help."""
    help: str = ""
    key: str = ""
    """Its key in the record of a plan's file; empty if it isn't kept, or has another name there."""
    part: Part = Part.DAYS
    flags: tuple[str, ...] = ()
    """How the option is typed, if not by its long name alone."""
    of_command: bool = False
    """Whether the option says what to do with a plan or where to look, and not what to plan."""
    question: str = ""
    """How it is asked of each new plan; empty if it is not."""

    @property
    def typed(self) -> tuple[str, ...]:
        """All the ways to type it as an option."""
        return self.flags or (f"--{self.option}",)


_COURSE, _WHEN, _PATIENT, _FILE, _OUTPUT = "Course", "When", "Patient", "Calendar file", "Output"

# fmt: off
TABLE = (
    Field("start", DAY, key="start", part=Part.COURSE),
    Field("sessions", NUMBER, "sessions", "COUNT", _COURSE,
          "This many sessions, 3 to 15.  [default: the goal's]",
          flags=("-n", "--sessions"), key="count", part=Part.COUNT),
    Field("interval_days", NUMBER, "interval", "DAYS", _COURSE,
          "Preferred days between sessions, 7 to 14.  [default: the goal's]",
          flags=("-i", "--interval"), key="interval", part=Part.COURSE),
    Field("maintenance_per_year", NUMBER, "maintenance", "0|1|2", _COURSE,
          "Maintenance sessions a year.  [default: the goal's]",
          flags=("-m", "--maintenance"), key="yearly", part=Part.DECIDED),
    Field("years", NUMBER, "years", "YEARS", _COURSE,
          "Years of maintenance, 1 to 10.  [default: 1]"),
    Field("area", TEXT, "area", "AREA", _COURSE,
          "The part of the body, one of the goal's areas.", question="Area"),
    Field("time_of_day", TIME, "time", "TIME", _WHEN,
          "14:30 means the free time nearest to it; morning, afternoon, any or 14:00-18:00 mean "
          "the earliest free time in it.  [default: 10:00]",
          key="time", part=Part.TIME, question="Time of day"),
    Field("weekdays", WEEKDAYS, "weekday", "DAYS", _WHEN,
          "Preferred weekdays: tue, or tue,thu. START decides the day of session 1.",
          key="weekday", part=Part.COURSE),
    Field("duration_minutes", NUMBER, "duration", "MINUTES", _WHEN,
          "Length of a session, 5 to 480 minutes.  [default: the goal's]"),
    Field("past", FLAG, "past", None, _WHEN,
          "START may be more than 30 days ago: the course has already begun."),
    Field("timezone", TEXT, "tz", "ZONE", _WHEN,
          "The clinic's time zone, such as Europe/Paris.  [default: the profile's, else this "
          "computer's]", key="zone", of_command=True),
    Field("opening_hours", HOURS, key="hours"),
    Field("slot_minutes", NUMBER, key="slot"),
    Field("rooms", NUMBER, key="rooms"),
    Field("practitioner", TEXT, "with", "ID", _WHEN,
          "Who treats, as in the clinic's profile.  [default: the one with the best course]",
          key="with", part=Part.DECIDED, question="Who treats"),
    Field("closed_weekdays", WEEKDAYS, "closed", "DAYS", _WHEN,
          "Weekdays on which the clinic never opens: sun,mon or weekend. Added to the profile's.",
          key="closed"),
    Field("closures", CLOSURES, "closure", "FROM..TO", _WHEN,
          "Days on which the clinic is closed: 2026-12-24..2027-01-03, or a part of a day: "
          "“2026-12-24 12:00..18:00”. Repeatable; added to the profile's.", key="closures"),
    Field("closed_times", CLOSED_TIMES, key="shut"),
    Field("holidays", REGIONS, "holidays", "COUNTRY", _WHEN,
          "Whose public holidays to keep: TH, FR-Alsace, …, or none. Repeatable.",
          key="holidays"),
    Field("open_holidays", NAMES, key="works"),
    Field("open_days", DAYS, "open", "DATE", _WHEN,
          "A day on which the clinic opens anyway. Repeatable.", key="open"),
    Field("busy", TEXTS, "busy", "FILE.ics|FOLDER", _WHEN,
          "A calendar of times at which nobody treats, its address, a .zip of them, or "
          "server:NAME; - for standard input. Repeatable; added to the profile's.",
          of_command=True),
    Field("room_busy", TEXTS, "room-busy", "FILE.ics", _WHEN,
          "A calendar of the rooms: each of its events takes one. Repeatable; added to the "
          "profile's.", of_command=True),
    Field("busy_offline", FLAG, "busy-offline", None, _WHEN,
          "For calendars that have an address: use the last copies, and say from when they are.",
          of_command=True),
    Field("insecure_http", FLAG, "insecure-http", None, _WHEN,
          "Fetch calendars over http:// too, which others on the way can read.", of_command=True),
    Field("book", TEXT, "book", "FOLDER", _WHEN,
          "The folder of all plans, to find a free room beside them, server:NAME, or none.  "
          "[default: the profile's]", of_command=True),
    Field("clinic", TEXT, "clinic", "PROFILE.toml", _WHEN,
          "The clinic's profile, or none.  [default: MESOPLAN_CLINIC, else clinic.toml in "
          "the configuration folder]", of_command=True),
    Field("patient", TEXT, "patient", "LABEL", _PATIENT,
          "The patient's label, in the schedule and the file.",
          key="patient", part=Part.WORDS, question="Patient"),
    Field("another", FLAG, "another", None, _PATIENT,
          "A second course: the book has one of the same patient, goal and START."),
    Field("away", RANGES, "away", "FROM..TO", _PATIENT,
          "Days on which the patient can't come. Repeatable.", key="away",
          question="Days away"),
    Field("patient_busy", TEXTS, "patient-busy", "FILE.ics", _PATIENT,
          "The patient's own calendar, which is not kept: give it again with each change. "
          "Repeatable.", of_command=True),
    Field("has_calendar", MARK, key="theirs", part=Part.DECIDED),
    Field("arrive", DAY, "arrive", "DATE", _PATIENT,
          "The day the patient arrives; no session is earlier.",
          key="arrive", part=Part.TRIP, question="Arrives on"),
    Field("depart", DAY, "depart", "DATE", _PATIENT,
          "The day on which the patient travels home; sessions end at least a day earlier.",
          key="depart", part=Part.TRIP, question="Travels home on"),
    Field("finish_by", DAY, "finish-by", "DATE", _PATIENT,
          "The day by which recovery is over. Without START: the latest start that keeps every "
          "preferred interval.", key="finish", part=Part.TRIP),
    Field("flex_days", NUMBER, "flex", "DAYS", _PATIENT,
          "How many days later the course may begin if START doesn't work.  [default: 0]",
          key="flex"),
    Field("output", TEXT, "output", "FILE", _FILE,
          "The name of the file; - for standard output.  [default: mesoplan-GOAL-START.ics, or "
          "appointments-START.ics with --private]", flags=("-o", "--output"), of_command=True),
    Field("split", TEXT, "split", "FOLDER", _FILE,
          "Also write one file per session into a folder.", of_command=True),
    Field("handout", TEXT, "handout", "FILE.html", _FILE,
          "Also write the page for the patient: FILE.html, or FILE.pdf if a browser is installed.",
          of_command=True),
    Field("reminders", REMINDERS, "remind", "TIME", _FILE,
          "Reminder before a session: 1d, 2h, 30m, or none. Repeatable; Outlook keeps one."
          "  [default: 2d; 2w and 2d before maintenance]"),
    Field("location", TEXT, "location", "PLACE", _FILE,
          "Where the sessions take place.  [default: the profile's]", key="place", part=Part.WORDS),
    Field("phone", TEXT, "clinic-phone", "NUMBER", _FILE,
          "The number that the patient calls.  [default: the profile's]",
          key="phone", part=Part.WORDS),
    Field("language", LANGUAGE, "language", "LANGUAGE", _FILE,
          f"The language in which the patient reads: {', '.join(LANGUAGES)}.  [default: the "
          "profile's, else en]",
          key="language", part=Part.WORDS),
    Field("private", FLAG, "private", None, _FILE,
          "No word of treatment, goal, area or patient in the file or its name.",
          flags=("--private/--no-private",)),
    Field("utc", FLAG, "utc", None, _FILE, "Write the times in UTC."),
    Field("as_json", FLAG, "json", None, _OUTPUT, "Print JSON.", of_command=True),
    Field("view", TEXT, "view", "table|month", _OUTPUT,
          "How to print the schedule.  [default: table]", of_command=True),
    Field("dry_run", FLAG, "dry-run", None, _OUTPUT, "Write no file.", of_command=True),
    Field("guided", FLAG, "guided", None, _OUTPUT,
          "Ask for what is missing, and show the plan first.", of_command=True),
)
# fmt: on

BY_NAME = {each.name: each for each in TABLE}
FETCHING = ("busy_offline", "insecure_http")
"""How calendars that have an address are fetched."""
CALENDARS = ("busy", "room_busy", "patient_busy")
"""The options that name busy calendars: the clinic's, its rooms', the patient's."""
OPTIONS = tuple(each for each in TABLE if each.option)
"""The options of `plan`, in the order of its help."""
ASKED = {each.option: each for each in OPTIONS if not each.of_command}
"""What can be asked: the options of `plan` that are columns of a batch too, by their names."""


def asked_values(given: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """What was given, from what was typed, both by the names of their fields.

    Raises InvalidInput.
    """
    return with_closed_times(
        {
            each.name: each.kind.read(each.option, given[each.name], words)
            for each in ASKED.values()
            if given.get(each.name) is not None
        }
    )


def with_closed_times(values: dict[str, Any]) -> dict[str, Any]:
    """The values of fields, with the times among the closures as a field of their own."""
    if "closures" not in values:
        return values
    closures: tuple[DateRange | ClosedTime, ...] = values["closures"]
    return values | {
        "closures": tuple(each for each in closures if isinstance(each, DateRange)),
        "closed_times": tuple(each for each in closures if isinstance(each, ClosedTime)),
    }


_RECORD_ORDER = (
    *("zone", "time", "hours", "slot", "rooms", "phone", "place", "start", "count", "interval"),
    *("yearly", "closed", "closures", "holidays", "works", "open", "away", "arrive", "depart"),
    *("finish", "flex", "patient"),
)
"""Their order in records and digests in the wild; other keys come last."""


RECORDED = {
    each.key: each
    for each in sorted(
        (it for it in TABLE if it.key), key=lambda it: [*_RECORD_ORDER, it.key].index(it.key)
    )
}
"""The fields of a Request that the record of a plan keeps, by their keys there.

The goal, the area and all decided numbers have keys of their own there.
"""

_ALWAYS = frozenset({"timezone", "time_of_day"})
_USUAL = {each.name: each.default for each in fields(Request) if each.default is not MISSING}


def request_pairs(request: Request) -> Iterator[tuple[str, str]]:
    """The keys and values that describe a request, without those that have their usual value."""
    for key, field in RECORDED.items():
        value = getattr(request, field.name)
        usual = None if field.name in _ALWAYS else _USUAL.get(field.name)
        if value is not None and value != usual:
            yield key, field.kind.write(value)


def request_values(pairs: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a request that such pairs describe, by name.

    Raises ValueError, IndexError, OverflowError or InvalidInput for a wrong value.
    """
    return {
        field.name: field.kind.read_record(pairs[key])
        for key, field in RECORDED.items()
        if key in pairs
    }
