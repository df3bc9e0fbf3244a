"""The rules R1-R7: the one place for the numbers that bind every plan, each with its source.

The source document is “Mesotherapy Procedure Description” (MyMediTravel), a lay web page. A rule
names the section, and what it says in our words. A clinic may narrow R1-R3; nothing may widen them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mesoplan.errors import OutsideRule


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit, with its unit and where it comes from."""

    id: str
    name: str
    """What it limits: “sessions in a course”."""
    minimum: int
    maximum: int | None
    """None if the source sets no upper limit."""
    unit: str
    """The unit of the limits, in the plural; empty for a plain count."""
    section: str
    """The section of the source document."""
    fact: str
    """What that section says, in our words."""

    @property
    def limit(self) -> str:
        """The limits in words: “7 to 14 days”, “1 day or more”."""
        if self.maximum is None:
            words = f"{self.minimum} {self._unit_for(self.minimum)} or more"
        elif self.minimum == self.maximum:
            words = f"{self.minimum} {self._unit_for(self.minimum)}"
        else:
            words = f"{self.minimum} to {self.maximum} {self._unit_for(self.maximum)}"
        return " ".join(words.split())

    def _unit_for(self, number: int) -> str:
        return self.unit.removesuffix("s") if number == 1 else self.unit

    def allows(self, value: int) -> bool:
        """Whether *value*, in the rule's unit, lies within the limits."""
        return self.minimum <= value and (self.maximum is None or value <= self.maximum)

    def require(self, what: str, value: int) -> None:
        """Raise OutsideRule, naming *what*, unless the rule allows *value*."""
        if not self.allows(value):
            raise OutsideRule(self.id, what, value, self.limit)


MIN_SESSIONS, MAX_SESSIONS = 3, 15
MIN_INTERVAL_DAYS, MAX_INTERVAL_DAYS = 7, 14
MAX_MAINTENANCE_PER_YEAR = 2
MIN_DAYS_BEFORE_TRAVEL = 1
RECOVERY_DAYS = 1
"""R4 in calendar days: a session's recovery is over on the next day."""

SESSIONS = Rule(
    "R1",
    "sessions in a course",
    MIN_SESSIONS,
    MAX_SESSIONS,
    "sessions",
    "How Long Should I Stay",
    "the patient comes back 3 to 15 times, without staying overnight",
)
INTERVAL_DAYS = Rule(
    "R2",
    "interval between two sessions",
    MIN_INTERVAL_DAYS,
    MAX_INTERVAL_DAYS,
    "days",
    "How Long Should I Stay",
    "7 to 14 days between the visits",
)
MAINTENANCE_PER_YEAR = Rule(
    "R3",
    "maintenance sessions a year",
    1,
    MAX_MAINTENANCE_PER_YEAR,
    "sessions a year",
    "Aftercare",
    "maintenance is optional, once or twice a year; 0 means none",
)
RECOVERY_HOURS = Rule(
    "R4",
    "recovery after a session",
    24 * RECOVERY_DAYS,
    24 * RECOVERY_DAYS,
    "hours",
    "Recovery Time",
    "slight bruising and swelling settle within a day",
)
DAYS_BEFORE_TRAVEL = Rule(
    "R5",
    "days from the last session to travelling home",
    MIN_DAYS_BEFORE_TRAVEL,
    None,
    "days",
    "How Long Should I Stay",
    "you can leave the clinic at once; wait a day before travelling, so that the substances settle",
)
DAYS_OFF_WORK = Rule(
    "R6",
    "days off work after a session",
    0,
    1,
    "days",
    "Recovery Time",
    "many people work the same day, some take a day off",
)
INJECTION_DEPTH_MM = Rule(
    "R7",
    "depth of the injections (information only)",
    1,
    4,
    "mm",
    "What does the Procedure Involve",
    "the depth depends on the condition that is treated",
)

ALL_RULES = (
    SESSIONS,
    INTERVAL_DAYS,
    MAINTENANCE_PER_YEAR,
    RECOVERY_HOURS,
    DAYS_BEFORE_TRAVEL,
    DAYS_OFF_WORK,
    INJECTION_DEPTH_MM,
)

# ---------------------------------------------------------------- numbers of mesoplan's own

MAINTENANCE_SLACK_DAYS = 14
"""How far from its due day a maintenance session may be placed, before or after."""

MAX_START_SLIP_DAYS = 90
"""How far after START the first usable day may lie before the plan is refused."""

EVENT_MARGIN_DAYS = 14
"""The days between the last session and an event below which a plan warns of bruises."""

MAINTENANCE_GAP_DAYS = 90
"""A gap of this many days is taken to end a course, where nothing else says where it ends."""

LONGEST_DELAY_DAYS = 366
"""How much later a START, departure or deadline is tried before it is given up as a way out."""


class OwnNumber(NamedTuple):
    """A number of days that no source gives."""

    id: str
    days: int
    what: str
    """What it limits, for a reader."""


OWN_NUMBERS = (
    OwnNumber(
        "maintenance",
        MAINTENANCE_SLACK_DAYS,
        "how far a maintenance session may be from its due day, before or after",
    ),
    OwnNumber("start", MAX_START_SLIP_DAYS, "how much later than START session 1 may be"),
    OwnNumber(
        "event",
        EVENT_MARGIN_DAYS,
        "the margin between the last session and an event. With less, --finish-by adds a note",
    ),
    OwnNumber(
        "gap",
        MAINTENANCE_GAP_DAYS,
        "the gap after which “check” takes a date as maintenance, if the file doesn't say",
    ),
)

NOT_FOR = (
    "The limits come from one lay web page, not from a guideline.",
    "A licensed practitioner decides whether, with what and how often to treat.",
    "mesoplan doesn't assess contraindications: pregnancy, breast-feeding, blood thinners, "
    "allergy, skin infection, keloid, autoimmune or heart disease, cancer and others.",
    "Does a protocol need more than 14 days between sessions? Don't use mesoplan for it. Examples: "
    "products with detergents, monthly melasma regimens, monthly maintenance.",
)
"""What mesoplan is not for, a paragraph each."""
