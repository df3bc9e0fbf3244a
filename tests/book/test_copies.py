"""What programs that synchronise leave in a book is known, and what it holds is not given away."""

import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mesoplan.book.copies import conflict_of, folder_notes
from mesoplan.book.folder import Book, bookings_of, read_book
from mesoplan.planning.agenda import BookEntry
from tests.plan_books import book_entry, make_book, plan_bytes, session_at

PARIS = ZoneInfo("Europe/Paris")
NEXTCLOUD = "Nextcloud or ownCloud"
TEN = datetime(2026, 12, 1, 10, tzinfo=PARIS)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("a (conflicted copy 2026-11-29 154848).ics", NEXTCLOUD),
        ("a (conflicted copy anne 2026-11-29 154848).ics", NEXTCLOUD),
        ("a (case clash from anne).ics", NEXTCLOUD),
        ("a_conflict-20261129-154848.ics", NEXTCLOUD),
        ("a_conflict_anne-20261129-154848.ics", NEXTCLOUD),
        ("a (Anne's conflicted copy 2026-11-29).ics", "Dropbox"),
        ("a (Annes In Konflikt stehende Kopie 2026-11-29).ics", "Dropbox"),
        ("a (In Konflikt stehende Kopie von Anne 2026-11-29).ics", "Dropbox"),
        ("a (Copie en conflit de Anne 2026-11-29).ics", "Dropbox"),
        ("a (Copia en conflicto de Anne 2026-11-29).ics", "Dropbox"),
        ("a (Copia in conflitto di Anne 2026-11-29).ics", "Dropbox"),
        ("a (Cópia em conflito de Anne 2026-11-29 1).ics", "Dropbox"),
        ("a (Case Conflict 1).ics", "Dropbox"),
        ("a-DESKTOP-AB12CDE.ics", "OneDrive"),
        ("a-LAPTOP-AB12CDEF.ics", "OneDrive"),
        ("a.sync-conflict-20261129-154848-ABCDEFG.ics", "Syncthing"),
    ],
)
def test_a_conflict_copy_is_known_by_its_name(name: str, service: str) -> None:
    assert conflict_of(name) == ("a.ics", service)
    table = name.replace("ics", "csv")
    assert conflict_of(table) == ("a.csv", service)


@pytest.mark.parametrize(
    "name",
    [
        *("a.ics", "a (1).ics", "a 2.ics", "a (copy).ics", "a-2.ics", "anne-laptop-hausers.ics"),
        *("conflict.ics", "(Anne's conflicted copy 2026-11-29).ics", ".ics", "a"),
        "a (Anne's conflicted copy 2026-11-29).ics~",
    ],
)
def test_what_is_not_certain_is_not_called_a_conflict_copy(name: str) -> None:
    assert conflict_of(name) is None


def test_of_many_conflict_copies_a_few_are_named(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"a (Case Conflict {number}).ics").touch()
    assert len(folder_notes(tmp_path)) == 6


@pytest.mark.parametrize(
    ("mark", "service"),
    [
        (".dropbox.cache", "Dropbox"),
        (".sync_0123456789ab.db", NEXTCLOUD),
        ("._sync_0123456789ab.db", NEXTCLOUD),
        (".sync_journal.db", NEXTCLOUD),
        (".nextcloudsync.log", NEXTCLOUD),
        (".849C9593-D756-4E56-8D6E-42412F2A707B", "OneDrive"),
        (".stfolder", "Syncthing"),
        (".tmp.driveupload", "Google Drive"),
        ("Library/CloudStorage/OneDrive-Clinic/clinic/plans", "macOS"),
        ("Library/Mobile Documents/com~apple~CloudDocs/plans", "macOS"),
        (".sync", None),
        ("sync_0123.db", None),
        ("CloudStorage/plans", None),
    ],
)
def test_a_folder_that_is_synchronised_is_known_by_its_marks(
    mark: str, service: str | None, tmp_path: Path
) -> None:
    book = tmp_path / "clinic" / "plans"
    if "/" in mark:
        book = tmp_path / mark
    else:
        (tmp_path / mark).mkdir()
    book.mkdir(parents=True)
    # By whatever way it is reached.
    (tmp_path / "link").symlink_to(book)
    found = folder_notes(tmp_path / "link")
    assert [note.partition(" synchronises ")[0] for note in found] == [service] * bool(service)


@pytest.mark.parametrize(
    ("mounted", "notes"),
    [
        ("nfs nas:/clinic rw,vers=3,nolock,local_lock=all", 1),
        ("cifs //nas/clinic rw,vers=3.1.1,nobrl", 1),
        ("fuse.sshfs nas:/clinic rw,user_id=0", 1),
        ("nfs4 nas:/clinic rw,vers=4.2,local_lock=none", 0),
        ("cifs //nas/clinic rw,vers=3.1.1", 0),
    ],
)
def test_a_network_folder_whose_locks_no_other_computer_sees_is_named(
    mounted: str, notes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    text = f"24 1 0:0 / / rw - nfs nas:/ rw,nolock\n36 24 {number} / /clinic rw - {mounted}\n"
    monkeypatch.setattr(Path, "read_text", lambda *_: text)
    assert len(folder_notes(tmp_path)) == notes


def test_where_a_folder_can_not_be_listed_nothing_is_known_of_it(tmp_path: Path) -> None:
    assert folder_notes(tmp_path / "nowhere") == []


def test_another_state_of_a_plan_is_kept_for_its_times(tmp_path: Path) -> None:
    folder = make_book(tmp_path / "book", 1)
    moved = (
        plan_bytes(1).replace(b"20261201T10", b"20261201T11").replace(b"SEQUENCE:0", b"SEQUENCE:3")
    )
    for name in ("a (Anne's conflicted copy 2026-11-29).ics", "b.ics"):
        (folder / name).write_bytes(moved)
    book = read_book(folder, lambda: "Europe/Paris")
    # A conflict copy does not count before others, however new it is.
    assert [each.path.name for each in book.entries] == ["b.ics"]
    assert [each.path.name for each in book.copies] == [
        *("a (Anne's conflicted copy 2026-11-29).ics", "a.ics")
    ]


def in_book(plan_id: str, name: str, *starts: datetime, **given: Any) -> BookEntry:
    """A plan with sessions at these times."""
    sessions = [session_at(f"{plan_id}-{k}", k, start) for k, start in enumerate(starts, 1)]
    entry = book_entry(name, sessions, **given)
    return entry._replace(plan=replace(entry.plan, id=plan_id))


def test_what_another_state_takes_is_taken_for_all_but_the_plan_itself() -> None:
    plan = in_book("anne", "a.ics", TEN, TEN + HOUR)
    copy = in_book("anne", "b.ics", TEN, TEN + 2 * HOUR, treats=None)
    bookings = bookings_of([Book(Path("book"), (plan,), (), copies=(copy,))])
    for found in (bookings, bookings.copy()):
        of_others = found.around("paul").on(date(2026, 12, 1), PARIS)
        assert sorted(each.begin_minutes for each in of_others) == [600, 660, 720]
        assert not found.around("anne").on(date(2026, 12, 1), PARIS)
    # Whatever becomes of the plan, the other state is there.
    bookings.book("anne", ())
    left = bookings.around("paul").on(date(2026, 12, 1), PARIS)
    assert [each.begin_minutes for each in left] == [720]


def test_another_state_takes_the_time_of_whoever_treats_in_it() -> None:
    plan = in_book("anne", "a.ics", TEN, treats="roux")
    copy = in_book("anne", "b.ics", TEN, treats="petit")
    bookings = bookings_of([Book(Path("book"), (plan,), (), copies=(copy,))])
    taken = bookings.around("paul").on(date(2026, 12, 1), PARIS)
    assert {each.practitioner for each in taken} == {"roux", "petit"}
