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
LATER = "2026-12-01T12:00:00Z"
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


def plan_of(folder: Path, *asked: str, label: str = "Anne") -> Path:
    """A new plan of which some was done and some cancelled."""
    (folder / "clinic.toml").write_text(CLINIC)
    name = f"{len(list(folder.iterdir()))}.ics"
    plan = ("plan", *asked, "--patient", label, "-o", name)
    for command in (plan, ("cancel", name, "3"), ("cancel", name, "m1")):
        assert mesoplan(folder, *command, also=ALSO).exit_code == 0
    assert mesoplan(folder, "done", name, "1", also=ALSO, now=LATER).exit_code == 0
    return folder / name


def page_of(plan: Path, *how: str) -> Path:
    """The page of a plan."""
    typed = ("handout", plan.name, *how)
    assert mesoplan(plan.parent, *typed, also=ALSO, now=LATER).exit_code == 0
    return plan.with_name(f"{plan.stem}-handout.html")


def problems_on_paper(tab: Browser, page: Path, paper: str) -> list[str]:
    """What of a page is cut off or on a second sheet, and what it loads from elsewhere."""
    tab.open(page, PRINTED_MM[paper])
    found: list[str] = tab.value(CUT_OFF)
    pages, loaded = sheets(tab.printed()), len(tab.requests)
    found += [f"{pages} sheets"] * (pages != 1)
    return found + [f"{loaded} files are loaded"] * (loaded != 1)
