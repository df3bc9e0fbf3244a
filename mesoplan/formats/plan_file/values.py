"""Reasons and notices as the record of a plan has them: codes and values, no sentences.

A value is written as one or more words of ASCII that are joined by “/”: days as ISO dates, ranges
FROM..TO, times of day HH:MM, several of a kind after their number. What has a table here has a word
of its own, and its fields after it, in order: “closed/2026-12-24..2027-01-03/Christmas”. Calendars
that are busy are the clinic's own business: neither their names nor their times are written, nor
is the name of a practitioner.

Files of earlier versions have sentences there, which are kept as they are. A sentence has a space
before any “/”, which no value has.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.dates.times import clock, clock_text, minutes_of, time_range
from mesoplan.errors import InvalidInput
from mesoplan.model import causes as of
from mesoplan.model.fields import read_range, write_range
from mesoplan.model.plan import Published, Reason, ReasonCode
from mesoplan.rules.protocol import Limits, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mesoplan.model.causes import Cause

    Words = list[str]
    "What is left to be read, the next word last."

_LARGEST_NUMBER = 100_000
_LONGEST_TEXT = 20_000
"""Each of 90 days on which a course could not begin may have a reason of its own."""
_NOT_OURS = (ValueError, TypeError, IndexError, KeyError, OverflowError, RecursionError)


class _Form(NamedTuple):
    """How one field is written and read."""

    write: Callable[[Any], Iterable[str]]
    read: Callable[[Words], Any]
    """It raises ValueError, IndexError, KeyError or InvalidInput for another text."""


def _word(write: Callable[[Any], str], read: Callable[[str], Any]) -> _Form:
    return _Form(lambda value: (write(value),), lambda words: read(words.pop()))


def _maybe(form: _Form) -> _Form:
    """A field that may be None, which is an empty word."""

    def read(words: Words) -> Any:
        return form.read(words) if words[-1] else words.pop() or None

    return _Form(lambda value: ("",) if value is None else form.write(value), read)


def _several(form: _Form, least: int = 0) -> _Form:
    def write(values: Any) -> Iterable[str]:
        return (str(len(values)), *(word for each in values for word in form.write(each)))

    def read(words: Words) -> Any:
        return tuple(form.read(words) for _ in range(_number(words.pop(), least)))

    return _Form(write, read)


def _text(word: str) -> str:
    text = word.replace("%2F", "/").replace("%25", "%")
    require_shown(text)
    return text


def _number(word: str, least: int = 0) -> int:
    number = int(word)
    if not least <= number <= _LARGEST_NUMBER:
        raise ValueError
    return number


def _one_of(*words: str) -> _Form:
    return _word(str, {word: word for word in words}.__getitem__)


_FLAG = _word(lambda value: str(int(value)), {"0": False, "1": True}.__getitem__)
_NUMBER = _word(str, _number)
_TEXT = _word(lambda text: text.replace("%", "%25").replace("/", "%2F"), _text)
_WEEKDAY = _word(str, {str(weekday): weekday for weekday in range(7)}.__getitem__)
_DAY = _word(str, date.fromisoformat)
_DAYS = _several(_DAY)
_RANGE = _word(write_range, read_range)
_TIME = _word(lambda value: f"{value:%H:%M}", lambda word: clock("time", word))
_MINUTES = _word(clock_text, lambda word: minutes_of(clock("time", word)))
_SPAN = _word(lambda span: span.in_numbers, lambda word: time_range("hours", word))
_SPANS = _several(_SPAN)
_MOMENT = _word(lambda moment: moment.isoformat(timespec="minutes"), datetime.fromisoformat)
_NOT_KEPT = _Form(lambda _: (), lambda _: ())
_UNKNOWN = _Form(lambda _: (), lambda _: None)
_NO_NAME = _Form(lambda _: (), lambda _: "")
_OPENING = _Form(
    lambda opening: (*_SPANS.write(opening.spans), *_FLAG.write(opening.is_known)),
    lambda words: of.Opening(_SPANS.read(words), _FLAG.read(words)),
)
_CAUSE = _Form(lambda cause: _written(cause), lambda words: _read(words))
_CAUSES = _several(_CAUSE)
_LAST_DAY = _Form(_CAUSE.write, lambda words: _only(of.LastDay, _read(words)))
_REASONS = _several(
    _Form(
        lambda reason: (
            *(reason.code.value, *_DAYS.write(reason.days)),
            *_CAUSE.write(reason.cause),
        ),
        lambda words: Reason(ReasonCode(words.pop()), _DAYS.read(words), _read(words)),
    )
)

_FIELDS: dict[str, tuple[type[Any], tuple[_Form, ...]]] = {
    "weekday": (of.ClosedWeekday, (_NUMBER,)),
    "closed": (of.Closed, (_RANGE, _maybe(_TEXT))),
    "holiday": (of.Holiday, (_TEXT, _TEXT)),
    "away": (of.Away, (_RANGE,)),
    "arrive": (of.NotArrived, (_DAY,)),
    "last": (of.LastDay, (_DAY, _one_of("R4", "R5"), _DAY)),
    "night": (of.NightSkipped, (_TIME,)),
    "given-up": (of.GivenUp, (_DAY,)),
    "no-slot": (of.NoSlotLeft, (_OPENING, _NUMBER, _maybe(_SPAN), _FLAG)),
    "taken": (of.Taken, (_NUMBER, _NOT_KEPT, _NOT_KEPT, _maybe(_MINUTES))),
    "busy": (of.PractitionerBusy, (_NO_NAME, _UNKNOWN, _maybe(_MINUTES))),
    "off": (of.PractitionerOff, (_NO_NAME, _SPANS)),
    "leave": (of.PractitionerAway, (_NO_NAME, _RANGE)),
    "nobody": (of.NobodyFree, (_UNKNOWN, _maybe(_MINUTES))),
    "full": (of.DayFull, (_NO_NAME, _NUMBER)),
    "patient": (of.PatientBusy, (_UNKNOWN, _maybe(_MINUTES))),
    "part": (of.ClosedPart, (_UNKNOWN, _maybe(_TEXT))),
    "passed": (of.TimePassed, (_MINUTES, _FLAG)),
    "midnight": (of.PastMidnight, (_NUMBER,)),
    "skipped": (of.ClockSkipped, (_MINUTES,)),
    "not-open": (of.NotOpen, (_OPENING, _MINUTES)),
    "between": (of.BetweenSlots, (_NUMBER, _MINUTES)),
    "closes": (of.ClosesTooSoon, (_OPENING, _NUMBER, _MINUTES)),
    "prefers": (of.OtherWeekday, (_several(_WEEKDAY, 1),)),
    "agreed-time": (of.AgreedTime, (_MINUTES, _FLAG)),
    "no-day": (of.NoDayLeft, (_TEXT, _FLAG)),
    "no-course": (of.NoCourseGoesOn, (_DAY, _DAY, _CAUSES)),
    "room": (of.SharesShift, (_NUMBER, _DAY, _CAUSES)),
}
"""Each kind of cause by its word, and its fields; those of `Plain` are called by their names."""

_WORDS = {cause: word for word, (cause, _) in _FIELDS.items()}
_PLAIN = {each.name.lower().replace("_", "-"): each for each in of.Plain}

_NOTICES: dict[str, tuple[_Form, ...]] = {
    "START_SLIPPED": (_DAY, _DAY, _maybe(_REASONS)),
    "ENDS_EARLY": (_NUMBER,),
    "FEWER_SESSIONS": (_NUMBER, _NUMBER, _maybe(_LAST_DAY), _REASONS),
    "MAINTENANCE_LEFT_OUT": (_NUMBER, _DAY, _REASONS),
    "REST_NOT_LEGAL": (_FLAG, _NUMBER, _FLAG, _maybe(_DAY), _REASONS),
    "LATE": (_FLAG, _NUMBER, _DAY, _TEXT),
    "HOURS_ASSUMED": (_SPANS, _DAYS),
    "HOLIDAYS_UNKNOWN": (_TEXT, _several(_NUMBER, 1)),
    "CLOCK_CHANGE": (_TIME, _MOMENT, _maybe(_MOMENT)),
}
"""The values of the notices that a record keeps, by their codes."""


def _written(cause: Cause) -> Iterable[str]:
    if isinstance(cause, str):
        return ("",)
    if isinstance(cause, of.Plain):
        return (cause.name.lower().replace("_", "-"),)
    word = _WORDS[type(cause)]
    pairs = zip(_FIELDS[word][1], cause, strict=True)
    return (word, *(part for form, value in pairs for part in form.write(value)))


def _read(words: Words) -> Cause:
    word = words.pop()
    if not word:
        return ""
    if word in _PLAIN:
        return _PLAIN[word]
    cause, forms = _FIELDS[word]
    found: Cause = cause(*(form.read(words) for form in forms))
    return found


def _only(kind: type[Any], cause: Any) -> Any:
    if not isinstance(cause, kind):
        raise TypeError
    return cause


def require_shown(*texts: str) -> None:
    """Raise ValueError for a text that can't be shown as it is."""
    if not all(len(text) <= _LONGEST_TEXT and text.isprintable() for text in texts):
        raise ValueError


def reason_value(reason: Reason, *, private: bool) -> str:
    """A reason as a record has it; a private one has its code and days alone."""
    days = ",".join(day.isoformat() for day in reason.days)
    return f"{reason.code.value}|{days}|{'' if private else cause_value(reason.cause)}"


def read_reason(text: str) -> Reason:
    """A reason from a record. Raises ValueError for another text."""
    code, days, said = text.split("|", 2)
    require_shown(said)
    of_days = tuple(date.fromisoformat(day) for day in days.split(",") if day)
    return Reason(ReasonCode(code), of_days, read_cause(said))


def cause_value(cause: Cause) -> str:
    """A cause as a record has it; one that was read as a sentence is that sentence."""
    return cause if isinstance(cause, str) else "/".join(_written(cause))


def read_cause(text: str) -> Cause:
    """A cause from a record; empty for one that this version does not know."""
    return text if is_sentence(text) else _whole(text, _read) or ""


def notice_value(code: str, about: tuple[Any, ...] | str) -> str:
    """What a notice is about as a record has it; a sentence as it is."""
    if isinstance(about, str):
        return about
    pairs = zip(_NOTICES[code], about, strict=True)
    return "/".join(word for form, value in pairs for word in form.write(value))


def read_notice(code: str, text: str) -> tuple[Any, ...] | str:
    """What a notice is about; empty for one that this version does not know."""
    if is_sentence(text) or code not in _NOTICES:
        return text if is_sentence(text) else ""
    return _whole(text, lambda words: tuple(form.read(words) for form in _NOTICES[code])) or ""


def is_sentence(text: str) -> bool:
    """Whether it is what an earlier version kept in place of a value."""
    return " " in text.partition("/")[0]


def _whole(text: str, read: Callable[[Words], Any]) -> Any:
    """What *read* makes of all words of a text; None if it isn't one of ours."""
    words = text.split("/")[::-1]
    try:
        found = read(words)
    except (*_NOT_OURS, InvalidInput):
        return None
    return None if words else found


def two_numbers(text: str, separator: str) -> tuple[int, int]:
    """Two numbers from a record."""
    first, second = text.split(separator)
    return int(first), int(second)


def phases_text(phases: Iterable[Phase]) -> str:
    """“6x14,4x7”: phases as a record has them."""
    return ",".join(f"{count}x{interval}" for count, interval in phases)


def read_phases(text: str) -> tuple[Phase, ...]:
    """The phases in a record."""
    return tuple(Phase(*two_numbers(part, "x")) for part in text.split(","))


def limits_text(limits: Limits) -> str:
    """“3-15/7-10/2”: sessions, days between them, maintenance a year."""
    return (
        f"{limits.min_sessions}-{limits.max_sessions}/{limits.min_interval_days}-"
        f"{limits.max_interval_days}/{limits.max_maintenance_per_year}"
    )


def read_limits(text: str) -> Limits:
    """The limits in a record."""
    sessions, intervals, yearly = text.split("/")
    return Limits(*two_numbers(sessions, "-"), *two_numbers(intervals, "-"), int(yearly))


def published_text(published: tuple[Published, ...]) -> str:
    """“1a2b3c4d.5.1.2.3/…”: what was put into which calendar of a server, and in which revision."""
    return "/".join(".".join(map(str, (at, number, *all_))) for at, number, all_ in published)


def read_published(text: str) -> tuple[Published, ...]:
    """What a record says of calendars of servers. Raises ValueError for another text."""
    found = (part.split(".") for part in text.split("/") if text)
    return tuple(Published(at, int(number), tuple(map(int, all_))) for at, number, *all_ in found)
