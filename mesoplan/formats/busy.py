"""Busy calendars: files and folders in which any program says when somebody is taken.

Only times are read. What an event is called is never looked at, so that no message can show it.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, printable, quoted
from mesoplan.formats.ical.events import uid
from mesoplan.formats.ical.lines import Damaged
from mesoplan.formats.ical.occurrences import Looking, TakenTime, taken_times
from mesoplan.formats.ical.values import TooMuchWork
from mesoplan.model.taken import BusyCalendar, BusySpan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from mesoplan.dates.days import DateRange
    from mesoplan.formats.ical.lines import Block

_LARGEST_FILE = 100_000_000
_LONGEST_PATH = 300
_OUR_UID = re.compile(rb"^UID[^:\r\n]*:([0-9A-Za-z-]{8,64})-[0-9]{2,}\s*$", re.MULTILINE)
_EXPORT_AGAIN = "export it again from the calendar program, as an iCalendar (.ics) file"
_EXPORT_LESS = "export only the calendar that matters, or only the years from now on"


@dataclass(frozen=True, slots=True)
class BusyReading:
    """What was found in files and folders."""

    calendars: tuple[BusyCalendar, ...]
    unreadable: tuple[str, ...]
    """A line for each event that could not be read: where it stands, and what is wrong."""


def read_busy(
    paths: Sequence[Path],
    days: DateRange,
    zone: ZoneInfo,
    without: Collection[str] = frozenset(),
) -> BusyReading:
    """The times that calendar files, and folders of them, take on some days in *zone*.

    Each file is a calendar. So is each file of a folder, except that those with one event or
    series each are one calendar together, which comes first. What several calendars have under the
    same UID at the same time is one event, and counts for the first of them. Those whose UID is in
    *without* take no time: the sessions of a plan that is planned anew. Raises FileProblem for a
    file or folder that is missing, can't be read, or is damaged.
    """
    looking = Looking(days, zone)
    taken: dict[str, set[TakenTime]] = {}
    unreadable: dict[str, None] = {}
    seen: set[TakenTime] = set()
    for path in paths:
        found: dict[str, set[TakenTime]] = {}
        for file, folder_name in _files(path):
            name = f"{folder_name}/{printable(file.name)}" if folder_name else printable(file.name)
            times, problems, has_one_uid = _read_file(file, looking)
            unreadable |= dict.fromkeys(f"{name}, {problem}" for problem in problems)
            if has_one_uid and folder_name:
                name = folder_name
                found = {name: found.pop(name, set()), **found}
            found.setdefault(name, set()).update(times)
        for name, times in found.items():
            counting = {each for each in times if each.of not in without}
            taken.setdefault(name, set()).update(counting - seen)
            seen |= times
    calendars = tuple(_calendar(name, times) for name, times in taken.items())
    return BusyReading(calendars, tuple(unreadable))


def plans_in(paths: Sequence[Path]) -> frozenset[str]:
    """The ids of the plans of ours that have appointments in calendar files and folders of them.

    Raises FileProblem for a file or folder that is missing or can't be read.
    """
    files = (file for path in paths for file, _ in _files(path))
    return frozenset(found.decode() for each in files for found in _OUR_UID.findall(_content(each)))


def _files(path: Path) -> list[tuple[Path, str]]:
    """The file; or those of a folder, not hidden ones and not deeper, with the folder's name."""
    with _cannot_read(path):
        if not path.is_dir():
            return [(path, "")]
        name = printable(path.name or path.resolve().name or path)
        files = [
            file
            for file in path.iterdir()
            if file.suffix.lower() == ".ics" and not file.name.startswith(".") and file.is_file()
        ]
    if not files:
        raise FileProblem(
            path,
            f"the folder {quoted(path, _LONGEST_PATH)} has no calendar file (.ics) in it",
            "give the folder that the .ics files are in, or one of the files",
        )
    return [(file, name) for file in sorted(files, key=lambda file: file.name)]


def _read_file(path: Path, looking: Looking) -> tuple[set[TakenTime], tuple[str, ...], bool]:
    """What a file takes, what can't be read of it, and whether all of it is of one UID.

    Some programs keep a file for each event or series.
    """
    data = _content(path)
    uids: set[str | int] = set()

    def see(component: Block) -> None:
        if component.name in {"VEVENT", "VFREEBUSY"} and len(uids) < 2:
            uids.add(uid(component) or component.number)

    shown = quoted(path, _LONGEST_PATH)
    try:
        found = taken_times(data, looking, see)
    except TooMuchWork:
        problem = f"{shown}: what repeats in it takes too long to work out"
        raise FileProblem(path, problem, _EXPORT_LESS) from None
    except Damaged as error:
        problem = f"{shown}, line {error.line}: {error.problem}"
        raise FileProblem(path, problem, _EXPORT_AGAIN) from None
    place = str(path.resolve())
    # What has no UID is told apart from what stands in the same place of another file.
    apart = {
        each if isinstance(each.of, str) else each._replace(of=f"{place}:{each.of}")
        for each in found.taken
    }
    return apart, found.unreadable, len(uids) < 2


def _content(path: Path) -> bytes:
    try:
        with _cannot_read(path), path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise FileProblem(
            path,
            f"there is no calendar file {quoted(path, _LONGEST_PATH)}",
            "check the name; a folder of .ics files will do as well",
        ) from error
    if len(data) > _LARGEST_FILE:
        problem = f"{quoted(path, _LONGEST_PATH)} is larger than {_LARGEST_FILE // 1_000_000} MB"
        raise FileProblem(path, problem, _EXPORT_LESS)
    return data


@contextmanager
def _cannot_read(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        # ValueError: a NUL character in the name.
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileProblem(
            path,
            f"{quoted(path, _LONGEST_PATH)} can't be read: {why}",
            "check the name and who may read it",
        ) from error


def _calendar(name: str, taken: set[TakenTime]) -> BusyCalendar:
    spans = sorted((each.start, each.end) for each in taken)
    return BusyCalendar(name, tuple(BusySpan(start, end) for start, end in spans))
