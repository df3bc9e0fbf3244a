"""How a plan fares with a large busy calendar that also has an endless daily event."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from tests.bench.measuring import at_most, measured

EVENTS, QUICK_EVENTS, MORE_SECONDS_AIM = 20_000, 5_000, 1.5
MOST_EVENTS, SECONDS_AIM, MIB_AIM = 50_000, 6.0, 300
PLAN = ("plan", "hair", "2026-12-01", "-o", "-")
DAILY = """BEGIN:VEVENT
UID:daily
DTSTAMP:20200101T000000Z
DTSTART;TZID=Europe/Paris:20150105T120000
DTEND;TZID=Europe/Paris:20150105T130000
RRULE:FREQ=DAILY
SUMMARY:Lunch
END:VEVENT
"""


def calendar(events: int) -> str:
    """A calendar of single events over ten years, as programs write them, and the endless one."""
    random = Random(50)
    parts = ["BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//bench//EN\n", DAILY]
    first = datetime(2019, 1, 1, 6, tzinfo=UTC)
    for number in range(events):
        start = first + timedelta(minutes=random.randrange(10 * 365 * 24 * 60))
        end = start + timedelta(minutes=random.choice([15, 30, 60]))
        parts.append(
            f"BEGIN:VEVENT\nUID:{number}@example.org\nDTSTAMP:20200101T000000Z\n"
            f"DTSTART:{start:%Y%m%dT%H%M%SZ}\nDTEND:{end:%Y%m%dT%H%M%SZ}\nSUMMARY:Event {number}\n"
            "DESCRIPTION:Somebody has something to do at that time, and says so at length.\n"
            "STATUS:CONFIRMED\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:Soon\n"
            "END:VALARM\nEND:VEVENT\n"
        )
    return "".join([*parts, "END:VCALENDAR\n"]).replace("\n", "\r\n")


def run(quick: bool) -> bool:
    """Print time and memory; whether the aims are met."""
    events = QUICK_EVENTS if quick else EVENTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        busy, largest = folder / "busy.ics", folder / "largest.ics"
        busy.write_text(calendar(events), newline="")
        measured(folder, *PLAN)
        rounds = [
            (measured(folder, *PLAN), measured(folder, *PLAN, "--busy", str(busy)))
            for _ in range(3)
        ]
        more = min(each.seconds for _, each in rounds) - min(each.seconds for each, _ in rounds)
        text = f"s more to plan with {events:,} busy events than without"
        met = at_most(more, MORE_SECONDS_AIM * events / EVENTS, text)
        if not quick:
            largest.write_text(calendar(MOST_EVENTS), newline="")
            most = measured(folder, *PLAN, "--busy", str(largest))
            met &= at_most(most.seconds, SECONDS_AIM, f"s to plan with {MOST_EVENTS:,} of them")
            met &= at_most(most.mib, MIB_AIM, "MiB of memory at its peak")
    return met
