"""The schedule of a batch, one row per session, and its rejected rows, as tables."""

from __future__ import annotations

import codecs
import csv
import os
from typing import TYPE_CHECKING

from mesoplan.formats.plan_file.record import notices_kept
from mesoplan.storage.files import problem_with, problems_of
from mesoplan.wording.notices import notice_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mesoplan.batch.outcomes import Rejected
    from mesoplan.model.plan import Plan

SCHEDULE_NAME = "schedule.csv"
REJECTED_NAME = "rejected.csv"
SCHEDULE_HEADER = (
    *("id", "patient", "goal", "area", "kind", "session", "of", "date", "time", "end"),
    *("timezone", "status", "note"),
)
_FIRST_LINE_BYTES = 20_000


def schedule_rows(
    plan: Plan, of_row: Sequence[str | None], *, private: bool
) -> list[tuple[str, ...]]:
    """The rows of the schedule for a plan, active sessions first.

    *of_row* are its id, patient, goal and area, which its file may not show, if it is private.
    Notes on the whole plan are at its first session.
    """
    # A second run, which reads the files, is to give the same schedule.
    note = " ".join(map(notice_text, notices_kept(plan, private=private)))
    ids = [text or "" for text in of_row]
    zone = plan.request.timezone
    return [
        (
            *ids,
            session.kind,
            str(session.number),
            str(plan.total(session)),
            session.start.date().isoformat(),
            f"{session.start:%H:%M}",
            f"{session.end:%H:%M}",
            zone,
            str(session.status),
            "" if at else note,
        )
        for at, session in enumerate(plan.every_session)
    ]


def rejected_row(rejected: Rejected, columns: Sequence[str]) -> tuple[str, ...]:
    """A rejected row as it came, its line, and why."""
    blanks = ("",) * (len(columns) - len(rejected.raw))
    return (*rejected.raw, *blanks, str(rejected.line), rejected.code, rejected.reason)


def require_own_table(path: Path, ending: Sequence[str]) -> None:
    """Raise FileProblem if something stands at *path* that no batch wrote.

    A table of ours has a header whose last columns are *ending*.
    """
    with problems_of(path):
        if not os.path.lexists(path):
            return
        if path.is_file():
            with path.open("rb") as file:
                first = file.read(_FIRST_LINE_BYTES)
            line = first.removeprefix(codecs.BOM_UTF8).splitlines()[:1]
            text = line[0].decode("utf-8", "replace") if line else ""
            if any(
                next(csv.reader([text], delimiter=delimiter), [])[-len(ending) :] == list(ending)
                for delimiter in ",;\t"
            ):
                return
    what = "already exists and was not written by a batch"
    raise problem_with(path, what, "give it another name, or choose another folder")
