"""Every sentence of an event that a patient reads, and what keeps those of private files neutral.

A private file has no word of treatment, goal, area or patient: neither in what is written here nor
in what the clinic typed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from mesoplan.dates.days import day_text, span_text
from mesoplan.errors import InvalidInput
from mesoplan.rules.goals import ALL_GOALS, TELLTALE_BEGINNINGS
from mesoplan.rules.limits import RECOVERY_HOURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions

DISCLAIMER = "This calendar is a planning aid, not medical advice."
PRIVATE_DISCLAIMER = "This calendar is a planning aid; what you are told in person comes first."
_CANCELLED = "Cancelled: "
_OUR_TITLES = re.compile(
    r"(?:Mesotherapy(?: maintenance)?|Appointment|Follow-up appointment) "
    r"\d{1,2}(?:/\d{1,2})?(?: · [a-z-]+)?"
)
"""Every title of `title`, in all wordings so far."""
_FEWEST_TO_TELL = 4
"""Letters or digits of a label that is looked for as a whole: “7” is in many an address."""


def title(plan: Plan, session: Session, *, private: bool) -> str:
    """The title of a session's event."""
    is_course = session.kind == "course"
    # Of how many a dropped one was is not said: that number may have changed since. Not every
    # client shows by itself that an event is cancelled.
    dropped = session.is_dropped
    cancelled = _CANCELLED if dropped else ""
    number = f"{session.number}" if dropped else f"{session.number}/{plan.total(session)}"
    if private:
        return f"{cancelled}{'Appointment' if is_course else 'Follow-up appointment'} {number}"
    kind = "Mesotherapy" if is_course else "Mesotherapy maintenance"
    goal = f" · {plan.goal}" if plan.goal else ""
    return f"{cancelled}{kind} {number}{goal}"


def title_of_others(text: str, *, dropped: bool) -> str | None:
    """A title that is none of ours, with a mark if its session is dropped; None for one of ours."""
    theirs = text.strip().removeprefix(_CANCELLED)
    if not theirs or _OUR_TITLES.fullmatch(theirs):
        return None
    return f"{_CANCELLED if dropped else ''}{theirs}"


def description(plan: Plan, session: Session, *, private: bool) -> list[str]:
    """The lines that the patient reads, in plain text."""
    if session.is_dropped:
        return ["This appointment does not take place."]
    return [
        _PRIVATE_EXPECTATION if private else _expectation(plan, session),
        _window_line(session),
        *_next_lines(plan, session, "appointment" if private else "session"),
        _call(plan.request.phone, private=private),
        PRIVATE_DISCLAIMER if private else DISCLAIMER,
    ]


_PRIVATE_EXPECTATION = "Plan a quiet day afterwards; many people work again the same day."


def _expectation(plan: Plan, session: Session) -> str:
    what = "Session" if session.kind == "course" else "Maintenance session"
    treated = ", ".join(filter(None, (plan.goal, plan.area)))
    of = f"{session.number} of {plan.total(session)}{f' ({treated})' if treated else ''}"
    return (
        f"{what} {of}. What to expect: slight bruising and swelling, usually gone within "
        f"{RECOVERY_HOURS.limit}. Many people work again the same day, some take a day off."
    )


def _window_line(session: Session) -> str:
    earliest, latest = session.window.first, session.window.last
    if earliest == latest:
        return "No other day would do without moving another one as well."
    window = span_text(earliest, latest)
    return (
        f"If this day does not suit you, it may be possible to move it within {window}; ask first."
    )


def _next_lines(plan: Plan, session: Session, what: str) -> Iterator[str]:
    if plan.stay is not None and session is plan.sessions[-1]:
        yield f"Earliest day to travel home: {day_text(plan.stay.earliest_travel)}."
    following = plan.following(session)
    if following is not None:
        yield f"Next {what}: {day_text(following.day)}, {following.start:%H:%M}."
    else:
        yield f"This is the last {what} of the plan."


def _call(phone: str | None, *, private: bool) -> str:
    if private:
        return f"Call{f' {phone}' if phone else ''} as soon as you can if you can't come."
    return (
        f"Call the clinic{f' ({phone})' if phone else ''} if you can't come; call at once if "
        "redness, swelling or pain gets worse instead of better, or with a fever."
    )


_OUR_LINES = re.compile(
    r"(?:Maintenance s|S)ession \d+ of \d+(?: \([a-z-]+(?:, [a-z]+)?\))?\. What to expect: .*?"
    r"some take a day off\.|Plan a quiet day afterwards; many people work again the same day\.|"
    r"No other day would do without moving another one as well\.|"
    r"If this day does not suit you, it may be possible to move it within .*?; ask first\.|"
    r"Earliest day to travel home: .*?\.|Next (?:session|appointment): .*?, \d\d:\d\d\.|"
    r"This is the last (?:session|appointment) of the plan\.|"
    r"Call the clinic(?: \(.*?\))? if you can.t come; call at once .*?, or with a fever\.|"
    r"Call(?: \S.*?)? as soon as you can if you can.t come\.|"
    r"This calendar is a planning aid(?:, not medical advice\.|; .*? comes first\.)|"
    r"This appointment does not take place\."
)
"""Every line of `description`, in all wordings so far: what a wording was stays when it changes."""


def words_of_others(text: str) -> str:
    """What somebody else wrote into a description: all that is none of our lines.

    A program that shows descriptions as pages of the web saves them as one.
    """
    if re.search(r"<(?:br|p|div|span|html)\b", text, re.IGNORECASE):
        from html import unescape

        text = unescape(re.sub(r"<[^>]*>", "", re.sub(r"(?i)<br[^>]*>|</(?:p|div)>", "\n", text)))
    lines = ((line, _OUR_LINES.sub("", line).strip()) for line in text.splitlines())
    return "\n".join(left for line, left in lines if left or not line.strip()).strip()


def require_neutral(plan: Plan, options: CalendarOptions) -> None:
    """Raise InvalidInput if the file is to be private and what was typed tells what it is for.

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
