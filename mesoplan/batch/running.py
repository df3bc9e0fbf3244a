"""All rows of a batch, in their order, in one process or in several."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from mesoplan.batch.outcomes import Outcome, Planned, Rejected, rejected
from mesoplan.batch.places import SUFFIX, nameless
from mesoplan.batch.planning import RowPlanner
from mesoplan.batch.row_ids import name_of
from mesoplan.errors import FileProblem, InvalidInput, MesoplanError
from mesoplan.formats.rows.values import Row, WrongRow
from mesoplan.storage.interruptions import end_only_when_told, undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from mesoplan.batch.places import PlanFolder
    from mesoplan.batch.planning import RowClinic
    from mesoplan.batch.row_ids import SeenIds
    from mesoplan.model.taken import Bookings

_ROWS_AT_ONCE = 64
_FEWEST, _MOST = 16, 128
"""How many rows a process is given at once. Rows near each other have most in common."""
_CHUNKS_AHEAD = 1
"""How many each process has waiting beside the one that it works on."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every process of a batch goes by."""

    place: PlanFolder
    clinic: Callable[[str | None], RowClinic]
    """Finds the clinic that a row names, or the usual one; goes from process to process."""
    now: datetime
    delimiter: str
    """Of the schedule."""
    books: frozenset[Path]
    """The real paths of the folders whose plans are booked."""
    hands_back: bool
    """Whether the calendar files are handed back, since they are written elsewhere."""

    def planner(self, bookings: Bookings | None, *, explains: bool = True) -> RowPlanner:
        """A planner for rows, around what is booked; whether it *explains* why there is no plan."""
        return RowPlanner(
            self.clinic, self.now, bookings, self.delimiter, self.books, explains=explains
        )


ID_CODE = "ID"
"""Of rows that are refused for their id."""

NamedRow = tuple[Row, str]
"""A row, and its id as the name of a file."""


@dataclass(frozen=True, slots=True)
class Done:
    """What has become of some rows, in their order; their files are written."""

    outcomes: tuple[Outcome, ...]
    unreadable: tuple[str, ...]
    """A line for each event of busy calendars that could not be read, of those just read."""


def named(rows: Iterable[Row | WrongRow], ids: SeenIds) -> Iterator[NamedRow | Rejected]:
    """Each row with the name that its id makes, or why it has none."""
    for row in rows:
        if isinstance(row, WrongRow):
            reason = f"{row.problem}; {row.remedy}"
            yield Rejected(row.line, row.raw, row.code, reason)
            continue
        try:
            name = name_of(row.cells.get("id", ""))
            # One that was refused for its id asks for a plan of its own, whose id is mended.
            ids.add_row(name, row.line, is_new=row.refused_for == ID_CODE)
        except InvalidInput as error:
            refused = rejected(row.line, row.raw, error)
            yield Rejected(refused.line, refused.raw, ID_CODE, refused.reason)
        else:
            yield row, name


def run_here(
    rows: Iterable[NamedRow | Rejected], setting: Setting, bookings: Bookings | None
) -> Iterator[Done]:
    """Plan and write the rows in this process, each around those before it if they are booked.

    Raises FileProblem where a file can't be written.
    """
    planner = setting.planner(bookings)
    for chunk in _chunks(rows):
        yield _done(chunk, setting, planner)


def book_all(
    rows: Iterable[NamedRow | Rejected], setting: Setting, bookings: Bookings
) -> Iterator[Done]:
    """Plan, book and write the rows in their order, until no further one finds legal days.

    A session 1 that finds no room on START slips, and a course may be legal from there that was not
    before. So rows that found no days are tried again once the others are booked: what is left over
    finds none when all is run again, either. Raises FileProblem where a file can't be written.
    """
    planner = setting.planner(bookings, explains=False)
    waiting: list[NamedRow] = []
    for done, left in _booked(rows, setting, planner):
        waiting += left
        yield done
    while waiting:
        again, waiting = waiting, []
        for done, left in _booked(again, setting, planner):
            waiting += left
            yield done
        if len(waiting) == len(again):
            return


def _booked(
    rows: Iterable[NamedRow | Rejected], setting: Setting, planner: RowPlanner
) -> Iterator[tuple[Done, list[NamedRow]]]:
    """What was done of each few rows, and those of them that found no days."""
    for chunk in _chunks(rows):
        done = _done(chunk, setting, planner)
        left = [
            entry
            for entry, outcome in zip(chunk, done.outcomes, strict=True)
            if isinstance(entry, tuple) and isinstance(outcome, Rejected) and outcome.finds_no_days
        ]
        yield done, left


def run_in_processes(
    rows: Iterable[NamedRow | Rejected],
    setting: Setting,
    jobs: int,
    expected_rows: int,
    stops: Callable[[], bool],
) -> Iterator[Done]:
    """Plan and write the rows in so many processes; the outcome is that of `run_here`.

    Once it *stops*, what has been given out is done, and no more. Raises FileProblem where a file
    can't be written, or a process was ended.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    share = expected_rows // (8 * jobs)
    chunks = _chunks(rows, min(max(share, _FEWEST), _MOST))
    given: deque[Future[Done]] = deque()
    try:
        with ProcessPoolExecutor(jobs, initializer=_begin, initargs=(setting,)) as pool:
            try:
                while True:
                    room = 0 if stops() else jobs * (1 + _CHUNKS_AHEAD) - len(given)
                    for each in islice(chunks, room):
                        # What is begun with the first of them has no say yet in what disturbs it.
                        with undisturbed():
                            given.append(pool.submit(_done_by_worker, each))
                    if not given:
                        return
                    yield given.popleft().result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    except BrokenProcessPool as error:
        if stops():
            # Who asks all of them at once to end asks this one, too.
            return
        raise FileProblem(
            None,
            "one of the processes was ended from outside, perhaps for want of memory",
            "run it again; it goes on where it stopped",
        ) from error


def _chunks(
    rows: Iterable[NamedRow | Rejected], at_once: int = _ROWS_AT_ONCE
) -> Iterator[list[NamedRow | Rejected]]:
    each = iter(rows)
    while chunk := list(islice(each, at_once)):
        yield chunk


def _done(chunk: list[NamedRow | Rejected], setting: Setting, planner: RowPlanner) -> Done:
    outcomes = [
        entry if isinstance(entry, Rejected) else _planned(*entry, setting, planner)
        for entry in chunk
    ]
    planned = [each for each in outcomes if isinstance(each, Planned)]
    try:
        setting.place.write(planned)
    except FileProblem as problem:
        raise _of_its_line(problem, chunk) from problem
    if not setting.hands_back:
        outcomes = [each.without_data() if isinstance(each, Planned) else each for each in outcomes]
    unreadable = tuple(planner.unreadable)
    planner.unreadable.clear()
    return Done(tuple(outcomes), unreadable)


def _of_its_line(problem: FileProblem, chunk: list[NamedRow | Rejected]) -> FileProblem:
    """The same, told of the line of the row: its id may be somebody's name."""
    if problem.path is None:
        return problem
    of_file = {f"{entry[1]}{SUFFIX}": entry[0].line for entry in chunk if isinstance(entry, tuple)}
    name = problem.path.name
    return nameless(problem, f"the plan of line {of_file[name]}" if name in of_file else "a plan")


def _planned(row: Row, name: str, setting: Setting, planner: RowPlanner) -> Outcome:
    try:
        data = setting.place.content(name)
    except MesoplanError as error:
        return rejected(row.line, row.raw, error, name)
    return planner.plan(row, name, data, partial(setting.place.require_own_previous, name))


_worker: list[tuple[Setting, RowPlanner]] = []
"""What this process goes by, where it is one of several."""


def _begin(setting: Setting) -> None:
    import threading

    # So that no signal comes by way of that thread while this one must not be disturbed.
    with undisturbed():
        threading.Thread(target=_end_with_parent, daemon=True).start()
    # Ctrl-C reaches every process of a terminal; the first one says when to stop. Half an answer
    # would make that one wait for the rest for ever.
    end_only_when_told(but_not_in="_sendback_result")
    _worker[:] = [(setting, setting.planner(None))]


def _end_with_parent() -> None:
    """Wait until the process that gives out the work has gone, however; then end this one.

    It would wait for work for ever.
    """
    import multiprocessing
    import os

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _done_by_worker(chunk: list[NamedRow | Rejected]) -> Done:
    (setting, planner) = _worker[0]
    return _done(chunk, setting, planner)
