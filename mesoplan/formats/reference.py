"""The pages of goals with their sources, rules, and the clinic's profile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mesoplan.dates.days import WEEKDAYS, day_text
from mesoplan.dates.times import USUAL_REMINDERS, reminders_text, time_text
from mesoplan.errors import without_secret
from mesoplan.formats.page import Part, Table, line, table_of, titled
from mesoplan.model.request import DEFAULT_TIME
from mesoplan.planning.slots import USUAL_HOURS
from mesoplan.rules.limits import NOT_FOR, OWN_NUMBERS
from mesoplan.rules.protocol import GRADE_MEANINGS, GRADES
from mesoplan.rules.sources import (
    ASK_FIRST,
    CALL,
    DECIDES,
    EVIDENCE,
    KEEPING,
    NO_ALTERNATIVE,
    SAFETY,
    SIDE_EFFECTS,
    WHAT_IT_IS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mesoplan.dates.days import ClosedTime, Closure
    from mesoplan.model.clinic import Profile
    from mesoplan.model.practitioner import Practitioner
    from mesoplan.rules.goals import Goal
    from mesoplan.rules.limits import Rule
    from mesoplan.rules.protocol import Protocol
    from mesoplan.rules.sources import Citation, Result

_FIGURES = ("Sessions", "Interval", "Maintenance", "Minutes")


def goals_page(goals: Sequence[Goal]) -> Iterator[Part]:
    """Two tables with a row for each goal: its numbers, and its purpose."""
    numbers: dict[str, Callable[[Goal], str]] = {
        "Goal": lambda goal: goal.name,
        **{title: partial(_value, title) for title in _FIGURES},
        "Basis": lambda goal: goal.protocol.basis,
    }
    yield table_of(goals, numbers, right_aligned=("Sessions", "Minutes"))
    yield line()
    yield table_of(goals, {"Goal": lambda goal: goal.name, "Purpose": _purpose})
    yield line()
    yield line(WHAT_IT_IS)
    yield line(EVIDENCE)
    yield line(DECIDES)
    yield line()
    yield line(("One goal in full: mesoplan goals GOAL", "quiet"))
    yield line(("Where each number comes from: mesoplan goals GOAL --sources", "quiet"))


def _value(title: str, goal: Goal) -> str:
    return goal.protocol.value_of(title.lower())


def _purpose(goal: Goal) -> str:
    also = f" (also called {', '.join(goal.aliases)})" if goal.aliases else ""
    return goal.purpose + also


def goal_page(goal: Goal) -> Iterator[Part]:
    """All that is known of a goal."""
    yield line((goal.name.capitalize(), "title"), f": {goal.purpose}")
    yield line()
    if goal.aliases:
        yield from _entry("Also called", ", ".join(goal.aliases))
    yield from _entry("Areas", ", ".join(goal.areas))
    yield from _planned("Planned", goal.protocol)
    for area, protocol in goal.area_protocols.items():
        yield from _planned(f"Planned for the {area}", protocol)
    yield from _entry("Evidence", goal.evidence, EVIDENCE)
    yield from _entry("Alternatives", ", ".join(goal.alternatives) or NO_ALTERNATIVE)
    if goal.cautions:
        yield from _entry("Cautions", *goal.cautions)
    yield from _entry("Substances", f"Possible: {', '.join(goal.substances)}.", ASK_FIRST)
    yield from _entry("Side effects", f"Possible: {', '.join(SIDE_EFFECTS)}.", CALL)
    yield from _entry("Keeping the result", KEEPING)
    yield from _entry("Who decides", DECIDES)
    yield line()
    yield line((f"Where each number comes from: mesoplan goals {goal.name} --sources", "quiet"))


def _planned(title: str, protocol: Protocol) -> Iterator[Part]:
    yield from _entry(title, *_lines_of(protocol), f"basis: {_basis(protocol)}")


def _lines_of(protocol: Protocol) -> Iterator[str]:
    yield f"{protocol.sessions} sessions of {protocol.minutes} minutes{_apart(protocol)}"
    yield f"maintenance: {protocol.value_of('maintenance')}"
    if protocol.limits.narrowing:
        yield f"limits: {protocol.limits.narrowing}"


def _apart(protocol: Protocol) -> str:
    if len(protocol.phases) == 1:
        return f", {protocol.value_of('interval')} apart"
    phases = (f"{each.sessions} at {each.interval_days} days" for each in protocol.phases)
    return f": {', then '.join(phases)}"


def _basis(protocol: Protocol) -> str:
    """“trial (sessions, interval), ours (maintenance, minutes)”."""
    by_grade = {
        grade: [each.of for each in protocol.figures if each.grade == grade] for grade in GRADES
    }
    return ", ".join(f"{grade} ({', '.join(of)})" for grade, of in by_grade.items() if of)


def _entry(title: str, *texts: str) -> Iterator[Part]:
    yield line((title, "title"))
    for text in texts:
        yield line(text, indent=2)


def sources_page(goals: Sequence[Goal]) -> Iterator[Part]:
    """Where each number of the goals comes from, and what was found for and against them."""
    for goal in goals:
        yield line((goal.name.capitalize(), "title"), ": where each number comes from")
        yield line()
        yield _figures(goal.protocol)
        for area, protocol in goal.area_protocols.items():
            yield from titled(f"For the {area}")
            yield _figures(protocol)
        yield from titled("Studies")
        for each in goal.cited:
            yield from _cited(each)
        yield line()
    yield from _entry("Safety, for every goal")
    for each in SAFETY:
        yield from _cited(each)
    yield from titled("What the basis means")
    for grade, meaning in GRADE_MEANINGS.items():
        yield line(f"{grade}: {meaning}", indent=2)


def _figures(protocol: Protocol) -> Table:
    return table_of(
        protocol.figures,
        {
            "Number": lambda figure: figure.of,
            "Value": lambda figure: protocol.value_of(figure.of),
            "Basis": lambda figure: figure.grade,
            "Source": lambda figure: figure.source,
        },
    )


def _cited(citation: Citation) -> Iterator[Part]:
    result = _RESULTS[citation.result]
    yield line((f"{result}: ", "title"), f"{citation.name}. {citation.found}", indent=2)
    yield line((citation.identifiers, "quiet"), indent=4)


_RESULTS: dict[Result, str] = {
    "for": "For",
    "against": "Against",
    "unclear": "Unclear",
    "practice": "Practice",
    "safety": "Safety",
}


_NARROWEST_TABLE = 130


def rules_page(rules: Sequence[Rule], source: str, width: int | None) -> Iterator[Part]:
    """The rules, mesoplan's own numbers, and what it is not for.

    The rules are a table where *width* allows that (None: a pipe), else one below the other.
    """
    if width is None or width >= _NARROWEST_TABLE:
        rows = ((rule.id, rule.name, rule.limit, _where(rule)) for rule in rules)
        yield Table(("Rule", "Limits", "To", "Source"), tuple(rows))
    else:
        for rule in rules:
            yield line((rule.id, "title"), f"  {rule.name}: ", (rule.limit, "title"))
            yield line((_where(rule), "quiet"), indent=4)
    yield line()
    yield line(
        (f"Source: {source}. A clinic may narrow R1 to R3; nothing may widen them.", "quiet")
    )
    yield from titled("mesoplan's own numbers", ", which no source gives")
    for number in OWN_NUMBERS:
        yield line(f"{number.days} days: {number.what}", indent=2)
    yield from titled("What mesoplan is not for")
    for text in NOT_FOR:
        yield line(text, indent=2)


def _where(rule: Rule) -> str:
    return f"{rule.section}: {rule.fact}"


_PROFILE, _DEFAULT = "the profile", "built-in default"
_NARROWEST_WITH_COLUMNS = 60


def clinic_page(
    profile: Profile, path: str | None, system_zone: str, width: int | None
) -> Iterator[Part]:
    """Every setting with its value and its source; *path* names the profile, if there is one.

    *system_zone* is the zone of plans when the profile names none. *width* is that of the terminal,
    in columns; None for a pipe.
    """
    yield line(("Clinic's profile: ", "title"), path or "none")
    yield line()
    plain = _plain_values(profile, system_zone)
    rows = (*plain, *_staff(profile), *_calendar(profile), *_defaults(profile), *_servers(profile))
    if width is None or width >= _NARROWEST_WITH_COLUMNS:
        yield Table(("Setting", "Source", "Value"), tuple((a, c, b) for a, b, c in rows))
    else:
        for setting, value, source in rows:
            yield line((setting, "title"), f" ({source}): {value}")
    for (goal, area), protocol in profile.protocols.items():
        what = f"Protocol for {goal}" + (f", {area}" if area else "")
        yield from titled(what, f" ({_PROFILE})")
        for text in _lines_of(protocol):
            yield line(text, indent=2)
    yield line()
    yield line(("Options override the profile; the profile overrides a goal's protocol.", "quiet"))


def _plain_values(profile: Profile, system_zone: str) -> Iterator[tuple[str, str, str]]:
    for key, value in (
        ("name", profile.name or "not known"),
        ("address", profile.address or "not known"),
        ("phone", profile.phone or "not known"),
        ("timezone", profile.timezone or system_zone),
        ("date_order", profile.date_order or "not known: 01/02/2027 is refused"),
        ("rooms", str(profile.rooms)),
        ("slot_minutes", str(profile.slot_minutes)),
        ("busy", _sources(profile.busy)),
        ("room_busy", _sources(profile.room_busy)),
        ("most_sessions_a_day", str(profile.most_sessions_a_day or "any number")),
        ("book", profile.book or "none"),
        ("patient_text_reviewed", profile.patient_text_reviewed or "not yet"),
    ):
        default = "this machine" if key == "timezone" else _DEFAULT
        yield key, value, _PROFILE if key in profile.said else default
    for key, text in profile.patient_text.items():
        yield f"patient_text.{key}", text or "left out", _PROFILE


def _sources(names: Sequence[str]) -> str:
    """Busy calendars by their names, those with an address by its host."""
    return ", ".join(map(without_secret, names)) or "none"


def _staff(profile: Profile) -> Iterator[tuple[str, str, str]]:
    if not profile.practitioners:
        yield "practitioner", "none: only rooms are counted", _DEFAULT
    for one in profile.practitioners:
        most = one.most_sessions_a_day
        for key, value, is_said in (
            ("", one.name, True),
            (".busy", _sources(profile.diaries[one.id]), profile.diaries[one.id]),
            (".hours", _own_hours(one), one.hours is not None),
            (".away", ", ".join(map(str, one.away)) or "no days", one.away),
            (".goals", ", ".join(sorted(one.goals)) or "all", one.goals),
            (".most_sessions_a_day", str(most or "any number"), most is not None),
        ):
            yield f"practitioner.{one.id}{key}", value, _PROFILE if is_said else _DEFAULT


def _servers(profile: Profile) -> Iterator[tuple[str, str, str]]:
    for name, each in profile.servers.items():
        parts = [each.folder or without_secret(each.url or "")]
        parts += [f"as {each.user}"] if each.user else []
        parts += [f"calendar “{each.calendar}”"] if each.calendar else []
        yield f"servers.{name}", ", ".join(parts), _PROFILE


def _own_hours(one: Practitioner) -> str:
    """“mon 09:00–12:30, tue 09:00–12:30 and 14:00–18:00”."""
    if one.hours is None:
        return "as the clinic"
    by_day = zip(WEEKDAYS, one.hours, strict=True)
    texts = {day[:3].lower(): " and ".join(map(str, spans)) for day, spans in by_day}
    return ", ".join(f"{day} {text}" for day, text in texts.items() if text)


def _calendar(profile: Profile) -> Iterator[tuple[str, str, str]]:
    hours = profile.opening_hours
    if hours is None:
        yield "hours", f"not known: the time asked for, or within {USUAL_HOURS}", _DEFAULT
    else:
        for weekday, spans in zip(WEEKDAYS, hours, strict=True):
            text = " and ".join(map(str, spans)) or "closed"
            yield f"hours.{weekday[:3].lower()}", text, _PROFILE
    yield (
        "holidays",
        ", ".join(profile.holidays) or "none",
        _PROFILE if "holidays" in profile.said else _DEFAULT,
    )
    opened = (*sorted(profile.open_holidays), *map(day_text, sorted(profile.open_days)))
    if opened:
        yield "holidays.open_on", ", ".join(opened), _PROFILE
    closed: tuple[Closure | ClosedTime, ...] = (*profile.closures, *profile.closed_times)
    for closure in closed:
        text = str(closure) + (f" ({closure.reason})" if closure.reason else "")
        yield "closures", text, _PROFILE


def _defaults(profile: Profile) -> Iterator[tuple[str, str, str]]:
    usual = map(reminders_text, USUAL_REMINDERS.values())
    remind = "{}; before maintenance {}".format(*usual)
    if profile.reminders is not None:
        remind = reminders_text(profile.reminders)
    for key, said, value in (
        ("time", profile.time_of_day, time_text(profile.time_of_day or DEFAULT_TIME)),
        ("remind", profile.reminders, remind),
        ("private", profile.private, "yes" if profile.private else "no"),
        ("language", profile.language, profile.language or "en"),
        ("years", profile.years, str(profile.years or 1)),
    ):
        yield f"defaults.{key}", value, _DEFAULT if said is None else _PROFILE
