"""Every sentence that a patient reads in a calendar, and what keeps those of private files neutral.

The sentences stand in tables, so that another language can have tables of its own. What an event
says holds for as long as its own date stands. A private file has no word of treatment, goal, area
or patient: neither in what is written here nor in what the clinic typed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import day_text
from mesoplan.errors import InvalidInput
from mesoplan.model.plan import Status
from mesoplan.rules.goals import ALL_GOALS, TELLTALE_BEGINNINGS
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions


class Sentence(NamedTuple):
    """One sentence, or a part of one, that patients read."""

    line: str
    """Which line of the description it belongs to; the clinic can replace or switch off a line."""
    basis: str
    """SOURCE, PRACTITIONER, or empty for what only says how the appointment stands."""
    text: str
    """With what is filled in, in braces."""


SOURCE = "source"
"""It says what our source says."""
PRACTITIONER = "practitioner"
"""It is ours: a practitioner must agree to it."""

# fmt: off
_OPEN = (
    Sentence("contact", "", "Can't come, or need another day? Call {whom} as early as you can."),
    Sentence("held", "", "This date is held for you, but not fixed."),
    Sentence("held", "", "Please call to confirm it, or to choose another day."),
    Sentence("session", "", "{what} {number} of {total}{treated}, about {minutes} minutes."),
    Sentence("trip", "", "Your trip: your last session says from when you can travel home."),
    Sentence("trip", "", "Dates can still change: book tickets that can be changed."),
    Sentence("before", PRACTITIONER,
             "Before: tell us if your health, medicines or allergies have changed."),
    Sentence("before", SOURCE, "You may get a numbing cream."),
    Sentence("treatment", SOURCE, "The treatment: a series of very fine injections."),
    Sentence("treatment", SOURCE, "It can be uncomfortable, but is usually not painful."),
    Sentence("after", SOURCE, "After: a little bruising and swelling is common and usually "
             "settles within a day;"),
    Sentence("after", PRACTITIONER, "a bruise may show for longer."),
    Sentence("after", SOURCE, "Many people work the same day, some take a day off."),
    Sentence("after", SOURCE, "Follow the aftercare your practitioner gave you."),
    Sentence("call", PRACTITIONER, "Call the same day if pain, redness or swelling gets worse, "
             "or if you get a rash or a fever."),
    Sentence("call", PRACTITIONER, "Also call if a lump or sore appears, even weeks later."),
    Sentence("emergency", PRACTITIONER,
             "Trouble breathing or a swollen face: call the emergency number at once."),
    Sentence("travel", SOURCE,
             "Travelling? Wait at least a day after a session before you travel home."),
    Sentence("home", "", "You can travel home from {home}."),
    Sentence("keep", SOURCE, "To keep the result, get regular exercise, eat a balanced diet "
             "and drink little alcohol."),
    Sentence("advice", "", "Planning aid, not medical advice."),
    Sentence("cancelled", "", "This appointment {stands}."),
    Sentence("cancelled", "", "Please don't come at this time, unless your calendar has another "
             "appointment then."),
    Sentence("cancelled", "", "Questions? {call}"),
)
_PRIVATE = (
    Sentence("contact", "", "Can't come, or need another day? {call}"),
    *(each for each in _OPEN if each.line == "held"),
    Sentence("session", "", "About {minutes} minutes."),
    Sentence("trip", "", "Your trip: your last appointment says from when you can travel home."),
    Sentence("trip", "", "Dates can still change: book tickets that can be changed."),
    Sentence("after", SOURCE, "You can usually get on with your day afterwards;"),
    Sentence("after", SOURCE, "some people take the day off."),
    Sentence("call", PRACTITIONER, "If you feel unwell afterwards, or anything gets worse instead "
             "of better, call the same day, even weeks later."),
    Sentence("emergency", PRACTITIONER, "In an emergency call your local emergency number."),
    *(each for each in _OPEN if each.line == "home"),
    Sentence("advice", "", "If this differs from what we told you in person, please call."),
    *(each for each in _OPEN if each.line == "cancelled"),
)
_KINDS = {
    "course": ("Session", "Mesotherapy", "Appointment"),
    "maintenance": ("Top-up", "Mesotherapy top-up", "Follow-up"),
}
"""What a kind of session is called in a sentence, in a title, and in the title of a private one."""
# fmt: on
_CANCELLED = "Cancelled: "
LINES = tuple(dict.fromkeys(each.line for each in _OPEN))
"""The lines, in their order: the keys under [patient_text]."""
_FEWEST_TO_TELL = 4
"""Letters or digits of a label that is looked for as a whole: “7” is in many an address."""


def title(plan: Plan, session: Session, *, private: bool) -> str:
    """The title of a session's event: it shows on locked screens."""
    name = _KINDS[session.kind][2 if private else 1]
    # A dropped one has no total, which may have changed since. Not every client shows by itself
    # that an event is cancelled.
    if session.is_dropped:
        return f"{_CANCELLED}{name} {session.number}"
    return f"{name} {session.number}/{plan.total(session)}"


def alarm_text(plan: Plan, session: Session, options: CalendarOptions) -> str:
    """What the phone shows before a session: which one, when, where, and whom to call."""
    private = options.private
    day = day_text(session.day).rpartition(" ")[0]
    said = [title(plan, session, private=private), f"{day} {session.start:%H:%M}"]
    place = options.words.name or (plan.request.location or "").split(",")[0].strip()
    if place and not private:
        said.append(place)
    return f"{', '.join(said)}. Can't come? {plan.request.phone or _call(plan, private=private)}"


def description(plan: Plan, session: Session, options: CalendarOptions) -> list[str]:
    """The lines that the patient reads, in plain text: the clinic's own where it has some."""
    own, values = options.words.texts, _values(plan, session, options)
    templates = _templates(private=options.private)
    lines = (
        own[line] if line in own else templates.get(line, "").format_map(values)
        for line in _lines(plan, session)
    )
    return [line for line in lines if line]


@cache
def _templates(*, private: bool) -> Mapping[str, str]:
    """What each line says, with what is filled in in braces."""
    lines: dict[str, list[str]] = {}
    for sentence in _PRIVATE if private else _OPEN:
        lines.setdefault(sentence.line, []).append(sentence.text)
    return {line: " ".join(sentences) for line, sentences in lines.items()}


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
        # Once a day was agreed, nobody is asked to confirm it.
        *(["held"] if is_course or session.pinned else []),
        *([] if is_course and session.number == 1 and travels and plan.stay else ["trip"]),
        *([] if is_last and travels else ["home"]),
        *([] if is_last else ["keep"]),
    }
    yield from (line for line in LINES if line not in left_out)


def _values(plan: Plan, session: Session, options: CalendarOptions) -> Mapping[str, object]:
    """What is filled in."""
    phone = plan.request.phone
    treated = ", ".join(filter(None, (plan.goal, plan.area)))
    return {
        "whom": f"{options.words.name or 'your clinic'}{f', {phone},' if phone else ''}",
        "call": _call(plan, private=options.private),
        # What was missed was not cancelled by anybody.
        "stands": "no longer stands" if session.status is Status.MISSED else "is cancelled",
        "what": _KINDS[session.kind][0],
        "number": session.number,
        "total": plan.total(session),
        "treated": f" ({treated})" if treated else "",
        "minutes": plan.duration_minutes,
        "home": day_text(session.day + timedelta(days=MIN_DAYS_BEFORE_TRAVEL)),
    }


def _call(plan: Plan, *, private: bool) -> str:
    """A sentence that says whom to call."""
    if plan.request.phone is None:
        return "Please call us." if private else "Please call your clinic."
    return f"Call {plan.request.phone}."


def to_sign_off(own: Collection[str]) -> Iterator[str]:
    """The sentences that a practitioner must agree to, but for lines of the clinic's *own*."""
    for sentence in (*_OPEN, *_PRIVATE):
        if sentence.basis == PRACTITIONER and sentence.line not in own:
            yield sentence.text if sentence.text[0].isupper() else f"… {sentence.text}"


# ---------------------------------------------------------------- what comes back

_OUR_TITLES = re.compile(
    r"(?:Mesotherapy(?: maintenance| top-up)?|Appointment|Follow-up(?: appointment)?) "
    r"\d{1,2}(?:/\d{1,2})?(?: · [a-z-]+)?"
)
"""Every title of `title`, in all wordings so far."""
_OUR_SENTENCES_BEFORE = (
    r"(?:Maintenance s|S)ession \d+ of \d+(?: \([a-z-]+(?:, [a-z]+)?\))?\. What to expect: .*?"
    r"some take a day off\.",
    r"Plan a quiet day afterwards; many people work again the same day\.",
    r"No other day would do without moving another one as well\.",
    r"If this day does not suit you, it may be possible to move it within .*?; ask first\.",
    r"Earliest day to travel home: .*?\.",
    r"Next (?:session|appointment): .*?, \d\d:\d\d\.",
    r"This is the last (?:session|appointment) of the plan\.",
    r"Call the clinic(?: \(.*?\))? if you can.t come; call at once .*?, or with a fever\.",
    r"Call(?: \S.*?)? as soon as you can if you can.t come\.",
    r"This calendar is a planning aid(?:, not medical advice\.|; .*? comes first\.)",
    r"This appointment does not take place\.",
    r"Your trip: first (?:session|appointment) .*?, last (?:session|appointment) .*?\.",
    r"Please call to confirm it(?:, or to choose another day between .*?)?\.",
    r"Please don.t come at this time\.",
)
"""Every sentence before those of today. What a sentence was stays here when it changes."""
_SHAPES = {
    **dict.fromkeys(("number", "total", "minutes"), r"\d+"),
    "what": r"[\w-]+",
    "stands": "(?:is cancelled|no longer stands)",
    "call": r"(?:Please call (?:us|your clinic)|Call .*?)\.(?!\S)",
}


@cache
def _our_sentences() -> re.Pattern[str]:
    """Every sentence of ours, in all wordings so far, with whatever was filled in."""

    def pattern(sentence: Sentence) -> str:
        pieces = re.split(r"\{(\w+)\}", sentence.text)
        shapes = (_SHAPES.get(name, ".*?") for name in pieces[1::2])
        texts = (re.escape(text).replace("'", ".") for text in pieces[0::2])
        return "".join(text + shape for text, shape in zip(texts, (*shapes, ""), strict=True))

    today = dict.fromkeys(map(pattern, (*_OPEN, *_PRIVATE)))
    return re.compile("|".join((*_OUR_SENTENCES_BEFORE, *today)))


def title_of_others(text: str, *, dropped: bool) -> str | None:
    """A title that somebody else wrote, with a mark if its session is dropped; None for ours."""
    theirs = text.strip().removeprefix(_CANCELLED)
    if not theirs or _OUR_TITLES.fullmatch(theirs):
        return None
    return f"{_CANCELLED if dropped else ''}{theirs}"


def words_of_others(text: str, is_own: Callable[[str], bool] = lambda _line: False) -> str:
    """What somebody else wrote into a description: everything but our sentences.

    A line of the clinic *is_own* too. A program that shows descriptions as pages of the web saves
    them as one.
    """
    if re.search(r"<(?:br|p|div|span|html)\b", text, re.IGNORECASE):
        from html import unescape

        text = unescape(re.sub(r"<[^>]*>", "", re.sub(r"(?i)<br[^>]*>|</(?:p|div)>", "\n", text)))
    ours = _our_sentences()
    lines = ((line, ours.sub("", line).strip()) for line in text.splitlines() if not is_own(line))
    return "\n".join(left for line, left in lines if left or not line.strip()).strip()


# ---------------------------------------------------------------- what keeps private files neutral


def require_neutral(plan: Plan, options: CalendarOptions) -> None:
    """Raise InvalidInput if the file is to be private and what was typed says what it is for.

    They are looked through for the treatment, any goal, substances and other procedures, and
    for the area and the patient of this plan. What no list can know is left to whoever types it.
    """
    if not options.private:
        return
    request = plan.request
    reasons = (session.late for session in (*plan.active, *plan.dropped))
    # An address may well be in “Hands Lane”, a reason has no such excuse.
    if _tells(plan, filter(None, reasons), areas=True):
        raise _telltale("reason for being late", "write it in neutral words")
    if _tells(plan, filter(None, (request.location, request.phone)), areas=False):
        remedy = "write it in neutral words, or plan with --no-private"
        raise _telltale("location or phone number", remedy)
    # Somebody who treats may well have the patient's name.
    who = _folded(" ".join(filter(None, (request.practitioner, request.treats))))
    if _names(who, (), areas=False):
        remedy = "write it in neutral words in the clinic's profile, or plan with --no-private"
        raise _telltale("id or name of the practitioner", remedy)


def neutral(plan: Plan, options: CalendarOptions) -> CalendarOptions:
    """The options, without what of the clinic's own words a private file must not say.

    Our own sentence stands in its place.
    """
    words = options.words
    if not options.private or not any(words):
        return options
    fit = {key: text for key, text in words.texts.items() if not _tells(plan, [text], areas=True)}
    return replace(options, words=words._replace(name=None, texts=fit))


def telling(texts: Mapping[str, str]) -> Iterator[str]:
    """Which of the clinic's own lines name what is treated, whoever the patient is."""
    return (line for line, text in texts.items() if _names(_folded(text), (), areas=True))


def _telltale(what: str, remedy: str) -> InvalidInput:
    return InvalidInput(
        f"the {what} names the treatment or patient, which a private file must not", remedy
    )


def _tells(plan: Plan, texts: Iterable[str], *, areas: bool) -> bool:
    """Whether a text names the treatment, the patient or, if that counts, any area of the body."""
    shown = _folded(" ".join(texts))
    if not shown:
        return False
    label = _folded(plan.request.patient or "")
    whole_words = {*re.findall(r"\w{3,}", label), *([plan.area] if plan.area else [])}
    if sum(map(str.isalnum, label)) >= _FEWEST_TO_TELL:
        # Its words may all be short.
        whole_words.add(label)
    return _names(shown, whole_words, areas=areas)


def _names(shown: str, further: Iterable[str], *, areas: bool) -> bool:
    """Whether a folded text has a word that names the treatment, or one of *further* ones."""
    whole_words = {*further}
    for goal in ALL_GOALS:
        whole_words |= {goal.name, *goal.aliases, *(goal.areas if areas else ())}
    patterns = [rf"\b{_folded(word)}\b" for word in whole_words]
    patterns += [rf"\b{beginning}" for beginning in TELLTALE_BEGINNINGS]
    return re.search("|".join(patterns), shown) is not None


def _folded(text: str) -> str:
    """Its words, each after one blank, without letter case, accents and what nobody sees.

    So “Mésothérapie” and “hair_loss” are found, and a soft hyphen or a joiner hides nothing.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf"})
    return " ".join(re.findall(r"[^\W_]+", seen))
