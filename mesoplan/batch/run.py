"""A whole batch: the rows in their order, the plans whose row is gone, and what is left behind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.batch.outcomes import (
    SUFFIX,
    NamedRow,
    Outcome,
    Planned,
    Rejected,
    Summary,
    rejected,
)
from mesoplan.batch.output import nameless, replace_plan
from mesoplan.batch.rows import GONE, SeenIds, name_of
from mesoplan.batch.tables import schedule_rows
from mesoplan.errors import FileProblem, InvalidInput, ServerProblem, in_one_line, quoted
from mesoplan.formats.plan_file.reading import LARGEST_PLAN_BYTES, holds_plan, plan_in
from mesoplan.formats.plan_file.rewriting import require_whole, rewritten
from mesoplan.formats.rows import WrongRow
from mesoplan.model.changes import Cancel
from mesoplan.storage.files import read_whole
from mesoplan.wording.findings import mixed_orders
from mesoplan.wording.notices import notice_text
from mesoplan.wording.plans import replan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from mesoplan.batch.output import Output
    from mesoplan.batch.planning import RowPlanner
    from mesoplan.formats.plan_file.reading import ReadPlan
    from mesoplan.formats.rows import Rows
    from mesoplan.model.plan import Plan
    from mesoplan.model.taken import Bookings

_ROWS_AT_ONCE = 64
"""How many new files are put on the disk together."""
_ID_CODE = "ID"
"""Of rows that are refused for their id."""


@dataclass(frozen=True, slots=True)
class EarlierPlan:
    """A plan that an earlier batch made."""

    path: Path
    data: bytes
    read: ReadPlan
    now: datetime

    @property
    def name(self) -> str:
        """The id of its row, as its file is called."""
        return self.path.stem

    @property
    def plan(self) -> Plan:
        """The plan in its file."""
        return self.read.plan

    @property
    def is_left(self) -> bool:
        """Whether its row had not gone before, and anything of it is still to come."""
        return self.plan.row_digest != GONE and bool(self.plan.coming(self.now))

    def schedule(self) -> list[tuple[str, ...]]:
        """Its rows of the schedule."""
        of_row = (self.name, self.plan.request.patient, self.plan.goal, self.plan.area)
        return schedule_rows(self.plan, of_row, private=self.read.options.private)

    def cancelled(self) -> EarlierPlan:
        """The same with all cancelled that has not taken place, in its file too.

        Raises FileProblem, which does not name the file.
        """
        try:
            require_whole(self.read, self.now)
            try:
                after = replan(self.plan, Cancel(), now=self.now)
            except InvalidInput:
                return self
            after = replace(after, row_digest=GONE)
            replace_plan(self.path, self.data, rewritten(self.read, after, self.now))
        except FileProblem as problem:
            raise nameless(problem, "a plan whose row is gone") from problem
        return replace(self, read=replace(self.read, plan=after))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that a batch goes by."""

    rows: Rows
    planner: RowPlanner
    output: Output
    prunes: bool
    """Whether plans whose row is gone are cancelled."""
    usual_zone: Callable[[], str]
    """Asked for the clinic's zone where the file of an earlier plan does not say it."""
    lets_go: Callable[[], None]
    """Closes the rows and what they are read from: it may be replaced."""
    stops: Callable[[], bool]
    """Whether somebody wants it to stop."""
    progress: Callable[[int], None]
    """Called after every few rows with how many are done."""
    labels: dict[str, str] = field(default_factory=dict)
    """Those of patients whose plans are private, by the ids of these, of the rows that are done."""

    def carry_out(self) -> Summary:
        """Do it all; each row's file is whole whenever it stops.

        Raises FileProblem if the rows can't be read or something can't be written, and
        InvalidInput where all plans would be cancelled.
        """
        summary = Summary()
        try:
            place, bookings = self.planner.place, self.planner.bookings
            # As they are before any is written: a row's own plan is no other one's.
            files = tuple(place.plan_names())
            if bookings is not None and place.folder is not None and place.writes:
                # In a book all rows are planned first. The tables then show a second look at them,
                # so that they are those of every further run.
                summary.made = {}
                self._book_all(bookings, files, summary)
            elif bookings is not None and self.planner.together is not None:
                self._put_on_lines(bookings, files)
                self._place_together(files, summary)
            if summary.stopped:
                return summary
            summary = Summary(
                made=summary.made, cancelled=summary.cancelled, together=summary.together
            )
            self._go_through(files, summary)
        except (FileProblem, ServerProblem) as problem:
            how_far = f"{summary.rows:,} rows were done before that"
            problem.details = (*problem.details, how_far)
            raise
        finally:
            self.output.discard()
        return summary

    def _go_through(self, files: Sequence[str], summary: Summary) -> None:
        """Plan and write all rows, and put what is left behind in its place."""
        ids, plans = SeenIds(files), set()
        for done in self._done(self._named(ids), self.planner):
            for _, outcome in done:
                summary.count(outcome)
                self.output.take(outcome)
                if isinstance(outcome, Rejected) and outcome.name is not None:
                    ids.refuse(outcome.name)
                if isinstance(outcome, Planned) and self.planner.place.folder is not None:
                    plans.add(outcome.plan.id)
            if self._is_stopped(summary):
                return
        for line in self.planner.unreadable:
            summary.unreadable.add(line)
        summary.aside = tuple(self.rows.aside)
        summary.notes += map(notice_text, mixed_orders(self.planner.orders_seen))
        self._require_rows(summary.rows)
        self._look_at_the_others(ids, plans, summary)
        self.lets_go()
        summary.written = tuple(self.output.finish())

    def _book_all(self, bookings: Bookings, files: Sequence[str], summary: Summary) -> None:
        """Plan, book and write the rows in their order, until no further one finds days.

        The promise: a row gets a plan only if one is possible beside the plans without a row and
        those of the rows before it, whatever later rows have taken; its plan is then the best one
        beside all. So in an empty book each row gets what it would get if no row followed it.

        Before that, the plans whose row is gone are cancelled, if that is asked for. Later rows
        that change may leave a room, so rows that found no days are tried again: what is left over
        finds none when all is run again, either.
        """
        self._put_on_lines(bookings, files)
        if self.prunes:
            self._prune_first(bookings, summary)
        if self.planner.together is not None:
            self._place_together(files, summary)
        if summary.stopped:
            return
        planner = replace(self.planner, explains=False)
        waiting = self._booked(self._named(SeenIds(files)), planner, summary)
        while waiting and not summary.stopped:
            again = self._booked(waiting, planner, summary)
            if len(again) == len(waiting):
                return
            waiting = again

    def _put_on_lines(self, bookings: Bookings, files: Sequence[str]) -> None:
        """Let the bookings know which plans are those of rows."""
        folder = (self.planner.place.folder or Path()).resolve()
        for entry in self._named(SeenIds(files)) if bookings.files else ():
            if isinstance(entry, tuple):
                plan_id = bookings.files.get(folder / f"{entry[1]}{SUFFIX}")
                if plan_id is not None:
                    bookings.put_on_line(plan_id, entry[0].line)

    def _place_together(self, files: Sequence[str], summary: Summary) -> None:
        """Book the rows that have a plan, as they are by now, and then all new ones together."""
        there, planner = {*files}, replace(self.planner, explains=False)
        rows = [each for each in self._named(SeenIds(files)) if isinstance(each, tuple)]
        # They are counted when all rows are gone through.
        first = Summary(made=summary.made)
        self._booked((each for each in rows if each[1] in there), planner, first)
        summary.stopped = first.stopped
        if not summary.stopped:
            new = (each for each in rows if each[1] not in there)
            found = self.planner.place_together(new)
            placed = (each for each in rows if each[0].line in self.planner.placed)
            # What was found is written, whatever comes between.
            for done in self._done(placed, planner) if summary.made is not None else ():
                for _, outcome in done:
                    first.count(outcome)
            ways = self.planner.together
            if ways is not None and ways.stops():
                found = found._replace(stopped=True)
            summary.together = found

    def _booked(
        self, entries: Iterable[NamedRow | Rejected], planner: RowPlanner, summary: Summary
    ) -> list[NamedRow]:
        """Plan, book and write rows; those that found no days."""
        waiting = []
        for done in self._done(entries, planner):
            for entry, outcome in done:
                if isinstance(outcome, Planned):
                    summary.count(outcome)
                elif outcome.finds_no_days and isinstance(entry, tuple):
                    waiting.append(entry)
            if self._is_stopped(summary):
                break
        return waiting

    def _is_stopped(self, summary: Summary) -> bool:
        self.progress(summary.rows)
        summary.stopped = self.stops()
        return summary.stopped

    def _named(self, ids: SeenIds) -> Iterator[NamedRow | Rejected]:
        """Each row with the name that its id makes, or why it has none."""
        for row in self.rows:
            if isinstance(row, WrongRow):
                reason = in_one_line(row.problem, row.remedy)
                yield Rejected(row.line, row.raw, row.code, (reason,))
                continue
            try:
                name = name_of(row.cells.get("id", ""))
                # One that was refused for its id asks for a plan of its own, with the id corrected.
                ids.add_row(name, row.line, is_new=row.refused_for == _ID_CODE)
            except InvalidInput as error:
                wrong = rejected(row, error, mistakes=self.planner.mistakes(row))
                yield replace(wrong, code=_ID_CODE)
            else:
                yield row, name

    def _done(
        self, entries: Iterable[NamedRow | Rejected], planner: RowPlanner
    ) -> Iterator[list[tuple[NamedRow | Rejected, Outcome]]]:
        """What becomes of each few rows, whose files are written. Raises FileProblem."""
        each = iter(entries)
        while chunk := list(islice(each, _ROWS_AT_ONCE)):
            outcomes = [
                entry if isinstance(entry, Rejected) else planner.plan(*entry) for entry in chunk
            ]
            planner.place.write(outcomes)
            self.labels.update(
                (each.plan.id, each.label)
                for each in outcomes
                if isinstance(each, Planned) and each.label is not None
            )
            yield list(zip(chunk, outcomes, strict=True))

    def _prune_first(self, bookings: Bookings, summary: Summary) -> None:
        """Cancel the plans whose row is gone, before the rooms that they leave are asked for."""
        ids, plans = SeenIds(), set()
        rows = unnamed = 0
        for entry in self._named(ids):
            rows += 1
            if isinstance(entry, Rejected):
                unnamed += 1
            elif isinstance(found := self._earlier_plan(entry[1]), EarlierPlan):
                plans.add(found.plan.id)
        self._require_rows(rows)
        for found in () if unnamed else self._plans_without_row(ids):
            if isinstance(found, EarlierPlan) and self._is_gone(found, ids, plans):
                cancelled = found.cancelled()
                summary.cancelled.add(found.path.name)
                # What took place took its room.
                bookings.book_plan(cancelled.plan)

    def _look_at_the_others(self, ids: SeenIds, plans: set[str], summary: Summary) -> None:
        """Show the plans of earlier batches, and cancel those whose row is gone if asked to."""
        prunes = self.prunes and self.planner.place.writes and not summary.nameless
        for found in self._plans_without_row(ids):
            if isinstance(found, FileProblem):
                summary.unreadable.add(found.problem)
                continue
            if found.plan.id in plans:
                summary.unreadable.add(f"{quoted(found.path.name)} is a copy of the plan of a row")
                continue
            shown = found
            if self._is_gone(found, ids, plans):
                summary.gone.add(found.path.name)
                if prunes:
                    shown = found.cancelled()
                    summary.cancelled.add(found.path.name)
            self.output.add_to_schedule(shown.schedule())

    def _require_rows(self, rows: int) -> None:
        if self.prunes and not rows:
            raise InvalidInput(
                "the table has no rows; --prune would cancel all plans",
                "leave out --prune, or give the whole table",
            )

    def _is_gone(self, found: EarlierPlan, ids: SeenIds, plans: set[str]) -> bool:
        """Whether the row of a plan is gone, and anything of the plan is still to come."""
        # Rows that were refused once say nothing of all the other plans.
        has_row = self.rows.is_rejected or ids.has_row(found.name)
        return not has_row and found.plan.id not in plans and found.is_left

    def _plans_without_row(self, ids: SeenIds) -> Iterator[EarlierPlan | FileProblem]:
        """The plans of earlier batches that no row of this one was planned for, by their names.

        Files that can't be read come as the problem that they are.
        """
        for name in sorted(
            name for name in self.planner.place.plan_names() if not ids.is_planned(name)
        ):
            found = self._earlier_plan(name)
            if found is not None:
                yield found

    def _earlier_plan(self, name: str) -> EarlierPlan | FileProblem | None:
        """The plan of that name; None if no batch made one."""
        path = self.planner.place.path_of(name)
        try:
            data = read_whole(path, LARGEST_PLAN_BYTES, "put the plan's own file in its place")
            if not holds_plan(data):
                return None
            read = plan_in([(path, data)], self.usual_zone)
        except FileProblem as problem:
            return problem
        if read.plan.row_digest is None:
            return None
        return EarlierPlan(path, data, read, self.planner.now)
