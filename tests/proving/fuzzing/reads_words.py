"""What reads texts: tables, lists of dates, profiles, words, command lines, the environment."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from mesoplan.cli import words as typed_words
from mesoplan.dates.holidays import holiday_year, region_name
from mesoplan.dates.parsing import (
    day,
    day_and_clock,
    day_range,
    in_24_hours,
    weekdays,
    whole_number,
    written_day_and_clock,
)
from mesoplan.dates.times import reminders, time_of_day, time_range
from mesoplan.dates.zones import find_zone
from mesoplan.model.texts import require_label
from mesoplan.rules.goals import find_goal
from tests.proving.fuzzing import seeds
from tests.proving.fuzzing.trial import holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proving.fuzzing.trial import Trial

_TODAY = date(2026, 11, 23)
_LONGEST_VARIABLE = 50_000


def dates(trial: Trial, data: bytes) -> None:
    """A list of dates, as a file and on standard input."""
    trial.file("dates.txt", data)
    outcome = trial.command("check", "dates.txt", "--json", "--holidays", "FR")
    if outcome.exit_code <= 1:
        json.loads(outcome.text)
    piped = trial.command("check", "-", "--closed", "sun", given=data)
    holds(piped.exit_code in {outcome.exit_code, 0, 1}, "a pipe is read otherwise", "check -")


def table(trial: Trial, data: bytes) -> None:
    """A table of a batch; run again it must change nothing."""
    trial.file("rows.any", data)
    first = trial.command("batch", "rows.any", "-o", "plans")
    folder = trial.folder / "plans"
    before = {path: path.read_bytes() for path in folder.glob("*.ics")} if folder.is_dir() else {}
    for path in list(before)[:2]:
        shown = trial.command("show", f"plans/{path.name}", "--json")
        holds(shown.exit_code == 0, "a batch's own plan can't be read", path.name)
    if before:
        again = trial.command("batch", "rows.any", "-o", "plans")
        after = {path: path.read_bytes() for path in folder.glob("*.ics")}
        holds(again.exit_code == first.exit_code, "run again, it ends otherwise", "batch")
        holds(before == after, "run again, it changes plans", "batch")
    if (folder / "rejected.csv").exists():
        trial.command("batch", "plans/rejected.csv", "-o", "mended")


def update(trial: Trial, data: bytes) -> None:
    """Plans that a batch made, one of them nonsense by now, and their update."""
    seeds.put_batch(trial.folder)
    path = trial.file("plans/1042.ics", data)
    outcome = trial.command("batch", "rows.csv", "-o", "plans")
    text = (trial.folder / "rows.csv").read_bytes()
    trial.file("rows.csv", text.replace(b"14:30", b"11:15").replace(b"2026-12-01", b"2026-12-02"))
    trial.command("batch", "rows.csv", "-o", "plans", "--book", "plans", "--prune")
    if outcome.exit_code == 4:
        holds(path.read_bytes() == data, "a file is changed that can't be read", "batch")


@cache
def update_seeds() -> tuple[bytes, ...]:
    """A plan of the batch, and plans of others."""
    from tests.proving.fuzzing.trial import trial_folder

    with trial_folder() as folder:
        seeds.put_batch(folder)
        made = (folder / "plans" / "1042.ics").read_bytes()
    return (*(made,) * 6, *seeds.own_plans())


def profile(trial: Trial, data: bytes) -> None:
    """A clinic's profile."""
    trial.file("clinic.toml", data)
    trial.file("doctor.ics", seeds.calendars()[0])
    trial.file("plans/a.ics", seeds.own_plans()[0])
    trial.command("clinic", "check", "clinic.toml")
    if trial.command("clinic", "show", "--clinic", "clinic.toml").exit_code == 0:
        trial.command("plan", "hair", "2026-12-01", "--clinic", "clinic.toml", "--dry-run")


def words(trial: Trial, data: bytes) -> None:
    """A word, by everything that reads one."""
    text = data.decode("utf-8", "surrogateescape")
    for what, read in _WORDS.items():
        trial.call(what, lambda read=read: read(text))  # type: ignore[misc]  # bound to this one


_WORDS: dict[str, Callable[[str], Any]] = {
    "day": lambda text: day("day", text, _TODAY),
    "day of a file": lambda text: day("day", text, None),
    "day_and_clock": lambda text: day_and_clock("start", text, _TODAY),
    "written_day_and_clock": lambda text: written_day_and_clock("start", text),
    "in_24_hours": in_24_hours,
    "time_of_day": lambda text: time_of_day("time", text),
    "time_range": lambda text: time_range("time", text),
    "day_range": lambda text: day_range(text, lambda each: day("away", each, _TODAY)),
    "weekdays": lambda text: weekdays([text]),
    "whole_number": lambda text: whole_number("sessions", text),
    "session_name": typed_words.session_name,
    "more_or_fewer": typed_words.more_or_fewer,
    "reminders": lambda text: reminders([text]),
    "find_zone": find_zone,
    "region_name": region_name,
    "holiday_year": lambda text: holiday_year(region_name(text), 2027),
    "find_goal": find_goal,
    "require_label": require_label,
}


@cache
def word_seeds() -> tuple[bytes, ...]:
    """Words of every kind."""
    return tuple(map(str.encode, _SAID.split("|")))


def options(trial: Trial, data: bytes) -> None:
    """A command line, in a folder with a plan, a table, a calendar, a profile and a book."""
    trial.file("plan.ics", seeds.own_plans()[5])
    trial.file("plan.ics~", seeds.own_plans()[1])
    trial.file("patients.csv", seeds.tables()[0])
    trial.file("busy.ics", seeds.calendars()[0])
    trial.file("clinic.toml", seeds.profiles()[0])
    trial.file("plans/a.ics", seeds.own_plans()[0])
    arguments = data.decode("utf-8", "surrogateescape").split(seeds.SEPARATOR.decode())
    trial.command(*map(_at_home, arguments))


def environment(trial: Trial, data: bytes) -> None:
    """What the environment says: the moment, the zone, the profile, the width of the terminal."""
    text = data[:_LONGEST_VARIABLE].replace(b"\0", b"").decode("utf-8", "surrogateescape")
    names = ("MESOPLAN_NOW", "TZ", "MESOPLAN_CLINIC", "COLUMNS")
    values = map(_at_home, text.split(seeds.SEPARATOR.decode()))
    also = dict(zip(names, values, strict=False))
    trial.command("plan", "skin", "tomorrow", "--dry-run", "--tz", "Europe/Paris", also=also)
    trial.command("plan", "skin", "2026-12-01", "--dry-run", also=also)


@cache
def environment_seeds() -> tuple[bytes, ...]:
    """Moments, zones, profiles and widths."""
    moments = ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00+01:00", "99991231T235959-2359", "")
    zones = ("Europe/Paris", ":Asia/Tokyo", "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "")
    return tuple(
        seeds.SEPARATOR.join(map(str.encode, (moment, zone, "none", "80")))
        for moment in moments
        for zone in zones
    )


def _at_home(argument: str) -> str:
    """The argument, where it can't name a place outside of the folder."""
    leads_out = argument.startswith(("-", "/", "~", ":/")) or ".." in argument or "=" in argument
    return argument.replace("/", "_").replace("~", "_") if leads_out else argument


_SAID = (
    "2026-12-01|2026-12-01 10:00|1 Dec 2026|Tue 1 December 2026, 10:00|tomorrow|today|01/02/2026|"
    "25.12.2026|1-Dec-26|2026-12-25 00:00|25/12/2026 2:30 PM|46357|20261201|2026-12-01T10:00:00Z|"
    "10:00|9h30|14:00-18:00|morning|any|2:30 pm|24:00|2026-12-24..2027-01-03|1 Dec 2026..tomorrow|"
    "sun,mon|Monday|8|+2|-1|m1|3|1d|2h|30m|1w|1d 2h|none|Europe/Paris|UTC|Etc/GMT+5|FR|FR-Alsace|"
    "US-California|TH|hair|dark-spots|A. Martin|[b]x[/b]|yes"
)
