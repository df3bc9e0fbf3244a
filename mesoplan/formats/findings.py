"""What came out of a check, as a page to read: a line a breach, by its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.formats.page import Part, line
from mesoplan.planning.breaches import lines_text, sessions_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.model.plan import Notice
    from mesoplan.planning.checking import Findings


def check_page(findings: Sequence[Findings], notes: Sequence[Notice]) -> Iterator[Part]:
    """The breaches of all courses, then how many courses have some, then what was assumed.

    *notes* are about the file as a whole.
    """
    several = len(findings) > 1
    for each in findings:
        course = f"course from line {each.course.first_line}: " if several else ""
        for breach in each.breaches:
            yield line((breach.code, "attention"), f"  {course}{breach.text}")
    broken = sum(bool(each.breaches) for each in findings)
    if not broken:
        yield line(("no breach: ", "session"), _held(findings))
    elif several:
        yield line(
            f"{broken} of {len(findings)} courses {'has' if broken == 1 else 'have'} breaches"
        )
    for note in notes:
        yield line(("Note: ", "attention"), note.text)
    for text, courses in _notes(findings).items():
        which = ""
        if len(courses) < len(findings):
            which = f"course from {lines_text([str(each.course.first_line) for each in courses])}: "
        yield line(("Note: ", "attention"), which + text)


def _held(findings: Sequence[Findings]) -> str:
    """“8 sessions and 2 maintenance sessions, held against R1, R2, R3 and R4”."""
    sessions = sum(len(each.course.sessions) for each in findings)
    maintenance = sum(len(each.course.maintenance) for each in findings)
    counts = [sessions_text(sessions)]
    if maintenance:
        counts.append(sessions_text(maintenance, "maintenance session"))
    checked = sorted(dict.fromkeys(what for each in findings for what in each.checked))
    courses = f" of {len(findings)} courses" if len(findings) > 1 else ""
    return f"{' and '.join(counts)}{courses}, held against {_listed(checked)}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _notes(findings: Sequence[Findings]) -> dict[str, list[Findings]]:
    """What is noted, with the courses of which it holds."""
    notes: dict[str, list[Findings]] = {}
    for each in findings:
        for note in each.notes:
            notes.setdefault(note.text, []).append(each)
    return notes
