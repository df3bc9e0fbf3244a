"""The page for the patient as a real browser shows and prints it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.base import AXE_SCRIPT

from tests.browser import Browser, browser, missing_browser, sheets
from tests.command_line import mesoplan

pytestmark = pytest.mark.skipif(bool(missing_browser()), reason=missing_browser())

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


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


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


LONGEST = ("cellulite", "2026-12-01", "-n", "15", "-i", "14", "--arrive", "2026-11-30")
# One of each is cancelled, and stays on the page.
COURSES = {
    3: ("rejuvenation", "2026-12-01", "-n", "4"),
    8: ("hair", "2026-12-01"),
    15: (*LONGEST, "--depart", "2027-08-01"),
}


def test_every_page_is_one_sheet_with_nothing_cut_off(tab: Browser, tmp_path: Path) -> None:
    for sessions, asked in COURSES.items():
        for paper, width in PRINTED_MM.items():
            for more in ((), ("--private",)):
                tab.open(page_of(tmp_path, *asked, how=("--paper", paper, *more)), width)
                case = (sessions, paper, more)
                assert (case, sheets(tab.printed())) == (case, 1)
                assert (case, tab.value(CUT_OFF)) == (case, [])
                assert [each.rpartition("/")[2][-5:] for each in tab.requests] == [".html"]


@pytest.mark.parametrize("how", [(), ("--private",), ("--large",)])
def test_a_page_can_be_read_by_everybody(tab: Browser, tmp_path: Path, how: Any) -> None:
    tab.open(page_of(tmp_path, *COURSES[15], how=how))
    tab.value(f"{AXE_SCRIPT};0")
    found = tab.value("axe.run().then(found => found.violations.map(each => each.id))")
    assert found == []


@pytest.mark.parametrize(
    "label",
    [
        "<script>document.title='x'</script>",
        "</style><b onclick=alert(1)>",
        "{{ 7*7 }}{% raw %}",
        "אנה מרטין 12",
        "施術" * 40,
        "W" * 80,
    ],
)
def test_a_label_is_shown_as_it_is(tab: Browser, tmp_path: Path, label: str) -> None:
    tab.open(page_of(tmp_path, *COURSES[8], label=label))
    assert tab.value("document.querySelector('.label').innerText") == label
    assert tab.value("document.title") == "Your mesotherapy sessions"
    assert tab.value("document.scripts.length + document.querySelectorAll('b').length") == 0
    assert tab.value(CUT_OFF) == []
    assert sheets(tab.printed()) == 1


def test_a_pdf_is_printed_by_the_browser_that_is_installed(tmp_path: Path) -> None:
    page_of(tmp_path, *COURSES[3])
    assert mesoplan(tmp_path, "plan", *COURSES[3], "-o", "p.ics", also=ALSO).exit_code == 0
    for _ in range(2):
        done = mesoplan(tmp_path, "handout", "p.ics", "-o", "p.pdf", also=ALSO)
        assert (done.exit_code, done.text) == (0, "Page for the patient: p.pdf\n")
    data = (tmp_path / "p.pdf").read_bytes()
    assert sheets(data) == 1
    assert b"/StructTreeRoot" in data
    assert not list(tmp_path.glob("page-*"))
