"""The questions of `mesoplan clinic init`."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING

from mesoplan.cli.console import say
from mesoplan.cli.questions import HOW_TO_ANSWER, Questions
from mesoplan.dates.holidays import region_name
from mesoplan.dates.parsing import weekdays, whole_number
from mesoplan.dates.times import time_of_day, time_range
from mesoplan.dates.zones import country_of_zone, find_zone
from mesoplan.errors import InvalidInput, quoted
from mesoplan.formats.new_profile import USUAL_SPANS
from mesoplan.formats.profile_staff import hours_outside, name_of, practitioner_id
from mesoplan.model.clinic import SERVER, Profile
from mesoplan.model.fields import Words
from mesoplan.model.practitioner import Practitioner
from mesoplan.model.request import (
    LONGEST_ID,
    MAX_LABEL_CHARACTERS,
    MAX_PLACE_CHARACTERS,
    MAX_ROOMS,
    require_apart,
    require_one_line,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mesoplan.dates.times import TimeRange
    from mesoplan.model.request import WeeklyHours

_CLOSED = "closed"
_HOURS_HELP = (
    "Write 9-12:30, 14-18 for every open day. Where days differ, name them, with ; between: "
    "mon-thu 9-12:30, 14-18; fri 9-12"
)


def interview(system_zone: str) -> Profile:
    """The profile from the answers. Raises InvalidInput if they end too early."""
    say("The clinic's profile. Press Enter to accept what is in brackets.", HOW_TO_ANSWER)
    questions = Questions("answer them all, or use --defaults")
    return questions.answers(lambda each: _profile(each, system_zone))


def _profile(questions: Questions, system_zone: str) -> Profile:
    ask = questions.ask
    name = ask(
        "Name of the clinic",
        None,
        partial(_label, "name", MAX_LABEL_CHARACTERS),
        "Patients read it in their calendar, with the address and the phone.",
    )
    address = ask(
        "Address",
        None,
        partial(_label, "address", MAX_PLACE_CHARACTERS),
        "Where the sessions take place, in one line.",
    )
    phone = ask(
        "Phone",
        None,
        partial(_label, "phone", MAX_LABEL_CHARACTERS),
        "The number that patients call to change a date.",
    )
    zone = ask(
        "Time zone",
        system_zone,
        lambda text: find_zone(text).key,
        "The clinic's own, as Europe/Paris, wherever this computer is.",
    )
    days = ask(
        "Days open", "mon-fri", lambda text: weekdays([text]), "Such as mon-thu, or tue,thu,sat."
    )
    usual = ", ".join(span.in_numbers for span in USUAL_SPANS)
    hours = ask("Opening hours", usual, partial(week, days or frozenset()), _HOURS_HELP)
    country = ask(
        "Country whose public holidays the clinic keeps",
        country_of_zone(zone or system_zone),
        region_name,
        "Its two letters, such as FR, or a part of it, such as FR-Alsace, or none.",
        may_be_none=True,
    )
    rooms = ask(
        "Number of rooms",
        "1",
        _rooms,
        "How many sessions can take place at once, if there are as many practitioners.",
    )
    practitioners, diaries = _staff(questions, hours or ((),) * 7)
    book = ask(
        "Folder of all plans (the book)",
        None,
        _book,
        "With a book, no two patients get the same time. The folder is made if need be; its path "
        "begins at the profile's folder. Without one, each plan stands alone.",
    )
    private = ask(
        "Neutral words only in patients' calendars",
        "no",
        partial(Words().yes_or_no, "neutral words"),
        "With yes, files and titles say “Appointment”: no word of treatment, goal or patient.",
    )
    asked = ask(
        "Usual time of sessions",
        "10:00",
        partial(time_of_day, "time"),
        "The free time nearest to it is taken; morning, afternoon or any are possible, too.",
    )
    return Profile(
        name=name,
        address=address,
        phone=phone,
        timezone=zone,
        opening_hours=hours,
        holidays=() if country is None else (country,),
        rooms=rooms or 1,
        practitioners=practitioners,
        diaries=diaries,
        book=book,
        private=private or None,
        time_of_day=asked,
    )


def _staff(
    questions: Questions, hours: WeeklyHours
) -> tuple[tuple[Practitioner, ...], dict[str, tuple[str, ...]]]:
    """Those who treat, one by one until an empty answer, and their diaries."""
    found: dict[str, Practitioner] = {}
    diaries: dict[str, tuple[str, ...]] = {}
    while True:
        name = questions.ask(
            "Name of another practitioner" if found else "Name of a practitioner",
            None,
            partial(_label, "name", MAX_LABEL_CHARACTERS),
            "Everybody who treats, one by one; Enter if there are no more. With no names, only "
            "rooms are counted.",
        )
        if name is None:
            return tuple(found.values()), diaries
        own_id = questions.ask(
            f"Short id of {name}",
            _proposed_id(name, found),
            partial(_new_id, found),
            "Plans keep it, and --with takes it. Patients don't see it.",
        )
        diary = questions.ask(
            f"Diary of {name}",
            None,
            name_of("file"),
            "A calendar file or folder, or an address that begins with https:// or webcal://.",
        )
        own = questions.ask(
            f"Hours of {name}", _AS_THE_CLINIC, partial(_own_hours, hours), _HOURS_HELP
        )
        if own_id is not None:
            found[own_id.casefold()] = Practitioner(own_id, name, own)
            diaries[own_id] = () if diary is None else (diary,)


_AS_THE_CLINIC = "as the clinic"


def _own_hours(hours: WeeklyHours, text: str) -> WeeklyHours | None:
    if text.casefold() == _AS_THE_CLINIC:
        return None
    own = week(frozenset(day for day, spans in enumerate(hours) if spans), text)
    for key, error in hours_outside(own, hours):
        raise InvalidInput(f"{key}: {error.problem}", error.remedy)
    return own


def week(days: frozenset[int], text: str) -> WeeklyHours:
    """“9-12:30, 14-18; fri 9-12” as the hours of each weekday; *days* are those without a name."""
    found: list[tuple[TimeRange, ...]] = [()] * 7
    for part in filter(str.strip, text.split(";")):
        before, *hours = re.split(r"(?=[0-9])", part, maxsplit=1)
        named = before.strip(" :")
        closed = not hours and named.casefold().endswith(_CLOSED)
        named = named[: -len(_CLOSED)].strip(" :") if closed else named
        each = [] if closed else "".join(hours).split(",")
        spans = tuple(time_range("hours", _with_minutes(span)) for span in each)
        require_apart(spans)
        for day in weekdays([named]) if named else days:
            found[day] = spans
    if not any(found):
        raise InvalidInput("these hours have no open day", "write them as 9-12:30, 14-18")
    return tuple(found)


def _with_minutes(text: str) -> str:
    """“9-12:30” as “9:00-12:30”."""
    return re.sub(r"(?<![0-9:.h])(?<!h )([0-9]{1,2})(?!\s?[hap]|[0-9:.])", r"\1:00", text)


def _proposed_id(name: str, taken: Collection[str]) -> str:
    """The last word of a name as an id, else all of it; with a number if it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[0-9a-z]+", plain)
    if not words:
        return f"p{len(taken) + 1}"
    short = [words[-1][:LONGEST_ID], "-".join(words)[:LONGEST_ID].strip("-")]
    numbered = [f"{words[-1][: LONGEST_ID - 3]}-{number}" for number in range(2, len(taken) + 3)]
    free: Iterator[str] = (each for each in (*short, *numbered) if each not in taken)
    return next(free)


def _new_id(taken: dict[str, Practitioner], text: str) -> str:
    found = practitioner_id(text)
    if found.casefold() in taken:
        raise InvalidInput(
            f"{quoted(found)} is the id of {taken[found.casefold()].name}", "choose another"
        )
    return found


def _label(what: str, longest: int, text: str) -> str:
    require_one_line(what, text, longest)
    return text


def _book(text: str) -> str:
    if text.startswith(SERVER):
        raise InvalidInput(
            "a book on a server needs the server in the profile first",
            "press Enter to leave it out; “mesoplan help desks” shows how to add it",
        )
    return name_of("folder")(text)


def _rooms(text: str) -> int:
    rooms = whole_number("rooms", text)
    if not 1 <= rooms <= MAX_ROOMS:
        raise InvalidInput(f"rooms: {rooms} is not 1 to {MAX_ROOMS} rooms", "choose 1 or more")
    return rooms
