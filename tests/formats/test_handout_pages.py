"""The page for the patient as a real browser shows and prints it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core_python.base import AXE_SCRIPT

from mesoplan.model.request import LANGUAGES
from tests.browser import Browser, browser, missing_browser, sheets
from tests.command_line import mesoplan
from tests.examples import IN_THE_SUITE, some
from tests.handout_pages import (
    ALSO,
    CLINIC,
    CUT_OFF,
    LINK,
    PRINTED_MM,
    page_of,
    pages_of,
    plan_of,
    problems_on_paper,
    web_pages_of,
)

pytestmark = pytest.mark.skipif(bool(missing_browser()), reason=missing_browser())


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


PHONE_MM = 95
TRIP = ("--arrive", "2026-11-30", "--depart", "2027-08-01")


def not_for_everybody(tab: Browser, *left_out: str) -> list[str]:
    """What axe-core finds in the page that is open, but for some parts of it."""
    tab.value(f"{AXE_SCRIPT};0")
    found: list[str] = tab.value(
        f"axe.run({{exclude: {[[each] for each in left_out]}}}, {{resultTypes: ['violations']}})"
        ".then(found => found.violations.map(each => each.id))"
    )
    return found


def test_every_page_is_one_sheet_with_nothing_cut_off_and_for_everybody(
    tab: Browser, tmp_path: Path
) -> None:
    courses: list[tuple[int, tuple[str, ...], str | None]]
    courses = [(3, (), LINK), (8, (), None), (15, TRIP, LINK)]
    for number, (sessions, further, link) in enumerate(courses):
        pages = pages_of(plan_of(tmp_path, sessions, *further), link=link)
        for place, (what, paper, page) in enumerate(pages):
            # In the suite, each language has one of the courses, on one of the papers.
            if IN_THE_SUITE and place % 6 != 2 * number:
                continue
            assert problems_on_paper(tab, page, paper) == [], (sessions, what)
            # On the other paper, the page has the same texts. The months, which are not read out,
            # take most of the time, so another test looks at them.
            if paper == "a4" and (place < 6 or not IN_THE_SUITE):
                assert not_for_everybody(tab, ".months") == [], (sessions, what)


def test_a_page_on_the_web_fits_a_phone_and_is_for_everybody(tab: Browser, tmp_path: Path) -> None:
    for place, (language, page) in enumerate(web_pages_of(plan_of(tmp_path, 8))):
        if IN_THE_SUITE and place % 4:
            continue
        tab.open(page, PHONE_MM, "screen")
        assert tab.value(CUT_OFF) == [], language
        assert not_for_everybody(tab, ".months") == [], language


@pytest.mark.parametrize("how", some([("--large",), ("--private",), ("--language", "th")], 3))
def test_the_months_can_be_read_by_everybody(
    tab: Browser, tmp_path: Path, how: tuple[str, ...]
) -> None:
    tab.open(page_of(plan_of(tmp_path, 15), *how))
    assert not_for_everybody(tab) == []


def test_a_page_with_large_letters_has_two_sheets_at_most(tab: Browser, tmp_path: Path) -> None:
    courses: list[tuple[int, tuple[str, ...]]] = [(15, TRIP), (3, ())]
    for sessions, further in some(courses, 2):
        plan = plan_of(tmp_path, sessions, *further)
        assert problems_on_paper(tab, page_of(plan, "--large"), "a4", sheets_at_most=2) == []


@pytest.mark.parametrize("language", some(["pt", "en", "th"], 2))
def test_a_phone_shows_each_date_in_three_lines_at_most(
    tab: Browser, tmp_path: Path, language: str
) -> None:
    tab.open(page_of(plan_of(tmp_path, 15), "--language", language), width_mm=95, media="screen")
    assert tab.value("document.documentElement.scrollWidth - innerWidth") == 0
    lines = "each => each.offsetHeight / parseFloat(getComputedStyle(each).lineHeight)"
    assert tab.value(f"Math.max(...[...document.querySelectorAll('.day')].map({lines}))") < 4


@pytest.mark.parametrize("language", some(LANGUAGES, 3))
def test_the_import_guide_is_one_sheet_that_everybody_can_read(
    tab: Browser, tmp_path: Path, language: str
) -> None:
    (tmp_path / "clinic.toml").write_text(CLINIC)
    for paper in some(PRINTED_MM, 2):
        typed = ("--import-guide", "--language", language, "--paper", paper)
        assert mesoplan(tmp_path, "handout", *typed, also=ALSO).exit_code == 0
        page = tmp_path / f"import-guide-{language}.html"
        assert problems_on_paper(tab, page, paper) == []
    assert not_for_everybody(tab) == []


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
    page = page_of(plan_of(tmp_path, 8, label=label))
    assert problems_on_paper(tab, page, "a4") == []
    assert tab.value("document.querySelector('.label').innerText") == label
    assert tab.value("document.title") == "Your mesotherapy sessions"
    assert tab.value("document.scripts.length + document.querySelectorAll('b').length") == 0


def test_the_clinics_own_long_lines_make_the_letters_smaller(tab: Browser, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, 8)
    lines = {
        "name": "Centre médical et esthétique Saint-Germain-des-Prés, Docteur Vandenbroucke",
        "address": "Bâtiment C, escalier 12, 125 bis boulevard Saint-Germain, 75006 Paris",
        "phone": "+33 1 23 45 67 89 (ext. 1234)",
    }
    after = "Keep the skin clean and dry, out of the sun, and away from anything that rubs. " * 5
    profile = "".join(f'{name} = "{line}"\n' for name, line in lines.items())
    (tmp_path / "clinic.toml").write_text(f'{profile}[patient_text]\nafter = "{after}"\n')
    assert problems_on_paper(tab, page_of(plan), "a4") == []
    assert after.strip() in tab.value("document.body.innerText")


def test_a_pdf_is_printed_by_the_browser_that_is_installed(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, 3)
    done = mesoplan(tmp_path, "handout", plan.name, "-o", "p.pdf", also=ALSO)
    assert (done.exit_code, done.text) == (0, "Page for the patient: p.pdf\n")
    data = (tmp_path / "p.pdf").read_bytes()
    assert sheets(data) == 1
    assert b"/StructTreeRoot" in data
    assert not list(tmp_path.glob(".calendar-*"))
