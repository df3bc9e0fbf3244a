"""How a plan fares with a busy calendar of 50,000 events and an endless daily rule.

The whole command is measured, and next to it how long `icalendar` alone takes for a tenth of the
same text, times ten.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import icalendar

from tests.bench.measuring import alone, at_most
from tests.bench.startup import MESOPLAN

EVENTS, QUICK_EVENTS = 50_000, 5_000
SECONDS_AIM = 3.0
MEGABYTES_AIM = 300
PLAN = "plan hair 2026-12-01 --tz Europe/Paris --clinic none -o - --busy"
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


def command(script: Path, busy: Path, cache: Path) -> tuple[float, float]:
    """The seconds that one run of the command takes, and its peak memory in megabytes."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    measured = (
        "import resource, runpy, sys\n"
        f"sys.argv = ['mesoplan', *{PLAN.split()!r}, {str(busy)!r}]\n"
        "try:\n"
        f"    runpy.run_path({str(script)!r}, run_name='__main__')\n"
        "finally:\n"
        "    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    print(peak / 1024, file=sys.stderr)\n"
    )
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", measured], env=environment, capture_output=True, check=True
    )
    return time.perf_counter() - begin, float(done.stderr.split()[-1])


def run(quick: bool) -> bool:
    """Print time and memory; whether the aims are met."""
    events = QUICK_EVENTS if quick else EVENTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        busy, script = folder / "busy.ics", folder / "run.py"
        busy.write_text(calendar(events), newline="")
        script.write_text(MESOPLAN)
        command(script, busy, folder / "cache")
        runs = [command(script, busy, folder / "cache") for _ in range(3)]
    seconds, megabytes = min(run[0] for run in runs), max(run[1] for run in runs)
    begin = time.perf_counter()
    icalendar.Calendar.from_ical(calendar(events // 10))
    alone_seconds = 10 * (time.perf_counter() - begin)
    ratio = f"{alone_seconds / seconds:.0f} times as quick as icalendar reads them"
    met = at_most(seconds, SECONDS_AIM, f"s to plan with {events:,} busy events, {ratio}")
    return at_most(megabytes, MEGABYTES_AIM, "MB of memory at its peak") and met


if __name__ == "__main__":
    alone("busy", run)
