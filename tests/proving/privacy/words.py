"""What the files of a private plan tell, over its whole life."""

import codecs
import io
import re
import tarfile
from datetime import datetime
from pathlib import Path

from mesoplan.formats.plan_file.published import OnServer, of_plan
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.model.request import LANGUAGES
from mesoplan.rules.goals import ALL_GOALS
from tests.batches import row, table
from tests.command_line import mesoplan
from tests.proving.privacy.count import Count
from tests.proving.privacy.sought import told_in
from tests.proving.privacy.watch import Made, watched

PATIENT = "Quibble Zanné"
_NAMES = ("quibble", "zanne")
_OF_A_BOOK = (".mesoplan-lock", ".mesoplan-index")
"""Hidden names in a folder of many plans, which is the clinic's own; the latter is removed."""

_TABLES = ("schedule.csv", "rejected.csv", "names.csv")

_CLINIC = """
name = "Botox & Hair Clinic"
address = "1 Park Street, 75012 Paris"
phone = "+33 1 23 45 67 89"
timezone = "Europe/Paris"
busy = ["botox-bookings.ics"]
[[practitioner]]
id = "v1"
name = "Dr Vexley"
busy = ["botox-bookings.ics"]
[[closures]]
from = 2026-12-24
to = 2026-12-27
reason = "Mesotherapy congress"
[protocols.hair]
phases = [{ sessions = 5, interval_days = 7 }]
max_interval_days = 10
[protocols.fat.face]
minutes = 20
"""
_BUSY = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\nBEGIN:VEVENT\r\nUID:1@x\r\n"
    b"DTSTAMP:20261101T000000Z\r\nDTSTART:20261208T080000Z\r\nDTEND:20261208T170000Z\r\n"
    b"SUMMARY:Hair Botox for Quibble\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)

_LIFE = (
    ("2026-12-02", "attend plan.ics 1"),
    ("2026-12-09", "miss plan.ics 2 --clinic ../clinic.toml"),
    ("2026-12-10", "move plan.ics 3 2026-12-19 --clinic ../clinic.toml"),
    ("2026-12-10", "undo plan.ics"),
    ("2026-12-10", "extend plan.ics +1 --away 2027-01-20..2027-01-22"),
    ("2026-12-10", "away plan.ics 2026-12-24..2026-12-27"),
    ("2026-12-10", "replan plan.ics --time 15:00 --clinic ../clinic.toml"),
    (
        "2026-12-10",
        "replan plan.ics --clinic ../clinic.toml --with v1 --patient-busy ../quibble.ics",
    ),
    ("2026-12-10", "replan plan.ics --language th"),
    ("2026-12-10", "replan plan.ics --language fr"),
    ("2027-06-20", "attend plan.ics 2 3 4 5 6 7 8"),
    ("2027-06-20", "miss plan.ics 9 --late ill"),
    ("2027-06-20", "cancel plan.ics m1"),
    ("2027-06-20", "cancel plan.ics"),
    ("2027-06-21", "undo plan.ics"),
)

TELLING = (
    *("Mesotherapy Paris", "the HAIR salon", "Hair\u200bdressing", "H\u00ada\u00adir"),
    *(
        "Cellulite & Co",
        "Ｂｏｔｏｘ",
        "BOTOX",
        "cabinet de Mésothérapie",
        "Me\u0301sothe\u0301rapie",
    ),
    *("Zanne's house", "at Quib\u2060ble", "QUIBBLE", "Dermal fillers", "Institut d'Esthétique"),
    *("Hyaluron-Praxis", "Fat Freeze", "Skin & Lines", "Lipolysis", "vitamin bar"),
    "Scalp\u200d & Co",
    *(
        "Clinique du cheveu",
        "gegen Haarausfall",
        "Salud capilar",
        "คลินิกเมโส",
        "薄毛クリニック",
    ),
)
"""Places that no private file of that patient may name."""

NEUTRAL = ("12 Fatima Street", "Am Hof 2; 1. Stock", "+33 1 23 45", "King's Arms Mews")
"""An address may have the name of an area of the body."""


def prove(folder: Path, count: Count) -> None:
    """Make private plans in *folder* in every way, change them, and look through all bytes."""
    for name, do in (
        ("new", _new_plans),
        ("life", _lives),
        ("table", _batches),
        ("turned", _turned_private),
        ("refused", _telling_places),
        ("feeds", _feeds),
    ):
        place = folder / name
        place.mkdir()
        do(place, count)


def _new_plans(folder: Path, count: Count) -> None:
    """A plan for every word that names a goal, and every area."""
    asked = {(name, "") for goal in ALL_GOALS for name in (goal.name, *goal.aliases)}
    asked |= {(goal.name, area) for goal in ALL_GOALS for area in goal.areas}
    for number, (goal, area) in enumerate(sorted(asked)):
        place = folder / str(number)
        place.mkdir()
        chosen = ["--area", area] if area else []
        with watched(place) as made:
            outcome = mesoplan(
                place, "plan", goal, "2026-12-01", *chosen, "--private", "--patient", PATIENT,
                *("--location", NEUTRAL[number % 3], "-n", "3", "-m", "1", "--split", "each"),
                *(["--utc"] if number % 2 else []), *(["--remind", "none"] if number % 3 else []),
                *("--holidays", "FR", "--depart", "2027-06-01"),
                *("--language", [*LANGUAGES][number % len(LANGUAGES)]),
            )  # fmt: skip
        count.holds(outcome.exit_code == 0, f"no private plan was made: {outcome.error}")
        _look(made, count, "a new plan")


def _lives(folder: Path, count: Count) -> None:
    """Plans that are changed in every way, of a clinic whose own words tell all."""
    for number, (goal, further) in enumerate(
        (
            ("hair", ()),
            ("fat", ("--area", "face", "--book", "book")),
            ("melasma", ("--tz", "Africa/Cairo")),
            ("cellulite", ("--book", ".")),
        )
    ):
        place = folder / str(number)
        place.mkdir()
        (place / "clinic.toml").write_text(_CLINIC)
        for name in ("botox-bookings.ics", "quibble.ics"):
            (place / name).write_bytes(_BUSY)
        book = place / "book"
        book.mkdir()
        given = set(place.iterdir()) - {book}
        for each in given:
            each.rename(folder / each.name)
        clinic = ("--clinic", "../clinic.toml")
        with watched(place) as made:
            asked = (goal, "2026-12-01", "-n", "8", "--private", "--patient", PATIENT)
            outcome = mesoplan(place, "plan", *asked, "-o", "plan.ics", *further, *clinic)
        count.holds(outcome.exit_code == 0, f"no private plan was made: {outcome.error}")
        _look(made, count, "plan")
        for language in LANGUAGES:
            for line in ("handout plan.ics -o -", "show plan.ics --message"):
                shown = mesoplan(place, *line.split(), "--language", language, *clinic)
                count.holds(bool(shown.text), f"“{line}” went wrong: {shown.error}")
                count.files += 1
                _look_in(_without_tags(shown.text.encode()), line, count, language)
        there: dict[Path, bytes] = {}
        for step, (day, line) in enumerate(_LIFE):
            with watched(place) as made:
                outcome = mesoplan(
                    place, *line.split(), "--changes", f"changes-{step}.ics",
                    *("--handout", f"page-{step}.html"),
                    now=f"{day}T12:00:00Z",
                )  # fmt: skip
            count.holds(outcome.exit_code == 0, f"“{line}” went wrong: {outcome.error}")
            _look(made, count, line)
            _look_at_text(outcome.error, count, line)
            _look_at_server(place / "plan.ics", there, f"{day}T12:00:00Z", count)
        with watched(place) as made:
            for hides in ([], ["--private"]):
                mesoplan(place, "agenda", ".", "--ics", "../agenda.ics", *hides)
                found = told_in((folder / "agenda.ics").read_bytes(), _NAMES)
                count.holds(not {*found} & {*_NAMES}, f"the agenda's calendar tells {found}")
        _look(made, count, "agenda")
        kept = place / "names.csv"
        is_kept = kept.exists() and {*told_in(kept.read_bytes(), _NAMES)} >= {*_NAMES}
        count.holds(is_kept is ("." in further), "the book does not keep whose its plans are")


def _look_at_server(path: Path, there: dict[Path, bytes], now: str, count: Count) -> None:
    """Put the plan as it is by now on a calendar server that has *there*, and look through that."""
    own = read_plan([path], lambda: "UTC")
    known = of_plan(there, own.plan)
    server = OnServer(own, known, frozenset(), -1, datetime.fromisoformat(now))
    written = server.to_write()
    there |= {Path(uid): data for uid, data in written.items()}
    count.holds(bool(there), "nothing is on the server")
    for data in written.values():
        found = told_in(data, _NAMES)
        count.holds(not found, f"an event on a server tells {found}")


def _batches(folder: Path, count: Count) -> None:
    """Private rows: new, changed, cancelled, in a folder and in an archive."""
    rows = [
        row(f"p{number}", goal.name, area=goal.areas[0], patient=PATIENT, private="yes")
        for number, goal in enumerate(ALL_GOALS)
    ]
    later = [{**each, "start": "2026-12-03", "closed": "sun"} for each in rows[1:]]
    broken = [{**rows[0], "id": "b1", "start": "x"}, {**rows[0], "id": "b2", "area": "Zanne"}]
    for day, some, further in (
        ("2026-11-23", [*rows, *broken], ()),
        ("2026-11-24", [*later, *broken], ("--prune",)),
    ):
        (folder / "rows.csv").write_bytes(table(*some))
        out = folder / "out"
        out.mkdir(exist_ok=True)
        with watched(out) as made:
            outcome = mesoplan(
                folder, "batch", "rows.csv", "-o", "out", *further, "--book", "out",
                now=f"{day}T12:00:00Z",
            )  # fmt: skip
            mesoplan(folder, "agenda", "out", now=f"{day}T13:00:00Z")
        count.holds(outcome.exit_code == 1, f"the batch went wrong: {outcome.error}")
        _look(made, count, "batch")
        _look_at_text(outcome.text.replace("mesoplan batch", "") + outcome.error, count, "batch")
    outcome = mesoplan(folder, "batch", "rows.csv", "--tar", "all.tar")
    count.holds(outcome.exit_code == 1, f"no archive was made: {outcome.error}")
    with tarfile.open(fileobj=io.BytesIO((folder / "all.tar").read_bytes())) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            if member.name.endswith(".ics") and content is not None:
                count.files += 1
                found = told_in(content.read(), _NAMES)
                count.holds(not found, f"an archive tells {found} in {member.name}")


def _turned_private(folder: Path, count: Count) -> None:
    """A plan that was not private, and is made so: what was before it must not tell, either."""
    out = folder / "out"
    out.mkdir()
    named = row("p", "hair", patient=PATIENT, private="no")
    (folder / "rows.csv").write_bytes(table(named))
    mesoplan(folder, "batch", "rows.csv", "-o", "out")
    mesoplan(folder, "attend", "out/p.ics", "1", now="2026-12-02T12:00:00Z")
    # Earlier versions kept there what is in the plans.
    (out / ".mesoplan-index").write_text(PATIENT)
    count.holds(bool(told_in((out / "p.ics~").read_bytes())), "there was nothing to be hidden")
    (folder / "rows.csv").write_bytes(table({**named, "private": "yes"}))
    outcome = mesoplan(folder, "batch", "rows.csv", "-o", "out", now="2026-12-02T13:00:00Z")
    count.holds("1 changed" in outcome.text, "the plan was not made private")
    for undoing in (False, True):
        if undoing:
            outcome = mesoplan(folder, "undo", "out/p.ics", now="2026-12-02T14:00:00Z")
            count.holds(outcome.exit_code in (0, 2), f"it can't be undone: {outcome.error}")
        for path in sorted(out.iterdir()):
            if not _is_clinics_table(path.read_bytes()):
                count.files += 1
                found = told_in(path.read_bytes(), _NAMES)
                count.holds(not found, f"made private, {path.name} tells {found}")


def _telling_places(folder: Path, count: Count) -> None:
    """Places that tell are refused, without being repeated, and neutral ones are not."""
    toml = folder / "clinic.toml"
    for number, place in enumerate((*TELLING, *NEUTRAL)):
        count.texts.add(place)
        asked = ("plan", "hair", "2026-12-01", "--private", "--patient", PATIENT, "-n", "3")
        toml.write_text(f'address = "{place}"\n', encoding="utf-8")
        row_of_it = row(f"p{number}", patient=PATIENT, private="yes", location=place)
        (folder / "rows.csv").write_bytes(table(row_of_it))
        is_telling = place in TELLING
        for arguments in (
            (*asked, "--location", place),
            (*asked, "--clinic", "clinic.toml"),
            ("batch", "rows.csv", "-o", f"out{number}"),
        ):
            before = set(folder.rglob("*.ics"))
            outcome = mesoplan(folder, *arguments)
            new = set(folder.rglob("*.ics")) - before
            count.holds(
                (outcome.exit_code == 0) is (not is_telling) and bool(new) is (not is_telling),
                f"{place!a} in {arguments[0]} {arguments[-2]}: exit {outcome.exit_code}",
            )
            count.holds(not is_telling or place not in outcome.error, f"{place!a} is repeated")
            for path in new:
                path.unlink()
    asked = ("plan", "hair", "2026-12-01", "-n", "3", "--private", "-o", "plan.ics")
    mesoplan(folder, *asked)
    now = "2027-04-20T12:00:00Z"
    mesoplan(folder, "attend", "plan.ics", "1", "2", now=now)
    agreed = (folder / "plan.ics").read_bytes()
    # A private file does not know whose it is.
    nameless = (text for text in TELLING if not re.search("quib|zann", text.casefold()))
    for reason in ("ill", *nameless):
        outcome = mesoplan(folder, "miss", "plan.ics", "3", "--late", reason, now=now)
        is_kept = (folder / "plan.ics").read_bytes() != agreed
        count.holds(is_kept is (reason == "ill"), f"{reason!a} as a reason: kept is {is_kept}")
        (folder / "plan.ics").write_bytes(agreed)


def _feeds(folder: Path, count: Count) -> None:
    """What patients find under their links, in every language, of plans that are not private."""
    feeds = folder / "feeds"
    feeds.mkdir()
    (folder / "botox-bookings.ics").write_bytes(_BUSY)
    own = "".join(f'[texts.{code}]\nafter = "Hair, {PATIENT}"\n' for code in LANGUAGES)
    server = '[servers.web]\nfolder = "feeds"\npublic = "https://cal.example/"\n'
    (folder / "clinic.toml").write_text(f"{_CLINIC}{server}{own}", "utf-8")
    clinic = ("--clinic", "clinic.toml")
    for number, language in enumerate(LANGUAGES):
        name, goal = f"{language}.ics", ALL_GOALS[number % len(ALL_GOALS)]
        area = ("--area", goal.areas[0], "--depart", "2027-06-01")
        place = ("--location", f"{PATIENT}'s {goal.name} house") if number % 2 else ()
        asked = (goal.name, "2026-12-01", *area, *place, "--patient", PATIENT)
        made_plan = mesoplan(folder, "plan", *asked, "--language", language, "-o", name, *clinic)
        count.holds(made_plan.exit_code == 0, f"no plan was made: {made_plan.error}")
        lines = (f"publish {name} --feed", f"miss {name} 3", f"publish {name} --new-link")
        with watched(feeds) as made:
            for line in lines:
                outcome = mesoplan(folder, *line.split(), *clinic, now="2026-12-16T12:00:00Z")
                count.holds(outcome.exit_code == 0, f"“{line}” went wrong: {outcome.error}")
        count.holds(len(made.files) >= 4, f"the feed in {language} was not looked at")
        _look(made, count, f"a feed in {language}")
        count.holds(
            not any(b"X-APPOINTMENT" in each.data for each in made.files), "a feed has records"
        )
        mesoplan(folder, "publish", name, "--withdraw", *clinic)
    count.holds(not any(feeds.iterdir()), "a feed that was withdrawn is still there")


def _look(made: Made, count: Count, after: str) -> None:
    for name in made.names:
        told = "/".join(part for part in name.split("/") if not part.startswith(_OF_A_BOOK))
        _look_in(told.encode("utf-8", "surrogateescape"), "the name of a file", count, after)
    for file in made.files:
        of_clinic = file.path.name in _TABLES or file.path.name.startswith(".calendar-")
        if not (of_clinic and _is_clinics_table(file.data)):
            count.files += 1
            _look_in(_without_tags(file.data), file.path.name, count, after)


def _without_tags(data: bytes) -> bytes:
    """A page without the two tags that every page has, and that are called as an area is."""
    is_page = data.startswith(b"<!doctype html>")
    return re.sub(rb"</?body>", b"", data) if is_page else data


def _look_in(data: bytes, name: str, count: Count, after: str) -> None:
    found = told_in(data, _NAMES)
    count.holds(not found, f"{after}: {name} tells {found}")


def _look_at_text(text: str, count: Count, what: str) -> None:
    told = [name for name in _NAMES if name in text.casefold()]
    count.holds(not told, f"{what} says {told} on the screen")


def _is_clinics_table(data: bytes) -> bool:
    """Whether a file is a table of a batch or a book, which are for the clinic, and tell all."""
    return data.startswith(codecs.BOM_UTF8)
