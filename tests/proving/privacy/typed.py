"""Hostile texts as words of a command line, names of files, and calendars of other programs."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.command_line import mesoplan
from tests.proving.privacy.count import Count
from tests.proving.privacy.hostile_texts import CALENDAR_GROUPS, HOSTILE, TERMINAL, UNSEEN
from tests.proving.privacy.readers import look_at_screen

_HAIR = ("plan", "hair", "2026-12-01", "--dry-run")
_MARK = "?"
_OPTIONS = """
sessions area time tz closed closure holidays away arrive finish-by remind patient location clinic
busy room-busy patient-busy with book view duration
"""
_COMMANDS = [
    *("?", "--?", "plan ? 2026-12-01 --dry-run", "plan hair ? --dry-run", "show ?", "check ?"),
    *(f"plan hair 2026-12-01 --dry-run --{option} ?" for option in _OPTIONS.split()),
    *("plan hair 2026-12-01 --?", "check plan.ics --match ?", "check plan.ics --goal ?"),
    *("agenda ?", "agenda . --from ?", "batch ? -o out", "batch plan.ics -o out --closed ?"),
    *("move plan.ics ? 2026-12-05", "move plan.ics 3 ?", "miss plan.ics 3 --late ? --dry-run"),
    *("away plan.ics ? --dry-run", "replan plan.ics --time ? --dry-run", "replan ?", "done ?"),
    *("attend ? 1", "extend plan.ics ? --dry-run", "cancel plan.ics ? --dry-run", "undo ?"),
    *("goals ?", "clinic check ?", "clinic ?"),
]
_AT_ONCE = 3
"""With how many of the commands each text is tried; those of its neighbours differ."""


def prove(folder: Path, count: Count) -> None:
    """Try them all, and look at what is printed and what is made."""
    count.texts.update(HOSTILE)
    for name, do in (("typed", _typed), ("names", _names), ("foreign", _foreign)):
        place = folder / name
        place.mkdir()
        do(place, count)


def _typed(folder: Path, count: Count) -> None:
    """As words of the command line; with terminals and without."""
    inside = folder / "inside"
    inside.mkdir()
    mesoplan(inside, "plan", "hair", "2026-12-01", "-n", "4", "-m", "0", "-o", "plan.ics")
    before = (inside / "plan.ics").read_bytes()
    at = 0
    for number, text in enumerate(HOSTILE):
        for _ in range(_AT_ONCE):
            command = _COMMANDS[at % len(_COMMANDS)]
            at += 1
            arguments = [word.replace(_MARK, text) for word in command.split()]
            columns = 90 if number % 4 == 0 else None
            outcome = mesoplan(inside, *arguments, columns=columns)
            what = f"{command} with {text[:40]!a}"
            look_at_screen(outcome, what, count, on_terminal=columns is not None)
            if "--patient ?" in command and outcome.exit_code and len(text.strip()) > 2:
                count.holds(text.strip() not in outcome.error, f"{what}: the label is repeated")
    shutil.rmtree(inside / "out", ignore_errors=True)
    made = {path.name for path in folder.rglob("*")}
    count.holds(made <= {"inside", "plan.ics"}, f"typed words made {made}")
    count.holds((inside / "plan.ics").read_bytes() == before, "typed words changed a plan")


def _names(folder: Path, count: Count) -> None:
    """As names of files that the program comes upon, and is told."""
    mesoplan(folder, "plan", "hair", "2026-12-01", "-n", "3", "-m", "0", "-o", "plan.ics")
    data = (folder / "plan.ics").read_bytes()
    plan_id = re.search(rb"&id=([^&]{36})&", data.replace(b"\r\n ", b""))
    book = folder / "book"
    book.mkdir()
    for number, path in enumerate(_hostile_files(book)):
        # Some hold a plan of their own, some what is none.
        new_id = b"%08d" % number
        content = data.replace(plan_id[1][:8], new_id) if plan_id else b""
        path.write_bytes(content if number % 3 else content[:500])
        count.files += 1
        if number % 4 == 0:
            for command in (("show",), ("check",), ("undo",), ("batch", "-o", "out")):
                name = f"book/{path.name}"
                outcome = mesoplan(folder, command[0], name, *command[1:])
                look_at_screen(outcome, f"{command[0]} {path.name[:40]!a}", count)
    for further in ((), ("--json",), ("--view", "month")):
        for columns in (None, 100):
            outcome = mesoplan(
                folder, "agenda", "book", "--from", "2026-12-01", "--days", "20", *further,
                columns=columns,
            )  # fmt: skip
            count.holds(outcome.exit_code == 0, f"agenda of hostile names: {outcome.error}")
            look_at_screen(outcome, "agenda of hostile names", count, on_terminal=bool(columns))
    for text in TERMINAL + UNSEEN:
        with contextlib.suppress(OSError):
            name = f"{text}.ics"
            outcome = mesoplan(folder, *_HAIR[:3], "-n", "3", "-m", "0", "-o", name)
            look_at_screen(outcome, f"-o {name!a}", count)


def _hostile_files(folder: Path) -> Iterator[Path]:
    """A path for each text that the system takes as a name."""
    for text in HOSTILE:
        if "/" in text or "\0" in text or not text.strip(". "):
            continue
        try:
            path = folder / f"{text}.ics"
            path.touch()
        except (OSError, UnicodeEncodeError):
            continue
        yield path


def _foreign(folder: Path, count: Count) -> None:
    """In the texts of other programs' calendars, looked at in every way."""
    for number, group in enumerate(CALENDAR_GROUPS):
        for where in ("SUMMARY", "LOCATION", "UID", "DTSTART", "TZID", "RRULE", "PRODID", "NAME"):
            name = f"{where}{number}.ics"
            (folder / name).write_bytes(_calendar(group, where))
            count.files += 1
            for arguments in (
                ("check", name, "--match", "a"),
                ("check", name, "--json"),
                ("show", name),
                (*_HAIR, "--busy", name),
            ):
                columns = 80 if number % 2 else None
                outcome = mesoplan(folder, *arguments, columns=columns)
                look_at_screen(
                    outcome, f"{' '.join(arguments)}", count, on_terminal=columns is not None
                )
    for columns in (None, 100):
        outcome = mesoplan(folder, "agenda", ".", columns=columns)
        look_at_screen(outcome, "agenda of foreign files", count, on_terminal=bool(columns))


def _calendar(texts: list[str], where: str) -> bytes:
    """A calendar with an event for each text, which stands in a property, or in place of its name.

    Line breaks are as they come: then the text makes lines of its own.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number, text in enumerate(texts):
        given = {
            "UID": f"{number}@example.com",
            "DTSTART": f"202612{number % 28 + 1:02d}T090000Z",
            "DTEND": f"202612{number % 28 + 1:02d}T093000Z",
            "SUMMARY": f"a {number}",
        }
        match where:
            case "TZID":
                del given["DTSTART"], given["DTEND"]
                given[f"DTSTART;TZID={text}"] = "20261201T090000"
            case "NAME":
                given[text] = "x"
            case _:
                given[where] = text
        lines += ["BEGIN:VEVENT", *(f"{key}:{value}" for key, value in given.items()), "END:VEVENT"]
    lines.append("END:VCALENDAR\r\n")
    return "\r\n".join(lines).encode("utf-8", "surrogatepass")
