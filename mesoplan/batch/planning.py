"""A row -> its plan: a new one, or the next revision of the one that stands in its file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.batch.outcomes import Became, Outcome, Planned, Rejected, rejected
from mesoplan.batch.recurring import ID_MARK, Recipe, Recipes, key_of, marked, recipe_of
from mesoplan.batch.row_digests import GONE, digest_of, same_counts, what_stays
from mesoplan.batch.row_words import wish_of
from mesoplan.batch.tables import Told, schedule_of
from mesoplan.dates.days import DateRange, day_text
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, MesoplanError
from mesoplan.formats.plan_file.quick_reading import read_own
from mesoplan.formats.plan_file.reader import plan_in
from mesoplan.formats.plan_file.rewriter import require_whole, rewritten
from mesoplan.formats.plan_file.writer import calendar_file, file_of
from mesoplan.model.taken import BusySpan
from mesoplan.planning.planner import days_that_matter
from mesoplan.planning.planner import plan as make_plan
from mesoplan.planning.revising import Kept, revised
from mesoplan.planning.status import overdue
from mesoplan.rules.goals import find_goal
from mesoplan.wording.neutral import require_neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mesoplan.batch.row_words import RowWish
    from mesoplan.formats.rows.values import Row
    from mesoplan.model.clinic import Profile
    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions, Request
    from mesoplan.model.taken import Bookings, TakenTimes

_DAYS_BACK, _DAYS_AHEAD = 400, 3 * 366
"""The days around today of which busy calendars are read once for all rows."""


@dataclass(frozen=True, slots=True)
class RowClinic:
    """The clinic of a row."""

    profile: Profile
    zone_name: str
    zone_is_told: bool
    """Whether somebody named the zone, and it is not just that of the machine."""
    busy: tuple[Path, ...]
    """The busy calendars that the profile names."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a row asks for, worked out."""

    request: Request
    options: CalendarOptions
    goal: str
    area: str | None


class RowPlanner:
    """Plans rows, one after the other."""

    def __init__(
        self,
        clinic: Callable[[str | None], RowClinic],
        now: datetime,
        bookings: Bookings | None = None,
        delimiter: str = ",",
        books: Collection[Path] = frozenset(),
        *,
        explains: bool = True,
    ) -> None:
        """*clinic* finds the one that a row names, or the usual one.

        With *bookings* each plan is made around them, and booked. *delimiter* is that of the
        schedule. *books* are the real paths of the folders of the bookings: as busy calendars they
        would take a second room for each session.
        """
        self._clinic = clinic
        self._now = now
        self._bookings = bookings
        self._delimiter = delimiter
        self._books = books
        self._explains = explains
        self.unreadable: dict[str, None] = {}
        """A line for each event of a busy calendar that could not be read."""
        self._recipes = Recipes()
        self._plans_in: dict[tuple[Path, ...], frozenset[str]] = {}
        self._busy: dict[tuple[tuple[Path, ...], str], tuple[TakenTimes, ...]] = {}

    def plan(
        self,
        row: Row,
        name: str,
        data: bytes | None,
        may_change: Callable[[str], None] = lambda _plan_id: None,
    ) -> Outcome:
        """What becomes of a row whose id makes that name, and whose file holds *data*, if it is.

        *may_change* is called with the id of a plan that changes, and raises FileProblem where its
        file must not.
        A plan that was made is booked: its file must be written.
        """
        try:
            if data is None and self._bookings is None:
                made = self._from_recipe(row.cells, name)
                if made is not None:
                    return made if isinstance(made, Planned) else refused(row, name, made)
            wish = wish_of(row.cells)
            clinic = self._clinic(wish.clinic)
            wanted = self._wanted(wish, clinic)
            return (
                self._new(wish, clinic, wanted, name)
                if data is None
                else self._changed(wish, clinic, wanted, name, data, may_change)
            )
        except MesoplanError as error:
            return refused(row, name, error)

    def _from_recipe(self, cells: Mapping[str, str], name: str) -> Planned | MesoplanError | None:
        """The plan of a new row, or why it has none, as of all rows that ask for the same.

        None where it must be planned by itself. Raises InvalidInput for its patient's label.
        """
        key = key_of(cells)
        known, recipe = self._recipes.find(key)
        if not known:
            try:
                recipe = self._recipe(marked(cells))
            except MesoplanError as error:
                recipe = error
            self._recipes.keep(key, recipe)
        if isinstance(recipe, Recipe):
            return recipe.planned(name, cells.get("patient"), self._delimiter)
        return recipe

    def _recipe(self, cells: Mapping[str, str]) -> Recipe | None:
        wish = wish_of(cells)
        clinic = self._clinic(wish.clinic)
        wanted = self._wanted(wish, clinic, ID_MARK)
        if wanted.options.private:
            # Whether its texts are neutral depends on who the patient is.
            return None
        request = self._around(wanted.request, wish, clinic)
        plan = make_plan(request, now=self._now)
        return recipe_of(plan, wanted.options, self._now, self._delimiter)

    def _wanted(self, wish: RowWish, clinic: RowClinic, plan_id: str | None = None) -> _Wanted:
        asked = wish.asked
        goal = find_goal(asked.goal)
        return _Wanted(
            asked.request(clinic.profile, wish.zone or clinic.zone_name, plan_id),
            asked.calendar_options(clinic.profile),
            goal.name,
            goal.area_meant(asked.area),
        )

    def _new(self, wish: RowWish, clinic: RowClinic, wanted: _Wanted, name: str) -> Planned:
        request = self._around(wanted.request, wish, clinic)
        plan = make_plan(request, now=self._now, explains=self._explains)
        plan = replace(plan, row_digest=digest_of(wanted.request, wanted.options))
        data = calendar_file(plan, wanted.options, self._now)
        self._book(plan)
        return self._planned(name, Became.NEW, plan, wanted, data)

    def _changed(
        self,
        wish: RowWish,
        clinic: RowClinic,
        wanted: _Wanted,
        name: str,
        data: bytes,
        may_change: Callable[[str], None],
    ) -> Planned:
        own = read_own(data)
        if own is None:
            read = plan_in([(Path(f"{name}.ics"), data)], lambda: wanted.request.timezone)
            plan, options = read.plan, read.options
        else:
            plan, options = own.plan, own.options
        told = wish.zone is not None or clinic.zone_is_told
        zone_name = wanted.request.timezone if told else plan.request.timezone
        request = replace(wanted.request, plan_id=plan.id, timezone=zone_name)
        digest = digest_of(request, wanted.options)
        before = _digest_before(plan, options)
        kept = what_stays(before, digest) if before is not None else Kept.TIMES
        by_hand = plan.cancelled and before != GONE
        if kept is None or (by_hand and kept is not Kept.NOTHING):
            return self._planned(name, Became.UNCHANGED, plan, wanted, None)
        may_change(plan.id)
        read = plan_in([(Path(f"{name}.ics"), data)], lambda: wanted.request.timezone)
        require_whole(read, self._now)
        _require_marked(plan, kept, self._now)
        if before is not None and same_counts(before, digest):
            # What was extended or cancelled by hand stays so.
            request = replace(request, sessions=plan.request.sessions)
        request = self._around(request, wish, clinic, plan)
        after = replace(revised(plan, request, kept, now=self._now), row_digest=digest)
        require_neutral(after, wanted.options)
        if request.timezone != plan.request.timezone:
            # What took place is at the same moment, and told in another zone.
            after = _all_changed(plan, after)
        if wanted.options == options:
            new = rewritten(read, after, self._now)
        else:
            # Its events are told in other words, all of them.
            after = _all_changed(plan, after)
            everything = (*after.active, *after.dropped)
            new = file_of(after, wanted.options, self._now, everything)
        self._book(after)
        planned = self._planned(name, Became.CHANGED, after, wanted, new)
        untold = None
        if wanted.options.private and not options.private:
            untold = self._untold(plan, after, wanted.options)
        return replace(planned, before=data, kept=untold)

    def _untold(self, plan: Plan, after: Plan, options: CalendarOptions) -> bytes:
        """The file of a plan that becomes private, as it was before, and private already."""
        now = after.request
        request = replace(plan.request, location=now.location, phone=now.phone, patient=now.patient)
        everything = (*plan.active, *plan.dropped)
        return file_of(replace(plan, request=request), options, self._now, everything)

    def _planned(
        self, name: str, became: Became, plan: Plan, wanted: _Wanted, data: bytes | None
    ) -> Planned:
        told = Told(name, wanted.request.patient, wanted.goal, wanted.area, wanted.options.private)
        rows, count = schedule_of(plan, told, self._delimiter)
        is_past = became is Became.NEW and plan.sessions[0].start < self._now
        return Planned(name, became, data, None, rows, count, plan.id, is_past)

    def _around(
        self, request: Request, wish: RowWish, clinic: RowClinic, before: Plan | None = None
    ) -> Request:
        """The request with the times that are taken, but for those of the plan *before* it."""
        paths = (*clinic.busy, *map(Path, wish.busy))
        if self._books:
            paths = tuple(path for path in paths if path.resolve() not in self._books)
        busy = self._busy_times(paths, request, before) if paths else ()
        if self._bookings is not None:
            busy = (self._bookings.around(request.plan_id), *busy)
        return replace(request, busy=busy) if busy else request

    def _busy_times(
        self, paths: tuple[Path, ...], request: Request, before: Plan | None
    ) -> tuple[TakenTimes, ...]:
        zone = find_zone(request.timezone)
        today = self._now.astimezone(zone).date()
        usual = DateRange(today - timedelta(days=_DAYS_BACK), today + timedelta(days=_DAYS_AHEAD))
        mattering = days_that_matter(request)
        if before is not None and before.id in self._known_in(paths):
            own = {session.uid for session in (*before.active, *before.dropped)}
            first, last = min(mattering.first, usual.first), max(mattering.last, usual.last)
            return self._read_busy(paths, DateRange(first, last), zone, own)
        if not (usual.first <= mattering.first and mattering.last <= usual.last):
            return self._read_busy(paths, mattering, zone)
        key = (paths, request.timezone)
        if key not in self._busy:
            self._busy[key] = self._read_busy(paths, usual, zone)
        return self._busy[key]

    def _known_in(self, paths: tuple[Path, ...]) -> frozenset[str]:
        """The ids of plans whose appointments are in busy calendars."""
        from mesoplan.formats.busy import plans_in

        if paths not in self._plans_in:
            self._plans_in[paths] = plans_in(paths)
        return self._plans_in[paths]

    def _read_busy(
        self,
        paths: tuple[Path, ...],
        days: DateRange,
        zone: ZoneInfo,
        without: Collection[str] = frozenset(),
    ) -> tuple[TakenTimes, ...]:
        from mesoplan.formats.busy import read_busy

        reading = read_busy(paths, days, zone, without)
        self.unreadable |= dict.fromkeys(reading.unreadable)
        return reading.calendars

    def _book(self, plan: Plan) -> None:
        if self._bookings is not None:
            self._bookings.book(plan.id, spans_of(plan))


def refused(row: Row, name: str, error: MesoplanError) -> Rejected:
    """A row that was refused for that error."""
    return rejected(row.line, row.raw, error, name)


def spans_of(plan: Plan) -> tuple[BusySpan, ...]:
    """The times that a plan takes in a book."""
    return tuple(BusySpan(session.start, session.end) for session in plan.active)


def _digest_before(plan: Plan, options: CalendarOptions) -> str | None:
    """The digest of the plan's row, or of what was asked for where it has none.

    None where neither is known.
    """
    if plan.row_digest is not None:
        return plan.row_digest
    try:
        return digest_of(plan.request, options)
    except InvalidInput:
        # A private file does not tell its goal.
        return None


def _require_marked(plan: Plan, kept: Kept, now: datetime) -> None:
    """Raise InvalidInput where another course is asked for, and nobody said what became of this."""
    past = overdue(plan, now)
    if kept is Kept.NOTHING and past:
        names = ", ".join(f"{each.name} ({day_text(each.day)})" for each in past[:3])
        raise InvalidInput(
            f"the row asks for another course, and of this one {names} is past",
            "say “attend” of what took place, “miss” of what did not; then run it again",
        )


def _all_changed(before: Plan, after: Plan) -> Plan:
    """The plan with a higher sequence number for every event that was there before."""
    sequences = {each.uid: each.sequence for each in (*before.active, *before.dropped)}

    def raised(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        return tuple(
            replace(each, sequence=sequences[each.uid] + 1) if each.uid in sequences else each
            for each in sessions
        )

    return replace(
        after,
        sessions=raised(after.sessions),
        maintenance=raised(after.maintenance),
        dropped=raised(after.dropped),
    )
