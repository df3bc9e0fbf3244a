"""Questions on a terminal, a line each."""

import io
import sys
from collections.abc import Callable

import pytest

from mesoplan.cli.questions import Questions, choose, may_ask, yes
from mesoplan.dates.parsing import whole_number
from mesoplan.errors import InvalidInput

Typing = Callable[[str], None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typing:
    """What is typed from now on."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def two_numbers(questions: Questions) -> tuple[int | None, int | None]:
    def number(text: str) -> int:
        return whole_number("number", text)

    first = questions.ask("First", "1", number, "The first one.")
    return first, questions.ask("Second", None, number, "The second one.")


def test_a_question_is_repeated_until_its_reader_accepts(
    typed: Typing, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("one\n\n?\n2\n")
    assert Questions().answers(two_numbers) == (1, 2)
    shown = capsys.readouterr().err
    assert (shown.count("First [1]: "), shown.count("Second [none]: ")) == (2, 2)
    assert "number: 'one' is not a whole number" in shown
    assert "  The second one.\n" in shown


def test_who_goes_back_finds_the_earlier_answer_in_brackets(
    typed: Typing, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = Questions()
    typed("5\n<\n\n2\n")
    assert questions.answers(two_numbers) == (5, 2)
    assert "First [5]: " in capsys.readouterr().err
    questions.again()
    typed("\nnone\n")
    assert questions.answers(two_numbers) == (5, None)
    assert "Second [2]: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "answer"), [("", True), ("n", False), ("YES", True), ("perhaps\nno", False)]
)
def test_yes_and_no_may_be_short_and_enter_takes_the_usual(
    text: str, answer: bool, typed: Typing
) -> None:
    typed(f"{text}\n")
    assert yes("Record them?") is answer


def test_one_of_a_list_is_chosen_by_its_number(
    typed: Typing, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("4\n2\n")
    assert choose(["Several plans match:", "  1  hair", "  2  fat", "  3  hair"], 3) == 2
    assert "there is no '4' in the list" in capsys.readouterr().err
    typed("\n")
    assert choose(["  1  hair"], 1) is None


def test_letters_in_another_encoding_are_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Zo\xeb\nZo\xc3\xab\n"), "utf-8")
    )
    assert Questions().answers(lambda each: each.ask("Patient", None, str, "")) == "Zoë"
    assert "not in UTF-8" in capsys.readouterr().err


def test_what_ends_too_early_is_refused(typed: Typing) -> None:
    typed("")
    with pytest.raises(InvalidInput, match="not all questions were answered"):
        yes("Record them?")


def test_in_a_pipe_and_in_ci_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert may_ask()
    monkeypatch.setenv("CI", "true")
    assert not may_ask()
    monkeypatch.delenv("CI")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not may_ask()
