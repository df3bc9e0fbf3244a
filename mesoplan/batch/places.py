"""Where a batch writes its plans: a folder, an archive, or nowhere.

A folder is changed by one command at a time. What a killed one left in it is put right first.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesoplan.book.index import forget_index
from mesoplan.errors import FileProblem, quoted
from mesoplan.formats.plan_file.reader import LARGEST_PLAN_BYTES
from mesoplan.formats.plan_file.rewriter import require_own_previous
from mesoplan.storage.files import LONGEST_PATH, read_whole, write_all_new
from mesoplan.storage.revisions import left_behind, locked, replace_whole, require_real_file
from mesoplan.storage.temporaries import NEW_OF_BATCHES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mesoplan.batch.outcomes import Planned

"""What the files of a batch are called until they are ready."""

SUFFIX = ".ics"


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """A folder that has the plan of each row, by its id; the same for every process."""

    folder: Path | None
    """None where plans are neither looked for nor kept here."""
    writes: bool
    """Whether anything is written to it."""

    def content(self, name: str) -> bytes | None:
        """The file of the plan of that name; None where there is none. Raises FileProblem."""
        if self.folder is None:
            return None
        path = self.folder / f"{name}{SUFFIX}"
        if not os.path.lexists(path):
            return None
        require_real_file(path)
        return read_whole(path, LARGEST_PLAN_BYTES, "take it away, or give the row another id")

    def require_own_previous(self, name: str, plan_id: str) -> None:
        """Raise FileProblem where a change of that plan would overwrite something else."""
        if self.folder is not None:
            require_own_previous(self.folder / f"{name}{SUFFIX}", plan_id)

    def write(self, planned: Sequence[Planned]) -> None:
        """Write the files that are new or changed. Raises FileProblem."""
        if self.folder is None or not self.writes:
            return
        new: dict[Path, bytes] = {}
        changed: list[tuple[Path, bytes, bytes, bytes | None]] = []
        for each in planned:
            path = self.folder / f"{each.name}{SUFFIX}"
            if each.data is not None and each.before is None:
                new[path] = each.data
            elif each.data is not None and each.before is not None:
                changed.append((path, each.before, each.data, each.kept))
        if new:
            write_all_new(new, NEW_OF_BATCHES)
        for path, before, after, kept in changed:
            replace_plan(path, before, after, kept)
        if any(each.kept is not None for each in planned):
            # What is remembered of those files tells what they do not tell any more.
            forget_index(self.folder)


def replace_plan(path: Path, before: bytes, after: bytes, kept: bytes | None = None) -> None:
    """Put the next revision of a plan in place of its file. Raises FileProblem.

    *kept* is what to keep beside it in place of *before*.
    """
    real_path = require_real_file(path)
    with locked(real_path, sweeps=False):
        replace_whole(real_path, before, after, {}, kept)


def nameless(problem: FileProblem, told: str) -> FileProblem:
    """The same problem of a plan's file, called what is *told*: its own name may be somebody's.

    A problem of something else stays as it is.
    """
    if problem.path is None:
        return problem
    text = problem.problem.replace(quoted(problem.path, LONGEST_PATH), told)
    remedy = problem.remedy.replace(problem.path.name, "…")
    of_folder = FileProblem(problem.path.parent, text, remedy)
    of_folder.details = problem.details
    return of_folder


def plan_names(folder: Path) -> Iterator[str]:
    """The names of the plans in a folder, in no order, without the suffix of their files."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as found:
        for each in found:
            stem, suffix = os.path.splitext(each.name)  # noqa: PTH122 - ten times as quick
            if suffix.lower() == SUFFIX and not each.name.startswith("."):
                yield stem


def put_right(folder: Path) -> None:
    """Complete, or remove, what a batch left in a folder that was killed.

    Called while the folder is held. Raises FileProblem.
    """
    for stray in folder.glob(NEW_OF_BATCHES):
        with contextlib.suppress(OSError):
            stray.unlink()
    for path in set(left_behind(folder)):
        if path.suffix == SUFFIX:
            try:
                with locked(path):
                    pass
            except FileProblem as problem:
                raise nameless(problem, "a plan") from problem
