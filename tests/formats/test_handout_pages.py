"""The page for the patient as a real browser shows and prints it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.base import AXE_SCRIPT

from mesoplan.model.request import LANGUAGES
from tests.browser import Browser, browser, missing_browser, sheets
from tests.command_line import mesoplan
from tests.handout_pages import (
    ALSO,
    CLINIC,
    CUT_OFF,
    PRINTED_MM,
    page_of,
    plan_of,
    problems_on_paper,
)

pytestmark = pytest.mark.skipif(bool(missing_browser()), reason=missing_browser())


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


LONGEST = ("cellulite", "2026-12-01", "-n", "15", "-i", "14", "--arrive", "2026-11-30")
# One of each is cancelled, and stays on the page.
COURSES = {
    3: ("rejuvenation", "2026-12-01", "-n", "4"),
    8: ("hair", "2026-12-01"),
    15: (*LONGEST, "--depart", "2027-08-01"),
}


@pytest.mark.parametrize("sessions", COURSES)
def test_every_page_is_one_sheet_with_nothing_cut_off(
    tab: Browser, tmp_path: Path, sessions: int
) -> None:
    plan = plan_of(tmp_path, *COURSES[sessions])
    for paper in PRINTED_MM:
        for more in (*(("--language", each) for each in LANGUAGES), ("--private",)):
            found = problems_on_paper(tab, page_of(plan, "--paper", paper, *more), paper)
            assert found == [], (paper, more)


@pytest.mark.parametrize("how", [(), ("--private",), ("--large",), ("--language", "ja")])
def test_a_page_can_be_read_by_everybody(tab: Browser, tmp_path: Path, how: Any) -> None:
    tab.open(page_of(plan_of(tmp_path, *COURSES[15]), *how))
    tab.value(f"{AXE_SCRIPT};0")
    found = tab.value("axe.run().then(found => found.violations.map(each => each.id))")
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_import_guide_is_one_sheet_that_everybody_can_read(
    tab: Browser, tmp_path: Path, language: str
) -> None:
    (tmp_path / "clinic.toml").write_text(CLINIC)
    for paper in PRINTED_MM:
        typed = ("--import-guide", "--language", language, "--paper", paper)
        assert mesoplan(tmp_path, "handout", *typed, also=ALSO).exit_code == 0
        page = tmp_path / f"import-guide-{language}.html"
        assert problems_on_paper(tab, page, paper) == []
    tab.value(f"{AXE_SCRIPT};0")
    assert tab.value("axe.run().then(found => found.violations.map(each => each.id))") == []


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
    tab.open(page_of(plan_of(tmp_path, *COURSES[8], label=label)))
    assert tab.value("document.querySelector('.label').innerText") == label
    assert tab.value("document.title") == "Your mesotherapy sessions"
    assert tab.value("document.scripts.length + document.querySelectorAll('b').length") == 0
    assert tab.value(CUT_OFF) == []
    assert sheets(tab.printed()) == 1


def test_a_pdf_is_printed_by_the_browser_that_is_installed(tmp_path: Path) -> None:
    plan_of(tmp_path, *COURSES[3])
    assert mesoplan(tmp_path, "plan", *COURSES[3], "-o", "p.ics", also=ALSO).exit_code == 0
    for _ in range(2):
        done = mesoplan(tmp_path, "handout", "p.ics", "-o", "p.pdf", also=ALSO)
        assert (done.exit_code, done.text) == (0, "Page for the patient: p.pdf\n")
    data = (tmp_path / "p.pdf").read_bytes()
    assert sheets(data) == 1
    assert b"/StructTreeRoot" in data
    assert not list(tmp_path.glob(".calendar-*"))
