"""All that people read is in plain words; the reader is `tests.plain_words`."""

from pathlib import Path

import pytest

from mesoplan.cli.app import COMMANDS
from tests.command_line import mesoplan
from tests.plain_words import FILES, problems_in, problems_of, problems_of_file, texts_of_help

HELP = [
    *([], *([command] for command in COMMANDS)),
    *(["clinic", command] for command in ("init", "check", "show")),
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_in_plain_words(name: str) -> None:
    assert problems_of_file(name) == []


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_the_help_of_a_command_is_in_plain_words(tmp_path: Path, command: list[str]) -> None:
    shown = mesoplan(tmp_path, *command, "--help-all").text
    assert shown.startswith("Usage: mesoplan")
    assert list(problems_of(" ".join(command), texts_of_help(shown))) == []


TWENTY = "one two three four five six seven eight nine ten " * 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("No legal schedule fits.", "“legal”"),
        ("'x' is no date", "“is no”"),
        ("The file is not there, as there is no folder and it is no longer needed.", ""),
        ("a value that is none", "“is none”"),
        ("*path* is None for standard input", ""),
        ("8 sessions, held against R1", "“held against”"),
        ("checked against R1", ""),
        ("Mend the file.", "“Mend”"),
        ("START may slip by so many days.", "“so many days”"),
        ("It opens all the same.", "“all the same”"),
        ("An option goes before the profile.", "“goes before”"),
        ("3 past and not said", "“not said”"),
        ("The upkeep of the result", "“upkeep”"),
        ("One line a problem", "“One line a problem”"),
        ("The file does not tell its zone.", "“tell”"),
        ("Tell us if your health has changed. It differs from what we told you.", ""),
        ("Overdue: 5 sessions", "“Overdue”"),
        (TWENTY.strip(), ""),
        (TWENTY + "more", "21 words"),
        (TWENTY + "and: more. And more", "21 words"),
        (TWENTY.strip() + ": " + TWENTY, ""),
        (TWENTY + "“quoted words are one”", "21 words"),
        (TWENTY.replace("ten", "Tue 1 Dec 2026"), ""),
        ("one; two", ""),
        ("one; two; three", "2 semicolons"),
        ("one; two. Three; four", ""),
        ("known: " + ", ".join(f"goal {number}" for number in range(30)), ""),
    ],
)
def test_the_reader_finds_what_nobody_would_say(text: str, found: str) -> None:
    problems = [why for why, _ in problems_in(text)]
    assert len(problems) == bool(found), problems
    assert all(why.startswith(found) for why in problems)


def test_a_docstring_is_read_for_its_words_alone() -> None:
    assert list(problems_in(TWENTY + TWENTY, is_prose=False)) == []
    assert list(problems_in("No legal day.", is_prose=False)) != []
