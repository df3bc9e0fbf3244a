"""A plan from its file, or from what a calendar program made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted
from mesoplan.formats.ical.lines import Damaged, read_calendars
from mesoplan.formats.plan_file.found_events import NotOnePlan, find_plan
from mesoplan.formats.plan_file.record import PLAN_PROPERTY
from mesoplan.formats.plan_file.restoring import restored
from mesoplan.storage.files import read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from mesoplan.formats.ical.lines import Block
    from mesoplan.formats.plan_file.found_events import FoundPlan
    from mesoplan.model.plan import Notice, Plan
    from mesoplan.model.request import CalendarOptions

LARGEST_PLAN_BYTES = 20_000_000
_MOST_FILES = 1000
_LONGEST_PATH = 300
_USE_ANOTHER = "name the plan's own file, or what a calendar program exported of it"
_OUR_UID = re.compile(
    rb"^UID[^:\n]*:(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]{2,5}|"
    rb"040000008200E00074C5B7101A82E008\w*7643616C2D556964\w*)\s*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """A plan that was read back."""

    plan: Plan
    options: CalendarOptions
    """How its file is written."""
    assumed: tuple[Notice, ...]
    """What was assumed where the files do not tell, and what was passed over."""
    calendars: tuple[tuple[Path, Block], ...]
    """The VCALENDARs that it was read from, each with its file."""
    found: FoundPlan


def read_plan(paths: Sequence[Path], usual_zone: Callable[[], str]) -> ReadPlan:
    """The plan in a file, or in several files, or folders of files, of one event each.

    *usual_zone* is asked for the clinic's zone where the files do not tell it. Raises FileProblem
    where a file can't be read, is damaged, or where they do not hold exactly one plan.
    """
    files = [file for path in paths for file in _files(path)]
    return plan_in(((file, read_bytes(file)) for file in files), usual_zone)


def read_bytes(path: Path) -> bytes:
    """The content of a file that may hold a plan. Raises FileProblem."""
    return read_whole(path, LARGEST_PLAN_BYTES, _USE_ANOTHER)


def names_plan(data: bytes, plan_id: str) -> bool:
    """Whether the id of a plan stands anywhere in a file, also as Exchange wraps it."""
    text = _unfolded(data).lower()
    return plan_id.encode().lower() in text or plan_id.encode().hex().encode() in text


def _unfolded(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"")


def holds_plan(data: bytes) -> bool:
    """Whether a file looks as if a plan were in it: by a record, or by a UID of our form."""
    text = _unfolded(data)
    return PLAN_PROPERTY.encode() in text or _OUR_UID.search(text) is not None


def plan_in(contents: Iterable[tuple[Path, bytes]], usual_zone: Callable[[], str]) -> ReadPlan:
    """The plan in the contents of files; see `read_plan`."""
    calendars: list[tuple[Path, Block]] = []
    for path, data in contents:
        blocks = _calendars(path, data)
        if len(blocks) > 1:
            raise _problem(path, blocks[1].number, "a second calendar begins here", _USE_ANOTHER)
        calendars += [(path, block) for block in blocks]
    try:
        found = find_plan(calendars)
        plan = restored(found, usual_zone)
    except NotOnePlan as error:
        place = error.path or (calendars[0][0] if len(calendars) == 1 else None)
        raise _problem(place, error.line, error.problem, error.remedy) from error
    return ReadPlan(plan.plan, plan.options, plan.assumed, tuple(calendars), found)


def _files(path: Path) -> list[Path]:
    try:
        if not path.is_dir():
            return [path]
        files = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() == ".ics" and not file.name.startswith(".") and file.is_file()
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _problem(path, None, f"it can't be read: {why}", _USE_ANOTHER) from error
    if not files:
        raise _problem(path, None, "there is no calendar file (.ics) in it", _USE_ANOTHER)
    if len(files) > _MOST_FILES:
        raise _problem(path, None, f"there are {len(files):,} calendar files in it", _USE_ANOTHER)
    return files


def _calendars(path: Path, data: bytes) -> list[Block]:
    try:
        if b"\0" in data:
            raise Damaged(data.count(b"\n", 0, data.index(b"\0")) + 1, "this is no text")
        return read_calendars(data)
    except Damaged as error:
        raise _problem(path, error.line, error.problem, _USE_ANOTHER) from error


def _problem(path: Path | None, line: int | None, problem: str, remedy: str) -> FileProblem:
    where = "these files" if path is None else quoted(path, _LONGEST_PATH)
    if line is not None:
        where += f", line {line}"
    return FileProblem(path, f"{where}: {problem}", remedy)
