"""English, in which the texts were written first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import MONTHS, WEEKDAYS, day_text
from mesoplan.rules.goals import ALL_GOALS, TELLTALE_BEGINNINGS
from mesoplan.wording.languages.words import Words

if TYPE_CHECKING:
    from datetime import date


def _short_day(day: date) -> str:
    return day_text(day).rpartition(" ")[0]


WORDS = Words(
    reviewed="the language of the source",
    sources=(),
    months=MONTHS,
    weekdays=WEEKDAYS,
    day=day_text,
    short_day=_short_day,
    first_weekday=0,
    is_one=lambda number: number == 1,
    one_minute="{number} minute",
    minutes="{number} minutes",
    between=" ",
    comma=", ",
    in_brackets=" ({treated})",
    mesotherapy="Mesotherapy",
    mesotherapy_top_up="Mesotherapy top-up",
    appointment="Appointment",
    follow_up="Follow-up",
    session="Session",
    top_up="Top-up",
    cancelled_title="Cancelled: ",
    goals={goal.name: goal.name for goal in ALL_GOALS},
    areas={area: area for goal in ALL_GOALS for area in goal.areas},
    your_clinic="your clinic",
    with_phone="{clinic}, {phone},",
    call_number="Call {phone}.",
    call_clinic="Please call your clinic.",
    call_us="Please call us.",
    alarm="{title}, {when}{place}. Can't come? {call}",
    contact="Can't come, or need another day? Call {whom} as early as you can.",
    held="This date is held for you, but not fixed.",
    held_call="Please call to confirm it, or to choose another day.",
    which="{what} {number} of {total}{treated}, about {minutes}.",
    trip="Your trip: your last session says from when you can travel home.",
    trip_tickets="Dates can still change: book tickets that can be changed.",
    before="Before: tell us if your health, medicines or allergies have changed.",
    before_cream="You may get a numbing cream.",
    treatment="The treatment: a series of very fine injections.",
    treatment_feels="It can be uncomfortable, but is usually not painful.",
    after="After: a little bruising and swelling is common and usually settles within a day;",
    after_bruise="a bruise may show for longer.",
    after_work="Many people work the same day, some take a day off.",
    after_care="Follow the aftercare your practitioner gave you.",
    call="Call the same day if pain, redness or swelling gets worse, or if you get a rash or a "
    "fever.",
    call_later="Also call if a lump or sore appears, even weeks later.",
    emergency="Trouble breathing or a swollen face: call the emergency number at once.",
    travel="Travelling? Wait at least a day after a session before you travel home.",
    home="You can travel home from {home}.",
    keep="To keep the result, get regular exercise, eat a balanced diet and drink little alcohol.",
    advice="Planning aid, not medical advice.",
    cancelled="This appointment {stands}.",
    is_cancelled="is cancelled",
    no_longer_stands="no longer stands",
    cancelled_come="Please don't come at this time, unless your calendar has another appointment "
    "then.",
    cancelled_questions="Questions? {call}",
    private_contact="Can't come, or need another day? {call}",
    private_which="About {minutes}.",
    private_trip="Your trip: your last appointment says from when you can travel home.",
    private_after="You can usually get on with your day afterwards;",
    private_after_off="some people take the day off.",
    private_call="If you feel unwell afterwards, or anything gets worse instead of better, call "
    "the same day, even weeks later.",
    private_emergency="In an emergency call your local emergency number.",
    private_advice="If this differs from what we told you in person, please call.",
    telling=TELLTALE_BEGINNINGS,
)
