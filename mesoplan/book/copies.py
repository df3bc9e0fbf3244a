"""What the folder of a book shows of computers that change it without waiting for each other."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.errors import printable, quoted
from mesoplan.storage.shared import is_copy, server_of_copy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.book.folder import Book

_SERVICES = {
    "Nextcloud or ownCloud": (
        r" \((conflicted copy ([^()]* )?\d{4}-\d\d-\d\d \d{6}|case clash from [^()]+)\)"
        r"|_conflict(_[^.]+)?-\d{8}-\d{6}",
        r"\.(next|own)cloudsync\.log|\._?sync_.+\.db",
    ),
    "Dropbox": (
        # In the languages whose words for it are certain.
        r" \([^()]*(?i:conflicted copy|case conflict|in Konflikt stehende Kopie|copie en conflit|"
        r"copia en conflicto|copia in conflitto|cópia em conflito)[^()]*\)",
        r"\.dropbox\.cache",
    ),
    # It takes the computer's name: these are those that Windows gives.
    "OneDrive": ("-(DESKTOP|LAPTOP)-[A-Z0-9]{7,8}", r"\.849C9593-D756-4E56-8D6E-42412F2A707B"),
    "Syncthing": (r"\.sync-conflict-\d{8}-\d{6}-[A-Z0-9]{7}", r"\.stfolder"),
    "Google Drive": ("(?!)", r"\.tmp\.drive(down|up)load|\.shortcut-targets-by-id"),
    "macOS": ("(?!)", ".*/Library/(CloudStorage/[^/]+|Mobile Documents)"),
}
"""What each puts before the ending of a file's name where two computers changed the file, if that
is certain; and what is in the folder that it synchronises, or where that is."""
_LOCKED_HERE_ALONE = {
    *("nolock", "nobrl", "local_lock=all", "local_lock=flock"),
    *("fuse.sshfs", "fuse.rclone", "fuse.gvfsd-fuse"),
}
"""Kinds and options of network folders in which no other computer sees a lock."""
_MOST_NAMED = 5


def conflict_of(name: str) -> tuple[str, str] | None:
    """The name of the file that it is a conflict copy of, by its own name, and who made it."""
    stem, dot, ending = name.rpartition(".")
    # Hardly a name has any of these: to look for them first is quicker.
    may_be = ending.lower() in ("ics", "csv") and re.search("onfli|clash|TOP-", stem)
    for service, (end, _) in _SERVICES.items() if may_be else ():
        if (found := re.search(f"(?:{end})$", stem)) is not None and found.start():
            return f"{stem[: found.start()]}{dot}{ending}", service
    return None


def folder_notes(folder: Path, of: str | None = None) -> list[str]:
    """What whoever uses a book must know of its folder, or only of a file and its copies."""
    notes: list[str] = []
    with suppress(OSError):
        names = {each.name for each in folder.iterdir()}
        for name in sorted(names):
            original, service = conflict_of(name) or ("", "")
            if service and of in (None, name, original):
                made = f"is a conflict copy of {quoted(original, 300)} ({service})."
                how = "Move the wrong one out of the folder; if they are of two patients, "
                how += "give it another name."
                if original not in names:
                    how = "If it is right, give it that name."
                elif is_copy(folder):
                    how = f"Of the wrong one: {how_to_drop(folder, name)}."
                notes.append(f"{quoted(name, 300)} {made} {how}")
        if (more := len(notes) - _MOST_NAMED) > 0:
            notes[_MOST_NAMED:] = [f"So are {more} more files."]
        if of is None and not is_copy(folder) and (why := _why_unsafe(folder)):
            what = f"{why}, so two computers can give one time twice. Use a network folder with "
            notes.append(f"{what}locks, or a book on a server: mesoplan help desks")
    return notes


def how_to_drop(folder: Path, name: str) -> str:
    """What to do about a file that should not be in a book."""
    server = server_of_copy(folder)
    if server is None:
        return "move it out of the folder"
    # Loaded only for such a file: it takes as long as reading fifty plans.
    from mesoplan.wording.options import for_shell

    return f"take it out of the book: mesoplan server drop {server} {for_shell(name)}"


def booking_notes(books: Sequence[Book]) -> Iterator[str]:
    """What whoever books must know: of which files the times are not known, and of the folders."""
    copies = {each.path for book in books for each in book.copies}
    problems = [each for book in books for each in book.unreadable if each.path not in copies]
    if problems:
        files = "1 file of the book" if len(problems) == 1 else f"{len(problems)} files of the book"
        yield f"{files} can't be read, so the times taken there are not known:"
        yield from (f"  {printable(each.problem)}" for each in problems[:_MOST_NAMED])
        yield from [f"  and {len(problems) - _MOST_NAMED} more"] * (len(problems) > _MOST_NAMED)
    if copies:
        both = "Where two files of the book have one plan, the times of both count as taken"
        yield f"{both}: “mesoplan agenda” names them."
    for book in books:
        yield from folder_notes(book.folder)


def _why_unsafe(folder: Path) -> str | None:
    """Why two computers may change a folder at once, if that is certain."""
    real = Path(os.path.realpath(folder))
    for around in (real, *real.parents):
        marks = [around.as_posix()]
        with suppress(OSError):
            marks += (each.name for each in os.scandir(around) if each.name.startswith("."))
        for service, (_, pattern) in _SERVICES.items():
            if any(re.fullmatch(pattern, mark) for mark in marks):
                return f"{service} synchronises the book's folder"
    if sys.platform == "linux":
        device, mounts = real.stat().st_dev, Path("/proc/self/mountinfo")
        for mount in mounts.read_text("utf-8", "replace").splitlines():
            # A number, another one, that of the device, …; kind and options come after it.
            words = re.split("[ ,]", mount)
            is_its = words[2] == f"{os.major(device)}:{os.minor(device)}"
            if is_its and _LOCKED_HERE_ALONE.intersection(words):
                return "Locks in the book's folder hold on this computer alone"
    return None
