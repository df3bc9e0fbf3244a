"""`mesoplan handout`: which file is written, which is replaced, and what the page has."""

import os
import re
import stat
from pathlib import Path
from signal import SIGTERM
from time import sleep
from unittest.mock import patch

import pytest

from mesoplan.formats import handout, pdf
from mesoplan.model.request import LANGUAGES
from mesoplan.rules.sources import SIDE_EFFECTS
from mesoplan.wording.languages import words_in
from mesoplan.wording.neutral import telling
from tests.command_line import mesoplan, mesoplan_line, started

PLAN = "mesoplan plan hair 2026-12-01 --patient Martin --clinic-phone 012 -o plan.ics"
LATER = "2026-12-09T12:00:00Z"


def text_of(page: str) -> str:
    """What a page shows, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("<body>")[2]).split())


def test_the_page_is_written_beside_the_plan_for_its_owner_alone(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    before = (tmp_path / "plan.ics").read_bytes()
    done = mesoplan_line(tmp_path, "mesoplan handout plan.ics")
    assert (done.exit_code, done.text) == (0, "Page for the patient: plan-handout.html\n")
    page = tmp_path / "plan-handout.html"
    if os.name == "posix":
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert page.stat().st_size < 12_000
    assert (tmp_path / "plan.ics").read_bytes() == before
    assert mesoplan_line(tmp_path, "mesoplan handout plan.ics -o -").output == page.read_bytes()


def test_what_is_done_or_cancelled_is_said_in_words(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    for line in ("done plan.ics 1", "cancel plan.ics 4"):
        assert mesoplan_line(tmp_path, f"mesoplan {line}", LATER).exit_code == 0
    text = text_of(mesoplan_line(tmp_path, "mesoplan handout plan.ics -o -", LATER).text)
    assert "1/7 Tuesday 1 December 2026 10:00 done" in text
    assert "Tuesday 22 December 2026 10:00 cancelled" in text
    assert "Held for you, but not fixed. Please call to confirm. 1/2 " in text


def test_a_past_session_that_is_not_recorded_is_not_called_to_come(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    long_after = "2029-12-09T12:00:00Z"
    page = mesoplan_line(tmp_path, "mesoplan handout plan.ics -o -", long_after).text
    for text in ("to come", "held for you", "done"):
        assert text not in text_of(page)
    assert page.count('class="over"') == 10


def test_an_earlier_page_of_the_same_plan_alone_is_replaced(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    mesoplan_line(tmp_path, "mesoplan handout plan.ics")
    mesoplan_line(tmp_path, "mesoplan move plan.ics 3 2026-12-16", LATER)
    assert mesoplan_line(tmp_path, "mesoplan handout plan.ics", LATER).exit_code == 0
    page = tmp_path / "plan-handout.html"
    end = "Printed on Wednesday 9 December 2026 · revision 1 · replaces the page of Monday 23 Nov"
    assert end in text_of(page.read_text())
    mesoplan_line(tmp_path, "mesoplan plan fat 2026-12-01 -o other.ics")
    for name, content in (("plan-handout.html", page.read_bytes()), ("own.html", b"<p>mine")):
        (tmp_path / name).write_bytes(content)
        done = mesoplan_line(tmp_path, f"mesoplan handout other.ics -o {name}")
        assert done.exit_code == 4
        assert "was not changed" in done.error
        assert (tmp_path / name).read_bytes() == content


def test_a_page_of_a_private_plan_is_private(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, f"{PLAN} --private")
    mesoplan_line(tmp_path, "mesoplan plan hair 2026-12-01 --patient Martin -o open.ics")
    private = mesoplan_line(tmp_path, "mesoplan handout plan.ics -o -").text
    asked = mesoplan_line(tmp_path, "mesoplan handout open.ics --private -o -").text
    named = mesoplan_line(tmp_path, "mesoplan handout open.ics --private").text
    assert named == "Page for the patient: appointments-2026-12-01-handout.html\n"
    for page in (private, asked):
        assert re.findall("(?i)meso|hair|scalp|martin|session|inject|needle", page) == []
        assert "1/8 Tuesday 1 December 2026 10:00" in text_of(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_of_the_plan_or_the_one_asked_for(
    language: str, tmp_path: Path
) -> None:
    mesoplan_line(tmp_path, f"{PLAN} --language {language}")
    own = mesoplan_line(tmp_path, "mesoplan handout plan.ics -o -").text
    assert f'<html lang="{language}">' in own
    assert words_in(language).page.title in own
    asked = mesoplan_line(
        tmp_path, f"mesoplan handout plan.ics --private --language {language} -o -"
    )
    assert ("No native reader" in asked.error) is (language != "en")
    assert list(telling({"page": text_of(asked.text)})) == []
    message = mesoplan_line(tmp_path, f"mesoplan show plan.ics --message --language {language}")
    assert message.text.startswith(words_in(language).page.message)
    assert list(telling({"message": message.text})) == []


def test_papers_may_be_written_in_capitals(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    page = mesoplan_line(tmp_path, "mesoplan handout plan.ics --paper Letter -o -").text
    assert "@page { size: Letter;" in page


def test_without_a_browser_the_page_is_there_as_html(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    with patch.object(pdf, "browsers", lambda: iter(())):
        done = mesoplan_line(tmp_path, "mesoplan handout plan.ics -o page.pdf")
    assert done.exit_code == 4
    assert "page.html, which is the same page" in done.error
    assert sorted(path.name for path in tmp_path.glob("page*")) == ["page.html"]


@pytest.mark.parametrize("line", ["plan fat 2026-12-01 -o new.ics", "move plan.ics 3 2026-12-16"])
def test_a_plan_is_shown_though_its_page_cannot_be_made(tmp_path: Path, line: str) -> None:
    mesoplan_line(tmp_path, PLAN)
    with patch.object(pdf, "browsers", lambda: iter(())):
        done = mesoplan_line(tmp_path, f"mesoplan {line} --handout page.pdf")
    assert done.exit_code == 4
    assert f"Calendar file: {'new' if 'new' in line else 'plan'}.ics\n" in done.text
    assert "no browser that can make a PDF was found" in done.error
    assert (tmp_path / "page.html").exists()


@pytest.mark.skipif(os.name != "posix", reason="another program opens pages there")
@pytest.mark.parametrize("display", ["", ":9"])
def test_nobody_waits_for_the_program_that_opens_the_page(tmp_path: Path, display: str) -> None:
    mesoplan_line(tmp_path, PLAN)
    opener = tmp_path / "xdg-open"
    opener.write_text("#!/bin/sh\necho $$ >opener\nexec sleep 60\n")
    opener.chmod(0o700)
    world = {"DISPLAY": display, "WAYLAND_DISPLAY": "", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with patch.dict(os.environ, world):
        process = started(tmp_path, "handout", "plan.ics", "--open")
        said, error = process.communicate(timeout=30)
    assert (said, process.returncode) == ("Page for the patient: plan-handout.html\n", 0)
    assert ("No program was found" in error) is (not display)
    if display:
        begun = tmp_path / "opener"
        while not (begun.exists() and begun.read_text().endswith("\n")):
            sleep(0.01)
        os.kill(int(begun.read_text()), SIGTERM)


def test_what_a_killed_browser_left_is_removed_after_an_hour(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    left = tmp_path / ".calendar-page-0.tmp"
    left.mkdir()
    (left / "page.html").write_text("Martin")
    mesoplan_line(tmp_path, "mesoplan handout plan.ics")
    assert left.exists()
    os.utime(left, (0, 0))
    mesoplan_line(tmp_path, "mesoplan handout plan.ics")
    assert not left.exists()


def test_where_one_browser_prints_nothing_another_one_does(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    broken, working = tmp_path / "broken", tmp_path / "working"
    broken.write_text("#!/bin/sh\nexit 1\n")
    working.write_text(
        "#!/bin/sh\nfor each; do case $each in --print-to-pdf=*) "
        'echo %PDF-1.4 >"${each#--print-to-pdf=}";; esac; done\n'
    )
    for each in (broken, working):
        each.chmod(0o700)
    with patch.object(pdf, "browsers", lambda: iter([broken, working])):
        # The second page takes the place of the first.
        for _ in range(2):
            assert mesoplan_line(tmp_path, "mesoplan handout plan.ics -o page.pdf").exit_code == 0
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-1.4\n%appointment-page")


def test_a_missing_browser_is_named_though_the_html_has_no_place(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    (tmp_path / "page.html").write_text("mine")
    with patch.object(pdf, "browsers", lambda: iter(())):
        done = mesoplan_line(tmp_path, "mesoplan handout plan.ics -o page.pdf")
    assert (done.exit_code, (tmp_path / "page.html").read_text()) == (4, "mine")
    assert "install Chrome, Chromium or Edge" in done.error


def test_a_browser_that_prints_nothing_leaves_html_alone(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    broken = tmp_path / "browser"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o700)
    with patch.object(pdf, "browsers", lambda: iter([broken])):
        done = mesoplan_line(tmp_path, "mesoplan handout plan.ics -o page.pdf")
    assert done.exit_code == 4
    assert sorted(path.name for path in tmp_path.glob("page*")) == ["page.html"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("-o", "page.ics"), "neither an HTML file nor a PDF"),
        (("--paper", "a5"), "a4, letter"),
        (("-o", "-", "--open"), "--open needs a file"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, typed: tuple[str, ...], said: str) -> None:
    mesoplan_line(tmp_path, PLAN)
    done = mesoplan(tmp_path, "handout", "plan.ics", *typed)
    assert done.exit_code == 2
    assert said in done.error


def test_the_page_names_every_side_effect_of_the_source() -> None:
    said = words_in("en").page.side_effects
    assert [each for each in SIDE_EFFECTS if each not in said] == []
    for language in LANGUAGES:
        named = re.split("[,、]", words_in(language).page.side_effects)
        # Thai has no commas, and most languages join the last two by “and”.
        assert language == "th" or len(named) >= len(SIDE_EFFECTS) - 1


def test_the_mark_is_read_in_html_and_at_the_end_of_a_pdf() -> None:
    found = handout.marker_in(b'<meta name="appointment-page" content="0b9c-1 12 2026-12-03">')
    assert found is not None
    assert handout.marker_in(b"%PDF-1.4\n" + found.at_the_end) == found
    assert (
        handout.marker_in(b'<meta name="appointment-page" content="0b9c-1 12 2026-13-03">') is None
    )
