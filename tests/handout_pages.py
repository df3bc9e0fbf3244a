"""Pages for patients as tests and proofs make them, and what would be wrong with one on paper."""

from pathlib import Path

from tests.browser import Browser, sheets
from tests.command_line import mesoplan

CLINIC = """\
name = "Clinic by the Park"
address = "1 Park Street, 75012 Paris"
phone = "+33 1 23 45 67 89"
timezone = "Europe/Paris"
"""
ALSO = {"MESOPLAN_CLINIC": "clinic.toml"}
PRINTED_MM = {"a4": 184, "letter": 189.9}
"""How wide the printed part of each paper is."""
CUT_OFF = """
[...document.querySelectorAll("body *:not(thead, thead *)")].filter(each => {
  const box = each.getBoundingClientRect();
  return box.right > innerWidth + 1 || box.left < -1 || each.scrollWidth > each.clientWidth + 1
    && getComputedStyle(each).display != "inline";
}).map(each => each.outerHTML.slice(0, 80))
"""


def page_of(folder: Path, *asked: str, how: tuple[str, ...] = (), label: str = "Anne") -> Path:
    """The page of a new plan of which some was done and some cancelled."""
    (folder / "clinic.toml").write_text(CLINIC)
    name = f"{len(list(folder.iterdir()))}"
    plan = ("plan", *asked, "--patient", label, "-o", f"{name}.ics")
    for command in (plan, ("cancel", f"{name}.ics", "3"), ("cancel", f"{name}.ics", "m1")):
        assert mesoplan(folder, *command, also=ALSO).exit_code == 0
    later = "2026-12-01T12:00:00Z"
    for command in (("done", f"{name}.ics", "1"), ("handout", f"{name}.ics", *how)):
        assert mesoplan(folder, *command, also=ALSO, now=later).exit_code == 0
    return folder / f"{name}-handout.html"


def problems_on_paper(tab: Browser, page: Path, paper: str) -> list[str]:
    """What of a page is cut off or on a second sheet, and what it loads from elsewhere."""
    tab.open(page, PRINTED_MM[paper])
    found: list[str] = tab.value(CUT_OFF)
    pages, loaded = sheets(tab.printed()), len(tab.requests)
    found += [f"{pages} sheets"] * (pages != 1)
    return found + [f"{loaded} files are loaded"] * (loaded != 1)
