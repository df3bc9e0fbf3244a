"""What a patient finds under the link of a plan: a calendar to subscribe to, and a page.

Both are neutral, whatever the plan's own file is: they say nothing of treatment, goal, area or
patient, and have none of our records. Whoever has the link can read them, so it can't be guessed:
it is made from a secret key of the clinic, the plan's id, and the number of the link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from mesoplan.formats.handout import Subscribing, shown_sessions, web_page
from mesoplan.formats.ical.lines import text_line
from mesoplan.formats.plan_file.writing import PlanWriter
from mesoplan.wording.languages import words_in
from mesoplan.wording.neutral import without_telltales

if TYPE_CHECKING:
    from datetime import datetime

    from mesoplan.model.plan import Plan
    from mesoplan.model.request import CalendarOptions

CALENDAR, PAGE = "dates.ics", "index.html"
_BITS = 128
_REFRESHED = b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n"
"""How often a program is to look for changes, in both ways of saying it."""
_STAMPS = re.compile(rb"^(DTSTAMP|CREATED|LAST-MODIFIED):.*\r\n", re.MULTILINE)


def token(key: bytes, plan_id: str, link: int) -> str:
    """The part of a link that nobody can guess: 26 small letters and digits."""
    # Loaded only for a feed.
    import hmac
    from base64 import b32encode

    digest = hmac.digest(key, f"{plan_id} {link}".encode(), "sha256")
    return b32encode(digest[: _BITS // 8]).decode().rstrip("=").lower()


def feed_files(
    plan: Plan, options: CalendarOptions, now: datetime, address: str
) -> dict[str, bytes]:
    """The files of a plan's feed by their names, as they are at the moment *now* (aware).

    They will be found under that *address*, which ends with a slash.
    """
    plan, options = without_telltales(plan, options)
    return {
        CALENDAR: _calendar(plan, options, now),
        PAGE: web_page(plan, options, now, _subscribing(plan, f"{address}{CALENDAR}")),
    }


def is_same(before: bytes, after: bytes) -> bool:
    """Whether two files of a feed differ at most in when they were written."""
    return _STAMPS.sub(b"", before) == _STAMPS.sub(b"", after)


def _calendar(plan: Plan, options: CalendarOptions, now: datetime) -> bytes:
    name = text_line("X-WR-CALNAME", words_in(plan.request.language).page.title_private)
    writer = PlanWriter(plan, options, now, has_records=False)
    return writer.calendar(name + _REFRESHED, shown_sessions(plan, now))


def _subscribing(plan: Plan, address: str) -> Subscribing:
    webcal = f"webcal:{address.partition(':')[2]}"
    name = words_in(plan.request.language).page.title_private
    return Subscribing(
        apple=webcal,
        google=f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
        outlook="https://outlook.live.com/calendar/0/addfromweb?"
        f"url={quote(address, safe='')}&name={quote(name, safe='')}",
        download=CALENDAR,
    )
