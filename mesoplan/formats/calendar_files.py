"""Where calendars are: files of any program, folders and archives of them, and what was fetched."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import day_text
from mesoplan.errors import FileProblem, printable, quoted
from mesoplan.formats.delimited import ARCHIVE_MARK
from mesoplan.formats.ical.lines import in_utf8
from mesoplan.storage.files import LONGEST_PATH, missing, problem_with, reason
from mesoplan.wording.reasons import begun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

    from mesoplan.servers.http import Address

EXPORT_LESS = "export only the calendar that matters, or only the years from now on"
_UNPACK = "unpack it, and give the folder with the .ics files"
_LARGEST_FILE = 100_000_000


class FetchedCalendar(NamedTuple):
    """What is at the address of a busy calendar."""

    address: Address
    data: bytes
    """Its times, without a word of what they are about."""
    named: Callable[[str], str]
    """What stands in it for the UID of an event."""
    copied_at: datetime | None = None
    """When it was fetched, if that was not just now."""

    def said_in(self, zone: ZoneInfo) -> str:
        """From when the copy is, by the clocks of *zone*."""
        when = (self.copied_at or datetime.now(zone)).astimezone(zone)
        copy = f"its copy of {day_text(when)}, {when:%H:%M}, is used"
        return f"{begun(self.address.shown)} was not fetched: {copy} (--busy-offline)."


Source = Path | FetchedCalendar
"""What a busy calendar is read from."""


def contents(
    path: Source, standard_input: Callable[[], bytes] | None = None
) -> Iterator[tuple[Path, str, bytes]]:
    """Each calendar with the name of the folder or archive that it is in, and its bytes."""
    if isinstance(path, FetchedCalendar):
        yield (
            Path(path.named(path.address.url), path.address.whose or path.address.host),
            "",
            path.data,
        )
        return
    if standard_input is not None and path == Path("-"):
        yield Path("standard input"), "", in_utf8(standard_input())
        return
    files, folder_name = _files(path)
    for file in files:
        data = _content(file)
        if data.startswith(ARCHIVE_MARK):
            yield from _members(file, data)
        else:
            yield file, folder_name, in_utf8(data)


def _members(path: Path, data: bytes) -> Iterator[tuple[Path, str, bytes]]:
    """The calendars in an archive, whatever folders of it they are in. Raises FileProblem."""
    from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
    from zlib import error as bad_data

    shown = quoted(path, LONGEST_PATH)
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = [
                each
                for each in archive.infolist()
                if each.filename.lower().endswith(".ics")
                and not Path(each.filename).name.startswith(".")
            ]
            if sum(each.file_size for each in members) > _LARGEST_FILE:
                raise _too_large(path)
            for each in members:
                if each.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
                    raise BadZipFile
                place = path / Path(each.filename).name
                yield place, printable(path.name), in_utf8(archive.read(each))
    except (
        bad_data,
        BadZipFile,
        EOFError,
        LookupError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise FileProblem(path, f"the archive {shown} is damaged or locked", _UNPACK) from error
    if not members:
        raise FileProblem(path, f"the archive {shown} has no calendar file (.ics) in it", _UNPACK)


def _files(path: Path) -> tuple[list[Path], str]:
    """The file; or those of a folder, not hidden ones and not deeper, and the folder's name."""
    with _cannot_read(path):
        if not path.is_dir():
            return [path], ""
        name = printable(path.name or path.resolve().name or path)
        files = [
            file
            for file in path.iterdir()
            if file.suffix.lower() == ".ics" and not file.name.startswith(".") and file.is_file()
        ]
    if not files:
        raise FileProblem(
            path,
            f"the folder {quoted(path, LONGEST_PATH)} has no calendar file (.ics) in it",
            "give the folder with the .ics files, or one of the files",
        )
    return sorted(files, key=lambda file: file.name), name


def _content(path: Path) -> bytes:
    try:
        with _cannot_read(path), path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError as error:
        remedy = "check the name; it can also be a folder of .ics files"
        raise missing(path, "calendar file", remedy) from error
    if len(data) > _LARGEST_FILE:
        raise _too_large(path)
    return data


def _too_large(path: Path) -> FileProblem:
    return problem_with(path, f"is larger than {_LARGEST_FILE // 1_000_000} MB", EXPORT_LESS)


@contextmanager
def _cannot_read(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        remedy = "check the name and who may read it"
        raise problem_with(path, f"can't be read: {reason(error)}", remedy) from error


def unpacked(data: bytes, path: Path | None) -> bytes:
    """All calendars of an archive, one after the other; anything else stays as it is."""
    if data.startswith(ARCHIVE_MARK):
        with suppress(FileProblem):
            return b"\n".join(each for _, _, each in _members(path or Path("-"), data))
    return data
