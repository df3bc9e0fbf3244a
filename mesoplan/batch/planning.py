"""A row -> its plan, new or the next revision of what is in its file; or why it has none."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.batch.outcomes import Became, Outcome, Planned, rejected
from mesoplan.batch.rows import (
    BUSY_COLUMNS,
    GONE,
    CellWords,
    asked_by,
    digest_before,
    digest_of,
    mistakes_in,
    priority_in,
    same_counts,
    what_stays,
)
from mesoplan.batch.tables import schedule_rows
from mesoplan.dates.days import DateRange, day_text
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, MesoplanError
from mesoplan.formats.plan_file.assuming import assumed_before
from mesoplan.formats.plan_file.reading import plan_in
from mesoplan.formats.plan_file.rewriting import (
    require_own_previous,
    require_whole,
    rewritten,
)
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.formats.rows import values_of
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.clinic import Profile, calendar_source
from mesoplan.model.plan import Notice
from mesoplan.planning.planner import Solution, days_that_matter, solve
from mesoplan.planning.problem import problem_for
from mesoplan.planning.replanner import Kept
from mesoplan.planning.together import choices_of
from mesoplan.rules.goals import find_goal
from mesoplan.wording.neutral import require_neutral
from mesoplan.wording.notices import notice_text, notices_of_language
from mesoplan.wording.options import ways_out_of_row
from mesoplan.wording.plans import plan as make_plan
from mesoplan.wording.plans import plan_together, revised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime, time
    from zoneinfo import ZoneInfo

    from mesoplan.batch.outcomes import NamedRow
    from mesoplan.batch.output import PlanFolder
    from mesoplan.dates.readings import DateOrder
    from mesoplan.formats.calendar_files import Source
    from mesoplan.formats.calendars import BusyReader
    from mesoplan.formats.rows import Row
    from mesoplan.model.clinic import Calendars
    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions, Request
    from mesoplan.model.taken import Bookings
    from mesoplan.wording.plans import PlannedTogether

_DAYS_BACK, _DAYS_AHEAD = timedelta(400), timedelta(3 * 366)
"""The days around today of which busy calendars are read once for all rows."""
_MOST_WAYS = 3
_MOST_TOGETHER = 5_000
"""The most new rows that are placed together: each takes some kilobytes."""


@dataclass(frozen=True, slots=True)
class RowClinic:
    """The clinic of a row."""

    profile: Profile
    zone_name: str
    zone_is_named: bool
    """Whether somebody named the zone, and it is not just that of the machine."""
    calendars: Calendars[Path | str]
    """The busy calendars that the profile names."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a row asks for, worked out."""

    row: Row
    name: str
    request: Request
    options: CalendarOptions
    zone_is_named: bool
    names_language: bool
    calendars: Calendars[Path | str]
    profile: Profile
    at: time | None
    """The time of day in the cell of its start."""
    priority: int


@dataclass(frozen=True, slots=True)
class TogetherWays:
    """How new rows are placed together."""

    rounds: int | None = None
    """None for the usual number."""
    stops: Callable[[], bool] = lambda: False
    """Whether somebody wants the best that was found so far."""
    progress: Callable[[int, int], None] = lambda _done, _of: None


@dataclass(frozen=True, slots=True)
class RowPlanner:
    """Plans rows, one after the other."""

    place: PlanFolder
    """Where plans of earlier batches are looked for, and new ones written."""
    clinic: Callable[[str | None], RowClinic]
    """Finds the clinic that a row names, or the usual one."""
    now: datetime
    bookings: Bookings | None
    """Each plan is made around them, and booked."""
    books: frozenset[Path]
    """The real paths of the folders that these are of.

    As busy calendars they would take a second room for each session.
    """
    together: TogetherWays | None = None
    """How new rows are placed together, if they are."""
    placed: dict[int, Plan] = field(default_factory=dict)
    """The plans of rows that were placed together, by their lines."""
    explains: bool = True
    """Unless it does, refusals have neither words nor ways out."""
    unreadable: dict[str, None] = field(init=False, default_factory=dict)
    """A line for each event of a busy calendar that could not be read."""
    notes: dict[str, None] = field(default_factory=dict)
    """What was understood in some way of its own in them, or passed over as a whole."""
    fetched: Callable[..., Calendars[Source]] = field(default=lambda calendars, _: calendars)
    """What puts calendars in place of their addresses, given the clinic's profile."""
    orders_seen: dict[DateOrder, str] = field(init=False, default_factory=dict)
    """A date of the rows that has its day first, and one that has its month first."""
    # A calendar is read once for all rows that look at the same days of it.
    _reader: Callable[..., BusyReader] = field(
        init=False, default_factory=lambda: lru_cache(maxsize=16)(_reader)
    )
    _plans_in: Callable[[tuple[Source, ...]], frozenset[str]] = field(
        init=False, default_factory=lambda: cache(_plans_in)
    )

    def plan(self, row: Row, name: str) -> Outcome:
        """What becomes of a row whose id makes that name.

        A plan that was made is booked: its file must be written.
        """
        try:
            data = self.place.content(name)
            wanted = self._wanted(row, name)
            return self._new(wanted) if data is None else self._changed(wanted, data)
        except NoLegalPlan as error:
            if self.together and self.explains and data is None and self._fits_alone(wanted):
                error.problem = "No room beside the others; alone it would fit."
                error.conflict = error.conflict._replace(code="NO_ROOM")
            ways = error.ways_out[:_MOST_WAYS]
            shown = ways_out_of_row(ways, wanted.request, wanted.profile, wanted.at)
            error.details = (shown,) if shown else ()
            return rejected(row, error, name)
        except MesoplanError as error:
            placed = self.placed.pop(row.line, None)
            if placed is not None and self.bookings is not None:
                self.bookings.release(placed.id)
            return rejected(row, error, name, self.mistakes(row))

    def place_together(self, rows: Iterable[NamedRow]) -> PlannedTogether:
        """Plan and book new rows together; what is wrong with one is found when it is planned.

        Raises InvalidInput for too many.
        """
        together = self.together or TogetherWays()
        requests, priorities, lines = [], [], []
        for row, name in rows:
            try:
                wanted = self._wanted(row, name)
                request = self._around_calendars(wanted, wanted.request, None)
                choices_of(request, self.now)
                if self.bookings is not None:
                    self.bookings.require_new(request)
            except MesoplanError:
                continue
            # What a private file does not say, no later run would know.
            requests.append(replace(request, patient=None) if wanted.options.private else request)
            priorities.append(wanted.priority)
            lines.append(row.line)
            if len(lines) > _MOST_TOGETHER:
                many = f"the table has more than {_MOST_TOGETHER:,} new patients"
                raise InvalidInput(many, "give a part of the table, or leave out --together")
        found = plan_together(
            requests,
            self.bookings,
            priorities=priorities,
            rounds=together.rounds,
            now=self.now,
            stops=together.stops,
            progress=together.progress,
        )
        for line, plan in zip(lines, found.plans, strict=True):
            if plan is not None:
                self.placed[line] = plan
                self._take(plan, line)
        return found

    def _fits_alone(self, wanted: _Wanted) -> bool:
        """Whether a row would have a plan beside only the plans that have no row."""
        request = self._around_calendars(wanted, wanted.request, None)
        if self.bookings is not None:
            request = replace(request, booked=self.bookings.around(request.plan_id, 0))
        return isinstance(solve(problem_for(request, now=self.now)), Solution)

    def mistakes(self, row: Row) -> Iterator[InvalidInput]:
        """What is wrong with each cell of a row by itself."""
        profile = Profile()
        with suppress(MesoplanError):
            profile = self.clinic(row.cells.get("clinic")).profile
        return mistakes_in(row.cells, profile)

    def _wanted(self, row: Row, name: str) -> _Wanted:
        clinic = self.clinic(row.cells.get("clinic"))
        named = (map(calendar_source, values_of(row.cells.get(it, ""))) for it in BUSY_COLUMNS)
        words = CellWords(order=clinic.profile.date_order, seen=self.orders_seen)
        draft = asked_by(row.cells, words)
        if "priority" in row.cells and self.together is None:
            self.notes["The column “priority” counts only with --together."] = None
        zone = row.cells.get("tz")
        return _Wanted(
            row,
            name,
            draft.request(clinic.profile, zone or clinic.zone_name),
            draft.calendar_options(clinic.profile),
            zone is not None or clinic.zone_is_named,
            "language" in row.cells,
            clinic.calendars.and_those(*named),
            clinic.profile,
            draft.start_time,
            priority_in(row.cells, words),
        )

    def _new(self, wanted: _Wanted) -> Planned:
        if self.bookings is not None:
            self.bookings.require_new(wanted.request)
        request, placed = wanted.request, self.placed.get(wanted.row.line)
        if placed is not None:
            request = replace(request, plan_id=placed.id)
            plan = replace(placed, request=replace(placed.request, patient=request.patient))
        else:
            for around in self._around(wanted, request):
                plan = make_plan(around, now=self.now, explains=self.explains)
        digest = digest_of(request, wanted.options, names_language=wanted.names_language)
        plan = replace(plan, row_digest=digest)
        data = calendar_file(plan, wanted.options, self.now)
        self._book(plan, wanted)
        return replace(_planned(wanted, Became.NEW, plan), data=data)

    def _changed(self, wanted: _Wanted, data: bytes) -> Planned:
        path = Path(f"{wanted.name}.ics")
        read = plan_in([(path, data)], lambda: wanted.request.timezone)
        options, own, asked = read.options, read.plan.request, wanted.request
        plan = replace(read.plan, request=replace(own, practitioners=asked.practitioners))
        request = replace(
            asked,
            plan_id=plan.id,
            timezone=asked.timezone if wanted.zone_is_named else own.timezone,
            language=asked.language if wanted.names_language else own.language,
            has_calendar=own.has_calendar,
        )
        digest = digest_of(request, wanted.options, names_language=wanted.names_language)
        before = digest_before(plan, options, request, names_language=wanted.names_language)
        kept = what_stays(before, digest) if before is not None else Kept.TIMES
        by_hand = plan.cancelled and before != GONE
        if kept is None or (by_hand and kept is not Kept.NOTHING):
            return _planned(wanted, Became.UNCHANGED, plan)
        require_own_previous(self.place.path_of(wanted.name), plan.id)
        require_whole(read, self.now)
        if kept is Kept.NOTHING:
            _require_marked(plan, self.now)
        if before is not None and same_counts(before, digest):
            # What was extended or cancelled by hand stays so.
            request = replace(request, sessions=plan.request.sessions)
        for around in self._around(wanted, request, plan):
            after = revised(plan, around, kept, now=self.now)
        after = replace(after, row_digest=digest)
        if own.has_calendar and kept is not Kept.ALL and not around.patient_busy:
            after = replace(after, notices=(*after.notices, Notice("PATIENT_CALENDAR", ())))
        require_neutral(after, wanted.options, plan if options.private else None)
        if request.timezone != plan.request.timezone:
            # What took place is at the same moment, and shown in another zone.
            after = _all_changed(plan, after)
        if (wanted.options.private, wanted.options.utc) == (options.private, options.utc):
            new = rewritten(read, after, self.now, wanted.options)
        else:
            # All its events say something else.
            after = _all_changed(plan, after)
            new = self._whole_file(after, wanted.options)
        self._book(after, wanted)
        earlier = None
        if wanted.options.private and not options.private:
            # It is kept as it was before, but private already.
            now = after.request
            was = replace(plan.request, location=now.location, phone=now.phone, patient=now.patient)
            earlier = self._whole_file(replace(plan, request=was), wanted.options)
        planned = _planned(wanted, Became.CHANGED, after)
        came_back = " ".join(
            notice_text(notice)
            for notice in assumed_before(read.assumed, plan, after)
            if notice.code in {"MISSING", "MAINTENANCE_MISSING"}
        )
        return replace(planned, data=new, before=data, kept=earlier, came_back=came_back)

    def _whole_file(self, plan: Plan, options: CalendarOptions) -> bytes:
        return calendar_file(plan, options, self.now, plan.every_session)

    def _around(
        self, wanted: _Wanted, request: Request, before: Plan | None = None
    ) -> Iterator[Request]:
        """Yield the request with the times that are taken, but for those of the plan *before* it.

        Where rows after it are booked, first without them: what can't be planned then may not be
        planned at all. So no row becomes possible since a later one takes the day of its START.
        """
        request = self._around_calendars(wanted, request, before)
        if self.bookings is None:
            yield request
            return
        line = wanted.row.line
        for last in (line, None) if self.bookings.has_row_after(line) else (None,):
            booked = self.bookings.around(request.plan_id, last)
            yield replace(request, booked=booked)

    def _around_calendars(self, wanted: _Wanted, request: Request, before: Plan | None) -> Request:
        calendars = self.fetched(wanted.calendars, wanted.profile)
        calendars = calendars.but(self.books) if self.books else calendars
        if not calendars.sources:
            return request
        zone = find_zone(request.timezone)
        today, needed = self.now.astimezone(zone).date(), days_that_matter(request)
        days = DateRange(
            min(needed.first, today - _DAYS_BACK), max(needed.last, today + _DAYS_AHEAD)
        )
        own: frozenset[str] = frozenset()
        if before is not None and before.id in self._plans_in(calendars.sources):
            own = frozenset(session.uid for session in before.every_session)
        reader = self._reader(days, zone, own, self.bookings)
        request = calendars.around(request, reader.read)
        self.unreadable.update(reader.unreadable)
        self.notes.update(reader.old | reader.notes)
        return request

    def _book(self, plan: Plan, wanted: _Wanted) -> None:
        for notice in notices_of_language(plan.request.language):
            self.notes[notice_text(notice)] = None
        self._take(plan, wanted.row.line)
        # What a private file does not say, no later run would know.
        if self.bookings is not None and not wanted.options.private:
            self.bookings.remember(plan, self.place.path_of(wanted.name))

    def _take(self, plan: Plan, line: int) -> None:
        if self.bookings is not None:
            self.bookings.book_plan(plan)
            self.bookings.put_on_line(plan.id, line)


def _reader(
    days: DateRange, zone: ZoneInfo, without: frozenset[str], bookings: Bookings | None
) -> BusyReader:
    # Loaded only for busy calendars, which take a library of calendars.
    from mesoplan.formats.calendars import BusyReader

    plans = frozenset(bookings.files.values() if bookings is not None else ())
    return BusyReader(days, zone, without, plans)


def _plans_in(sources: tuple[Source, ...]) -> frozenset[str]:
    from mesoplan.formats.calendars import plans_in

    return plans_in(sources)


def _planned(wanted: _Wanted, became: Became, plan: Plan) -> Planned:
    # What a private file does not show, the row does.
    goal = find_goal(wanted.request.goal)
    of_row = (wanted.name, wanted.request.patient, goal.name, goal.area_meant(wanted.request.area))
    schedule = schedule_rows(plan, of_row, private=wanted.options.private)
    label = wanted.request.patient if wanted.options.private else None
    return Planned(wanted.row.line, wanted.name, became, plan, schedule, label=label)


def _require_marked(plan: Plan, now: datetime) -> None:
    """Raise InvalidInput if another course is asked for while past sessions are not recorded."""
    if past := plan.overdue(now):
        names = ", ".join(f"{each.name} ({day_text(each.day)})" for each in past[:3])
        raise InvalidInput(
            f"the row asks for another course, but sessions of this one are not recorded: {names}",
            "record them with “mesoplan done” or “mesoplan miss”, then run the batch again",
        )


def _all_changed(before: Plan, after: Plan) -> Plan:
    """The plan with a higher sequence number for every event that was there before."""
    sequences = {each.uid: each.sequence for each in before.every_session}

    def raised(session: Session) -> Session:
        before = sequences.get(session.uid)
        return session if before is None else replace(session, sequence=before + 1)

    return after.with_each(raised)
