"""What a patient reads in a calendar, put together from the sentences in `languages`.

What an event says holds for as long as its own date stands. A private file has no word of
treatment, goal, area or patient.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.model.plan import Status
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL
from mesoplan.wording.languages import words_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions
    from mesoplan.wording.languages.words import Words


class Sentence(NamedTuple):
    """One sentence, or a part of one, that patients read, in every language."""

    line: str
    """Which line of the description it belongs to; the clinic can replace or switch off a line."""
    basis: str
    """SOURCE, PRACTITIONER, or empty for what only says how the appointment stands."""
    name: str
    """Which field of a language's Words it is."""

    def in_words(self, words: Words) -> str:
        """The sentence in a language, with what is filled in, in braces."""
        text: str = getattr(words, self.name)
        return text


SOURCE = "source"
"""It says what our source says."""
PRACTITIONER = "practitioner"
"""It is ours: a practitioner must agree to it."""

_HELD = (Sentence("held", "", "held"), Sentence("held", "", "held_call"))
_TICKETS = Sentence("trip", "", "trip_tickets")
_HOME = Sentence("home", "", "home")
_CANCELLED = (
    Sentence("cancelled", "", "cancelled"),
    Sentence("cancelled", "", "cancelled_come"),
    Sentence("cancelled", "", "cancelled_questions"),
)
_OPEN = (
    Sentence("contact", "", "contact"),
    *_HELD,
    Sentence("session", "", "which"),
    Sentence("trip", "", "trip"),
    _TICKETS,
    Sentence("before", PRACTITIONER, "before"),
    Sentence("before", SOURCE, "before_cream"),
    Sentence("treatment", SOURCE, "treatment"),
    Sentence("treatment", SOURCE, "treatment_feels"),
    Sentence("after", SOURCE, "after"),
    Sentence("after", PRACTITIONER, "after_bruise"),
    Sentence("after", SOURCE, "after_work"),
    Sentence("after", SOURCE, "after_care"),
    Sentence("call", PRACTITIONER, "call"),
    Sentence("call", PRACTITIONER, "call_later"),
    Sentence("emergency", PRACTITIONER, "emergency"),
    Sentence("travel", SOURCE, "travel"),
    _HOME,
    Sentence("keep", SOURCE, "keep"),
    Sentence("advice", "", "advice"),
    *_CANCELLED,
)
_PRIVATE = (
    Sentence("contact", "", "private_contact"),
    *_HELD,
    Sentence("session", "", "private_which"),
    Sentence("trip", "", "private_trip"),
    _TICKETS,
    Sentence("after", SOURCE, "private_after"),
    Sentence("after", SOURCE, "private_after_off"),
    Sentence("call", PRACTITIONER, "private_call"),
    Sentence("emergency", PRACTITIONER, "private_emergency"),
    _HOME,
    Sentence("advice", "", "private_advice"),
    *_CANCELLED,
)
SENTENCES = tuple(dict.fromkeys((*_OPEN, *_PRIVATE)))
"""Every sentence, once."""
_SAFETY = ("call", "emergency")
"""The lines that stand in English as well, where no native reader has reviewed a language."""
FIELD = re.compile(r"\{(\w*)\}")
"""What is filled in, in a sentence."""
LINES = tuple(dict.fromkeys(each.line for each in _OPEN))
"""The lines, in their order: the keys under [patient_text]."""
_ON_PAGES = (
    *("contact", "before", "treatment", "after", "call", "emergency", "travel", "keep", "advice"),
)
"""The lines that hold for every session."""


def _kind(session: Session, words: Words, *, private: bool) -> str:
    """What a session is called in a title."""
    if session.kind == "course":
        return words.appointment if private else words.mesotherapy
    return words.follow_up if private else words.mesotherapy_top_up


def title(plan: Plan, session: Session, *, private: bool, language: str | None = None) -> str:
    """The title of a session's event: it shows on locked screens.

    Without a *language* it is in that of the plan's patient.
    """
    words = words_in(language or plan.request.language)
    name = _kind(session, words, private=private)
    # A dropped one has no total, which may have changed since. Not every client shows by itself
    # that an event is cancelled.
    if session.is_dropped:
        return f"{words.cancelled_title}{name} {session.number}"
    return f"{name} {session.number}/{plan.total(session)}"


def alarm_text(plan: Plan, session: Session, options: CalendarOptions) -> str:
    """What the phone shows before a session: which one, when, where, and whom to call."""
    private, words = options.private, words_in(plan.request.language)
    place = options.words.name or (plan.request.location or "").split(",")[0].strip()
    return words.alarm.format(
        title=title(plan, session, private=private),
        when=f"{words.short_day(session.day)} {session.start:%H:%M}",
        place=f"{words.comma}{place}" if place and not private else "",
        call=plan.request.phone or _call(plan, words, private=private),
    )


def lines_of(plan: Plan, session: Session, options: CalendarOptions) -> list[tuple[str, bool]]:
    """The lines that the patient reads, in plain text, and whether each is the clinic's own."""
    values, found = _values(plan, session, options), []
    names = [*_lines(plan, session)]
    for language, texts in _texts(plan, options).items():
        ours = _templates(language, private=options.private)
        found += [
            (texts[name].format_map(values), texts[name] != ours.get(name))
            for name in names
            if name in texts
        ]
    return [(text, is_own) for text, is_own in found if text]


def lines_of_page(plan: Plan, options: CalendarOptions) -> dict[str, list[str]]:
    """The lines that a page has too, by their names: the clinic's own where it has some.

    A line that is left out is empty. Of a private page, the *options* are those of `neutral`.
    Where no native reader has reviewed the language, “english” is what must be there as well.
    """
    last = max((*plan.sessions, *plan.dropped, *plan.maintenance), key=lambda each: each.start)
    values = _values(plan, last, options)
    own, *others = _texts(plan, options).values()
    lines = {name: [own.get(name, "").format_map(values)] for name in _ON_PAGES}
    lines["english"] = [texts[name].format_map(values) for texts in others for name in texts]
    return {name: [*filter(None, texts)] for name, texts in lines.items()}


def _texts(plan: Plan, options: CalendarOptions) -> Mapping[str, Mapping[str, str]]:
    """What each line says in the patient's language, and below it those that are in English too.

    These are not where the clinic has a line of its own in that language, or leaves it out.
    """
    language, words = plan.request.language, options.words
    texts = {
        each: {**_templates(each, private=options.private), **words.texts_in(each)}
        for each in dict.fromkeys((language, "en"))
    }
    if language != "en":
        own = words.texts_in(language)
        names = [] if words_in(language).reviewed else [it for it in _SAFETY if it not in own]
        texts["en"] = {name: texts["en"][name] for name in names}
    return texts


def treated(plan: Plan) -> str:
    """“hair, scalp”, in the language of the plan's patient; empty if the plan does not say it."""
    words = words_in(plan.request.language)
    goal = None if plan.goal is None else words.goals[plan.goal]
    area = None if plan.area is None else words.areas[plan.area]
    return words.comma.join(filter(None, (goal, area)))


@cache
def _templates(language: str, *, private: bool) -> Mapping[str, str]:
    """What each line says, with what is filled in, in braces."""
    words = words_in(language)
    lines: dict[str, list[str]] = {}
    for sentence in _PRIVATE if private else _OPEN:
        lines.setdefault(sentence.line, []).append(sentence.in_words(words))
    return {line: words.between.join(sentences) for line, sentences in lines.items()}


def _lines(plan: Plan, session: Session) -> Iterator[str]:
    """The lines that such a session has."""
    if session.is_dropped:
        yield "cancelled"
        return
    is_course = session.kind == "course"
    travels = plan.request.arrive is not None or plan.request.depart is not None
    is_last = is_course and session.number == plan.total_sessions
    left_out = {
        "cancelled",
        *([] if is_held(session) else ["held"]),
        *([] if is_course and session.number == 1 and travels and plan.stay else ["trip"]),
        *([] if is_last and travels else ["home"]),
        *([] if is_last else ["keep"]),
    }
    yield from (line for line in LINES if line not in left_out)


def is_held(session: Session) -> bool:
    """Whether the patient is still to confirm it: once a day was agreed, nobody is asked to."""
    return session.kind == "maintenance" and not session.pinned


def _values(plan: Plan, session: Session, options: CalendarOptions) -> Mapping[str, object]:
    """What is filled in."""
    phone, words = plan.request.phone, words_in(plan.request.language)
    whom = options.words.name or words.your_clinic
    what_for = treated(plan)
    return {
        "whom": words.with_phone.format(clinic=whom, phone=phone) if phone else whom,
        "call": _call(plan, words, private=options.private),
        # What was missed was not cancelled by anybody.
        "stands": (
            words.no_longer_stands if session.status is Status.MISSED else words.is_cancelled
        ),
        "what": words.session if session.kind == "course" else words.top_up,
        "number": session.number,
        "total": plan.total(session),
        "treated": (
            words.in_brackets.format(treated=what_for) if what_for and not options.private else ""
        ),
        "minutes": words.minutes_text(plan.duration_minutes),
        "home": words.day(session.day + timedelta(days=MIN_DAYS_BEFORE_TRAVEL)),
    }


def _call(plan: Plan, words: Words, *, private: bool) -> str:
    """A sentence that says whom to call."""
    if plan.request.phone is None:
        return words.call_us if private else words.call_clinic
    return words.call_number.format(phone=plan.request.phone)


def fields_of(line: str) -> set[str]:
    """What can be filled in, in a line."""
    english = words_in("en")
    texts = (each.in_words(english) for each in SENTENCES if each.line == line)
    return {name for text in texts for name in FIELD.findall(text)}


def to_sign_off(own: Collection[str]) -> Iterator[str]:
    """The sentences that a practitioner must agree to, but for lines of the clinic's *own*."""
    english = words_in("en")
    for sentence in (*_OPEN, *_PRIVATE):
        if sentence.basis == PRACTITIONER and sentence.line not in own:
            text = sentence.in_words(english)
            yield text if text[0].isupper() else f"… {text}"
