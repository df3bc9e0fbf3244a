"""What every language must have: each sentence, name and date that a patient reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class PageWords(NamedTuple):
    """What a page and a message say beside the sentences of calendars, in one language."""

    narrow_weekdays: tuple[str, ...]
    """The heads of a month's columns, Monday first."""
    full_day: str
    """A day with its weekday, month and year in full."""
    title: str
    title_private: str
    sessions: str
    appointments: str
    top_ups: str
    follow_ups: str
    number: str
    when: str
    time: str
    status: str
    """The heads of the columns, which only somebody hears who can't see the page."""
    each: str
    """How long a session is."""
    done: str
    cancelled: str
    held: str
    """Above maintenance."""
    to_come: str
    held_for_you: str
    """What the boxes in the months mean, with `to_come` and `done`."""
    about: str
    side_effects: str
    evidence: str
    printed: str
    revision: str
    replaces: str
    message_from: str
    message: str
    """The first line of a message, from a clinic without a name."""
    changed: str
    anew: str
    """Above all dates, where it is not known what has changed since the last ones."""
    new: str
    gone: str
    dates: str
    held_dates: str
    scan: str
    """Beside the QR code of the link to the feed."""
    subscribe: str
    """Above the buttons of the page under that link."""
    updates: str
    computer: str
    download: str
    only_you: str


class Words(NamedTuple):
    """Everything that patients read in one language. Every field is required.

    Sentences have what is filled in, in braces. They are those of `mesoplan.wording.patient`, which
    says to which line each belongs. Times are of 24 hours in every language, “14:30”.
    """

    reviewed: str | None
    """Who reviewed it, as a native reader, and when; None for nobody so far."""
    sources: tuple[str, ...]
    """The published texts for patients that its safety sentences were compared with, and when."""

    # Days and numbers.
    months: tuple[str, ...]
    """January first, as they stand in a date."""
    short_months: tuple[str, ...]
    weekdays: tuple[str, ...]
    """Monday first."""
    short_weekdays: tuple[str, ...]
    whole_day: str
    """A day with its weekday and year, never in digits alone."""
    day_of_year: str
    """A day with its weekday, where a phone shows it."""
    month_of_year: str
    """The heading of a month."""
    first_weekday: int
    """With which weekday a week begins, Monday = 0."""
    singular: tuple[int, ...]
    """The numbers of things that are written as one thing is."""
    one_minute: str
    minutes: str

    # How a text is put together.
    between: str
    """What stands between two sentences of a line."""
    comma: str
    """What stands between the items of a list."""
    in_brackets: str
    """What was treated, as it follows the number of a session."""

    # Titles.
    mesotherapy: str
    mesotherapy_top_up: str
    appointment: str
    """A session, in a private file."""
    follow_up: str
    """Maintenance, in a private file."""
    session: str
    """What a session of the course is called in a sentence."""
    top_up: str
    """What maintenance is called in a sentence."""
    cancelled_title: str
    """What stands before the title of what does not take place."""
    goals: Mapping[str, str]
    """The goals by their own names, as they stand in brackets."""
    areas: Mapping[str, str]
    """The areas of the body by their own names."""

    # Whom to call.
    your_clinic: str
    with_phone: str
    """The clinic and its number, inside a sentence."""
    call_number: str
    call_clinic: str
    call_us: str
    alarm: str
    """What the phone shows before a session."""

    # The sentences of a calendar.
    contact: str
    held: str
    held_call: str
    which: str
    trip: str
    trip_tickets: str
    before: str
    before_cream: str
    treatment: str
    treatment_feels: str
    after: str
    after_bruise: str
    after_work: str
    after_care: str
    call: str
    call_later: str
    emergency: str
    travel: str
    home: str
    keep: str
    advice: str
    cancelled: str
    is_cancelled: str
    no_longer_stands: str
    cancelled_come: str
    cancelled_questions: str

    # Those of a private calendar, where they are others.
    private_contact: str
    private_which: str
    private_trip: str
    private_after: str
    private_after_off: str
    private_call: str
    private_emergency: str
    private_advice: str
    gives_away: tuple[str, ...]
    """How words begin that would give the treatment away, in any place, name or text.

    They are without accents and in small letters, and are in no ordinary address or surname.
    """
    suggests: tuple[str, ...]
    """How everyday words begin that give it away in a text of this language."""

    page: PageWords

    def full_day(self, day: date) -> str:
        """“Tuesday 1 December 2026”."""
        return self.page.full_day.format_map(self._parts(day))

    def day(self, day: date) -> str:
        """“Tue 1 Dec 2026”."""
        return self.whole_day.format_map(self._parts(day))

    def short_day(self, day: date) -> str:
        """“Tue 1 Dec”."""
        return self.day_of_year.format_map(self._parts(day))

    def month(self, day: date) -> str:
        """“December 2026”."""
        return self.month_of_year.format_map(self._parts(day))

    def minutes_text(self, number: int) -> str:
        """“30 minutes”."""
        form = self.one_minute if number in self.singular else self.minutes
        return form.format(number=number)

    def _parts(self, day: date) -> Mapping[str, object]:
        return {
            "weekday": self.weekdays[day.weekday()],
            "short_weekday": self.short_weekdays[day.weekday()],
            "day": day.day,
            "month": self.months[day.month - 1],
            "short_month": self.short_months[day.month - 1],
            "year": day.year,
            "thai_year": day.year + 543,
        }
