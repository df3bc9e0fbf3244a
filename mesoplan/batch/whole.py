"""A whole batch: the rows, the plans whose row is gone, and what is left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.batch.gone import StandingPlan, plan_id_in, standing_plans
from mesoplan.batch.outcomes import Became, Planned, Rejected
from mesoplan.batch.planning import spans_of
from mesoplan.batch.row_digests import GONE
from mesoplan.batch.row_ids import SeenIds
from mesoplan.batch.running import Setting, book_all, named, run_here, run_in_processes
from mesoplan.batch.summary import Summary
from mesoplan.errors import FileProblem, InvalidInput, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mesoplan.batch.outputs import Output
    from mesoplan.batch.running import Done
    from mesoplan.formats.rows.reader import Rows
    from mesoplan.model.taken import Bookings


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that a batch goes by."""

    rows: Rows
    setting: Setting
    output: Output
    folder: Path | None
    """Where plans of earlier batches are looked for; None for nowhere."""
    prunes: bool
    """Whether plans whose row is gone are cancelled."""
    bookings: Bookings | None
    jobs: int
    usual_zone: Callable[[], str]
    """RequestDraft for the clinic's zone where the file of an earlier plan does not tell it."""
    lets_go: Callable[[], None]
    """Closes the rows and what they are read from: it may be replaced."""
    stops: Callable[[], bool]
    """Whether somebody wants it to stop."""
    told: Callable[[int], None]
    """Is told after every few rows how many are done."""

    def carry_out(self) -> Summary:
        """Do it all; each row's file is whole whenever it stops.

        Raises FileProblem where the rows can't be read or something can't be written, and
        InvalidInput where all plans would be cancelled.
        """
        from sqlite3 import Error

        try:
            return self._carried_out()
        except Error as error:
            raise FileProblem(
                None,
                f"the ids of the rows can't be kept in mind: {error}",
                "make room where temporary files are kept, and run it again",
            ) from error

    def _carried_out(self) -> Summary:
        if self.bookings is None or self.folder is None or not self.setting.place.writes:
            return self._done_and_told()
        # In a book all rows are planned first. The tables then tell of a second look at them, so
        # that they are those of every further run.
        first = self._booked(self.folder, self.bookings)
        if first.stopped:
            self.output.discard()
            return first
        summary = self._done_and_told()
        for became in (Became.NEW, Became.CHANGED):
            summary.became[became] += first.became[became]
            summary.became[Became.UNCHANGED] -= first.became[became]
        summary.changed.extend(first.changed)
        summary.past.extend(first.past)
        summary.gone.extend(first.gone)
        summary.cancelled.extend(first.cancelled)
        return summary

    def _booked(self, folder: Path, bookings: Bookings) -> Summary:
        """Plan and book the rows; before that, cancel the plans whose row is gone if asked to."""
        summary = Summary()
        ids = SeenIds()
        try:
            if self.prunes:
                self._prune_first(folder, bookings, summary)
            ids.add_files(folder)
            for done in book_all(named(self.rows, ids), self.setting, bookings):
                for outcome in done.outcomes:
                    if isinstance(outcome, Planned):
                        summary.count(outcome)
                self.told(summary.rows)
                if self.stops():
                    summary.stopped = True
                    break
        except BaseException as error:
            self.output.discard()
            if isinstance(error, FileProblem):
                error.details = (*error.details, _how_far(summary))
            raise
        finally:
            ids.close()
        return summary

    def _prune_first(self, folder: Path, bookings: Bookings, summary: Summary) -> None:
        """Cancel the plans whose row is gone, before the rooms that they leave are asked for."""
        ids = SeenIds()
        try:
            rows = nameless = 0
            for entry in named(self.rows, ids):
                rows += 1
                nameless += isinstance(entry, Rejected) and entry.name is None
                if isinstance(entry, tuple) and (data := self._content(entry[1])) is not None:
                    ids.add_plan(plan_id_in(data))
            self._require_rows(rows)
            for found in standing_plans(folder, ids, self.usual_zone):
                if isinstance(found, StandingPlan) and not nameless and self._is_gone(found, ids):
                    summary.gone.add(found.path.name)
                    cancelled = found.cancelled(self.usual_zone, self.setting.now)
                    summary.cancelled.add(found.path.name)
                    # What took place took its room.
                    bookings.book(found.plan.id, spans_of(cancelled.plan))
        finally:
            ids.close()

    def _content(self, name: str) -> bytes | None:
        try:
            return self.setting.place.content(name)
        except FileProblem:
            # The row itself is refused for it.
            return None

    def _require_rows(self, rows: int) -> None:
        if self.prunes and not rows:
            raise InvalidInput(
                "the table has no row; --prune would cancel all plans",
                "leave out --prune, or give the whole table",
            )

    def _is_gone(self, found: StandingPlan, ids: SeenIds) -> bool:
        """Whether the row of a plan is gone, and anything of the plan is still to come."""
        # Rows that were refused once tell nothing of all the other plans.
        has_row = self.rows.is_rejected or ids.has_row(found.name) or ids.has_plan(found.plan.id)
        return not has_row and found.plan.row_digest != GONE and found.is_left(self.setting.now)

    def _done_and_told(self) -> Summary:
        summary = Summary()
        ids = SeenIds()
        try:
            if self.folder is not None:
                ids.add_files(self.folder)
            for done in self._done(ids):
                self._take(done, ids, summary)
            summary.stopped = self.stops()
            if summary.stopped:
                return summary
            self._require_rows(summary.rows)
            if self.folder is not None:
                self._look_at_the_others(self.folder, ids, summary)
            self.lets_go()
            summary.written = tuple(self.output.finish())
        except FileProblem as problem:
            problem.details = (*problem.details, _how_far(summary))
            raise
        finally:
            self.output.discard()
            ids.close()
        return summary

    def _done(self, ids: SeenIds) -> Iterator[Done]:
        rows = named(self.rows, ids)
        if self.bookings is not None or self.jobs == 1:
            for done in run_here(rows, self.setting, self.bookings):
                yield done
                if self.stops():
                    return
        else:
            yield from run_in_processes(
                rows, self.setting, self.jobs, self.rows.line_ends, self.stops
            )

    def _take(self, done: Done, ids: SeenIds, summary: Summary) -> None:
        for outcome in done.outcomes:
            summary.count(outcome)
            self.output.take(outcome)
            if self.folder is not None and isinstance(outcome, Planned):
                ids.add_plan(outcome.plan_id)
            if not isinstance(outcome, Planned) and outcome.name is not None:
                ids.add_refused(outcome.name)
        for line in done.unreadable:
            summary.unreadable.add_once(line)
        self.told(summary.rows)

    def _look_at_the_others(self, folder: Path, ids: SeenIds, summary: Summary) -> None:
        """Tell of the plans of earlier batches, and cancel those whose row is gone if asked to."""
        prunes = self.prunes and self.setting.place.writes and not summary.nameless
        for found in standing_plans(folder, ids, self.usual_zone):
            if isinstance(found, FileProblem):
                summary.unreadable.add(found.problem)
                continue
            if ids.has_plan(found.plan.id):
                summary.unreadable.add(f"{quoted(found.path.name)} is a copy of the plan of a row")
                continue
            standing = found
            if self._is_gone(found, ids):
                summary.gone.add(found.path.name)
                if prunes:
                    standing = found.cancelled(self.usual_zone, self.setting.now)
                    summary.cancelled.add(found.path.name)
            self.output.add_to_schedule(*standing.schedule(self.setting.delimiter))


def _how_far(summary: Summary) -> str:
    return f"{summary.rows:,} rows were done before that"
