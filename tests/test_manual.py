"""README and manual: what they show runs, where they lead exists, and `mesoplan help` prints it."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
from rich.cells import cell_len

from mesoplan.cli.app import ALIASES, COMMANDS
from mesoplan.cli.help import TOPICS, page_of
from mesoplan.rules.limits import EVENT_MARGIN_DAYS
from tests.cli.test_fields import options_of
from tests.command_line import mesoplan
from tests.examples import some
from tests.pages import MANUAL, PAGES, README, ROOT, SET_UP, Reading, blocks

MOST_WORDS = 1100
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_blocks_of_a_page_run_and_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    reading = Reading(tmp_path)
    assert reading.page(page) == page.read_text("utf-8")
    assert reading.problems == []


def test_there_are_blocks() -> None:
    assert len(blocks(README, "console")) >= 2
    assert sum(len(blocks(page, "console")) for page in PAGES) >= 15
    assert sum(len(blocks(page, "sh")) for page in PAGES) >= 4


def test_the_lines_that_set_up_are_those_that_every_change_is_tried_with() -> None:
    lines = [line for page in PAGES for each in blocks(page, "sh") for line in each.splitlines()]
    set_up = [line for line in lines if "venv" in line]
    ends = re.findall(r"\$\(readme_command '(.+)'\)", (ROOT / ".ci/run").read_text("utf-8"))
    assert sorted(line for end in ends for line in set_up if line.endswith(end)) == sorted(set_up)
    assert all(SET_UP.fullmatch(line) and line in README.read_text("utf-8") for line in set_up)


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").split()) <= MOST_WORDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target.partition("#")[0]).is_file(), target


def test_the_readme_leads_to_every_page() -> None:
    linked = {Path(target) for target in LINK.findall(README.read_text("utf-8"))}
    assert {Path(f"mesoplan/manual/{name}.md") for name in TOPICS} <= linked


CODE = re.compile(r"`([^`]+)`")
OPTIONS = {name: {*options_of(name), "--help", "--help-all"} for name in COMMANDS}
OF_PROOFS = {"--quick", "--seconds", "--no-worst", "--patients", "--seed"}


# The history also names what is no more.
@pytest.mark.parametrize("name", ["README", *(name for name in TOPICS if name != "history")])
def test_every_command_and_option_that_a_page_names_exists(name: str) -> None:
    page = next(page for page in PAGES if page.stem == name)
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for code in CODE.findall(text):
        command = re.match(r"mesoplan ([a-z]+)", code)
        known = {"--version"}.union(*OPTIONS.values(), OF_PROOFS)
        if command is not None:
            known = OPTIONS[ALIASES.get(command[1], command[1])]
        assert set(re.findall(r"(?<!\S)--[a-z-]+", code)) <= known, code


def test_the_things_that_people_say_can_be_typed_in_order(tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    rows = re.findall(r"^\| .* \| .*`(.+)`.* \|$", text, re.MULTILINE)
    assert len(rows) == 12
    (tmp_path / "plans").mkdir()
    (tmp_path / "clinic.toml").write_text('book = "plans"\ntimezone = "Europe/Paris"\n', "utf-8")
    world = {"MESOPLAN_CLINIC": "clinic.toml"}
    new = [rows[0], *(f"{rows[0]} {row}" for row in rows if row.startswith("-")), rows[3]]
    for line in [*(f"{line} --dry-run" for line in new), new[1], *rows[4:]]:
        now = None if line in new or "--dry-run" in line else "2026-12-01T18:00:00Z"
        answer = mesoplan(tmp_path, *shlex.split(line)[1:], now=now, also=world)
        assert answer.exit_code == 0, (line, answer.error)


def test_the_wedding_in_the_readme_keeps_two_weeks(tmp_path: Path) -> None:
    (line,) = re.findall(r"`mesoplan (plan .*--finish-by .*?)`", README.read_text("utf-8"))
    answer = json.loads(mesoplan(tmp_path, *line.split(), "--json", "--dry-run").text)
    last = [each for each in answer["sessions"] if each["kind"] == "course"][-1]
    assert "We marry on 19 June." in README.read_text("utf-8")
    left = date(2027, 6, 19) - date.fromisoformat(last["start"][:10])
    assert left.days >= EVENT_MARGIN_DAYS


def test_the_manual_is_in_the_package_that_is_shipped() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["mesoplan"]}
    assert MANUAL.parent == ROOT / "mesoplan"


# ---------------------------------------------------------------- `mesoplan help`


def test_the_topics_are_the_pages_and_each_begins_with_its_title() -> None:
    assert sorted(TOPICS) == sorted(path.stem for path in MANUAL.glob("*.md"))
    for name in TOPICS:
        assert re.match(r"# \w.{5,60}\n\n", (MANUAL / f"{name}.md").read_text("utf-8")), name


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "help"])
def test_every_command_has_a_page_that_shows_how_it_is_typed(command: str, tmp_path: Path) -> None:
    answer = mesoplan(tmp_path, "help", command)
    assert f"mesoplan {command}" in (MANUAL / f"{page_of(command)}.md").read_text("utf-8")
    assert answer.text.endswith(f"\nOptions: mesoplan {command} --help, all of them: --help-all\n")


@pytest.mark.parametrize("name", TOPICS)
def test_in_a_pipe_a_page_is_its_text_without_what_only_its_file_needs(
    name: str, tmp_path: Path
) -> None:
    text = mesoplan(tmp_path, "help", name).text
    assert text.startswith((MANUAL / f"{name}.md").read_text("utf-8").partition("\n")[0])
    assert not re.search(r"<!--|!\[|\.png", text)
    assert ".md)" not in text
    assert "\x1b" not in text


def test_a_link_names_the_command_that_follows_it(tmp_path: Path) -> None:
    text = mesoplan(tmp_path, "help", "plan").text
    assert re.search(r"\w \(mesoplan help [a-z]+\)", text)


IN_A_TERMINAL = """
import sys
from mesoplan.cli.app import run
sys.stdout.isatty = lambda: True
run(["help", "privacy"])
"""


@pytest.mark.parametrize("columns", some([60, 80, 120], 3))
@pytest.mark.parametrize("name", TOPICS)
def test_on_a_terminal_text_keeps_to_the_window(name: str, columns: int, tmp_path: Path) -> None:
    answer = mesoplan(tmp_path, "help", name, columns=columns)
    assert (answer.exit_code, answer.error) == (0, "")
    text = re.sub(r"\x1b\[[0-9;]*m", "", answer.text)
    # What is typed or printed is indented, and whole.
    lines = [line for line in text.splitlines() if not line.startswith("  ")]
    assert max(map(cell_len, lines)) <= min(columns, 100)
    assert "```" not in text


def test_a_terminal_that_lacks_a_character_gets_a_plain_one(tmp_path: Path) -> None:
    world = {"PYTHONIOENCODING": "ascii", "TERM": "xterm", "MESOPLAN_CLINIC": "none"}
    answer = subprocess.run(
        [sys.executable, "-c", IN_A_TERMINAL],
        cwd=tmp_path,
        env={**os.environ, **world},
        capture_output=True,
        text=True,
        check=True,
    )
    assert " * " in answer.stdout
    assert " ? " not in answer.stdout


def test_an_unknown_topic_is_refused_with_the_nearest(tmp_path: Path) -> None:
    answer = mesoplan(tmp_path, "help", "privcy")
    assert (answer.exit_code, answer.text) == (2, "")
    assert "privacy" in answer.error


def test_the_list_has_every_page_and_every_command(tmp_path: Path) -> None:
    names = re.findall(r"^(\S+)  ", mesoplan(tmp_path, "help").text, re.MULTILINE)
    assert {*TOPICS, *COMMANDS} <= set(names)


def test_only_the_page_that_is_asked_for_is_read_and_in_a_pipe_without_rich(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, given: event == 'open' and opened.append(str(given[0])))\n"
        "from mesoplan.cli.app import run\n"
        "run(['help', 'plan'])\n"
        "pages = [name.rpartition(os.sep)[2] for name in opened if name.endswith('.md')]\n"
        "print(pages, 'rich' in sys.modules)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert answer.stdout.endswith("['plan.md'] False\n")


# ---------------------------------------------------------------- what pages promise


def test_a_line_with_mesoplan_is_kept_out_of_the_history_of_bash(tmp_path: Path) -> None:
    reading = Reading(tmp_path)
    reading.page(MANUAL / "privacy.md")
    typed = "mesoplan --version\ncd . && mesoplan rules\necho kept\nhistory\nexit\n"
    path = Path(sys.executable).parent
    answer = subprocess.run(
        ["bash", "-i"],
        input=typed,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": f"{path}:/usr/bin:/bin", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
    )
    listed = re.findall(r"^ +\d+  (.*)$", answer.stdout, re.MULTILINE)
    assert "echo kept" in listed
    assert not [line for line in listed if "mesoplan" in line]
