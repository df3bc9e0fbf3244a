"""`--help` fits a screen, `--help-all` shows all, and both are there for every command."""

import re
from pathlib import Path

import pytest

from mesoplan.cli.app import RARE, is_rare
from tests.cli.test_fields import options_of
from tests.command_line import mesoplan
from tests.test_words import HELP

MOST_LINES = 45


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_the_help_of_a_command_fits_a_screen_and_names_the_full_one(
    command: list[str], tmp_path: Path
) -> None:
    text = mesoplan(tmp_path, *command, "--help", columns=80).text
    assert len(text.splitlines()) <= MOST_LINES
    assert "--help-all" in text
    assert mesoplan(tmp_path, *command, "-h", columns=80).text == text


@pytest.mark.parametrize("command", [each for each in HELP if len(each) == 1], ids=" ".join)
def test_every_option_is_in_the_full_help_and_only_the_daily_ones_in_the_other(
    command: list[str], tmp_path: Path
) -> None:
    options = {name: each for name, each in options_of(*command).items() if not each.hidden}
    shown = {
        each: set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, re.MULTILINE))
        for each in ("--help", "--help-all")
        if (text := mesoplan(tmp_path, *command, each).text)
    }
    rare = (name for name, each in options.items() if is_rare(each))
    assert shown["--help-all"] == {*options, "--help", "--help-all"}
    assert shown["--help"] == shown["--help-all"] - {*rare}


def test_what_is_rare_is_an_option_of_plan_or_of_a_change() -> None:
    assert {*options_of("plan"), *options_of("done")} >= RARE
