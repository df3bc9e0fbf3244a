"""What is said of days once they are chosen: the window of each, and why it is not another."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mesoplan.dates.days import DateRange, day_text, list_text
from mesoplan.model.plan import Reason, ReasonCode
from mesoplan.planning.solver import first_member, last_member, reachable
from mesoplan.rules.limits import MAINTENANCE_SLACK_DAYS

if TYPE_CHECKING:
    from mesoplan.planning.availability import Availability


@dataclass(frozen=True, slots=True)
class PlacedCourse:
    """The days of a course, with what they were chosen by."""

    days: tuple[date, ...]
    preferred: tuple[int, ...]
    """The preferred interval before each session from the second on."""
    intervals: range
    """The legal intervals."""
    start: date
    """START: no session may be before it."""
    availability: Availability

    def window(self, index: int) -> DateRange:
        """The earliest and latest usable day for a session, all others left where they are.

        *index* counts from 0. Both neighbours stay a legal interval away (R2); session 1 stays on
        or after START.
        """
        shortest, longest = timedelta(days=self.intervals[0]), timedelta(days=self.intervals[-1])
        earliest, latest = self.start, date.max
        if index > 0:
            before = self.days[index - 1]
            earliest = max(earliest, before + shortest)
            latest = before + longest
        if index < len(self.days) - 1:
            after = self.days[index + 1]
            earliest = max(earliest, after - longest)
            latest = min(latest, after - shortest)
        return _window_within(
            self.availability.usable(earliest, (latest - earliest).days + 1), earliest
        )

    def windows(self) -> list[DateRange]:
        """The window of every session, in order; of at least two."""
        # In whole days from START, and with one set for all: plans are made by the thousand.
        at = [(day - self.start).days for day in self.days]
        shortest, longest = self.intervals[0], self.intervals[-1]
        end = at[-1] + longest
        usable = self.availability.usable(self.start, end + 1)
        earliest = map(
            max, [0, *(day + shortest for day in at)], [*(d - longest for d in at[1:]), 0]
        )
        latest = map(
            min, [end, *(day + longest for day in at)], [*(d - shortest for d in at[1:]), end]
        )
        return [
            _window_within(usable & (1 << last + 1) - (1 << first), self.start)
            for first, last in zip(earliest, latest, strict=True)
        ]

    def reasons(self, index: int) -> tuple[Reason, ...]:
        """Why a session is not on its preferred day, or not at its preferred time.

        Nothing when it is. *index* counts from 0.
        """
        for_day = self._reasons_for_day(index) if index else self.reasons_for_a_late_start()
        return (*for_day, *self.availability.reasons_for_time(self.days[index]))

    def _reasons_for_day(self, index: int) -> tuple[Reason, ...]:
        before, day = self.days[index - 1], self.days[index]
        if (day - before).days == self.preferred[index - 1]:
            return ()
        preferred = before + timedelta(days=self.preferred[index - 1])
        found = list(self.availability.reasons([preferred]))
        nearest = self._nearest_usable(before, preferred, day)
        if abs(day - preferred) > abs(nearest - preferred):
            found.append(self._look_ahead(index, nearest))
        return tuple(found)

    def reasons_for_a_late_start(self) -> tuple[Reason, ...]:
        """Why session 1 is not on START; nothing when it is."""
        if self.days[0] == self.start:
            return ()
        skipped = [self.start + timedelta(days=k) for k in range((self.days[0] - self.start).days)]
        found = list(self.availability.reasons(skipped))
        blocked = {day for reason in found for day in reason.days}
        no_course = tuple(day for day in skipped if day not in blocked)
        if no_course:
            text = f"no legal course begins on {list_text(no_course)}"
            found.append(Reason(ReasonCode.LOOK_AHEAD, text, no_course))
        return tuple(found)

    def _nearest_usable(self, before: date, preferred: date, chosen: date) -> date:
        """The usable day at a legal interval that is nearest to the preferred day.

        Of two that are equally near it is the one on the side of the chosen day.
        """
        legal = [before + timedelta(days=interval) for interval in self.intervals]
        return min(
            (day for day in legal if not self.availability.blockers(day)),
            key=lambda day: (abs(day - preferred), (day < preferred) != (chosen < preferred)),
        )

    def _look_ahead(self, index: int, day: date) -> Reason:
        """The later obstacle for which a session is not on *day*, though it could be.

        Either no legal course goes on from *day*; or one does, but the shift that the obstacle
        asks for costs less when it is shared. (From *day* on, preferred intervals would cost
        nothing more; since the optimum is elsewhere, they must run into an obstacle.)
        """
        obstacle, number = day, index + 1
        while not (blockers := self.availability.blockers(obstacle)):
            obstacle += timedelta(days=self.preferred[number - 1])
            number += 1
        why = f"{day_text(obstacle)}: {'; '.join(source.phrase(obstacle) for source in blockers)}"
        steps = len(self.days) - index - 1
        usable = self.availability.usable(day, steps * self.intervals[-1] + 1)
        if reachable(usable, 1, steps, self.intervals)[-1]:
            text = f"shares the shift that session {number} needs ({why})"
        else:
            text = f"no legal course goes on from {day_text(day)} ({why})"
        deadline = any(source.code is ReasonCode.DEADLINE for source in blockers)
        return Reason(ReasonCode.DEADLINE if deadline else ReasonCode.LOOK_AHEAD, text, (obstacle,))


def due_day(last: date, months: int) -> date:
    """The day *months* after the last course session; a day the month lacks rolls back."""
    year, month = divmod(last.year * 12 + last.month - 1 + months, 12)
    return date(year, month + 1, min(last.day, monthrange(year, month + 1)[1]))


def maintenance_day(due: date, availability: Availability) -> date | None:
    """The usable day nearest to the due day, within R3's 14 days; a tie goes to the later one."""
    return _nearest_day(due, _days_near(due, availability))


def maintenance_window(due: date, availability: Availability) -> DateRange:
    """The earliest and the latest usable day within R3's 14 days of the due day."""
    return _window_within(_days_near(due, availability), due - _MAINTENANCE_SLACK)


def maintenance_place(due: date, availability: Availability) -> tuple[date, DateRange] | None:
    """The day and the window of a maintenance session; None where it has none."""
    usable = _days_near(due, availability)
    day = _nearest_day(due, usable)
    return None if day is None else (day, _window_within(usable, due - _MAINTENANCE_SLACK))


_MAINTENANCE_SLACK = timedelta(days=MAINTENANCE_SLACK_DAYS)


def _days_near(due: date, availability: Availability) -> int:
    """The usable days within R3's 14 days of the due day, as a set counted from the first."""
    return availability.usable(due - _MAINTENANCE_SLACK, 2 * MAINTENANCE_SLACK_DAYS + 1)


def _nearest_day(due: date, usable: int) -> date | None:
    """The day nearest to the due day of a set as `_days_near` has it."""
    for distance in range(MAINTENANCE_SLACK_DAYS + 1):
        for offset in (distance, -distance):
            if usable >> MAINTENANCE_SLACK_DAYS + offset & 1:
                return due + timedelta(days=offset)
    return None


def _window_within(usable: int, origin: date) -> DateRange:
    """The first and the last day of a set that is not empty, counted from *origin*."""
    return DateRange(
        origin + timedelta(days=first_member(usable)),
        origin + timedelta(days=last_member(usable)),
    )
