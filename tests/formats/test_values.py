"""Reasons and notices in a record: codes and values, whatever they are about."""

from datetime import date, datetime, time, timedelta, timezone
from typing import get_args

import pytest

from mesoplan import DateRange, Notice, Reason, ReasonCode, TimeRange
from mesoplan.formats.plan_file.values import (
    cause_value,
    notice_value,
    read_cause,
    read_notice,
)
from mesoplan.model import causes as of
from mesoplan.wording.notices import notice_text
from mesoplan.wording.reasons import NEUTRAL_REASONS, reason_text

DAY, LATER = date(2026, 12, 24), date(2027, 1, 3)
DAYS = DateRange(DAY, LATER)
OPENING = of.Opening((TimeRange(540, 750), TimeRange(840, 1440)), is_known=True)
CLOSED = of.Closed(DAYS, None)
CAUSES: dict[str, of.Cause] = {
    "weekday/6": of.ClosedWeekday(6),
    "closed/2026-12-24..2027-01-03/": CLOSED,
    "closed/2026-12-24..2027-01-03/50%25 off %2F Noël": of.Closed(DAYS, "50% off / Noël"),
    "holiday/Christmas Day/FR-Alsace": of.Holiday("Christmas Day", "FR-Alsace"),
    "away/2026-12-24..2027-01-03": of.Away(DAYS),
    "arrive/2026-12-24": of.NotArrived(DAY),
    "last/2026-12-24/R5/2027-01-03": of.LastDay(DAY, "R5", LATER),
    "night/02:30": of.NightSkipped(time(2, 30)),
    "given-up/2026-12-24": of.GivenUp(DAY),
    "no-slot/2/09:00-12:30/14:00-24:00/1/45/08:00-09:00/0": of.NoSlotLeft(
        OPENING, 45, TimeRange(480, 540), clocks_change=False
    ),
    "no-slot/0/0/45//1": of.NoSlotLeft(of.Opening((), is_known=False), 45, None, True),
    "taken/2/": of.Taken(2, (), ()),
    "taken/1/10:00": of.Taken(1, (), (), 600),
    "busy/10:00": of.PractitionerBusy("", None, 600),
    "off/1/09:00-12:30": of.PractitionerOff("", (TimeRange(540, 750),)),
    "leave/2026-12-24..2027-01-03": of.PractitionerAway("", DAYS),
    "nobody/": of.NobodyFree(None),
    "full/8": of.DayFull("", 8),
    "patient/": of.PatientBusy(None),
    "part/Christmas Eve": of.ClosedPart(None, "Christmas Eve"),
    "passed/10:00/1": of.TimePassed(600, had=True),
    "midnight/45": of.PastMidnight(45),
    "skipped/02:30": of.ClockSkipped(150),
    "not-open/2/09:00-12:30/14:00-24:00/1/08:00": of.NotOpen(OPENING, 480),
    "between/15/09:00": of.BetweenSlots(15, 540),
    "closes/2/09:00-12:30/14:00-24:00/1/45/12:15": of.ClosesTooSoon(OPENING, 45, 735),
    "prefers/2/1/3": of.OtherWeekday((1, 3)),
    "agreed-time/10:00/0": of.AgreedTime(600),
    "no-day/in hospital/1": of.NoDayLeft("in hospital", was=True),
    "no-course/2026-12-24/2027-01-03/2/closed/2026-12-24..2027-01-03//weekday/6": (
        of.NoCourseGoesOn(DAY, LATER, (CLOSED, of.ClosedWeekday(6)))
    ),
    "room/5/2026-12-24/1/closed/2026-12-24..2027-01-03/": of.SharesShift(5, DAY, (CLOSED,)),
    "day-passed": of.Plain.DAY_PASSED,
    "agreed": of.Plain.AGREED,
    "by-hand": of.Plain.BY_HAND,
    "took-place": of.Plain.TOOK_PLACE,
    "no-course-begins": of.Plain.NO_COURSE_BEGINS,
    "makes-room": of.Plain.MAKES_ROOM,
}
REASON = Reason(ReasonCode.CLOSURE, (DAY,), CLOSED)
SPRING = timezone(timedelta(hours=2))
NOTICES = (
    ("2026-12-24/2027-01-03/", Notice("START_SLIPPED", (DAY, LATER, None))),
    (
        "2026-12-24/2027-01-03/1/CLOSURE/1/2026-12-24/closed/2026-12-24..2027-01-03/",
        Notice("START_SLIPPED", (DAY, LATER, (REASON,))),
    ),
    ("26", Notice("ENDS_EARLY", (26,))),
    ("4/8//0", Notice("FEWER_SESSIONS", (4, 8, None, ()))),
    (
        "4/8/last/2026-12-24/R4/2027-01-03/0",
        Notice("FEWER_SESSIONS", (4, 8, of.LastDay(DAY, "R4", LATER), ())),
    ),
    ("1/2026-12-24/0", Notice("MAINTENANCE_LEFT_OUT", (1, DAY, ()))),
    ("1/3/1/2026-12-24/0", Notice("REST_NOT_LEGAL", (True, 3, True, DAY, ()))),
    ("0/1/0//0", Notice("REST_NOT_LEGAL", (False, 1, False, None, ()))),
    ("1/4/2026-12-24/in hospital", Notice("LATE", (True, 4, DAY, "in hospital"))),
    (
        "2/09:00-12:30/14:00-24:00/1/2026-12-24",
        Notice("HOURS_ASSUMED", (OPENING.spans, (DAY,))),
    ),
    ("LK/2/2027/2028", Notice("HOLIDAYS_UNKNOWN", ("LK", (2027, 2028)))),
    (
        "02:30/2027-03-28T03:30+02:00/",
        Notice("CLOCK_CHANGE", (time(2, 30), datetime(2027, 3, 28, 3, 30, tzinfo=SPRING), None)),
    ),
)


def test_every_kind_of_cause_is_tried() -> None:
    assert {type(cause) for cause in CAUSES.values()} == set(get_args(of.Cause)) - {str}
    assert {cause for cause in CAUSES.values() if isinstance(cause, of.Plain)} == set(of.Plain)


@pytest.mark.parametrize("text", CAUSES)
def test_a_cause_is_kept_as_values(text: str) -> None:
    cause = CAUSES[text]
    assert (cause_value(cause), read_cause(text)) == (text, cause)
    assert reason_text(Reason(ReasonCode.CLOSURE, (DAY,), cause))


@pytest.mark.parametrize(("text", "notice"), NOTICES)
def test_a_notice_is_kept_as_values(text: str, notice: Notice) -> None:
    assert (notice_value(*notice), read_notice(notice.code, text)) == (text, notice.about)
    assert notice_text(notice)


def test_calendars_and_their_times_are_not_kept() -> None:
    taken = of.Taken(1, ("doctor.ics",), (of.BusyTimes(((540, 600),), 0),), 600)
    assert cause_value(taken) == "taken/1/10:00"
    shared = of.SharesShift(5, DAY, (taken,))
    assert cause_value(shared) == "room/5/2026-12-24/1/taken/1/10:00"


@pytest.mark.parametrize(
    "text",
    [
        *("", "unknown", "unknown/2026-12-24", "weekday", "weekday/x", "weekday/6/more"),
        *("weekday/-1", "prefers/0", "prefers/1/7", "prefers/1/-1"),
        *("closed/2026-12-24", "closed/2027-01-03..2026-12-24/", "last/2026-12-24/R9/2026-12-25"),
        *("passed/25:00/1", "passed/10:00/2", "holiday/a\nb/FR", "no-slot/99999999/1/45//1"),
        "no-course/2026-12-24/2026-12-24/1/" * 5000,
    ],
)  # fmt: skip
def test_what_this_version_does_not_know_leaves_the_code_to_speak(text: str) -> None:
    assert read_cause(text) == ""
    assert reason_text(Reason(ReasonCode.AWAY, (DAY,), "")) == NEUTRAL_REASONS[ReasonCode.AWAY]
    assert read_notice("ENDS_EARLY", text) == ""
    assert "ENDS_EARLY" in notice_text(Notice("ENDS_EARLY", ""))


def test_holidays_of_no_year_are_not_a_notice() -> None:
    assert read_notice("HOLIDAYS_UNKNOWN", "LK/0") == ""


def test_a_cause_without_the_days_that_it_is_about_leaves_the_code_to_speak() -> None:
    reason = Reason(ReasonCode.AGREED, (), of.Plain.AGREED)
    assert reason_text(reason) == NEUTRAL_REASONS[ReasonCode.AGREED]


def test_a_sentence_of_an_earlier_version_stays_as_it_is() -> None:
    text = "the clinic is closed 24 Dec 2026 – 3 Jan 2027 (Mon/Tue | 50%)"
    assert read_cause(text) == cause_value(text) == text
    assert read_notice("ENDS_EARLY", text) == notice_value("ENDS_EARLY", text) == text
