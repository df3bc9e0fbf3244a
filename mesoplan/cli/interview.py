"""Asks on a terminal for the few things of a profile that matter."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

from mesoplan.cli import words
from mesoplan.cli.console import report, standard_error
from mesoplan.dates.holidays import region_name
from mesoplan.dates.times import TimeRange, time_of_day, time_range
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput
from mesoplan.formats.profile_file import USUAL_SPANS
from mesoplan.model.clinic import Profile
from mesoplan.model.request import MAX_PLACE_CHARACTERS, MAX_ROOMS, require_apart
from mesoplan.model.texts import MAX_LABEL_CHARACTERS, require_one_line

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def can_ask() -> bool:
    """Whether somebody is there to answer: input and standard error are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def interview(system_zone: str) -> Profile:
    """The profile that the answers make; an empty answer leaves something out, or to its default.

    Raises InvalidInput when the answers end too early.
    """
    standard_error().write("The clinic's profile. Enter alone takes what is in brackets.\n")
    name = _ask("Name of the clinic", None, lambda text: _label("name", text, MAX_LABEL_CHARACTERS))
    address = _ask("Address", None, lambda text: _label("address", text, MAX_PLACE_CHARACTERS))
    phone = _ask("Phone", None, lambda text: _label("phone", text, MAX_LABEL_CHARACTERS))
    zone = _ask("Time zone", system_zone, lambda text: find_zone(text).key)
    days = _ask("Open on", "mon-fri", lambda text: words.weekdays([text]))
    usual = ", ".join(str(span).replace("–", "-") for span in USUAL_SPANS)
    spans = _ask("Opening hours", usual, _spans)
    region = _ask("Country whose public holidays it keeps, as FR", None, region_name)
    rooms = _ask("Rooms", "1", _rooms)
    asked = _ask("Usual time of sessions", "10:00", lambda text: time_of_day("time", text))
    return Profile(
        name=name,
        address=address,
        phone=phone,
        timezone=zone,
        opening_hours=tuple((spans or ()) if day in (days or ()) else () for day in range(7)),
        holidays=() if region is None else (region,),
        rooms=rooms or 1,
        time_of_day=asked,
    )


def _ask(question: str, default: str | None, read: Callable[[str], T]) -> T | None:
    """What *read* makes of the answer, asked for until it makes something of it."""
    while True:
        standard_error().write(f"{question} [{default or 'none'}]: ")
        line = sys.stdin.readline()
        if not line:
            standard_error().write("\n")
            raise InvalidInput(
                "the answers end before the last question; nothing was written",
                "answer them all, or take the defaults with --defaults",
            )
        text = line.strip() or default
        if text is None or (default is None and text.casefold() == "none"):
            return None
        try:
            return read(text)
        except InvalidInput as error:
            report(error)


def _label(what: str, text: str, longest: int) -> str:
    require_one_line(what, text, longest)
    return text


def _spans(text: str) -> tuple[TimeRange, ...]:
    spans = tuple(time_range("opening hours", part) for part in text.split(","))
    require_apart(spans)
    return spans


def _rooms(text: str) -> int:
    rooms = words.whole_number("rooms", text)
    if not 1 <= rooms <= MAX_ROOMS:
        raise InvalidInput(f"rooms: {rooms} is not between 1 and {MAX_ROOMS}", "choose 1 or more")
    return rooms
