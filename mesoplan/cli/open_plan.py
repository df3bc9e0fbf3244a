"""A plan's file, opened to be looked at or to be changed."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mesoplan.cli import clock
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, printable, quoted
from mesoplan.formats.plan_file.reading import LARGEST_PLAN_BYTES, plan_in, read_bytes
from mesoplan.formats.plan_file.rewriting import (
    changes_file,
    require_own_previous,
    require_whole,
    rewritten,
)
from mesoplan.storage.files import read_whole, require_free
from mesoplan.storage.revisions import locked, previous_of, replace_whole, require_real_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from mesoplan.formats.plan_file.reading import ReadPlan
    from mesoplan.model.plan import Plan


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A plan's file that is about to be changed."""

    path: Path
    """As it was typed."""
    real_path: Path
    """Behind all links."""
    data: bytes
    read: ReadPlan
    now: datetime
    zone: Callable[[], str]
    """Asked for the clinic's zone where a file does not say it."""

    @property
    def plan(self) -> Plan:
        """The plan as it is in the file."""
        return self.read.plan

    @property
    def today(self) -> date:
        """The day in the clinic's zone."""
        return self.now.astimezone(find_zone(self.plan.request.timezone)).date()

    def before(self) -> Plan:
        """The plan as it was before the last change.

        Raises FileProblem where that is not kept, or is another plan.
        """
        path = previous_of(self.real_path)
        nothing = "there is nothing to undo; “mesoplan show” tells how it stands"
        data = read_whole(path, LARGEST_PLAN_BYTES, nothing)
        earlier = plan_in([(path, data)], self.zone).plan
        if earlier.id != self.plan.id:
            raise FileProblem(
                path,
                f"{quoted(path, 300)} is not an earlier state of this plan",
                "it belongs to another plan, and is left as it is",
            )
        return earlier

    def write(self, after: Plan, changes_path: Path | None, *, dry_run: bool) -> list[str]:
        """Put the next revision into the file; what was written where, a line each.

        For a *dry_run* all is done but the writing. Raises FileProblem, and InvalidInput when a
        private file would say too much.
        """
        data = rewritten(self.read, after, self.now)
        kept = previous_of(self.real_path)
        if changes_path is not None and changes_path.absolute() == kept.absolute():
            raise FileProblem(
                changes_path,
                f"{quoted(changes_path, 300)} is where the file before the change is kept",
                "give the file for the changes another name",
            )
        require_own_previous(self.real_path, self.plan.id)
        # As short as it was typed, if it is there.
        shown = kept if self.path.is_symlink() else previous_of(self.path)
        lines = [
            f"Calendar file: {printable(self.path)}",
            f"  before: {printable(shown)}; “mesoplan undo” puts it back",
        ]
        new = {}
        if changes_path is not None:
            require_free(changes_path)
            new[changes_path] = changes_file(self.read, after, self.now)
            lines.append(f"Changed events alone: {printable(changes_path)}")
        if dry_run:
            return ["Calendar file: not changed (--dry-run)"]
        replace_whole(self.real_path, self.data, data, new)
        return lines


@contextmanager
def opened(typed: str, zone: Callable[[], str], *, to_write: bool) -> Iterator[OpenPlan]:
    """The plan's file, read under a lock that keeps other changes of it out, if it is *to_write*.

    Raises FileProblem where it can't be read or locked, or does not hold exactly one plan.
    """
    path = Path(typed)
    # Before it is read: a pipe would never end.
    real_path = require_real_file(path)
    # Before the lock, which would leave a file of its own beside one that is not there.
    read_bytes(path)
    with locked(real_path) if to_write else nullcontext():
        data = read_bytes(path)
        read = plan_in([(path, data)], zone)
        now = clock.now()
        require_whole(read, now)
        yield OpenPlan(path, real_path, data, read, now, zone)
