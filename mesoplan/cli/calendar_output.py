"""Where the calendar file goes, what it is called, and what is said of it."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.cli.console import standard_output
from mesoplan.errors import FileProblem, InvalidInput, printable, quoted
from mesoplan.model.plan import Notice
from mesoplan.storage.files import make_folder, remove_folders, write_all_new
from mesoplan.storage.interruptions import undisturbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mesoplan.model.plan import Plan
    from mesoplan.model.request import CalendarOptions

STANDARD_OUTPUT = "-"
_SEPARATORS = tuple(separator for separator in (os.sep, os.altsep) if separator)


@dataclass(frozen=True, slots=True)
class Destination:
    """The file for the whole plan, and the folder for one file a session, if any."""

    file: Path | None
    """None for standard output."""
    folder: Path | None
    stem: str
    """What our own names begin with; nothing personal, and with --private nothing of the goal."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        options: CalendarOptions,
        output: str | None,
        split: str | None,
        book: Path | None = None,
    ) -> Destination:
        """The destination for what was typed after --output and --split.

        Where there is a book, a file without a name gets one there that is free.

        Raises InvalidInput for a folder without a name.
        """
        start = plan.request.start or plan.sessions[0].day
        stem = f"appointments-{start}" if options.private else f"mesoplan-{plan.goal}-{start}"
        file: Path | None = None
        if output is None:
            file = Path(f"{stem}.ics") if book is None else _free_in(book, stem)
        elif output != STANDARD_OUTPUT:
            file = Path(output)
        if split == "":
            raise InvalidInput("the folder after --split has no name", "name a folder to write to")
        if output is not None and output.endswith(_SEPARATORS):
            raise FileProblem(
                file, f"{quoted(output)} is the name of a folder", "give the name of a file in it"
            )
        return cls(file, None if split is None else Path(split), stem)

    def notices(self, book: Path | None) -> Iterator[Notice]:
        """That the file goes elsewhere than into the book that there is."""
        if book is None:
            return
        if self.file is None or self.file.resolve().parent != book.resolve():
            text = (
                "the calendar file does not go into the book, so its times stay free for others "
                "there"
            )
            yield Notice("NOT_IN_BOOK", text)

    def unwritten(self) -> list[str]:
        """What is said when nothing is to be written."""
        return ["Calendar file: not written (--dry-run)"]

    def write(self, plan: Plan, options: CalendarOptions, stamp: datetime) -> list[str]:
        """Write it all, or nothing; what was written where, a line each.

        Raises FileProblem, and InvalidInput when two of the files would have one name.
        """
        from mesoplan.formats.plan_file.writer import calendar_file, event_files, writes_utc

        data = calendar_file(plan, options, stamp)
        contents: dict[Path, bytes] = {}
        if self.folder is not None:
            for serial, event in event_files(plan, options, stamp).items():
                contents[self.folder / f"{self.stem}-{serial}.ics"] = event
        in_utc = " (times in UTC)" if writes_utc(plan, options) else ""
        if self.file is None:
            # First, since a file can be taken back and what is printed can't.
            standard_output().write_bytes(data)
            lines = [f"Calendar file: standard output{in_utc}"]
        else:
            if self.file.absolute() in {path.absolute() for path in contents}:
                raise InvalidInput(
                    "--output and --split give the plan and one session the same file",
                    "give the calendar file another name with -o",
                )
            lines = [f"Calendar file: {printable(self.file)}{in_utc}"]
        if self.folder is not None:
            lines.append(f"One file a session: {len(contents)} files in {printable(self.folder)}")
        whole = {} if self.file is None else {self.file: data}
        self._write_files(whole | contents)
        return lines

    def _write_files(self, contents: Mapping[Path, bytes]) -> None:
        with undisturbed():
            made = self.folder is not None and make_folder(self.folder)
            try:
                write_all_new(contents)
            except BaseException:
                if made and self.folder is not None:
                    remove_folders([self.folder])
                raise


def _free_in(folder: Path, stem: str) -> Path:
    """A name in a folder that nothing has: other patients begin on the same day."""
    numbers = itertools.count(2)
    path = folder / f"{stem}.ics"
    while os.path.lexists(path):
        path = folder / f"{stem}-{next(numbers)}.ics"
    return path
