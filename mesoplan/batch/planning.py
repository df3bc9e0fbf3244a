"""A row -> its plan: a new one, or the next revision of the one that is in its file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.batch.digests import GONE, digest_of, same_counts, what_stays
from mesoplan.batch.outcomes import Became, Outcome, Planned, rejected
from mesoplan.batch.rows import asked_by
from mesoplan.batch.tables import schedule_rows
from mesoplan.dates.days import DateRange, day_text
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, MesoplanError
from mesoplan.formats.plan_file.reading import plan_in
from mesoplan.formats.plan_file.rewriting import require_whole, rewritten
from mesoplan.formats.plan_file.writing import calendar_file, file_of
from mesoplan.model.taken import BusySpan
from mesoplan.planning.planner import days_that_matter
from mesoplan.planning.replanner import Kept
from mesoplan.planning.status import overdue
from mesoplan.rules.goals import find_goal
from mesoplan.wording.patient import require_neutral
from mesoplan.wording.plans import plan as make_plan
from mesoplan.wording.plans import revised

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from mesoplan.batch.output import PlanFolder
    from mesoplan.formats.rows import Row
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
    zone_is_named: bool
    """Whether somebody named the zone, and it is not just that of the machine."""
    busy: tuple[Path, ...]
    """The busy calendars that the profile names."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a row asks for, worked out."""

    row: Row
    name: str
    request: Request
    options: CalendarOptions
    zone_is_named: bool
    busy: tuple[Path, ...]


class RowPlanner:
    """Plans rows, one after the other."""

    def __init__(
        self,
        place: PlanFolder,
        clinic: Callable[[str | None], RowClinic],
        now: datetime,
        bookings: Bookings | None = None,
        books: Collection[Path] = frozenset(),
        *,
        explains: bool = True,
    ) -> None:
        """*clinic* finds the one that a row names, or the usual one.

        With *bookings* each plan is made around them, and booked. *books* are the real paths of the
        folders of the bookings: as busy calendars they would take a second room for each session.
        Unless it *explains*, refusals have neither words nor ways out.
        """
        self._place = place
        self._clinic = clinic
        self._now = now
        self._bookings = bookings
        self._books = books
        self._explains = explains
        self.unreadable: dict[str, None] = {}
        """A line for each event of a busy calendar that could not be read."""
        self._plans_in: dict[tuple[Path, ...], frozenset[str]] = {}
        self._busy: dict[tuple[tuple[Path, ...], str], tuple[TakenTimes, ...]] = {}

    def plan(self, row: Row, name: str) -> Outcome:
        """What becomes of a row whose id makes that name.

        A plan that was made is booked: its file must be written.
        """
        try:
            data = self._place.content(name)
            wanted = self._wanted(row, name)
            return self._new(wanted) if data is None else self._changed(wanted, data)
        except MesoplanError as error:
            return rejected(row, error, name)

    def _wanted(self, row: Row, name: str) -> _Wanted:
        asked = asked_by(row.cells)
        clinic = self._clinic(asked.clinic)
        draft = asked.draft
        return _Wanted(
            row,
            name,
            draft.request(clinic.profile, asked.zone or clinic.zone_name),
            draft.calendar_options(clinic.profile),
            asked.zone is not None or clinic.zone_is_named,
            (*clinic.busy, *map(Path, asked.busy)),
        )

    def _new(self, wanted: _Wanted) -> Planned:
        request = self._around(wanted, wanted.request)
        plan = make_plan(request, now=self._now, explains=self._explains)
        plan = replace(plan, row_digest=digest_of(wanted.request, wanted.options))
        data = calendar_file(plan, wanted.options, self._now)
        is_past = plan.sessions[0].start < self._now
        self._book(plan)
        planned = self._planned(wanted, Became.NEW, plan)
        return replace(planned, data=data, begins_in_the_past=is_past)

    def _changed(self, wanted: _Wanted, data: bytes) -> Planned:
        path = Path(f"{wanted.name}.ics")
        read = plan_in([(path, data)], lambda: wanted.request.timezone)
        plan, options = read.plan, read.options
        zone = wanted.request.timezone if wanted.zone_is_named else plan.request.timezone
        request = replace(wanted.request, plan_id=plan.id, timezone=zone)
        digest = digest_of(request, wanted.options)
        before = _digest_before(plan, options)
        kept = what_stays(before, digest) if before is not None else Kept.TIMES
        by_hand = plan.cancelled and before != GONE
        if kept is None or (by_hand and kept is not Kept.NOTHING):
            return self._planned(wanted, Became.UNCHANGED, plan)
        self._place.require_own_previous(wanted.name, plan.id)
        require_whole(read, self._now)
        _require_marked(plan, kept, self._now)
        if before is not None and same_counts(before, digest):
            # What was extended or cancelled by hand stays so.
            request = replace(request, sessions=plan.request.sessions)
        request = self._around(wanted, request, plan)
        after = replace(revised(plan, request, kept, now=self._now), row_digest=digest)
        require_neutral(after, wanted.options)
        if request.timezone != plan.request.timezone:
            # What took place is at the same moment, and shown in another zone.
            after = _all_changed(plan, after)
        if wanted.options == options:
            new = rewritten(read, after, self._now)
        else:
            # All its events say something else.
            after = _all_changed(plan, after)
            new = self._whole_file(after, wanted.options)
        self._book(after)
        earlier = None
        if wanted.options.private and not options.private:
            # It is kept as it was before, but private already.
            now = after.request
            was = replace(plan.request, location=now.location, phone=now.phone, patient=now.patient)
            earlier = self._whole_file(replace(plan, request=was), wanted.options)
        planned = self._planned(wanted, Became.CHANGED, after)
        return replace(planned, data=new, before=data, kept=earlier)

    def _whole_file(self, plan: Plan, options: CalendarOptions) -> bytes:
        return file_of(plan, options, self._now, (*plan.active, *plan.dropped))

    def _planned(self, wanted: _Wanted, became: Became, plan: Plan) -> Planned:
        # What a private file does not show, the row does.
        goal = find_goal(wanted.request.goal)
        schedule = schedule_rows(
            plan,
            (wanted.name, wanted.request.patient, goal.name, goal.area_meant(wanted.request.area)),
            private=wanted.options.private,
        )
        return Planned(wanted.row.line, wanted.name, became, plan, schedule)

    def _around(self, wanted: _Wanted, request: Request, before: Plan | None = None) -> Request:
        """The request with the times that are taken, but for those of the plan *before* it."""
        paths = wanted.busy
        if self._books:
            paths = tuple(path for path in paths if path.resolve() not in self._books)
        busy = self._busy_times(paths, request, before) if paths else ()
        if self._bookings is not None:
            busy = (self._bookings.around(request.plan_id), *busy)
        return replace(request, busy=busy) if busy else request

    def _busy_times(
        self, paths: tuple[Path, ...], request: Request, before: Plan | None
    ) -> tuple[TakenTimes, ...]:
        today = self._now.astimezone(find_zone(request.timezone)).date()
        usual = DateRange(today - timedelta(days=_DAYS_BACK), today + timedelta(days=_DAYS_AHEAD))
        needed = days_that_matter(request)
        if before is not None and before.id in self._known_in(paths):
            own = {session.uid for session in (*before.active, *before.dropped)}
            first, last = min(needed.first, usual.first), max(needed.last, usual.last)
            return self._read_busy(paths, DateRange(first, last), request, own)
        if not (usual.first <= needed.first and needed.last <= usual.last):
            return self._read_busy(paths, needed, request)
        key = (paths, request.timezone)
        if key not in self._busy:
            self._busy[key] = self._read_busy(paths, usual, request)
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
        request: Request,
        without: Collection[str] = frozenset(),
    ) -> tuple[TakenTimes, ...]:
        from mesoplan.formats.busy import read_busy

        reading = read_busy(paths, days, find_zone(request.timezone), without)
        self.unreadable |= dict.fromkeys(reading.unreadable)
        return reading.calendars

    def _book(self, plan: Plan) -> None:
        if self._bookings is not None:
            self._bookings.book(plan.id, spans_of(plan))


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
        # A private file does not show its goal.
        return None


def _require_marked(plan: Plan, kept: Kept, now: datetime) -> None:
    """Raise InvalidInput where another course is asked for while past sessions are not recorded."""
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
