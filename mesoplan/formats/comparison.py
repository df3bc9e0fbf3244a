"""A change of a plan, old and new side by side, and the dates that the patient must know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mesoplan.dates.days import start_text
from mesoplan.errors import printable
from mesoplan.formats.page import Part, counted, line, note_line, table_of
from mesoplan.formats.schedule import aligned_day, ending, heading, number_of, time_of
from mesoplan.model.plan import Status
from mesoplan.wording.notices import notice_text
from mesoplan.wording.reasons import note_text
from mesoplan.wording.recorded import recorded_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from mesoplan.formats.plan_file.published import Difference
    from mesoplan.model.plan import Plan, Session, SessionName
    from mesoplan.planning.replanner import Comparison, Row

_NARROWEST_WITH_NOTES = 120
"""On terminals this wide the notes are a column of the table; on others, a list below it."""

_NARROWEST_WITH_YEARS = 76
"""On narrower terminals the days of the table have no year."""

_NARROWEST_SIDE_BY_SIDE = 60
"""On narrower terminals the old date stands above the new one."""

_NOTHING = "–"
_THERE = {"unreadable": "can't be read there", "repeating": "repeats there"}
"""What somebody did to an event on a server, where that takes more than a word."""


def changes(comparison: Comparison, width: int | None) -> Iterator[Part]:
    """What changed, part by part, for a terminal of *width* columns; None for a pipe."""
    before, after = comparison.before, comparison.after
    yield from heading(after)
    yield line()
    notes = {
        row.after.uid: note_text(row.after)
        for row in comparison.rows
        if not row.is_kept and not row.is_dropped and note_text(row.after)
    }
    in_table = bool(notes) and (width is None or width >= _NARROWEST_WITH_NOTES)
    short = width is not None and width < _NARROWEST_WITH_YEARS

    def was(row: Row) -> str:
        return _NOTHING if row.before is None else _number(row.before, before)

    def day_before(row: Row) -> str:
        return _NOTHING if row.before is None else _moment(row.before, short=short)

    def number(row: Row) -> str:
        return _NOTHING if row.is_dropped else _number(row.after, after)

    def day_after(row: Row) -> str:
        return _NOTHING if row.is_dropped else _moment(row.after, short=short)

    def only_before(row: Row) -> str:
        if row.is_kept:
            numbers = dict.fromkeys((was(row), number(row)))
            return f"{' → '.join(numbers)}  {day_after(row)}"
        return "" if row.before is None else f"{was(row)}  {day_before(row)}"

    def only_after(row: Row) -> str:
        changes = not row.is_kept and not row.is_dropped
        return f"→ {number(row)}  {day_after(row)}" if changes else ""

    columns: dict[str, Callable[[Row], str]] = {
        "Was": was,
        "Before": day_before,
        "Is": number,
        "After": day_after,
        "": _what,
    }
    if width is not None and width < _NARROWEST_SIDE_BY_SIDE:
        columns = {"Before": only_before, "→ After": only_after, "": _what}
    if in_table:
        columns["Note"] = lambda row: notes.get(row.after.uid, "")
    yield table_of(
        comparison.rows,
        columns,
        right_aligned={"Was", "Is"},
        attention=lambda row: not row.is_kept,
        quiet=lambda row: row.is_kept,
    )
    if notes and not in_table:
        for row in comparison.rows:
            if row.after.uid in notes:
                which = f"{_number(row.after, after)}  "
                text = which + notes[row.after.uid]
                yield line((text, "attention"), indent=2, hang=len(which))
    yield line()
    yield from _for_the_patient(comparison)
    yield line()
    yield from ending(after)


def recorded(comparison: Comparison, file_name: str, now: datetime) -> Iterator[Part]:
    """What became of sessions, in a line; a patient without a label is called by the *file name*.

    The notices of the plan follow.
    """
    plan = comparison.after
    yield line(recorded_text(comparison, plan.request.patient or printable(file_name), now))
    yield from (note_line(notice_text(notice)) for notice in plan.notices)


class Offer(NamedTuple):
    """A day for one session, what it changes, and what is typed for it."""

    day: date
    comparison: Comparison
    command: str


def offered(
    plan: Plan, name: SessionName, offers: Sequence[Offer], file_name: str
) -> Iterator[Part]:
    """Numbered days for one session, each with what the patient has to note down for it."""
    session = plan.find(name)
    if session is None:
        return
    whose = ", ".join(filter(None, (plan.request.patient or printable(file_name), plan.goal)))
    which = f"{name.in_words} of {plan.total(session)} is on {start_text(session.start)}"
    yield line((f"{whose}: {which}. The best other days:", "title"))
    for number, offer in enumerate(offers, 1):
        moved = offer.comparison.after.find(name)
        dates = counted(len(offer.comparison.coming), "new date")
        yield line()
        yield line((f"{number}  {start_text((moved or session).start)}", "session"), f"  {dates}")
        yield from old_and_new(offer.comparison, indent=5)
        yield line(offer.command, indent=5)


def differences_page(plan: Plan, differences: Sequence[Difference], heading: str) -> Iterator[Part]:
    """What somebody changed in a calendar on a server, a line each."""
    yield line((heading, "title"))
    yield from (line(when_there(plan, each), indent=2) for each in differences)


def when_there(plan: Plan, difference: Difference) -> str:
    """“3/8: Tue 15 Dec 2026 10:00 → Thu 17 Dec 2026 10:00 (moved)”."""
    session, there = difference.session, difference.there
    text = f"{_to_the_patient(session, plan)}: {start_text(session.start)}"
    if there is None or difference.what not in {"moved"}:
        return f"{text} ({_THERE.get(difference.what, difference.what)})"
    if there.start == session.start:
        return f"{text}–{session.end:%H:%M} → {there.start:%H:%M}–{there.end:%H:%M} (moved)"
    return f"{text} → {start_text(there.start)} (moved)"


def _what(row: Row) -> str:
    """What changes about an appointment, in a word or two."""
    before, after = row.before, row.after
    if row.is_dropped:
        return after.status.value
    if before is None:
        return "back" if row.comes_back else "new"
    words = []
    if after.status is not before.status:
        words.append(after.status.value)
    if row.moves:
        words.append("moved" if before.start != after.start else "new length")
    elif after.pinned != before.pinned and after.status is Status.PLANNED:
        words.append("fixed" if after.pinned else "not fixed any more")
    return ", ".join(words)


def _number(session: Session, plan: Plan) -> str:
    marker = "m" if session.kind == "maintenance" else ""
    return marker + number_of(session, plan)


def _moment(session: Session, *, short: bool) -> str:
    day = aligned_day(session)
    return f"{day[:-5] if short else day} {time_of(session)}"


def _for_the_patient(comparison: Comparison) -> Iterator[Part]:
    """The dates that the patient strikes out and notes down, a line each."""
    if not comparison.going and not comparison.coming:
        yield line(("For the patient: ", "title"), "all dates stay.")
        return
    yield line(("For the patient", "title"))
    yield from old_and_new(comparison, indent=2)


def old_and_new(comparison: Comparison, *, indent: int) -> Iterator[Part]:
    """What the patient strikes out, and notes down instead, a line each."""
    for old, new in comparison.in_pairs:
        if new is not None:
            before = f"{start_text(old.start)} → " if old is not None else "new: "
            number = _to_the_patient(new, comparison.after)
            yield line(f"{before}{start_text(new.start)} ({number})", indent=indent)
        elif old is not None:
            number = _to_the_patient(old, comparison.before)
            yield line(f"cancelled: {start_text(old.start)} ({number})", indent=indent)


def _to_the_patient(session: Session, plan: Plan) -> str:
    """“3/8”, “top-up 1/2”."""
    kind = "top-up " if session.kind == "maintenance" else ""
    return f"{kind}{number_of(session, plan)}"
