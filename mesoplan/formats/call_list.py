"""Which patients to call when several plans change at once: on the screen, as a table, as JSON."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.dates.days import start_text
from mesoplan.errors import printable
from mesoplan.formats.comparison import old_and_new
from mesoplan.formats.delimited import SpreadsheetWriter
from mesoplan.formats.page import Part, counted, line, note_line
from mesoplan.wording.notices import notice_text, notices_of_change
from mesoplan.wording.reasons import begun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mesoplan.errors import MesoplanError
    from mesoplan.model.plan import Notice, Session
    from mesoplan.planning.agenda import BookEntry
    from mesoplan.planning.replanner import Comparison

_COLUMNS = ("patient", "phone", "session", "was", "is", "with", "file", "problem", "note")
_NUMBER = re.compile(r"\+?[0-9][0-9 ]*")
"""A phone number in which no spreadsheet sees a formula."""
_TO_CALL = "To call, the nearest session first:"
_TO_SAY = {"TREATED_BY", "MAINTENANCE_LEFT_OUT", "SHORT_MARGIN", "LATE", "CLOCK_CHANGE"}
"""What else a patient has to know; the rest is for whoever looks at the plan."""


class Call(NamedTuple):
    """A patient to call."""

    entry: BookEntry
    """The plan as it was."""
    session: Session
    """The nearest session that does not stay as it was."""
    comparison: Comparison | None
    """None if the plan stays as it is."""
    refusal: MesoplanError | None = None
    """Why it does."""
    notices: tuple[Notice, ...] = ()
    """What else there is to say."""

    @property
    def which(self) -> str:
        """“session 3 of 8, Tue 1 Dec 2026 10:00”."""
        session = self.session
        of = self.entry.plan.total(session)
        return f"{session.name.in_words} of {of}, {start_text(session.start)}"


def call_page(title: str, calls: Sequence[Call], heading: str = "") -> Iterator[Part]:
    """The patients with new dates, the nearest first; then those whose plans stay as they are."""
    changed = [each for each in calls if each.comparison is not None]
    refused = [each for each in calls if each.comparison is None]
    if heading:
        yield line((heading, "title"))
    yield line((f"{title} {_TO_CALL}" if changed else title, "title"))
    for number, call in enumerate(changed, 1):
        if call.comparison is not None:
            yield from _heading(number, call)
            if not (call.comparison.going or call.comparison.coming):
                yield line("All dates stay.", indent=4)
            yield from old_and_new(call.comparison, indent=4)
            for notice in call.notices:
                yield note_line(notice_text(notice))._replace(indent=4)
    if refused:
        who = counted(len(refused), "patient")
        plans = "This plan stays as it is" if len(refused) == 1 else "Their plans stay as they are"
        yield line()
        yield line((f"Not planned again: {who}. {plans}:", "attention"))
    for number, call in enumerate(refused, len(changed) + 1):
        yield from _heading(number, call)
        yield line(call.which, indent=4)
        if call.refusal is not None:
            for text in (*call.refusal.problem.splitlines(), call.refusal.remedy):
                yield line(begun(text), indent=4)
            for text in call.refusal.details:
                yield line(text, indent=6)
    if calls:
        yield line()


def _heading(number: int, call: Call) -> Iterator[Part]:
    # Nothing follows the label, so that right-to-left script turns nothing round.
    phone = [f"{printable(call.entry.phone)}  "] if call.entry.phone else []
    yield line()
    yield line(f"{number:>2}  ", *phone, (call.entry.called, "session"))


def call_table(calls: Sequence[Call]) -> bytes:
    """A row for each date that changes, and for each plan that stays as it is, as CSV."""
    stream = BytesIO()
    writer = SpreadsheetWriter(stream)
    writer.write_row(_COLUMNS)
    for call in calls:
        patient = (call.entry.label or "", call.entry.phone or "")
        harmless = set(filter(_NUMBER.fullmatch, patient[1:]))
        file = call.entry.path.name
        if call.comparison is None:
            why = "" if call.refusal is None else " ".join(call.refusal.problem.split())
            was = str(call.session.name), _moment(call.session), ""
            row = (*patient, *was, call.entry.practitioner or "", file, why, "")
            writer.write_row(row, harmless)
            continue
        treats = call.comparison.after.request.practitioner or ""
        note = " ".join(map(notice_text, call.notices))
        # Where no date changes, somebody else treats.
        for old, new in [*call.comparison.in_pairs] or [(call.session, call.session)]:
            name = next(str(each.name) for each in (new, old) if each is not None)
            row = (*patient, name, _moment(old), _moment(new), treats, file, "", note)
            writer.write_row(row, harmless)
    return stream.getvalue()


def _moment(session: Session | None) -> str:
    return "" if session is None else f"{session.start:%Y-%m-%d %H:%M}"


def call_document(
    calls: Sequence[Call], failures: Sequence[str], now: datetime, json: Any
) -> dict[str, Any]:
    """The calls as JSON; *json* is the module that makes documents of plans."""
    return {
        "schema": "mesoplan-calls/1",
        "plans": [
            {"file": each.entry.path.name, "phone": each.entry.phone}
            | json.changed_document(each.comparison, now)
            | {"patient": each.entry.label, "notes": [*map(notice_text, each.notices)]}
            for each in calls
            if each.comparison is not None
        ],
        "refused": [
            {
                "file": each.entry.path.name,
                "patient": each.entry.label,
                "phone": each.entry.phone,
                "session": str(each.session.name),
                "start": each.session.start,
                "problem": each.refusal.problem,
                "details": [each.refusal.remedy, *each.refusal.details],
            }
            for each in calls
            if each.refusal is not None
        ],
        "failed": [*failures],
    }


def news_of(comparison: Comparison) -> tuple[Notice, ...]:
    """What a change of one of several plans has to say, beside its dates."""
    before, after = comparison.before, comparison.after
    new = (each for each in after.notices if each not in before.notices)
    found = (*notices_of_change(before, after), *new)
    return tuple(each for each in found if each.code in _TO_SAY)
