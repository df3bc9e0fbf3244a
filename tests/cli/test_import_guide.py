"""`mesoplan handout --import-guide`: how patients import their file, in their language."""

import re
from html import unescape
from pathlib import Path

import pytest

from mesoplan.cli.help import MANUAL
from mesoplan.model.request import LANGUAGES
from mesoplan.wording.neutral import telling
from tests.command_line import Outcome, mesoplan, mesoplan_line

GUIDE = "mesoplan handout --import-guide"
PROFILE = {"MESOPLAN_CLINIC": "clinic.toml"}


def text_of(page: Outcome) -> str:
    """What a page shows, in one line."""
    assert page.exit_code == 0
    shown = re.sub(r"<[^>]*>", "", page.text.partition("<body>")[2])
    return " ".join(unescape(shown).split())


def plain(markdown: str) -> str:
    """A text of the manual as a page shows it, in one line."""
    return " ".join(re.sub(r"^#+ |^\d\. |\*\*", "", markdown, flags=re.MULTILINE).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_steps_and_names_no_treatment(language: str, tmp_path: Path) -> None:
    page = mesoplan_line(tmp_path, f"{GUIDE} --language {language} -o -")
    text = (MANUAL / f"patients/{language}.md").read_text("utf-8")
    assert f'<html lang="{language}">' in page.text
    assert text_of(page) == plain(text)
    assert ("No native reader" in page.error) is (language != "en")
    assert list(telling({"guide": text})) == []
    shape = [re.match(r"#+|\d\.|", line)[0] for line in text.splitlines()]  # type: ignore[index]
    english = (MANUAL / "patients/en.md").read_text("utf-8").splitlines()
    assert list(filter(None, shape)) == re.findall(r"(?m)^(#+|\d\.)", "\n".join(english))
    for name in (".ics", "iPhone", "Android", "calendar.google.com", "Outlook", "Windows", "Mac"):
        assert name in text
    assert mesoplan(tmp_path, "help", f"patients/{language}").text.startswith(text)


def test_the_guide_is_in_the_language_typed_else_the_plans_else_the_clinics(
    tmp_path: Path,
) -> None:
    (tmp_path / "clinic.toml").write_text('phone = "+33 1"\n[defaults]\nlanguage = "de"\n')
    plan = "mesoplan plan hair 2026-12-01 --language ja -o plan.ics"
    assert mesoplan_line(tmp_path, f"MESOPLAN_CLINIC=clinic.toml {plan}").exit_code == 0
    before = (tmp_path / "plan.ics").read_bytes()
    for typed, language in (
        ((), "de"),
        (("plan.ics",), "ja"),
        (("plan.ics", "--language", "fr"), "fr"),
    ):
        done = mesoplan(tmp_path, "handout", *typed, "--import-guide", also=PROFILE)
        assert done.text == f"Page for the patient: import-guide-{language}.html\n"
        page = (tmp_path / f"import-guide-{language}.html").read_text("utf-8")
        assert f'<html lang="{language}">' in page
        assert '<p class="phone"><bdi>+33 1</bdi></p>' in page
    assert (tmp_path / "plan.ics").read_bytes() == before


def test_the_guide_takes_the_place_of_a_guide_alone(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, "mesoplan plan hair 2026-12-01 -o plan.ics")
    for first, then, exit_code in (
        (f"{GUIDE} --language fr", GUIDE, 0),
        (GUIDE, "mesoplan handout plan.ics", 4),
        ("mesoplan handout plan.ics", GUIDE, 4),
    ):
        page = tmp_path / "page.html"
        page.unlink(missing_ok=True)
        assert mesoplan_line(tmp_path, f"{first} -o page.html").exit_code == 0
        before = page.read_bytes()
        assert mesoplan_line(tmp_path, f"{then} -o page.html").exit_code == exit_code
        assert (page.read_bytes() == before) is (exit_code == 4)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ((), "PLAN is missing"),
        (("--import-guide", "--language", "xx"), "the languages are"),
        (("--import-guide", "-o", "guide.txt"), "neither an HTML file nor a PDF"),
        (("nobody.ics", "--import-guide"), "nobody.ics"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, typed: tuple[str, ...], said: str) -> None:
    done = mesoplan(tmp_path, "handout", *typed)
    assert done.exit_code in (2, 4)
    assert said in done.error
    assert list(tmp_path.iterdir()) == []
