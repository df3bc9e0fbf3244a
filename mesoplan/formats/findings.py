"""What came out of a check, as a page to read: one problem per line, with its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.dates.days import listed
from mesoplan.formats.page import Line, Part, line, note_line
from mesoplan.wording.findings import (
    assumption_note,
    code_text,
    finding_text,
    lines_text,
    sessions_text,
    unclear_text,
)
from mesoplan.wording.notices import notice_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.model.plan import Notice
    from mesoplan.planning.checking import CheckedCourse


def check_page(courses: Sequence[CheckedCourse], notes: Sequence[Notice]) -> Iterator[Part]:
    """The problems of all courses, then how many courses have some, then what was assumed.

    *notes* are about the file as a whole.
    """
    several = len(courses) > 1
    for each in courses:
        course = f"course from line {each.course.first_line}: " if several else ""
        for problem in each.problems:
            yield _problem(code_text(problem.code), course + finding_text(problem))
        for appointment in each.course.unclear:
            yield _problem("status", course + unclear_text(appointment))
    broken = sum(bool(each.problems) for each in courses)
    unclear = sum(bool(each.course.unclear) for each in courses)
    if unclear:
        is_one = (
            "course is" if len(courses) == 1 else "courses is" if unclear == 1 else "courses are"
        )
        of_all = "The" if len(courses) == 1 else f"{unclear} of {len(courses)}"
        yield line((f"{of_all} {is_one} not fully checked.", "attention"))
    elif not broken:
        yield line(("No problems: ", "session"), _checked(courses))
    if broken and several:
        has = "has" if broken == 1 else "have"
        yield line(f"{broken} of {len(courses)} courses {has} problems.")
    yield from (note_line(notice_text(note)) for note in notes)
    assumed: dict[str, list[int | None]] = {}
    for each in courses:
        for assumption in each.assumptions:
            text = notice_text(assumption_note(assumption))
            assumed.setdefault(text, []).append(each.course.first_line)
    for text, lines in assumed.items():
        which = f" (Course from {lines_text(lines)}.)" if len(lines) < len(courses) else ""
        yield note_line(text + which)


def _problem(what: str, text: str) -> Line:
    return line((what, "attention"), f"  {text}", hang=len(what) + 2)


def _checked(courses: Sequence[CheckedCourse]) -> str:
    """“8 sessions and 2 maintenance sessions, checked against R1, R2, R3 and R4”."""
    counts = [sessions_text(sum(len(each.course.sessions) for each in courses))]
    maintenance = sum(len(each.course.maintenance) for each in courses)
    if maintenance:
        counts.append(sessions_text(maintenance, "maintenance session"))
    against = listed(sorted({what for each in courses for what in each.checked}))
    of_courses = f" of {len(courses)} courses" if len(courses) > 1 else ""
    return f"{' and '.join(counts)}{of_courses}, checked against {against}"
