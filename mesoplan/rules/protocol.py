"""What is planned for a goal where nothing else is asked, and where each number comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from mesoplan.errors import InvalidInput, OutsideRule
from mesoplan.rules.limits import (
    INTERVAL_DAYS,
    MAINTENANCE_PER_YEAR,
    MAX_INTERVAL_DAYS,
    MAX_MAINTENANCE_PER_YEAR,
    MAX_SESSIONS,
    MIN_INTERVAL_DAYS,
    MIN_SESSIONS,
    SESSIONS,
    Rule,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesoplan.rules.sources import Citation

Grade = Literal["trial", "guideline", "clinic practice", "ours", "the clinic's own"]
"""How well a number is supported. *ours* is mesoplan's own choice, for the clinic to confirm."""
GRADE_MEANINGS: dict[Grade, str] = {
    "trial": "a published study used this number. That doesn't mean that the treatment works.",
    "guideline": "a medical society recommends it. No number here has this basis yet.",
    "clinic practice": "clinics publish it as what they do.",
    "ours": "mesoplan's own choice within the rules. The clinic should confirm it.",
    "the clinic's own": "the clinic's profile, or the plan's own file, gives it.",
}
GRADES = tuple(GRADE_MEANINGS)
"""All grades, the best supported first."""

MIN_DURATION_MINUTES, MAX_DURATION_MINUTES = 5, 480


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of R1-R3 that a course keeps: those of the rules, or narrower ones.

    Raises OutsideRule for a limit that is wider than its rule, and InvalidInput when one leaves
    nothing.
    """

    min_sessions: int = MIN_SESSIONS
    max_sessions: int = MAX_SESSIONS
    min_interval_days: int = MIN_INTERVAL_DAYS
    max_interval_days: int = MAX_INTERVAL_DAYS
    max_maintenance_per_year: int = MAX_MAINTENANCE_PER_YEAR
    """None is always possible: R3 is optional."""

    def __post_init__(self) -> None:
        SESSIONS.require("fewest sessions", self.min_sessions)
        SESSIONS.require("most sessions", self.max_sessions)
        INTERVAL_DAYS.require("shortest interval", self.min_interval_days)
        INTERVAL_DAYS.require("longest interval", self.max_interval_days)
        if not 0 <= self.max_maintenance_per_year <= MAX_MAINTENANCE_PER_YEAR:
            raise OutsideRule(
                MAINTENANCE_PER_YEAR.id,
                "most maintenance a year",
                self.max_maintenance_per_year,
                f"{MAINTENANCE_PER_YEAR.limit}, or 0 for none",
            )
        for what, least, most in (
            ("sessions", self.min_sessions, self.max_sessions),
            ("interval", self.min_interval_days, self.max_interval_days),
        ):
            if least > most:
                raise InvalidInput(
                    f"the limits of the {what} leave nothing: at least {least}, at most {most}",
                    "make the lower limit the smaller one",
                )

    @property
    def intervals(self) -> range:
        """The intervals within the limits, in days."""
        return range(self.min_interval_days, self.max_interval_days + 1)

    @property
    def interval_rule(self) -> Rule:
        """R2 with these limits."""
        return replace(
            INTERVAL_DAYS, minimum=self.min_interval_days, maximum=self.max_interval_days
        )

    @property
    def sessions_rule(self) -> Rule:
        """R1 with these limits."""
        return replace(SESSIONS, minimum=self.min_sessions, maximum=self.max_sessions)

    @property
    def interval_rule_text(self) -> str:
        """“R2”, or “R2 as the clinic narrows it”."""
        rule = self.interval_rule
        return rule.id if rule == INTERVAL_DAYS else f"{rule.id} as the clinic narrows it"

    @property
    def narrowing(self) -> str:
        """The limits that are narrower than the rules, in words; empty if none is."""
        most = self.max_maintenance_per_year
        yearly = f"at most {most} maintenance session a year" if most else "no maintenance"
        found = (
            (self.sessions_rule.limit, self.sessions_rule != SESSIONS),
            (f"{self.interval_rule.limit} between sessions", self.interval_rule != INTERVAL_DAYS),
            (yearly, most < MAX_MAINTENANCE_PER_YEAR),
        )
        return ", ".join(text for text, is_narrower in found if is_narrower)

    def require(self, sessions: int | None, interval: int | None, yearly: int | None) -> None:
        """Raise OutsideRule for a number outside the limits; None is not looked at."""
        if sessions is not None and not self.min_sessions <= sessions <= self.max_sessions:
            raise _outside(self.sessions_rule, SESSIONS, "sessions", sessions)
        if interval is not None and interval not in self.intervals:
            raise _outside(self.interval_rule, INTERVAL_DAYS, "interval", interval)
        if yearly is not None and not 0 <= yearly <= self.max_maintenance_per_year:
            most = self.max_maintenance_per_year
            limit = f"0 to {most} sessions a year" if most else "0, none at all"
            narrowed = self.max_maintenance_per_year < MAX_MAINTENANCE_PER_YEAR
            raise OutsideRule(
                MAINTENANCE_PER_YEAR.id, "maintenance", yearly, limit, narrowed=narrowed
            )


def _outside(limit: Rule, rule: Rule, what: str, value: int) -> OutsideRule:
    return OutsideRule(rule.id, what, value, limit.limit, narrowed=limit != rule)


class Phase(NamedTuple):
    """A number of sessions, with the preferred days from each of them to the next session."""

    sessions: int
    interval_days: int


class Figure(NamedTuple):
    """Where one number of a protocol comes from."""

    of: Literal["sessions", "interval", "split", "maintenance", "minutes"]
    """Which number. *split* is how the sessions are divided between phases."""
    grade: Grade
    note: str = ""
    citations: tuple[Citation, ...] = ()

    @property
    def source(self) -> str:
        """The citations by name, and the note: “Gajjar 2019. One clinic gives 10”."""
        cited = "; ".join(each.name for each in self.citations)
        return ". ".join(filter(None, (cited, self.note)))


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is planned for a goal where the request does not say otherwise.

    Raises InvalidInput without phases, and for a length that no session has. Its limits bind what
    is planned: a request may have other numbers.
    """

    phases: tuple[Phase, ...]
    maintenance_per_year: int
    minutes: int
    """The length of a session."""
    grade: Grade
    """The grade of its weakest number."""
    source: str
    """Where the numbers come from, in a line."""
    limits: Limits = Limits()
    figures: tuple[Figure, ...] = ()
    """Where each number comes from; empty if one grade and source are all that is known."""

    def __post_init__(self) -> None:
        if not self.phases or min(phase.sessions for phase in self.phases) < 1:
            raise InvalidInput(
                "a protocol has a phase without sessions, or no phase", "give each phase a session"
            )
        if not MIN_DURATION_MINUTES <= self.minutes <= MAX_DURATION_MINUTES:
            limit = f"{MIN_DURATION_MINUTES} to {MAX_DURATION_MINUTES} minutes"
            raise InvalidInput(f"minutes: {self.minutes} is outside {limit}", f"choose {limit}")

    @property
    def sessions(self) -> int:
        """The number of sessions in the course."""
        return sum(phase.sessions for phase in self.phases)

    @property
    def basis(self) -> str:
        """The grades of its numbers, the best supported first: “trial, ours”."""
        found = {each.grade for each in self.figures} or {self.grade}
        return ", ".join(grade for grade in GRADES if grade in found)

    def figures_beside(self, usual: Protocol) -> tuple[Figure, ...]:
        """Where each number comes from: one that is not the usual one is of its own source."""
        return tuple(
            each
            if self.value_of(each.of) == usual.value_of(each.of)
            else Figure(each.of, self.grade, self.source)
            for each in usual.figures
            if each.of != "split" or len(self.phases) > 1
        )

    def value_of(self, figure: str) -> str:
        """A number in words, by the name that it has in `figures`: “7, then 14 days”."""
        return {
            "sessions": str(self.sessions),
            "interval": f"{', then '.join(str(each.interval_days) for each in self.phases)} days",
            "split": " + ".join(str(each.sessions) for each in self.phases),
            "maintenance": f"{self.maintenance_per_year} a year",
            "minutes": str(self.minutes),
        }[figure]


def with_sessions(phases: tuple[Phase, ...], sessions: int) -> tuple[Phase, ...]:
    """The phases with that number of sessions in all.

    Extra sessions go to the last phase, missing ones leave it first.
    """
    resized: list[Phase] = []
    left = sessions
    for phase in phases:
        resized.append(phase._replace(sessions=min(phase.sessions, left)))
        left -= resized[-1].sessions
    resized[-1] = resized[-1]._replace(sessions=resized[-1].sessions + left)
    return tuple(phase for phase in resized if phase.sessions > 0)


def preferred_intervals(phases: Sequence[Phase]) -> tuple[int, ...]:
    """Preferred days from each session of the phases to the next: one fewer than the sessions."""
    days = [phase.interval_days for phase in phases for _ in range(phase.sessions)]
    return tuple(days[:-1])
