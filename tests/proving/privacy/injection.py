"""Hostile texts in tables, in the profile and in records: none is more than a text anywhere."""

import json
import re
import tarfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote_plus

from mesoplan.formats.delimited import as_it_was
from tests.batches import row, table
from tests.command_line import mesoplan
from tests.proving.privacy.count import Count
from tests.proving.privacy.hostile_texts import HOSTILE
from tests.proving.privacy.readers import look_at_screen, look_at_table, read_by_others, skeleton

_SHORT = {"sessions": "3", "maintenance": "0"}
_COLUMNS = (
    *("id", "goal", "start", "area", "time", "tz", "closed", "closure", "holidays", "open"),
    *(
        "away",
        "arrive",
        "remind",
        "busy",
        "room-busy",
        "clinic",
        "private",
        "utc",
        "interval",
        "flex",
    ),
    *("with", "patient-busy"),
)
_KEYS_OF_PROFILE = ("name", "address", "phone", "reason", "patient_text.before")
_KEYS_OF_RECORD = ("patient", "place", "phone", "note", "works", "with")


def prove(folder: Path, count: Count) -> None:
    """Put every hostile text into every column, key of the profile and key of a record."""
    count.texts.update(HOSTILE)
    _labels_and_places(folder / "labels", count)
    _other_columns(folder / "columns", count)
    _profiles(folder / "profiles", count)
    _records(folder / "records", count)


def _lines(rows: Iterable[dict[str, str]]) -> bytes:
    """A table in NDJSON, which can hold any text."""
    return "".join(f"{json.dumps(each)}\n" for each in rows).encode()


def _is_text_of_csv(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _labels_and_places(folder: Path, count: Count) -> None:
    """As label and place: refused, or the same text wherever it is written."""
    folder.mkdir()
    for column in ("patient", "location"):
        rows = [
            {**row(f"r{number}"), **_SHORT, column: text} for number, text in enumerate(HOSTILE)
        ]
        harmless = {**row("harmless"), **_SHORT, column: "Ann"}
        (folder / "rows.ndjson").write_bytes(_lines([harmless, *rows]))
        cuttable = [each for each in rows if _is_text_of_csv(each[column])]
        (folder / "rows.csv").write_bytes(table(harmless, *cuttable))
        for name in ("rows.ndjson", "rows.csv"):
            out = folder / f"{column}-{name}"
            before = set(folder.rglob("*"))
            outcome = mesoplan(folder, "batch", name, "-o", out.name)
            look_at_screen(outcome, f"{column} in {name}", count)
            new = set(folder.rglob("*")) - before - _copies(folder)
            count.holds(
                all(path.parent in {out, folder} for path in new), f"{column}: files elsewhere"
            )
            _look_at_batch(out, column, count)
        if column == "patient":
            _look_at_agenda(out, count)


def _look_at_agenda(out: Path, count: Count) -> None:
    """Hold that an agenda in JSON has each label as it was written, and no other."""
    days = ("--from", "2026-11-01", "--days", "60", "--json")
    outcome = mesoplan(out.parent, "agenda", out.name, *days)
    told = {each["patient"] for day in _days(outcome.text) for each in day}
    written = {text.strip() for n, text in enumerate(HOSTILE) if (out / f"r{n}.ics").exists()}
    count.holds(told - {None} == (written | {"Ann"}) - {""}, "the agenda has other labels")


def _days(text: str) -> list[list[dict[str, str | None]]]:
    return [day["sessions"] for day in json.loads(text)["days"]]


def _look_at_batch(out: Path, column: str, count: Count) -> None:
    usual = skeleton((out / "harmless.ics").read_bytes())
    blank = [line for line in usual if line not in {"LOCATION"}]
    schedule = look_at_table((out / "schedule.csv").read_bytes(), f"{column}: schedule", count)
    rejected = look_at_table((out / "rejected.csv").read_bytes(), f"{column}: rejected", count)
    header = rejected[0].index(column)
    refused = {as_it_was(cells[header]) for cells in rejected[1:]}
    labels = {cells[0]: as_it_was(cells[1]) for cells in schedule[1:]}
    for number, text in enumerate(HOSTILE):
        path, what = out / f"r{number}.ics", f"{column} {text[:40]!a}"
        if not path.exists():
            told = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
            is_there = told in refused or not _is_text_of_csv(text)
            count.holds(is_there, f"{what}: neither planned nor rejected")
            continue
        data = path.read_bytes()
        count.files += 1
        wanted = usual if text.strip() else blank
        count.holds(skeleton(data) in (wanted, blank), f"{what}: other properties")
        places, patients = read_by_others(data, number)
        if column == "patient":
            count.holds(patients <= {text.strip()}, f"{what}: others read {patients!a}")
            count.holds(labels[f"r{number}"] == text.strip(), f"{what}: the schedule has another")
        else:
            count.holds(places == {text.strip()}, f"{what}: others read {places!a}")


def _other_columns(folder: Path, count: Count) -> None:
    """In all other columns: no file elsewhere, nothing on the screen, no formula in a table."""
    folder.mkdir()
    for column in _COLUMNS:
        rows = [
            {**row(f"r{number}"), **_SHORT, column: text} for number, text in enumerate(HOSTILE)
        ]
        (folder / "rows.ndjson").write_bytes(_lines(rows))
        before = set(folder.rglob("*"))
        for further in ((), ("--dry-run",)):
            outcome = mesoplan(folder, "batch", "rows.ndjson", "-o", column, *further)
            look_at_screen(outcome, f"column {column}", count)
        if column == "id":
            mesoplan(folder, "batch", "rows.ndjson", "--tar", "all.tar")
            _look_at_archive(folder / "all.tar", count)
        new = set(folder.rglob("*")) - before - _copies(folder)
        out = folder / column
        count.holds(all(path.parent in {out, folder} for path in new), f"{column}: files elsewhere")
        count.holds(all(path.is_file() for path in new - {out}), f"{column}: folders were made")
        for name in _TABLES:
            if (out / name).exists():
                look_at_table((out / name).read_bytes(), f"{column}: {name}", count)
        for path in out.glob("*.ics"):
            count.files += 1
            lines = skeleton(path.read_bytes())
            count.holds(
                lines.count("BEGIN:VEVENT") == 3 and set(lines) <= _PROPERTIES,
                f"{column}: {path.name[:40]!a} has other properties",
            )


def _look_at_archive(path: Path, count: Count) -> None:
    """Hold that nothing of an archive comes to lie elsewhere, and that ids are its names."""
    with tarfile.open(path) as archive:
        members = archive.getmembers()
    path.unlink()
    ids = {unicodedata.normalize("NFC", text.strip()) for text in HOSTILE}
    for member in members:
        count.holds(
            member.isreg() and not set("/\\\0:") & set(member.name) and member.name[0] not in ".~-",
            f"the archive has {member.name!a}",
        )
        stem = member.name.removesuffix(".ics")
        count.holds(stem in ids or member.name in _TABLES, f"the archive has {member.name!a}")
    count.holds(len(members) > 30, f"only {len(members)} ids are names")


_TABLES = ("schedule.csv", "rejected.csv")
_PROPERTIES = frozenset(
    {
        *("", "VERSION", "PRODID", "CALSCALE", "X-APPOINTMENT-PLAN", "X-APPOINTMENT", "UID"),
        *("SEQUENCE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART;TZID=Europe/Paris"),
        *("DTEND;TZID=Europe/Paris", "SUMMARY", "DESCRIPTION", "LOCATION", "CONTACT", "STATUS"),
        *("ACTION", "TRIGGER", "TZID", "X-LIC-LOCATION", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"),
        *("TRANSP", "DTSTART", "DTEND", "RRULE"),
        *(
            f"{word}:{name}"
            for word in ("BEGIN", "END")
            for name in ("VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VEVENT", "VALARM")
        ),
    }
)
"""All that our files have."""


def _profiles(folder: Path, count: Count) -> None:
    """In the clinic's profile: a mistake that is told safely, or the same text everywhere."""
    folder.mkdir()
    profile = folder / "clinic.toml"
    for number, text in enumerate(HOSTILE):
        key = _KEYS_OF_PROFILE[number % len(_KEYS_OF_PROFILE)]
        value = json.dumps(text)
        if key == "reason":
            days = "from = 2026-12-08\nto = 2026-12-08"
            profile.write_text(f"[[closures]]\n{days}\nreason = {value}\n")
        else:
            profile.write_text(f"{key} = {value}\n")
        asked = ("plan", "hair", "2026-12-01", "-n", "3", "-m", "0", "--clinic", "clinic.toml")
        outcome = mesoplan(folder, *asked, "-o", "plan.ics", columns=100 if number % 2 else None)
        what = f"{key} {text[:40]!a}"
        look_at_screen(outcome, what, count, on_terminal=bool(number % 2))
        path = folder / "plan.ics"
        if path.exists():
            data = path.read_bytes()
            path.unlink()
            count.files += 1
            usual = _PROPERTIES | {"CONTACT"} if key == "phone" else _PROPERTIES
            count.holds(set(skeleton(data)) <= usual, f"{what}: other properties")
            places, _ = read_by_others(data, number)
            if key in {"name", "address"}:
                count.holds(places == {text.strip()}, f"{what}: others read {places!a}")
    outcome = mesoplan(folder, "clinic", "show", "--clinic", "clinic.toml")
    look_at_screen(outcome, "clinic show", count)


def _records(folder: Path, count: Count) -> None:
    """In the record of a plan's file, where somebody put it: refused, or shown as a text."""
    folder.mkdir()
    asked = ("plan", "hair", "2026-12-01", "-n", "3", "-m", "0", "--patient", "Ann")
    mesoplan(folder, *asked, "--location", "1 Park Street", "-o", "plan.ics")
    whole = re.sub(rb"\r\n[ \t]", b"", (folder / "plan.ics").read_bytes())
    (folder / "plan.ics").unlink()
    for number, text in enumerate(HOSTILE):
        key = _KEYS_OF_RECORD[number % len(_KEYS_OF_RECORD)]
        value = quote_plus(text.encode("utf-8", "surrogatepass")).encode()
        data = re.sub(rb"&patient=Ann|&place=[^&\r]*", b"", whole)
        data = data.replace(b"&phases=", b"&" + key.encode() + b"=" + value + b"&phases=")
        data = data.replace(
            b"&at=", b"&why=HOURS|2026-12-01|" + value + b"&late=" + value + b"&at="
        )
        title = text.encode("utf-8", "surrogatepass").replace(b"\r", b" ").replace(b"\n", b" ")
        titled = rb"\1:" + title.replace(b"\\", rb"\\")
        data = re.sub(rb"(SUMMARY|DESCRIPTION):[^\r]*", titled, data)
        (folder / f"p{number}.ics").write_bytes(data)
        if number % 3 == 0:
            kind = 90 if number % 2 else None
            outcome = mesoplan(folder, "show", f"p{number}.ics", columns=kind)
            look_at_screen(outcome, f"{key} {text[:40]!a}", count, on_terminal=kind is not None)
        if number % 7 == 0:
            outcome = mesoplan(folder, "extend", f"p{number}.ics", "+1")
            look_at_screen(outcome, f"{key} {text[:40]!a} changed", count)
            count.files += 1
    days = ("--from", "2026-11-01", "--days", "90")
    for further in ((), ("--json",), ("--ics", "../agenda.ics"), ("--view", "month")):
        for columns in (None, 100):
            outcome = mesoplan(folder, "agenda", ".", *days, *further, columns=columns)
            count.holds(outcome.exit_code == 0, f"the agenda of them all: {outcome.error}")
            look_at_screen(outcome, "agenda", count, on_terminal=columns is not None)
            if "--json" in further:
                count.holds("schema" in json.loads(outcome.text), "the agenda is no JSON")
    agenda = (folder.parent / "agenda.ics").read_bytes()
    count.holds(set(skeleton(agenda)) <= _PROPERTIES | {"X-AGENDA-OF-APPOINTMENTS"}, "agenda.ics")


def _copies(folder: Path) -> set[Path]:
    """The folder for copies of what is fetched, and what is in it."""
    return {folder / "cache", *folder.glob("cache/**/*")}
