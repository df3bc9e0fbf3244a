"""Opening hours, slots, rooms and busy times, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from mesoplan import (
    BusyCalendar,
    BusySpan,
    Plan,
    Request,
    TimeRange,
    plan,
)
from mesoplan.model import ReasonCode
from mesoplan.times_of_day import time_range

if TYPE_CHECKING:
    from mesoplan.model import WeeklyHours


TODAY = date(2025, 6, 1)


MONDAY = date(2026, 1, 5)


def hours(**weekdays: str) -> WeeklyHours:
    """Weekly hours: hours(mon="9:00-12:00 14:00-18:00"); a weekday left out is closed."""
    return tuple(
        tuple(time_range("hours", span) for span in weekdays.get(weekday, "").split())
        for weekday in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    )


def daily(spans: str) -> WeeklyHours:
    return hours(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), spans))


def busy(name: str, *spans: tuple[str, str]) -> BusyCalendar:
    """A busy calendar; its times are in UTC unless they say otherwise."""
    return BusyCalendar(name, tuple(BusySpan(moment(start), moment(end)) for start, end in spans))


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def course(start: date = MONDAY, **fields: Any) -> Plan:
    """A weekly course of three sessions of 30 minutes, at 10:00 UTC unless said otherwise."""
    request = Request(
        "cellulite",
        start,
        sessions=3,
        maintenance_per_year=0,
        duration_minutes=30,
    )
    return plan(replace(request, **fields), not_before=TODAY)


def begins(found: Plan) -> list[str]:
    return [f"{session.start:%d %b %H:%M}" for session in found.sessions]


def test_on_lord_howe_half_an_hour_more_is_open_in_the_night_the_clocks_go_back() -> None:
    fields: dict[str, Any] = {
        "timezone": "Australia/Lord_Howe",
        "opening_hours": hours(sun="1:00-2:30"),
        "time_of_day": time(1, 30),
        "duration_minutes": 90,
        "slot_minutes": 30,
    }
    # 02:00 is 01:30 again on 5 April: from 01:30 to 02:30 on the clock are 90 minutes.
    autumn = course(date(2026, 3, 29), **fields)
    assert begins(autumn) == ["29 Mar 01:00", "05 Apr 01:30", "12 Apr 01:00"]
    assert autumn.sessions[1].end.isoformat() == "2026-04-05T02:30:00+10:30"
    assert not autumn.sessions[1].reasons


def test_on_lord_howe_half_an_hour_less_is_open_in_the_night_the_clocks_go_forward() -> None:
    fields: dict[str, Any] = {
        "timezone": "Australia/Lord_Howe",
        "opening_hours": hours(sun="1:00-2:30", mon="1:00-2:30"),
        "duration_minutes": 90,
        "time_of_day": time(1),
    }
    # 02:00 is 02:30 on 4 October: the clinic is open for an hour.
    spring = course(date(2026, 9, 27), **fields)
    assert begins(spring) == ["27 Sep 01:00", "05 Oct 01:00", "12 Oct 01:00"]
    assert [(reason.code, reason.text) for reason in spring.sessions[1].reasons] == [
        (
            ReasonCode.HOURS,
            "Sun 4 Oct 2026: Sundays are open 01:00–02:30, which leaves no 90 minutes",
        )
    ]


def test_a_range_of_times_holds_the_whole_session_over_a_change_of_clocks() -> None:
    fields: dict[str, Any] = {
        "timezone": "Europe/Paris",
        "opening_hours": hours(sun="0:00-8:00"),
        "time_of_day": TimeRange(60, 180),
        "duration_minutes": 90,
        "slot_minutes": 30,
    }
    # From 01:00 to 03:00 is one hour on 29 March …
    spring = course(date(2026, 3, 29), **fields)
    assert begins(spring)[0] == "05 Apr 01:00"
    assert (spring.sessions[0].reasons[0].code, spring.sessions[0].reasons[0].text) == (
        ReasonCode.HOURS,
        "Sun 29 Mar 2026: Sundays are open 00:00–08:00, which leaves no 90 minutes from 01:00 to "
        "03:00",
    )
    # … and three on 25 October: 90 minutes from the first 02:30 end at 03:00.
    doctor = busy("doctor.ics", ("2026-10-25T01:00+02:00", "2026-10-25T02:30+02:00"))
    autumn = course(date(2026, 10, 25), **fields, busy=(doctor,))
    assert begins(autumn) == ["25 Oct 02:30", "01 Nov 01:00", "08 Nov 01:00"]
    assert autumn.sessions[0].end.isoformat() == "2026-10-25T03:00:00+01:00"
