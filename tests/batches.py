"""Batches for tests: small tables, what a batch makes of them, and what it leaves behind."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from tests.command_line import Outcome, mesoplan

TABLE = "rows.csv"
OUT = "out"


def table(*rows: Mapping[str, str], delimiter: str = ",") -> bytes:
    """A table with all the columns of its rows, as a spreadsheet saves it."""
    columns = list(dict.fromkeys(["id", "goal", "start", *(name for row in rows for name in row)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def row(name: str, goal: str = "hair", start: str = "2026-12-01", **others: str) -> dict[str, str]:
    """A row; the names of columns with an underscore for each hyphen."""
    named = {key.replace("_", "-"): value for key, value in others.items()}
    return {"id": name, "goal": goal, "start": start, **named}


def batch(
    folder: Path, data: bytes, *arguments: str, now: str | None = None, name: str = TABLE
) -> Outcome:
    """Put *data* into a table in *folder*, and run `batch` on it with the plans in “out”."""
    (folder / name).write_bytes(data)
    return mesoplan(folder, "batch", name, "-o", OUT, *arguments, now=now)


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a table that a batch wrote."""
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def schedule(folder: Path) -> list[dict[str, str]]:
    """The schedule beside the plans."""
    return rows_of(folder / OUT / "schedule.csv")


def rejected(folder: Path) -> list[tuple[str, str]]:
    """The line and the code of each rejected row; nothing where there is no such table."""
    path = folder / OUT / "rejected.csv"
    return [(each["line"], each["code"]) for each in rows_of(path)] if path.exists() else []


def days(folder: Path, name: str) -> list[str]:
    """The days of the sessions of the course that stand, by the schedule."""
    return [
        each["date"]
        for each in schedule(folder)
        if each["id"] == name and each["kind"] == "course" and each["status"] != "cancelled"
    ]


def contents(folder: Path) -> dict[str, bytes]:
    """All files in a folder, hidden ones too."""
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def anonymous(data: bytes) -> str:
    """A plan's file without what differs from one plan to the next: its id, and that of its row."""
    text = unfolded(data)
    (plan_id,) = set(re.findall(r"&id=([-0-9a-f]{36})", text))
    return re.sub(r"&row=[0-9a-f]{32}", "", text.replace(plan_id, "ID"))


def unfolded(data: bytes) -> str:
    """A calendar file with each property in one line."""
    return data.decode().replace("\r\n ", "")


def events(data: bytes) -> dict[str, dict[str, str]]:
    """The properties of each event of a plan's file as they stand, by its UID."""
    found = {}
    for text in unfolded(data).split("BEGIN:VEVENT\r\n")[1:]:
        lines = text.partition("BEGIN:VALARM")[0].partition("END:VEVENT")[0].splitlines()
        pairs = (re.match("([A-Z-]+)[;:](.*)", line) for line in lines)
        properties = {pair[1]: pair[2] for pair in pairs if pair}
        found[properties["UID"]] = properties
    return found


def sequences(data: bytes) -> dict[str, int]:
    """How often each event was changed, by its UID."""
    return {uid: int(each["SEQUENCE"]) for uid, each in events(data).items()}
