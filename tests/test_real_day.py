"""A real day at the desk: few keystrokes, and every plan as the longer commands of before leave it.

The day is the page “A day at the desk”: its commands are typed here, and counted.
"""

import shlex
from collections import Counter
from datetime import date, datetime
from pathlib import Path

from mesoplan.book.folder import read_book
from tests.command_line import mesoplan
from tests.golden import commands_of
from tests.pages import MANUAL, Reading, blocks
from tests.real_day import BEFORE, make_clinic

PAGE = MANUAL / "desk.md"
ASKED = ("done --today",)
"""The commands that ask on a terminal whether it is right; Enter says yes."""
Sessions = list[tuple[str, int, datetime, str]]


def sessions_of(folder: Path) -> dict[str | None, Sessions]:
    """Each patient's sessions: kind, number, start, status."""
    return {
        entry.label: sorted(
            (each.kind, each.number, each.start, each.status.value)
            for each in (*entry.plan.active, *entry.plan.dropped)
        )
        for entry in read_book(folder / "plans", lambda: "UTC").entries
    }


def keystrokes(line: str) -> int:
    """Those of a command with its Enter, and of the answer to what it asks."""
    return len(line) + 1 + any(line == f"mesoplan {each}" for each in ASKED)


def typed_now() -> list[str]:
    return [line for block in blocks(PAGE, "console") for line in commands_of(block)]


def test_a_day_takes_at_most_a_third_of_the_keystrokes_of_before() -> None:
    before = [line.split(maxsplit=1)[1] for line in BEFORE.splitlines()]
    now = typed_now()
    assert 3 * sum(map(keystrokes, now)) <= sum(len(line) + 1 for line in before)
    assert not any(".ics" in line or "/" in line for line in now)


def test_the_day_ends_as_it_did_with_the_commands_of_before(tmp_path: Path) -> None:
    morning, now, before = (tmp_path / each for each in ("morning", "now", "before"))
    for folder in (morning, now, before):
        folder.mkdir()
    make_clinic(morning)
    reading = Reading(now)
    reading.page(PAGE)
    assert reading.problems == []
    make_clinic(before)
    for line in BEFORE.splitlines():
        moment, program, *arguments = shlex.split(line)
        if program == "mesoplan":
            world = {"MESOPLAN_CLINIC": "../clinic.toml"}
            instant = f"2026-12-08T{moment}:00+01:00"
            outcome = mesoplan(before / "plans", *arguments, now=instant, also=world)
            assert outcome.exit_code == 0, (line, outcome.error)

    began, ended = sessions_of(morning), sessions_of(now)
    assert ended == sessions_of(before)
    today = [
        (label, status)
        for label, sessions in ended.items()
        for _, _, start, status in sessions
        if start.date() == date(2026, 12, 8)
    ]
    assert Counter(status for _, status in today) == {"attended": 10, "missed": 2}
    assert {label for label, status in today if status == "missed"} == {
        "Hugo Petit",
        "Louis Girard",
    }
    assert ("course", 3, "2026-12-10") in {
        (kind, number, f"{start:%Y-%m-%d}") for kind, number, start, _ in ended["Claire Durand"]
    }
    changed = {label for label in ended if ended[label] != began.get(label)}
    assert changed == {label for label, _ in today} | {"Claire Durand", "Zoe Lambert"}
