"""New rows that ask for the same, but for id and patient: planned and rendered once for all.

A large table has many of them. What is rendered for the first has marks where the plan's id, the
digest of the row and the patient's label go; so the others cost a few replacements.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import TYPE_CHECKING
from uuid import uuid4

from mesoplan.batch.outcomes import Became, Planned
from mesoplan.batch.row_digests import AskedParts, parts_of
from mesoplan.batch.tables import Told, schedule_of
from mesoplan.formats.delimited import rendered_cells
from mesoplan.formats.ical.content_lines import line
from mesoplan.formats.plan_file.record import PLAN_PROPERTY, plan_records
from mesoplan.formats.plan_file.record_text import quoted_value
from mesoplan.formats.plan_file.writer import file_with
from mesoplan.model.texts import require_label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mesoplan.errors import MesoplanError
    from mesoplan.model.plan import Plan
    from mesoplan.model.request import CalendarOptions

_MOST_KEPT = 300
"""Of 15 kB each."""

ID_MARK = str(uuid4())
"""Random, so that nobody's text has it."""
LABEL_MARK = f"label {token_hex(16)}"
_DIGEST_MARK = token_hex(16)
_NAME_MARK = token_hex(16)
_RECORD_MARKS = token_hex(16), token_hex(16)
"""In place of the plan's record in the calendar, and in each event."""
_UID = f"UID:{ID_MARK}".encode()
_OF_CALENDAR, _OF_EVENT = (line(PLAN_PROPERTY, mark) for mark in _RECORD_MARKS)
_CUT = token_hex(16).encode()

Key = tuple[bool, tuple[tuple[str, str], ...]]


def key_of(cells: Mapping[str, str]) -> Key:
    """What rows have in common that differ in id and patient alone."""
    of_all = tuple(pair for pair in cells.items() if pair[0] not in {"id", "patient"})
    return "patient" in cells, of_all


@dataclass(frozen=True, slots=True)
class Recipe:
    """A plan, rendered with marks in place of what differs from row to row."""

    asked: AskedParts
    pieces: tuple[bytes, ...]
    """The calendar file, cut so that what differs is in pieces of its own."""
    of_calendar: str
    """The plan's record, with marks, as the calendar has it; and as each event has it."""
    of_event: str
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
        asked = self.asked
        if label is not None:
            asked = asked._replace(words=asked.words.replace(LABEL_MARK, label))
        digest = asked.digest(plan_id)

        def record(text: str) -> bytes:
            text = text.replace(ID_MARK, plan_id).replace(_DIGEST_MARK, digest)
            if label is not None:
                text = text.replace(_LABEL_QUOTED, quoted_value(label))
            return line(PLAN_PROPERTY, text)

        of_event = record(self.of_event)
        alike = self.of_calendar == self.of_event
        own = {
            _UID: f"UID:{plan_id}".encode(),
            _OF_CALENDAR: of_event if alike else record(self.of_calendar),
            _OF_EVENT: of_event,
        }
        data = b"".join([own.get(piece, piece) for piece in self.pieces])
        marks = rendered_cells((_NAME_MARK, LABEL_MARK if label is not None else ""), delimiter)
        ids = rendered_cells((name, label or ""), delimiter)
        schedule = self.schedule.replace(marks.encode(), ids.encode("utf-8", "replace"))
        return Planned(name, Became.NEW, data, None, schedule, self.sessions, plan_id, self.is_past)


_LABEL_QUOTED = quoted_value(LABEL_MARK)


def recipe_of(plan: Plan, options: CalendarOptions, now: datetime, delimiter: str) -> Recipe:
    """The recipe for rows that ask for what *plan* was made from.

    The plan has `ID_MARK` for its id and, if rows have a patient, `LABEL_MARK` for the label.
    """
    asked = parts_of(plan.request, options)
    plan = replace(plan, row_digest=_DIGEST_MARK)
    texts = plan_records(plan, options, is_part=False)
    told = Told(_NAME_MARK, plan.request.patient, plan.goal, plan.area, options.private)
    marked_file = file_with(_RECORD_MARKS, plan, options, now, plan.active)
    return Recipe(
        asked,
        _pieces(marked_file),
        *texts,
        *schedule_of(plan, told, delimiter),
        plan.sessions[0].start < now,
    )


def _pieces(data: bytes) -> tuple[bytes, ...]:
    """A calendar file, cut before and after each mark."""
    for mark in (_UID, _OF_CALENDAR, _OF_EVENT):
        data = data.replace(mark, _CUT + mark + _CUT)
    return tuple(data.split(_CUT))


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
