"""The fields of a request as a record keeps them."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from datetime import date, time
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mesoplan.dates.days import DateRange
from mesoplan.dates.holidays import region_name
from mesoplan.dates.times import TimeRange, time_of_day, time_range
from mesoplan.model.request import Request, WeeklyHours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Form:
    """How values of one kind are written, and read."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def read_range(text: str) -> DateRange:
    """FROM..TO as a range. Raises ValueError or InvalidInput where it is none."""
    first, _, last = text.partition("..")
    return DateRange(date.fromisoformat(first), date.fromisoformat(last))


def write_range(days: DateRange) -> str:
    """A range as FROM..TO."""
    return f"{days.first}..{days.last}"


def _write_time(asked: time | TimeRange) -> str:
    return asked.as_typed if isinstance(asked, TimeRange) else f"{asked:%H:%M}"


def _write_hours(hours: WeeklyHours) -> str:
    """“0.09:00-12:30/14:00-18:00,2.09:00-12:30”: the spans of each weekday that has any."""
    return ",".join(
        f"{weekday}.{'/'.join(str(span).replace('–', '-') for span in spans)}"
        for weekday, spans in enumerate(hours)
        if spans
    )


def _read_hours(text: str) -> WeeklyHours:
    days: list[tuple[TimeRange, ...]] = [()] * 7
    for part in text.split(","):
        weekday, _, spans = part.partition(".")
        days[int(weekday)] = tuple(time_range("hours", span) for span in spans.split("/"))
    return tuple(days)


def _list_of(form: Form, make: Callable[[Iterable[Any]], Any], separator: str = ",") -> Form:
    return Form(
        lambda items: separator.join(map(form.write, items)),
        lambda text: make(map(form.read, text.split(separator))),
    )


def _in_order(form: Form, separator: str = ",") -> Form:
    return Form(
        lambda items: separator.join(map(form.write, sorted(items))),
        lambda text: frozenset(map(form.read, text.split(separator))),
    )


_TEXT = Form(str, str)
_NUMBER = Form(str, int)
_DAY = Form(str, date.fromisoformat)
_RANGE = Form(write_range, read_range)

REQUEST_FIELDS: dict[str, tuple[str, Form]] = {
    "zone": ("timezone", _TEXT),
    "time": ("time_of_day", Form(_write_time, lambda text: time_of_day("time", text))),
    "hours": ("opening_hours", Form(_write_hours, _read_hours)),
    "slot": ("slot_minutes", _NUMBER),
    "rooms": ("rooms", _NUMBER),
    "phone": ("phone", _TEXT),
    "place": ("location", _TEXT),
    "start": ("start", _DAY),
    "count": ("sessions", _NUMBER),
    "interval": ("interval_days", _NUMBER),
    "yearly": ("maintenance_per_year", _NUMBER),
    "closed": ("closed_weekdays", _in_order(_NUMBER)),
    "closures": ("closures", _list_of(_RANGE, tuple)),
    "holidays": ("holidays", _list_of(Form(region_name, region_name), tuple)),
    "works": ("open_holidays", _in_order(_TEXT, "|")),
    "open": ("open_days", _in_order(_DAY)),
    "away": ("away", _list_of(_RANGE, tuple)),
    "arrive": ("arrive", _DAY),
    "depart": ("depart", _DAY),
    "finish": ("finish_by", _DAY),
    "flex": ("flex_days", _NUMBER),
    "patient": ("patient", _TEXT),
}
"""Each key with the field of the Request that it stands for."""

NOT_IN_REQUEST_MAP = frozenset(
    {"goal", "area", "years", "duration_minutes", "protocol", "plan_id", "busy"}
)
"""The fields of a Request that the plan's own keys tell; busy calendars are not kept at all."""

_ALWAYS = frozenset({"zone", "time"})
_DEFAULTS = {field.name: field.default for field in fields(Request) if field.default is not MISSING}
_WRITTEN = [
    (key, form.write, None if key in _ALWAYS else _DEFAULTS.get(name))
    for key, (name, form) in REQUEST_FIELDS.items()
]
_values = attrgetter(*(name for name, _ in REQUEST_FIELDS.values()))


def request_pairs(request: Request) -> Iterator[tuple[str, str]]:
    """The keys and values that tell a request; what has its usual value is left out."""
    for (key, write, usual), value in zip(_WRITTEN, _values(request), strict=True):
        if value is not None and value != usual:
            yield key, write(value)


def request_values(pairs: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a request that such pairs tell, by name.

    Raises ValueError, IndexError, OverflowError or InvalidInput for a value that is none.
    """
    return {
        name: form.read(pairs[key]) for key, (name, form) in REQUEST_FIELDS.items() if key in pairs
    }
