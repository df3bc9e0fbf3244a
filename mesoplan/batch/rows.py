"""What a row asks for: its cells, its id as the name of a file, and a digest of it all.

A plan keeps a digest of what its row asked for, in five parts. So a row that is the same changes
nothing, whatever was done to its plan since, and one that is not changes no more than it must.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from mesoplan.dates.times import USUAL_REMINDERS_ONCE, reminders_text
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, UnknownName, quoted
from mesoplan.formats.rows import values_of
from mesoplan.model.clinic import RequestDraft
from mesoplan.model.fields import (
    ASKED,
    BY_NAME,
    CALENDARS,
    OPTIONS,
    RECORDED,
    Part,
    Words,
    request_pairs,
    with_closed_times,
)
from mesoplan.planning.course import no_start
from mesoplan.planning.problem import problem_for
from mesoplan.planning.replanner import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta

    from mesoplan.dates.days import ClosedTime, DateRange
    from mesoplan.dates.relative import Toward
    from mesoplan.model.clinic import Profile
    from mesoplan.model.plan import Plan
    from mesoplan.model.request import CalendarOptions, Request

REQUIRED = ("id", "goal", "start")


# ---------------------------------------------------------------- cells


class CellWords(Words):
    """How days, numbers and times are written in a table."""

    def day_and_clock(
        self, what: str, text: str, toward: Toward = "plan", since: date | None = None
    ) -> tuple[date, time | None]:
        """A day, and its time of day, unless that is midnight, which spreadsheets add."""
        day, at = super().day_and_clock(what, text, toward, since)
        return day, None if at == time(0) else at

    def days(self, what: str, text: str) -> DateRange:
        """“FROM..TO”, or one day."""
        with _several_days():
            return super().days(what, text)

    def closure(self, what: str, text: str) -> DateRange | ClosedTime:
        """“FROM..TO” in days or with times of day, or one day."""
        with _several_days():
            return super().closure(what, text)

    def number(self, what: str, text: str) -> int:
        """A whole number: programs write 8.0 in a column that has an empty cell somewhere."""
        return super().number(what, re.sub(r"(?<=[0-9])[.,]0$", "", text))

    def reminders(self, texts: Iterable[str]) -> tuple[timedelta, ...]:
        """How long before a session to remind."""
        each = (part for text in texts for part in re.split(r"[,\s]+", text) if part)
        return super().reminders(each)


@contextmanager
def _several_days() -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        remedy = f"{error.remedy}; several days as 2026-12-24..2027-01-03"
        raise InvalidInput(error.problem, remedy) from error


BUSY_COLUMNS = tuple(BY_NAME[name].option for name in CALENDARS)
PRIORITY = "priority"
COLUMNS = ("id", "goal", "start", *ASKED, "tz", "clinic", *BUSY_COLUMNS, PRIORITY)
"""All the columns that there can be, in the order in which they are listed."""
OF_THE_WHOLE_BATCH = {each.option for each in OPTIONS} - set(COLUMNS)
"""Options of `plan` that say what is done with plans, and so can't differ from row to row."""


def asked_by(cells: Mapping[str, str], words: CellWords) -> RequestDraft:
    """What the cells of a row, by the names of their columns, ask for in such words.

    Where to look for the rest (tz, clinic, busy) is not in it. Raises InvalidInput for a cell that
    says nothing that can be planned.
    """
    if not cells.get("goal"):
        raise InvalidInput("the goal is empty", "“mesoplan goals” lists them")
    start, start_time = None, None
    if "start" in cells:
        start, start_time = words.day_and_clock("start", cells["start"])
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        if (field := ASKED.get(column)) is not None:
            typed = values_of(cell) if field.kind.repeats else cell
            values[field.name] = field.kind.read(column, typed, words)
    return RequestDraft(cells["goal"], start, start_time, with_closed_times(values))


def priority_in(cells: Mapping[str, str], words: CellWords) -> int:
    """How much a row comes before others where rows are placed together. Raises InvalidInput."""
    return words.number(PRIORITY, cells[PRIORITY]) if PRIORITY in cells else 0


def mistakes_in(cells: Mapping[str, str], profile: Profile) -> Iterator[InvalidInput]:
    """What is wrong with each cell of a row by itself, in the clinic of that profile."""
    words = CellWords(order=profile.date_order)
    usual = {"goal": "hair", "start": "2026-12-01"}
    for column in dict.fromkeys(("goal", *cells)):
        if column == "area" and usual["goal"] != cells.get("goal"):
            # Which areas there are is not known.
            continue
        alone = usual | {column: cells.get(column, "")}
        try:
            zone = find_zone(cells["tz"] if column == "tz" else "UTC")
            problem_for(asked_by(alone, words).request(profile, zone.key))
            priority_in(alone, words)
        except InvalidInput as error:
            yield error
        else:
            usual["goal"] = alone["goal"]
    if not cells.keys() & {"start", "arrive", "depart", "finish-by"}:
        yield no_start()


def require_no_batch_options(error: UnknownName) -> None:
    """Raise a plainer error where an unknown column is an option of the whole batch."""
    name = error.name.strip().casefold().lstrip("-").replace("_", "-").replace(" ", "-")
    if name in OF_THE_WHOLE_BATCH:
        raise InvalidInput(
            f"the column “{name}” can't be set row by row",
            f"leave it out; --{name} applies to the whole batch",
        ) from error


# ---------------------------------------------------------------- ids

_LONGEST_CHARACTERS = 80
_LONGEST_BYTES = 200
"""Of 255 that file systems take; what stands beside a file while it is changed is longer."""
_REFUSED = set('<>:"/\\|?*')
"""What Windows takes in no name; the slashes nobody does."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_CUT_SHORT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2}")
_NUMBER_WITH_0 = re.compile(r"[0-9]+[.,]0")
_SHELVES = 4096


def name_of(cell: str) -> str:
    """The id in a cell, as the name of a file.

    Raises InvalidInput for an id that is not a safe and portable file name, or too long.
    """
    name = unicodedata.normalize("NFC", cell.strip())
    if not name:
        raise InvalidInput("the id is empty", "give each row an id of its own")
    if _CUT_SHORT.fullmatch(name):
        raise InvalidInput(
            f"the id {quoted(name)} is a long number that the spreadsheet cut short",
            "format the column as text, and write the ids again",
        )
    if len(name) > _LONGEST_CHARACTERS or len(name.encode("utf-8", "replace")) > _LONGEST_BYTES:
        raise InvalidInput(
            f"the id has {len(name)} characters", f"write at most {_LONGEST_CHARACTERS}"
        )
    if not name.isprintable() or _REFUSED & set(name):
        raise InvalidInput(
            "the id has characters that a file name can't have", "use letters, digits and hyphens"
        )
    if name[0] in ".-~" or name[-1] in ".~" or _RESERVED.fullmatch(name):
        raise InvalidInput(
            f"the id {quoted(name)} can't be a file name on every system",
            "begin and end it with a letter or digit; CON, NUL and the like are reserved",
        )
    return name


class SeenIds:
    """The ids of rows, on what line each was, and whether that row was refused.

    Only digests of them are kept: a million ids take 16 MB, in a dict more than a hundred.
    """

    def __init__(self, files: Iterable[str] = ()) -> None:
        """*files* are the names of the plans that are there already."""
        self._shelves = [_Shelf() for _ in range(_SHELVES)]
        for name in files:
            if self._line(name) is None:
                self._put(name, _OF_A_FILE)

    def add_row(self, name: str, line: int, *, is_new: bool = False) -> None:
        """Let a row on that line have that name.

        Raises InvalidInput if a row before it has the same one, or one that differs in no more
        than letter case, leading zeros and forms of Unicode, or if a plan is there whose name
        differs in no more; if it *is_new*, any.
        """
        shelf, at = self._find(name)
        if at is None:
            self._put(name, line)
            return
        is_same = shelf.spellings[at] == _digest(name, 4)
        how = _what_may_differ(name)
        if earlier := abs(shelf.lines[at]):
            same = "has the same id" if is_same else f"differs from it only in {how}"
            raise InvalidInput(
                f"the id {quoted(name)} is not unique: line {earlier} {same}",
                "give each row an id of its own",
            )
        if is_new:
            raise InvalidInput(
                f"the id {quoted(name)} was refused before, and is the id of another plan",
                "give each row an id of its own",
            )
        if not is_same:
            raise InvalidInput(
                f"the id {quoted(name)} differs only in {how} from the id of a plan here",
                "write it as its file is called; in a spreadsheet, format the column as text",
            )
        shelf.lines[at] = line

    def refuse(self, name: str) -> None:
        """Let the row of that name have been refused: what is there under it stays."""
        shelf, at = self._find(name)
        if at is not None:
            shelf.lines[at] = -abs(shelf.lines[at])

    def has_row(self, name: str) -> bool:
        """Whether a row has that name."""
        return bool(self._line(name))

    def is_planned(self, name: str) -> bool:
        """Whether a row has that name, and was not refused."""
        return (self._line(name) or 0) > 0

    def _line(self, name: str) -> int | None:
        shelf, at = self._find(name)
        return None if at is None else shelf.lines[at]

    def _find(self, name: str) -> tuple[_Shelf, int | None]:
        digest = _digest(_folded(name), 8)
        shelf = self._shelves[digest % _SHELVES]
        return shelf, shelf.digests.index(digest) if digest in shelf.digests else None

    def _put(self, name: str, line: int) -> None:
        digest = _digest(_folded(name), 8)
        shelf = self._shelves[digest % _SHELVES]
        shelf.digests.append(digest)
        shelf.spellings.append(_digest(name, 4))
        shelf.lines.append(line)


_OF_A_FILE = 0
"""In place of a line; lines of refused rows are negative."""


class _Shelf:
    """Some of the ids: a few hundred at most are quick enough to look through."""

    def __init__(self) -> None:
        self.digests, self.spellings, self.lines = array("Q"), array("I"), array("i")


def _folded(name: str) -> str:
    text = unicodedata.normalize("NFKC", name.casefold()).casefold()
    # Spreadsheets take 0042 as the number 42, and some programs write that as 42.0.
    return re.sub(r"^0+(?=[0-9])", "", text[:-2] if _NUMBER_WITH_0.fullmatch(text) else text)


def _what_may_differ(name: str) -> str:
    """In what an id that is folded to the same as *name* may differ from it."""
    if not name[0].isdigit():
        return "letter case"
    if _NUMBER_WITH_0.fullmatch(name):
        return "the “.0” at its end"
    return "leading zeros" if name.isdigit() else "letter case or leading zeros"


def _digest(text: str, size: int) -> int:
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=size).digest(), "big")


# ---------------------------------------------------------------- digests

GONE = "0" * 32
"""In place of the digest of a plan that was cancelled since its row was gone."""
_FORM = "01"
"""Of the digest."""
_PART_BYTES = 3
_KEPT = {
    Part.COURSE: Kept.NOTHING,
    Part.TIME: Kept.DAYS,
    Part.COUNT: Kept.TIMES,
    Part.DAYS: Kept.TIMES,
    Part.WORDS: Kept.ALL,
}
"""The parts in their order, and what stays where a part is the first that changed."""


def digest_of(request: Request, options: CalendarOptions, *, names_language: bool = True) -> str:
    """What a request and the form of its file come to, as 32 hexadecimal digits.

    They depend on the id of the plan, so that equal requests can't be recognised in several files.
    The goal, the area and the patient of a private file are not in them, nor is a language that
    the row does not name. Raises InvalidInput for a request that no plan can have.
    """
    problem = problem_for(request)
    pairs: dict[Part, list[tuple[str, str]]] = {part: [] for part in Part}
    # Without START the trip decides where the course begins.
    of_the_trip = Part.DAYS if request.start else Part.COURSE
    for key, value in request_pairs(request):
        part = RECORDED[key].part
        if not (options.private and key == "patient") and (names_language or key != "language"):
            pairs[of_the_trip if part is Part.TRIP else part].append((key, value))
    *firsts, last = problem.phases
    pairs[Part.COURSE] += [
        *(("phase", f"{each.sessions}x{each.interval_days}") for each in firsts),
        ("phase", f"{last.interval_days}"),
    ]
    pairs[Part.COUNT] += [("sessions", f"{problem.sessions}")]
    pairs[Part.DAYS] += [
        ("upkeep", f"{problem.maintenance_per_year}x{request.years}"),
        ("minutes", f"{problem.duration_minutes}"),
        ("limits", f"{problem.limits}"),
    ]
    if request.practitioner is not None:
        # Part.DECIDED is in no digest, since plans differ from their rows there.
        pairs[Part.DAYS].append(("with", request.practitioner))
    pairs[Part.WORDS] += [
        ("private", f"{options.private}"),
        ("utc", f"{options.utc}"),
        ("remind", _remind_text(options.reminders)),
    ]
    if not options.private:
        pairs[Part.WORDS] += [("goal", f"{problem.goal}"), ("area", f"{problem.area}")]
    salt = request.plan_id.encode()
    texts = ("\n".join(f"{key}={value}" for key, value in pairs[part]) for part in _KEPT)
    return _FORM + "".join(
        blake2b(text.encode(), digest_size=_PART_BYTES, key=salt).hexdigest() for text in texts
    )


def digest_before(
    plan: Plan, options: CalendarOptions, row: Request, *, names_language: bool = True
) -> str | None:
    """The digest of the plan's row, or of what was asked for where it has none.

    Who treats was asked for if the *row* now says so. None if neither is known.
    """
    if plan.row_digest is not None:
        return plan.row_digest
    try:
        practitioner = plan.request.practitioner if row.practitioner is not None else None
        asked = replace(plan.request, practitioner=practitioner)
        return digest_of(asked, options, names_language=names_language)
    except InvalidInput:
        # A private file does not show its goal.
        return None


def _remind_text(asked: tuple[timedelta, ...] | None) -> str:
    """What was asked for; the usual times as they were once, so that no digest changes."""
    if asked is None:
        return reminders_text(USUAL_REMINDERS_ONCE)
    return reminders_text(asked) if asked != USUAL_REMINDERS_ONCE else "24h"


def what_stays(before: str, now: str) -> Kept | None:
    """How much of a plan stays whose row had the one digest and has the other.

    None if they are the same.
    """
    parts = zip(_KEPT.values(), _parts(before), _parts(now), strict=True)
    return next((kept for kept, was, is_now in parts if was != is_now), None)


def same_counts(before: str, now: str) -> bool:
    """Whether as many sessions are asked for as before."""
    count = list(_KEPT).index(Part.COUNT)
    return _parts(before)[count] == _parts(now)[count]


def _parts(digest: str) -> list[str]:
    digits = 2 * _PART_BYTES
    return [digest[at : at + digits] for at in range(len(_FORM), len(digest), digits)]
