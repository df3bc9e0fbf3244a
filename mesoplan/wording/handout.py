"""The sentences of the page and the message for the patient, beside those of calendars.

All that depends on the language stands in one `PageWords`, so that another language is another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.dates.days import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """All that a page or a message says in one language; what is filled in stands in braces."""

    language: str
    """Its code in HTML: “en”."""
    day: Callable[[date], str]
    """“Tuesday 1 December 2026”."""
    month: Callable[[date], str]
    """“December 2026”."""
    weekdays: tuple[str, ...]
    """The heads of a month's columns, Monday first."""
    first_weekday: int
    """With which day the week begins, Monday = 0."""
    title: str
    title_private: str
    sessions: str
    sessions_private: str
    top_ups: str
    top_ups_private: str
    number: str
    when: str
    time: str
    status: str
    """The heads of the columns, which only a reader of the screen is read."""
    minutes: str
    done: str
    cancelled: str
    no_longer: str
    """Of a session that was missed: nobody cancelled it."""
    held: str
    key_session: str
    key_done: str
    key_held: str
    home: str
    tickets: str
    about: str
    side_effects: str
    evidence: str
    contact: str
    contact_no_phone: str
    message_from: str
    """The first line of a message, from a clinic with a name; and without."""
    message: str
    message_changed: str
    message_anew: str
    """Above all dates, where more has changed than can be listed."""
    message_new: str
    message_cancelled: str
    message_dates: str
    """Above all dates, below those that changed."""
    message_held: str
    message_contact: str
    printed: str
    revision: str
    replaces: str


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


ENGLISH = PageWords(
    language="en",
    day=_day,
    month=lambda day: f"{MONTHS[day.month - 1]} {day.year}",
    weekdays=tuple(name[:2] for name in WEEKDAYS),
    first_weekday=0,
    title="Your mesotherapy sessions",
    title_private="Your appointments",
    sessions="Sessions",
    sessions_private="Appointments",
    top_ups="Top-ups",
    top_ups_private="Follow-ups",
    number="No.",
    when="Day",
    time="Time",
    status="Status",
    minutes="about {minutes} minutes each",
    done="done",
    cancelled="cancelled",
    no_longer="no longer stands",
    held="Held for you, but not fixed. Please call to confirm.",
    key_session="to come",
    key_done="done",
    key_held="held for you",
    home="You can travel home from {day}.",
    tickets="Dates can still change: book tickets that can be changed.",
    about="Very fine needles put vitamins, enzymes, hormones or plant extracts into the middle "
    "layer of the skin.",
    side_effects="Possible side effects: pain, nausea, sensitivity, bumps, swelling, bruising, "
    "itching, dark patches, redness, rash, scars and infection.",
    evidence="Ask a licensed practitioner with experience: there is not much proof yet of how well "
    "it works.",
    contact="Can't come, or need another day? Call as early as you can.",
    contact_no_phone="Can't come, or need another day? Call your clinic as early as you can.",
    message_from="{clinic}: your appointments",
    message="Your appointments",
    message_changed="Some dates have changed:",
    message_anew="Some dates have changed. Your dates now:",
    message_new="new: {when}",
    message_cancelled="cancelled: {when}",
    message_dates="All your dates:",
    message_held="Held for you, please call to confirm:",
    message_contact="Can't come, or need another day? Call {phone}.",
    printed="Printed on {day}",
    revision="revision {revision}",
    replaces="replaces the page of {day}",
)
