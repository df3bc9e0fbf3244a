"""A new profile of a clinic as a TOML file, with comments and examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.times import TimeRange, time_text
from mesoplan.formats.profile_days import WEEKDAY_KEYS
from mesoplan.model.request import LANGUAGES
from mesoplan.wording.patient import LINES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesoplan.model.clinic import Profile
    from mesoplan.model.practitioner import Practitioner
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
# The clinic's profile for mesoplan: what applies to every plan.
# “mesoplan clinic check” finds mistakes in it, “mesoplan clinic show” shows what is in use.
# A line that begins with # is a comment. Remove the # to use an example.

{_line("name", profile.name, "Clinic by the Park")}
{_line("address", profile.address, "1 Park Street, 75012 Paris")}
{_line("phone", profile.phone, "+33 1 23 45 67 89")}
timezone = {_text(profile.timezone or timezone)}
# "dmy" if 01/02/2027 is 1 February, "mdy" if it is 2 January. Without this line, mesoplan
# refuses such dates, because they can mean two days.
# date_order = "dmy"

# How many sessions can take place at once, if there are as many practitioners.
rooms = {profile.rooms}
# The minutes between possible start times, counted from each opening.
slot_minutes = {profile.slot_minutes}
# Calendars of times at which nobody treats: files, folders, or addresses with https://. Paths begin
# at this file's folder.
{_list("busy", profile.busy, "meetings.ics")}
# Calendars of rooms. Each event takes one room.
{_list("room_busy", profile.room_busy, "laser-room.ics")}
# How many sessions there are on one day at most.
{_number("most_sessions_a_day", profile.most_sessions_a_day, 12)}
# The folder of all plans. The path begins at this file's folder.
{_line("book", profile.book, "plans")}
# Who agreed to what patients read, and when. “mesoplan clinic check” asks until it is there.
{_line("patient_text_reviewed", profile.patient_text_reviewed, "Dr A. Martin, 2026-12-01")}

# When the clinic is open, with one or more ranges of times a day. A day left out is closed.
[hours]
{_hours(profile.opening_hours or USUAL_WEEK)}

# Who treats, with one block each. Only id and name are needed. Plans keep the id, and --with takes
# it; the name is shown on screen and paper. Diaries are written as the calendars above. The hours
# are within those of the clinic. Without goals, all goals are treated.
{_staff(profile)}

# The public holidays that the clinic keeps. open_on lists those on which it opens anyway, by name
# or by date.
{"" if country else "# "}[holidays]
{"" if country else "# "}country = {_text(country or "FR")}
{"" if subdivision else "# "}subdivision = {_text(subdivision or "Alsace")}
# open_on = [2027-05-08]

# Days on which the clinic is closed, with one block for each closure. With times of day, it is
# closed for a part of a day.
# [[closures]]
# from = 2026-12-24
# to = 2027-01-03
# reason = "Christmas"
# [[closures]]
# from = "2027-02-18 12:00"
# to = "2027-02-18 18:00"

# What a plan uses if no option says otherwise.
[defaults]
# "10:00" means the free time nearest to it; "morning", "afternoon", "any" or "14:00-18:00" mean
# the earliest free time in it.
{_line("time", time_of_day, "10:00")}
# In place of 2 days before a session, and 14 and 2 days before maintenance:
# remind = ["1d"]
{"# private = false" if profile.private is None else f"private = {str(profile.private).lower()}"}
# The language in which patients read: {", ".join(LANGUAGES)}.
{_line("language", profile.language, "fr")}
# years = 1

# Lines of your own in the patient's calendar, in place of mesoplan's; false leaves a line out.
# The lines: {", ".join(LINES[:8])},
# {", ".join(LINES[8:])}.
# [patient_text]
# before = "Before: please come without make-up."
# travel = false
# The same in another language. What mesoplan fills in stands in braces.
# [texts.fr]
# before = "Avant : venez sans maquillage, s’il vous plaît."
# home = "Vous pouvez rentrer à partir du {{home}}."

# The clinic's own protocols, instead of those that “mesoplan goals” shows. They may narrow the
# limits of rules R1 to R3, but never widen them.
# [protocols.hair]
# phases = [{{ sessions = 4, interval_days = 7 }}, {{ sessions = 4, interval_days = 14 }}]
# maintenance_per_year = 2
# minutes = 30
# min_sessions = 4
# max_sessions = 12
# min_interval_days = 7
# max_interval_days = 14
# max_maintenance_per_year = 2

# The clinic's calendar on a server: “mesoplan help servers” shows how to set it up.
# [servers.clinic]
# url = "https://cloud.example/remote.php/dav/"
# user = "desk"
# password_command = ["secret-tool", "lookup", "service", "mesoplan"]
"""


def _line(key: str, value: str | None, example: str) -> str:
    return f"# {key} = {_text(example)}" if value is None else f"{key} = {_text(value)}"


def _list(key: str, values: Sequence[str], example: str) -> str:
    is_given, texts = bool(values), map(_text, values or (example,))
    return f"{'' if is_given else '# '}{key} = [{', '.join(texts)}]"


def _number(key: str, value: int | None, example: int) -> str:
    return f"# {key} = {example}" if value is None else f"{key} = {value}"


_NOBODY = """\
# [[practitioner]]
# id = "martin"
# name = "Dr A. Martin"
# busy = ["martin.ics"]
# goals = ["hair", "wrinkles"]
# most_sessions_a_day = 8
# hours = { mon = "9:00-12:30", thu = ["9:00-12:30", "14:00-18:00"] }"""


def _staff(profile: Profile) -> str:
    return "\n\n".join(_practitioner(each, profile) for each in profile.practitioners) or _NOBODY


def _practitioner(one: Practitioner, profile: Profile) -> str:
    lines = [
        "[[practitioner]]",
        f"id = {_text(one.id)}",
        f"name = {_text(one.name)}",
        _list("busy", profile.diaries.get(one.id, ()), f"{one.id}.ics"),
        _list("goals", sorted(one.goals), "hair"),
        _number("most_sessions_a_day", one.most_sessions_a_day, 8),
    ]
    if one.hours is not None:
        lines += ["[practitioner.hours]", _hours(one.hours)]
    return "\n".join(lines)


def _text(value: str) -> str:
    from json import dumps

    # What JSON writes for one line of text is TOML, too.
    return dumps(value, ensure_ascii=False)


def _hours(hours: WeeklyHours) -> str:
    return "\n".join(
        f"{key} = [{', '.join(_text(span.in_numbers) for span in spans)}]"
        for key, spans in zip(WEEKDAY_KEYS, hours, strict=True)
    )
