"""New rows that ask for the same, but for id and patient: planned and rendered once for all.

A large table has many of them. What is rendered for the first has marks where the plan's id, the
digest of the row and the patient's label go; so the others cost a few replacements.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from mesoplan.batch.outcomes import Became, Planned
from mesoplan.batch.row_digests import AskedParts, parts_of
from mesoplan.batch.tables import Told, schedule_of
from mesoplan.formats.content_lines import text_line
from mesoplan.formats.ics.record import PLAN_PROPERTY, plan_records
from mesoplan.formats.ics.record_text import quoted_value
from mesoplan.formats.ics.writer import file_with
from mesoplan.formats.spreadsheet import rendered_cells
from mesoplan.labels import require_label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mesoplan.errors import MesoplanError
    from mesoplan.formats.ics.options import CalendarOptions
    from mesoplan.model import Plan

_MOST_KEPT = 600
"""Of 15 kB each."""

ID_MARK = str(uuid4())
"""Random, so that nobody's text has it."""
LABEL_MARK = f"label {token_hex(16)}"
_DIGEST_MARK = token_hex(16)
_UID_MARK = f"UID:{ID_MARK}".encode()
_NAME_MARK = token_hex(16)

Key = tuple[bool, tuple[tuple[str, str], ...]]


def key_of(cells: Mapping[str, str]) -> Key:
    """What rows have in common that differ in id and patient alone."""
    of_all = tuple(pair for pair in cells.items() if pair[0] not in {"id", "patient"})
    return "patient" in cells, of_all


class _Record(NamedTuple):
    text: str
    line: bytes


@dataclass(frozen=True, slots=True)
class Recipe:
    """A plan, rendered with marks in place of what differs from row to row."""

    parts: AskedParts
    data: bytes
    of_calendar: _Record
    """The plan's record as the calendar has it, and as each event has it."""
    of_event: _Record
    schedule: bytes
    sessions: int
    is_past: bool
    """See `Planned`."""

    def planned(self, name: str, label: str | None, delimiter: str) -> Planned:
        """The plan of a row whose id makes that name, for the patient of that label.

        Raises InvalidInput for a label that can't be shown.
        """
        if label is not None:
            require_label(label)
        plan_id = str(uuid4())
        parts = self.parts
        if label is not None:
            parts = parts._replace(words=parts.words.replace(LABEL_MARK, label))
        digest = parts.digest(plan_id)

        data = self.data.replace(_UID_MARK, f"UID:{plan_id}".encode())
        # The calendar's first: where nothing is to be said of the plan they are the same.
        for record in (self.of_calendar, self.of_event):
            text = record.text.replace(ID_MARK, plan_id).replace(_DIGEST_MARK, digest)
            if label is not None:
                text = text.replace(_LABEL_QUOTED, quoted_value(label))
            data = data.replace(record.line, text_line(PLAN_PROPERTY, text))
        marks = rendered_cells((_NAME_MARK, LABEL_MARK if label is not None else ""), delimiter)
        ids = rendered_cells((name, label or ""), delimiter)
        schedule = self.schedule.replace(marks.encode(), ids.encode("utf-8", "replace"))
        return Planned(name, Became.NEW, data, None, schedule, self.sessions, plan_id, self.is_past)


_LABEL_QUOTED = quoted_value(LABEL_MARK)


def recipe_of(plan: Plan, options: CalendarOptions, now: datetime, delimiter: str) -> Recipe:
    """The recipe for rows that ask for what *plan* was made from.

    The plan has `ID_MARK` for its id and, if rows have a patient, `LABEL_MARK` for the label.
    """
    parts = parts_of(plan.request, options)
    plan = replace(plan, row_digest=_DIGEST_MARK)
    records = of_calendar, of_event = plan_records(plan, options, is_part=False)
    told = Told(_NAME_MARK, plan.request.patient, plan.goal, plan.area, options.private)
    return Recipe(
        parts,
        file_with(records, plan, options, now, plan.standing),
        _Record(of_calendar, text_line(PLAN_PROPERTY, of_calendar)),
        _Record(of_event, text_line(PLAN_PROPERTY, of_event)),
        *schedule_of(plan, told, delimiter),
        plan.sessions[0].start < now,
    )


def marked(cells: Mapping[str, str]) -> Mapping[str, str]:
    """The cells of such rows, with a mark in place of the patient's label."""
    return {**cells, "patient": LABEL_MARK} if "patient" in cells else cells


class Recipes:
    """The recipes, and the refusals, of the rows that came last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Recipe | MesoplanError | None] = OrderedDict()

    def find(self, key: Key) -> tuple[bool, Recipe | MesoplanError | None]:
        """Whether there is one for such rows, and which; None where each is planned by itself."""
        if key not in self._kept:
            return False, None
        self._kept.move_to_end(key)
        return True, self._kept[key]

    def keep(self, key: Key, recipe: Recipe | MesoplanError | None) -> None:
        """Keep it for the rows to come."""
        self._kept[key] = recipe
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
