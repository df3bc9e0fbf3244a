"""`mesoplan handout`: the page that the patient takes home."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from os.path import lexists
from pathlib import Path
from typing import NamedTuple

import typer

from mesoplan.cli import clock, options
from mesoplan.cli.console import say, standard_output
from mesoplan.cli.named_plan import NamedPlan, named_plan
from mesoplan.cli.open_plan import OpenPlan, opened
from mesoplan.cli.profile import FoundProfile, find_profile
from mesoplan.dates.zones import find_zone
from mesoplan.errors import (
    FileProblem,
    InvalidInput,
    ServerProblem,
    UnknownName,
    printable,
    quoted,
)
from mesoplan.formats.handout import Marker, handout_page, marker_in, marker_of
from mesoplan.formats.handout_sizes import PAPERS, Paper
from mesoplan.model.plan import Plan
from mesoplan.model.request import LANGUAGES, CalendarOptions, language_called
from mesoplan.storage.files import problem_with, read_whole, require_free, write_all_new
from mesoplan.storage.shared import is_copy
from mesoplan.wording.languages import words_in
from mesoplan.wording.neutral import require_neutral
from mesoplan.wording.notices import notice_text, notices_of_language

STANDARD_OUTPUT = "-"
_LARGEST_BYTES = 20_000_000
_CHOOSE = "choose another name with -o"

EPILOGS = {
    "handout": options.epilog(
        "handout martin",
        "handout martin -o martin.pdf --paper letter",
        "handout plan.ics --private --open",
        "handout --import-guide --language fr -o guide.pdf",
        codes={4: "a file can't be read or written, or no browser makes the PDF"},
    )
}


class Page(NamedTuple):
    """How a page is to look."""

    paper: Paper = "a4"
    large: bool = False


class _Written(NamedTuple):
    """A page that is to be written."""

    marker: Marker
    page: Callable[[Marker | None], bytes]
    """The page itself, in place of an earlier one."""


@options.with_options(options.HANDOUT)
def handout(
    plan: options.OptionalPlan = None,
    *,
    output: str | None,
    paper: str | None,
    private: bool,
    large: bool,
    language: str | None,
    opens: bool,
    import_guide: bool,
    book: str | None,
    clinic: str | None,
) -> None:
    """Write a page with the patient's dates, to be printed: one sheet of paper.

    It lists the sessions and marks their days in small months. It says what to expect, when to
    call, and whom. The page is one file that loads nothing from elsewhere.

    A PDF is printed by Edge, Chrome or Chromium, if one is installed.

    With --import-guide it is another page: how the calendar file gets into a phone or computer. It
    is the same for all patients, and names no treatment.
    """
    paper = paper and paper.casefold()
    if paper is not None and paper not in PAPERS:
        raise UnknownName("paper", paper, PAPERS, "the papers are: a4, letter")
    if opens and output == STANDARD_OUTPUT:
        raise InvalidInput("--open needs a file", "leave out -o - or --open")
    found = find_profile(clinic)
    look = Page("letter" if paper == "letter" else "a4", large)
    if import_guide:
        _hand_out_guide(plan, output, look, language, found, book, opens=opens)
    elif plan is None:
        raise InvalidInput("PLAN is missing", "for example: mesoplan handout martin")
    else:
        named = named_plan(plan, found, book)
        zone = clock.usual_zone(None, found.profile.timezone)
        with opened(named, zone, found.profile, to_write=False) as file:
            how = replace(file.read.options, private=private or file.read.options.private)
            require_neutral(file.plan, how, file.plan if file.read.options.private else None)
            link = link_of(file.plan, clinic)
            written = _dates(read_in(language, file.plan), how, file.now, look, link)
            usual = page_path(None, named.path)
            if private:
                start = min(each.day for each in file.plan.every_session)
                usual = usual.with_name(f"appointments-{start}-handout.html")
            _hand_out(written, output, usual, opens=opens)
        record_given(file, named, found)


def _opened(path: Path) -> bool:
    """Whether a program was found that opens the page; nobody waits until it is closed."""
    if sys.platform in ("win32", "darwin"):
        return typer.launch(str(path.absolute())) == 0
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        subprocess.Popen(  # noqa: S603 - what the system opens pages with
            ["xdg-open", path.absolute()],  # noqa: S607
            # Not ours: what reads it would wait for the end of the program.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True


def _hand_out_guide(
    plan: str | None,
    output: str | None,
    look: Page,
    language: str | None,
    found: FoundProfile,
    book: str | None,
    *,
    opens: bool,
) -> None:
    """Write how patients import their file, in the language of the plan, else of the clinic."""
    # Loaded here: most pages are of dates.
    from mesoplan.cli.help import page_text
    from mesoplan.formats.import_guide import GUIDE, guide_page

    zone = clock.usual_zone(None, found.profile.timezone)
    usual = found.profile.language or "en"
    if plan is not None:
        named = named_plan(plan, found, book)
        with opened(named, zone, found.profile, to_write=False) as file:
            usual = file.plan.request.language
    code = language_called(language or usual)
    if words_in(code).reviewed is None:
        say(f"No native reader has reviewed this sheet in {LANGUAGES[code]}.")
    marker = Marker(GUIDE, 0, clock.now().astimezone(find_zone(zone())).date())
    page = guide_page(
        page_text(f"patients/{code}"), code, marker, **look._asdict(), phone=found.profile.phone
    )
    written = _Written(marker, lambda _earlier: page)
    _hand_out(written, output, Path(f"import-guide-{code}.html"), opens=opens)


def _hand_out(written: _Written, typed: str | None, usual: Path, *, opens: bool) -> None:
    """Write a page where it was typed, else to its *usual* file, say so, and perhaps open it."""
    if typed == STANDARD_OUTPUT:
        standard_output().write_bytes(written.page(None))
        return
    path = usual if typed is None else page_path(typed, usual)
    standard_output().write(f"{_write(path, written)}\n")
    if opens and not _opened(path):
        say("No program was found that opens the page.")


def read_in(language: str | None, plan: Plan) -> Plan:
    """A plan for somebody who reads the *language* that was typed, if any.

    What the clinic must know of that language is said. Raises UnknownName.
    """
    if language is None:
        return plan
    code = language_called(language)
    say(*map(notice_text, notices_of_language(code)))
    return replace(plan, request=replace(plan.request, language=code))


def link_of(plan: Plan, clinic: str | None) -> str | None:
    """The link to the feed of a plan, if it has one that is known here; if not, it is said why.

    *clinic* is what was typed after --clinic.
    """
    if plan.feed is None:
        return None
    # Loaded only for a feed.
    from mesoplan.cli.feed import known_link

    return known_link(plan, plan.feed, clinic)


def record_given(read: OpenPlan, named: NamedPlan, found: FoundProfile) -> None:
    """Record that the patient was given all dates of a plan that was *read* a moment ago.

    Raises FileProblem or ServerProblem if it can't be recorded: the patient has the dates by then.
    """
    if read.plan.unseen is None:
        return
    zone = clock.usual_zone(None, found.profile.timezone)
    try:
        with opened(named, zone, found.profile, to_write=True) as file:
            if file.plan.revision == read.plan.revision:
                file.record_given()
    except (FileProblem, ServerProblem) as problem:
        problem.problem = f"not recorded as handed out: {problem.problem}"
        raise


def page_writer(
    typed: str,
    file: Path | None,
    plan: Plan,
    how: CalendarOptions,
    now: datetime,
    then: Callable[[], None] = lambda: None,
    *,
    dry_run: bool,
    link: str | None = None,
) -> Callable[[list[str]], FileProblem | None]:
    """What writes the page that was typed after --handout, and *then* does something more.

    It adds a line to the others, or gives back what went wrong: the plan is written by then. Raises
    FileProblem and InvalidInput if no page can have that name, so that nothing is written at all.
    """
    path = page_path(typed, file or Path())
    if _earlier(path, plan.id) is None:
        require_free(path)

    def write(lines: list[str]) -> FileProblem | None:
        if dry_run:
            lines.append("Page for the patient: not written (--dry-run)")
            return None
        try:
            lines.append(_write(path, _dates(plan, how, now, Page(), link)))
            then()
        except FileProblem as problem:
            return problem
        return None

    return write


def page_path(typed: str | None, plan: Path) -> Path:
    """The file of the page of a *plan*, from what was typed. Raises InvalidInput."""
    if typed is None:
        plan = plan if plan.name else plan.resolve()
        name = plan.name if plan.is_dir() else plan.stem
        # What is in the copy of a book on a server is the book's alone.
        folder = Path() if is_copy(plan.parent) else plan.parent
        return folder / f"{name}-handout.html"
    path = Path(typed)
    if path.suffix.casefold() not in {".html", ".htm", ".pdf"}:
        raise InvalidInput(
            f"{quoted(typed)} is neither an HTML file nor a PDF",
            "give it a name that ends in .html or .pdf",
        )
    return path


def _dates(
    plan: Plan, how: CalendarOptions, now: datetime, look: Page, link: str | None
) -> _Written:
    def page(earlier: Marker | None) -> bytes:
        return handout_page(plan, how, now, **look._asdict(), replaces=earlier, link=link)

    return _Written(marker_of(plan, now), page)


def _write(path: Path, written: _Written) -> str:
    """Write a page, in place of an earlier one of the same. Returns what is said of it.

    Raises FileProblem, also where no browser makes a PDF: then the page is there as HTML.
    """
    page = written.page(_earlier(path, written.marker.plan_id))
    if path.suffix.casefold() == ".pdf":
        # Loaded here: it starts other programs.
        from mesoplan.formats.pdf import pdf_of

        try:
            page = pdf_of(page, path) + written.marker.at_the_end
        except FileProblem as problem:
            instead = path.with_suffix(".html")
            with suppress(FileProblem):
                _write(instead, written)
                problem.remedy = f"open {printable(instead)}, which is the same page, and print it"
            raise
    write_all_new({}, {path: page})
    return f"Page for the patient: {printable(path)}"


def _earlier(path: Path, plan_id: str) -> Marker | None:
    """The page that would be replaced. Raises FileProblem if the file there is anything else."""
    if not lexists(path):
        return None
    marker = marker_in(read_whole(path, _LARGEST_BYTES, _CHOOSE))
    if marker is None:
        raise problem_with(path, "already exists and was not changed", _CHOOSE)
    if marker.plan_id != plan_id:
        raise problem_with(path, "is another page for patients, and was not changed", _CHOOSE)
    return marker
