"""The page that the patient takes home: the dates of a plan as one HTML file, to be printed.

The page needs nothing from elsewhere: no script, no font, no network. A private one has no word of
treatment, goal, area or patient. A mark in it says which plan it is of, in which revision and from
which day, so that only an earlier page of the same plan is ever replaced.
"""

from __future__ import annotations

import re
from calendar import Calendar
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.zones import find_zone
from mesoplan.formats.handout_sizes import Paper, sizes
from mesoplan.model.plan import Status
from mesoplan.rules.limits import MIN_DAYS_BEFORE_TRAVEL
from mesoplan.wording.languages import words_in
from mesoplan.wording.neutral import neutral
from mesoplan.wording.patient import is_held, lines_of_page, treated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from jinja2 import Template

    from mesoplan.model.plan import Plan, Session
    from mesoplan.model.request import CalendarOptions
    from mesoplan.wording.languages.words import Words

MARKER_NAME = "appointment-page"
_MARKER = re.compile(
    rf"{MARKER_NAME}\W+(?:content=\W)?([\w.-]{{1,100}}) ([0-9]{{1,9}}) "
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})".encode()
)

_ON_THE_WEB = {"size": 12, "row": 1.1, "month": 0.8, "below": True}
"""The sizes of what nobody prints; see `handout_sizes`."""


class Marker(NamedTuple):
    """Which page of which plan a file is."""

    plan_id: str
    revision: int
    printed: date

    def __str__(self) -> str:
        return f"{self.plan_id} {self.revision} {self.printed}"

    @property
    def at_the_end(self) -> bytes:
        """The mark as it follows a PDF, whose readers pass over it."""
        return f"%{MARKER_NAME}: {self}\n".encode()


def marker_in(data: bytes) -> Marker | None:
    """The mark in a page, HTML or PDF; None if the file is something else."""
    found = _MARKER.search(data)
    if found is None:
        return None
    plan_id, revision, printed = (text.decode() for text in found.groups())
    try:
        return Marker(plan_id, int(revision), date.fromisoformat(printed))
    except ValueError:
        return None


class _Row(NamedTuple):
    """A session in a list."""

    number: str
    day: str
    time: str
    status: str
    """In a word; empty while it is to come."""
    mark: str
    """Its class in the template: whether it is over, or dropped."""


class _List(NamedTuple):
    title: str
    note: str
    rows: list[_Row]


class Subscribing(NamedTuple):
    """The addresses behind the buttons of a page on the web."""

    apple: str
    google: str
    outlook: str
    download: str


class _Day(NamedTuple):
    """A day in a month; one of another month has no number."""

    number: str
    mark: str


class _Month(NamedTuple):
    title: str
    weeks: list[list[_Day]]


def marker_of(plan: Plan, now: datetime) -> Marker:
    """The mark of the page of a plan that is printed at the moment *now* (aware)."""
    return Marker(plan.id, plan.revision, now.astimezone(find_zone(plan.request.timezone)).date())


def handout_page(
    plan: Plan,
    options: CalendarOptions,
    now: datetime,
    *,
    paper: Paper = "a4",
    large: bool = False,
    replaces: Marker | None = None,
    link: str | None = None,
) -> bytes:
    """The page of a plan, printed at the moment *now* (aware), in place of the one it *replaces*.

    Its location is shown on a private page, too: that it is neutral was seen to. The *link* is that
    to the plan's feed.
    """
    marker, words = marker_of(plan, now), words_in(plan.request.language)
    printed = [words.page.printed.format(day=words.full_day(marker.printed))]
    if plan.revision:
        printed.append(words.page.revision.format(revision=plan.revision))
    if replaces is not None and replaces != marker:
        printed.append(words.page.replaces.format(day=words.full_day(replaces.printed)))
    content = _content(plan, options, now) | {"printed": " · ".join(printed), "link": link}
    return (
        page_template("handout.html")
        .render(
            **content,
            **sizes(content, paper, large=large),
            marker_name=MARKER_NAME,
            marker=str(marker),
            paper=paper.capitalize(),
            qr=None if link is None else qr_code(link),
            subscribing=None,
        )
        .encode()
    )


def web_page(
    plan: Plan, options: CalendarOptions, now: datetime, subscribing: Subscribing
) -> bytes:
    """The page under a plan's link, with buttons to subscribe to its feed.

    It changes only with what it says: nothing on it is of the day on which it was made.
    """
    return (
        page_template("handout.html")
        .render(
            **_content(plan, options, now),
            **_ON_THE_WEB,
            **dict.fromkeys(("printed", "link", "marker", "qr")),
            paper="A4",
            subscribing=subscribing,
        )
        .encode()
    )


def qr_code(text: str) -> str | None:
    """A QR code as a picture in a page; None without the library."""
    from importlib.util import find_spec

    if find_spec("segno") is None:
        return None
    import segno

    drawn: str = segno.make(text, error="m", micro=False).svg_inline(omitsize=True, border=1)
    return drawn


def page_template(name: str) -> Template:
    """The template of a page: a file beside this one."""
    # Slow to load.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)


def _content(plan: Plan, options: CalendarOptions, now: datetime) -> dict[str, object]:
    """What every page of a plan says."""
    options, words = neutral(plan, options), words_in(plan.request.language)
    return {
        **_values(plan, options, words, now),
        "lists": [*_lists(plan, options, words, now)],
        "months": [*_months(plan, words, now)],
    }


def _values(plan: Plan, options: CalendarOptions, words: Words, now: datetime) -> dict[str, object]:
    """What is filled into the template beside the dates, sizes and the mark."""
    private, request, page = options.private, plan.request, words.page
    lines, home = lines_of_page(plan, options), _travel(plan, options, words)
    phone = request.phone or ""
    minutes = page.each.format(minutes=words.minutes_text(plan.duration_minutes))
    about = [] if private else [page.about]
    return {
        "before": [*about, *lines["treatment"], *lines["before"], *lines["after"]],
        "call": [*lines["call"], *lines["emergency"]],
        "call_in_english": lines["english"],
        "after": [*([] if home else lines["travel"]), *lines["keep"]],
        "proof": [] if private else [page.side_effects, page.evidence],
        "words": page,
        "language": plan.request.language,
        "title": page.title_private if private else page.title,
        "label": None if private else request.patient,
        "about_sessions": " · ".join(filter(None, ("" if private else treated(plan), minutes))),
        "travel": home,
        "weekdays": [
            page.narrow_weekdays[day] for day in Calendar(words.first_weekday).iterweekdays()
        ],
        "key": _key(plan, words, now),
        # The number stays in one line.
        "contact": [text.replace(phone, "\xa0".join(phone.split())) for text in lines["contact"]],
        "phone": request.phone,
        # The place that a clinic's profile gives begins with its name.
        "where": request.location or options.words.name,
        "advice": lines["advice"],
    }


def _lists(plan: Plan, options: CalendarOptions, words: Words, now: datetime) -> Iterator[_List]:
    """The course and the maintenance, with what is dropped and would still be to come."""
    titles = {"course": words.page.sessions, "maintenance": words.page.top_ups}
    if options.private:
        titles = {"course": words.page.appointments, "maintenance": words.page.follow_ups}
    held = options.words.texts_in(plan.request.language).get("held", words.page.held).format()
    sessions = shown_sessions(plan, now)
    for kind, title in titles.items():
        of_kind = [each for each in sessions if each.kind == kind]
        if of_kind:
            asks = any(not each.is_dropped and _state(each, now) == "held" for each in of_kind)
            rows = [_row(plan, each, words, now) for each in of_kind]
            yield _List(title, held if asks else "", rows)


def shown_sessions(plan: Plan, now: datetime) -> list[Session]:
    """What a patient is shown, in order: what stands, and what is dropped and was still to come."""
    taken = {session.start for session in plan.active}
    dropped = (each for each in plan.dropped if each.start >= now and each.start not in taken)
    return sorted((*plan.active, *dropped), key=lambda each: each.place_in_time)


def _row(plan: Plan, session: Session, words: Words, now: datetime) -> _Row:
    status, mark = {
        Status.ATTENDED: (words.page.done, "over"),
        Status.CANCELLED: (words.page.cancelled, "gone"),
        # Nobody cancelled it.
        Status.MISSED: (words.no_longer_stands, "gone"),
    }.get(session.status, ("", "" if session.start >= now else "over"))
    number = "" if session.is_dropped else f"{session.number}/{plan.total(session)}"
    return _Row(number, words.full_day(session.day), f"{session.start:%H:%M}", status, mark)


def _state(session: Session, now: datetime) -> str:
    """How a session's day is marked in a month; not at all if it is past and not recorded."""
    if session.status is Status.ATTENDED:
        return "done"
    if session.start < now:
        return ""
    return "held" if is_held(session) else "agreed"


def _travel(plan: Plan, options: CalendarOptions, words: Words) -> str:
    """From when a patient who travels can go home; empty for others, and where it is not known."""
    travels = plan.request.arrive is not None or plan.request.depart is not None
    if not (travels and plan.sessions and plan.is_whole) or plan.cancelled:
        return ""
    home = plan.sessions[-1].day + timedelta(days=MIN_DAYS_BEFORE_TRAVEL)
    own = options.words.texts_in(plan.request.language)
    texts = (own.get("home", words.home).format(home=words.full_day(home)), words.trip_tickets)
    return words.between.join(filter(None, texts))


def _months(plan: Plan, words: Words, now: datetime) -> Iterator[_Month]:
    """The months that have a session, and all between the first and the last one of the course."""
    marks = {session.day: _state(session, now) for session in plan.active}
    numbers = {_number_of_month(day) for day in marks}
    course = sorted(_number_of_month(session.day) for session in plan.sessions)
    numbers |= {*range(course[0], course[-1])} if course else set()
    calendar = Calendar(words.first_weekday)
    for number in sorted(numbers):
        first = date(number // 12, number % 12 + 1, 1)
        weeks = [
            [
                _Day(str(day.day), marks.get(day, "")) if day.month == first.month else _Day("", "")
                for day in week
            ]
            for week in calendar.monthdatescalendar(first.year, first.month)
        ]
        yield _Month(words.month(first), weeks)


def _number_of_month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _key(plan: Plan, words: Words, now: datetime) -> list[tuple[str, str]]:
    """What the marks in the months mean, of those that there are."""
    page = words.page
    texts = {"agreed": page.to_come, "done": page.done, "held": page.held_for_you}
    found: Iterable[str] = {_state(session, now) for session in plan.active}
    return [(mark, text) for mark, text in texts.items() if mark in found]
