"""Busy calendars: files and folders in which any program says when somebody is taken.

Only times are read. What an event is called is never looked at, so that no message can tell it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, printable, quoted
from mesoplan.formats.ical.effort import Effort, TooMuchWork
from mesoplan.formats.ical.events import uid
from mesoplan.formats.ical.text import CalendarText, Damaged
from mesoplan.formats.ical.times import CalendarTimes, TakenTime, Window
from mesoplan.model.taken import BusyCalendar, BusySpan

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.dates.days import DateRange
    from mesoplan.formats.ical.dates import Unreadable

_SMALL_FILE = 1_000_000
_LARGEST_FILE = 100_000_000
_LONGEST_PATH = 300
_OUR_UID = re.compile(rb"^UID[^:\r\n]*:([0-9A-Za-z-]{8,64})-[0-9]{2,}\s*$", re.MULTILINE)
_EXPORT_AGAIN = "export it again from the calendar program, as an iCalendar (.ics) file"


@dataclass(frozen=True, slots=True)
class BusyReading:
    """What was found in files and folders."""

    calendars: tuple[BusyCalendar, ...]
    unreadable: tuple[str, ...]
    """A line for each event that could not be read: where it stands, and what is wrong."""


@dataclass(frozen=True, slots=True)
class _FileReading:
    taken: set[TakenTime]
    unreadable: tuple[str, ...]
    has_one_uid: bool
    """Whether it is the one event, or series, of a program that keeps a file for each."""


def read_busy(
    paths: Sequence[Path],
    days: DateRange,
    zone: ZoneInfo,
    without: Collection[str] = frozenset(),
) -> BusyReading:
    """The times that calendar files, and folders of them, take on some days in *zone*.

    Each file is a calendar. So is each file of a folder, except that those with one event or
    series each are one calendar together. What several of them have under the same UID at the same
    time is one event, and counts for the first of them. Those whose UID is in *without* take no
    time: the sessions of a plan that is planned anew. Raises FileProblem for a file or folder
    that is missing, can't be read, or is damaged.
    """
    window = Window(days, zone)
    taken: dict[str, set[TakenTime]] = {}
    seen: set[TakenTime] = set()
    unreadable: dict[str, None] = {}
    for path in paths:
        if _is_folder(path):
            found = _read_folder(path, window)
        else:
            name = printable(path.name)
            found = {name: _read_file(path, name, window)}
        for name, reading in found.items():
            counting = {each for each in reading.taken if each.of not in without}
            taken.setdefault(name, set()).update(counting - seen)
            seen |= reading.taken
            unreadable |= dict.fromkeys(reading.unreadable)
    calendars = tuple(_calendar(name, times) for name, times in taken.items())
    return BusyReading(calendars, tuple(unreadable))


def plans_in(paths: Sequence[Path]) -> frozenset[str]:
    """The ids of the plans of ours that have appointments in calendar files and folders of them.

    Raises FileProblem for a file or folder that is missing or can't be read.
    """
    files = [
        each for path in paths for each in (_calendar_files(path) if _is_folder(path) else [path])
    ]
    return frozenset(found.decode() for each in files for found in _OUR_UID.findall(_content(each)))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError) as error:
        raise _cannot_read(path, error) from error


def _read_folder(folder: Path, window: Window) -> dict[str, _FileReading]:
    """The calendars of a folder by name: the folder's own first, of the files with one event."""
    name = printable(folder.name or folder.resolve().name or folder)
    single: list[_FileReading] = []
    others: dict[str, _FileReading] = {}
    for path in _calendar_files(folder):
        file_name = f"{name}/{printable(path.name)}"
        reading = _read_file(path, file_name, window)
        if reading.has_one_uid:
            single.append(reading)
        else:
            others[file_name] = reading
    if not single:
        return others
    together = _FileReading(
        taken={each for reading in single for each in reading.taken},
        unreadable=tuple(line for reading in single for line in reading.unreadable),
        has_one_uid=False,
    )
    return {name: together, **others}


def _calendar_files(folder: Path) -> list[Path]:
    """The calendar files in a folder, in order of their names; not hidden ones, not deeper."""
    try:
        paths = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() == ".ics" and not path.name.startswith(".") and path.is_file()
        ]
    except OSError as error:
        raise _cannot_read(folder, error) from error
    if not paths:
        raise FileProblem(
            folder,
            f"the folder {quoted(folder, _LONGEST_PATH)} has no calendar file (.ics) in it",
            "give the folder that the .ics files are in, or one of the files",
        )
    return sorted(paths, key=lambda path: path.name)


def _read_file(path: Path, name: str, window: Window) -> _FileReading:
    data = _content(path)
    text = CalendarText(data)
    effort = Effort(len(data))
    place = str(path.resolve())
    times = CalendarTimes(window, effort)
    taken: set[TakenTime] = set()
    problems: list[Unreadable] = []
    uids: set[str | int] = set()
    try:
        for component in text.components():
            if component.name in {"VEVENT", "VFREEBUSY"} and len(uids) < 2:
                uids.add(uid(component) or component.at)
            if component.name != "VCALENDAR":
                times.add(component)
                continue
            # It comes when all that is in it has come.
            if component.word("METHOD") != "CANCEL":
                taken.update(_with_place(each, place) for each in times.taken())
                problems += times.unreadable
            times = CalendarTimes(window, effort)
    except TooMuchWork:
        raise FileProblem(
            path,
            f"{quoted(path, _LONGEST_PATH)}: what repeats in it takes too long to work out",
            "export only the calendar that matters, or only the years from now on",
        ) from None
    except Damaged as error:
        raise FileProblem(
            path,
            f"{quoted(path, _LONGEST_PATH)}, line {error.line}: {error.problem}",
            _EXPORT_AGAIN,
        ) from None
    lines = text.lines(problem.at for problem in problems)
    return _FileReading(
        taken=taken,
        unreadable=tuple(
            # What belongs to several events of one UID was looked at for each of them.
            dict.fromkeys(
                f"{name}, line {lines[problem.at]}: {problem.problem}"
                for problem in sorted(problems, key=lambda problem: problem.at)
            )
        ),
        has_one_uid=len(uids) < 2,
    )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # To ask for the most at once would reserve as much for each of many small files.
            data = file.read(_SMALL_FILE)
            if len(data) == _SMALL_FILE:
                data += file.read(_LARGEST_FILE + 1 - _SMALL_FILE)
    except FileNotFoundError as error:
        raise FileProblem(
            path,
            f"there is no calendar file {quoted(path, _LONGEST_PATH)}",
            "check the name; a folder of .ics files will do as well",
        ) from error
    except (OSError, ValueError) as error:
        raise _cannot_read(path, error) from error
    if len(data) > _LARGEST_FILE:
        raise FileProblem(
            path,
            f"{quoted(path, _LONGEST_PATH)} is larger than {_LARGEST_FILE // 1_000_000} MB",
            "export only the calendar that matters, or only the years from now on",
        )
    return data


def _with_place(taken: TakenTime, place: str) -> TakenTime:
    """The same, told apart from those of other files where it has no UID."""
    return taken if isinstance(taken.of, str) else taken._replace(of=f"{place}:{taken.of}")


def _calendar(name: str, taken: set[TakenTime]) -> BusyCalendar:
    spans = sorted((each.start, each.end) for each in taken)
    return BusyCalendar(name, tuple(BusySpan(start, end) for start, end in spans))


def _cannot_read(path: Path, error: OSError | ValueError) -> FileProblem:
    # ValueError: a NUL character in the name.
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return FileProblem(
        path,
        f"{quoted(path, _LONGEST_PATH)} can't be read: {why}",
        "check the name and who may read it",
    )
