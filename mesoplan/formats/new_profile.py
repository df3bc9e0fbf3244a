"""A new profile as a commented TOML file, for the clinic to go through."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mesoplan.dates.days import WEEKDAYS
from mesoplan.dates.times import TimeRange, time_text

if TYPE_CHECKING:
    from mesoplan.model.clinic import Profile
    from mesoplan.model.request import WeeklyHours

USUAL_SPANS = (TimeRange(9 * 60, 12 * 60 + 30), TimeRange(14 * 60, 18 * 60))
USUAL_WEEK: WeeklyHours = (*(USUAL_SPANS,) * 5, (), ())


def profile_file(profile: Profile, timezone: str) -> str:
    """The text of a file with the values of *profile*; those that it lacks are left in comments.

    *timezone* is the one to write where the profile has none.
    """
    part = profile.holidays[0].partition("-") if profile.holidays else ("", "", "")
    country, _, subdivision = part
    time_of_day = None if profile.time_of_day is None else time_text(profile.time_of_day)
    return f"""\
# The clinic's profile for mesoplan: what holds for every plan.
# “mesoplan clinic check” finds mistakes in it, “mesoplan clinic show” tells what is in force.
# A line that begins with # is a comment; take the # away to use one of the examples.

{_line("name", profile.name, "Clinic by the Park")}
{_line("address", profile.address, "1 Park Street, 75012 Paris")}
{_line("phone", profile.phone, "+33 1 23 45 67 89")}
timezone = {_text(profile.timezone or timezone)}

# How many sessions there can be at once. A busy calendar's event takes one room, too.
rooms = {profile.rooms}
# Sessions begin every so many minutes from each opening.
slot_minutes = {profile.slot_minutes}
# Calendars of times that are taken, seen from this file's folder.
# busy = ["doctor.ics"]
# The folder in which all plans are, seen from this file's folder: “mesoplan agenda” shows them.
# book = "plans"

# When the clinic is open: as many spans a day as you like. A day that is left out is closed.
[hours]
{_hours(profile.opening_hours or USUAL_WEEK)}

# The public holidays that the clinic keeps. open_on has those on which it opens all the same,
# by name or by date.
{"" if country else "# "}[holidays]
{"" if country else "# "}country = {_text(country or "FR")}
{"" if subdivision else "# "}subdivision = {_text(subdivision or "Alsace")}
# open_on = [2027-05-08]

# Days on which the clinic is closed; one such block for each.
# [[closures]]
# from = 2026-12-24
# to = 2027-01-03
# reason = "Christmas"

# What a plan does when no option says otherwise.
[defaults]
# "10:00" for the free time nearest to it; "morning", "afternoon", "any" or "14:00-18:00" for the
# earliest free time in it.
{_line("time", time_of_day, "10:00")}
# remind = ["1d"]
# private = false
# years = 1

# The clinic's own protocols, in place of those that “mesoplan goals” shows. They may narrow the
# limits of the rules R1 to R3, and never widen them.
# [protocols.hair]
# phases = [{{ sessions = 4, interval_days = 7 }}, {{ sessions = 4, interval_days = 14 }}]
# maintenance_per_year = 2
# minutes = 30
# min_sessions = 4
# max_sessions = 12
# min_interval_days = 7
# max_interval_days = 14
# max_maintenance_per_year = 2
"""


def _line(key: str, value: str | None, example: str) -> str:
    return f"# {key} = {_text(example)}" if value is None else f"{key} = {_text(value)}"


def _text(value: str) -> str:
    # What JSON writes for one line of text is TOML, too.
    return json.dumps(value, ensure_ascii=False)


def _hours(hours: WeeklyHours) -> str:
    lines = []
    for weekday, spans in zip(WEEKDAYS, hours, strict=True):
        texts = ", ".join(_text(span.in_numbers) for span in spans)
        lines.append(f"{weekday[:3].lower()} = [{texts}]")
    return "\n".join(lines)
