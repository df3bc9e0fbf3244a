"""Pages for patients as tests and proofs make them, and what would be wrong with one on paper."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mesoplan.formats.feed import PAGE, feed_files
from mesoplan.formats.handout import handout_page
from mesoplan.formats.handout_sizes import PAPERS, Paper
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.model.request import LANGUAGES
from tests.browser import Browser, sheets
from tests.command_line import mesoplan

CLINIC = """\
name = "Clinic by the Park"
address = "1 Park Street, 75012 Paris"
phone = "+33 1 23 45 67 89"
timezone = "Europe/Paris"
"""
LATER = "2026-12-01T12:00:00Z"
ALSO = {"MESOPLAN_CLINIC": "clinic.toml"}
LINK = "https://dates.clinic-by-the-park.example/f/g7feche22c5klfsepmf4oxenxm/"
PRINTED_MM: dict[Paper, float] = {"a4": 184, "letter": 189.9}
"""How wide the printed part of each paper is."""
CUT_OFF = """
[...document.querySelectorAll("body *:not(thead, thead *)")].filter(each => {
  const box = each.getBoundingClientRect();
  return box.right > innerWidth + 1 || box.left < -1 || each.scrollWidth > each.clientWidth + 1
    && getComputedStyle(each).display != "inline";
}).map(each => each.outerHTML.slice(0, 80))
"""


def plan_of(folder: Path, sessions: int, *further: str, label: str = "Anne") -> Path:
    """A plan of so many sessions, fourteen days apart: one is done, one moved, some cancelled.

    Of fifteen, which is the most, only maintenance is cancelled.
    """
    (folder / "clinic.toml").write_text(CLINIC)
    name = f"{len(list(folder.iterdir()))}.ics"
    asked = ("cellulite", "2026-12-01", "-i", "14", "-n", str(min(sessions + 1, 15)), *further)
    for command in (
        ("plan", *asked, "--patient", label, "-o", name),
        *([("cancel", name, "3")] if sessions < 15 else []),
        ("cancel", name, "m1"),
        ("move", name, "2", "2026-12-10"),
    ):
        assert mesoplan(folder, *command, also=ALSO).exit_code == 0
    assert mesoplan(folder, "done", name, "1", also=ALSO, now=LATER).exit_code == 0
    return folder / name


def page_of(plan: Path, *how: str) -> Path:
    """The page of a plan."""
    page = plan.with_name(f"{plan.stem}-handout.html")
    typed = ("handout", plan.name, *how, "-o", page.name)
    assert mesoplan(plan.parent, *typed, also=ALSO, now=LATER).exit_code == 0
    return page


def pages_of(
    path: Path, *, large: bool = False, link: str | None = None
) -> Iterator[tuple[str, Paper, Path]]:
    """The pages of a plan on every paper, in every language and private, each with what it is."""
    read = read_plan([path], lambda: "Europe/Paris")
    page, now = path.with_suffix(".html"), datetime.fromisoformat(LATER)
    private = replace(read.options, private=True)
    for paper in PAPERS:
        for language in LANGUAGES:
            plan = replace(read.plan, request=replace(read.plan.request, language=language))
            data = handout_page(plan, read.options, now, paper=paper, large=large, link=link)
            page.write_bytes(data)
            yield f"{paper} {language}", paper, page
        data = handout_page(read.plan, private, now, paper=paper, large=large, link=link)
        page.write_bytes(data)
        yield f"{paper} private", paper, page


def web_pages_of(path: Path) -> Iterator[tuple[str, Path]]:
    """What is on the web of a plan, in every language."""
    read, page = read_plan([path], lambda: "Europe/Paris"), path.with_suffix(".html")
    for language in LANGUAGES:
        plan = replace(read.plan, request=replace(read.plan.request, language=language))
        page.write_bytes(feed_files(plan, read.options, datetime.fromisoformat(LATER), LINK)[PAGE])
        yield language, page


def problems_on_paper(tab: Browser, page: Path, paper: Paper, sheets_at_most: int = 1) -> list[str]:
    """What of a page is cut off or on a further sheet, and what it loads from elsewhere."""
    tab.open(page, PRINTED_MM[paper])
    found: list[str] = tab.value(CUT_OFF)
    pages, loaded = sheets(tab.printed()), len(tab.requests)
    found += [f"{pages} sheets"] * (pages > sheets_at_most)
    return found + [f"{loaded} files are loaded"] * (loaded != 1)
