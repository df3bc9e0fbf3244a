"""Calendars follow a plan: after each change its file, or the changed events alone, taken in over
what was there, leaves exactly the standing sessions."""

from collections.abc import Iterator
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import pytest

from mesoplan.formats.plan_file.reading import read_plan
from tests.calendar_programs import Khal, Placed, Radicale, left
from tests.command_line import mesoplan
from tests.examples import IN_THE_SUITE, some

PLAN = "plan hair 2026-12-01 --closed sun,mon --closure 2026-12-24..2027-01-03 -o plan.ics"
STEPS = (
    ("2026-12-10T12:00:00Z", "attend plan.ics 1"),
    ("2026-12-10T13:00:00Z", "attend plan.ics 2 --on 2026-12-09"),
    ("2026-12-12T12:00:00Z", "miss plan.ics 4"),
    ("2026-12-12T13:00:00Z", "move plan.ics 5 2027-01-14 15:30"),
    ("2026-12-13T12:00:00Z", "move plan.ics m1 2027-08-20"),
    ("2026-12-14T12:00:00Z", "extend plan.ics +2"),
    ("2026-12-15T12:00:00Z", "extend plan.ics -1"),
    ("2026-12-16T12:00:00Z", "cancel plan.ics 6"),
    ("2026-12-16T13:00:00Z", "undo plan.ics"),
    ("2026-12-17T12:00:00Z", "cancel plan.ics"),
)


def sessions(path: Path) -> list[Placed]:
    standing = read_plan([path], lambda: "UTC").plan.active
    return sorted((each.uid, each.start.astimezone(UTC)) for each in standing)


def course(folder: Path, more: str) -> Iterator[tuple[str, bytes, bytes, list[Placed]]]:
    """Each step: what was typed, the whole file, the changed events, and what is to be left."""
    assert mesoplan(folder, *PLAN.split(), *more.split()).exit_code == 0
    path, changes = folder / "plan.ics", folder / "changes.ics"
    yield PLAN, path.read_bytes(), path.read_bytes(), sessions(path)
    for now, line in STEPS:
        outcome = mesoplan(folder, *line.split(), "--changes", "changes.ics", now=now)
        assert outcome.exit_code == 0, (line, outcome.error)
        yield line, path.read_bytes(), changes.read_bytes(), sessions(path)
        changes.unlink()


def test_the_steps_change_what_stands(tmp_path: Path) -> None:
    states = [state for *_, state in course(tmp_path, "")]
    # That one was attended as planned changes no date; each other step does.
    assert states[1] == states[0]
    assert all(before != after for before, after in pairwise(states[1:]))
    assert states[-2] == states[-4]
    assert len(states[-1]) == 2


@pytest.mark.parametrize(
    ("way", "zone"),
    some([("changes", "Europe/Paris"), ("whole", "Asia/Tokyo"), ("each", "Africa/Cairo")], 3),
)
def test_a_server_is_left_with_the_standing_sessions(way: str, zone: str, tmp_path: Path) -> None:
    server = Radicale(tmp_path / "server")
    for line, whole, changes, expected in course(tmp_path, f"--tz {zone}"):
        if way == "whole":
            server.put(whole)
        else:
            server.put_each(whole if way == "each" else changes)
        assert left(server.appointments()) == expected, line


def test_a_phone_is_left_with_the_standing_sessions(tmp_path: Path) -> None:
    (tmp_path / "khal").mkdir()
    khal, given = Khal(tmp_path / "khal"), tmp_path / "given.ics"
    for number, (line, whole, changes, expected) in enumerate(course(tmp_path, "--private")):
        # In turns, so that each file comes over what the other one left.
        given.write_bytes(changes if number % 2 else whole)
        khal.import_file(given)
        # What is wrong after a step is so after the next; the last is 10.
        if IN_THE_SUITE and number % 3 != 1:
            continue
        assert left(khal.appointments()) == expected, line
