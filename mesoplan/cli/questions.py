"""Questions on a terminal, a line each: ? explains one, < goes back to the one before.

Questions are written to standard error. Nothing is written to disk while they are asked, so Ctrl-C
and the end of input leave nothing.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from mesoplan.cli.console import report, say, standard_error
from mesoplan.errors import InvalidInput, MesoplanError, quoted
from mesoplan.model.fields import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

BACK, WHAT = "<", "?"
HOW_TO_ANSWER = f"{WHAT} explains a question, {BACK} goes back to the one before."
_NOT_A_LETTER = "\N{REPLACEMENT CHARACTER}"


def may_ask() -> bool:
    """Whether somebody can answer: input and standard error are a terminal, and CI is not set."""
    streams = (sys.stdin, sys.stderr)
    return not os.environ.get("CI") and all(it is not None and it.isatty() for it in streams)


def choose(lines: Sequence[str], count: int) -> int | None:
    """Show *lines*, a numbered list with its heading; the number chosen, or None for none.

    Raises InvalidInput at the end of input.
    """

    def number(text: str) -> int:
        if not (text.isdecimal() and 1 <= int(text[:3]) <= count):
            raise InvalidInput(f"there is no {quoted(text)} in the list", f"type {one_to(count)}")
        return int(text)

    explained = "Type the number of one in the list; Enter alone chooses none."
    return Questions().answers(
        lambda questions: questions.ask(one_to(count), None, number, explained, lines=lines)
    )


def one_to(count: int) -> str:
    """“1 to 4”: what can be answered to a list."""
    return "1" if count == 1 else f"1 to {count}"


def yes(question: str) -> bool:
    """Whether the answer is yes, as Enter alone means. Raises InvalidInput at the end of input."""

    def asked(questions: Questions) -> bool | None:
        return questions.ask(
            question,
            "yes",
            lambda text: Words().yes_or_no("answer", text),
            "Type y for yes or n for no; Enter takes the one in capitals.",
            brackets="Y/n",
        )

    return bool(Questions().answers(asked))


class AnswersEnded(InvalidInput):
    """The end of input came before the answer."""


class GoneBack(Exception):
    """The question before is to be asked again."""


class Questions:
    """Asks one question after the other; the answers that were given so far need no asking."""

    def __init__(
        self, if_it_ends: str = "answer them all; Enter takes what is in brackets"
    ) -> None:
        """*if_it_ends* says what to do where input ends before all is answered."""
        self._if_it_ends = if_it_ends
        self._given: list[Any] = []
        """The answers so far."""
        self._asked: list[str] = []
        """The questions so far, since the first one."""
        self._before: dict[tuple[str, int], str] = {}
        """The last answer to each question, the first time that it is asked, the second, …"""
        self._is_again = False

    def answers(self, asking: Callable[[Questions], T]) -> T:
        """What *asking* makes of the answers to its questions.

        It begins anew where somebody goes back, and is given the answers before that.
        """
        while True:
            self._asked.clear()
            try:
                return asking(self)
            except GoneBack:
                continue

    @property
    def asked_before(self) -> bool:
        """Whether all questions were answered once, and are asked anew."""
        return self._is_again

    def again(self) -> None:
        """Ask all questions anew, with the answers so far in brackets."""
        self._given.clear()
        self._is_again = True

    def ask(
        self,
        question: str,
        default: str | None,
        read: Callable[[str], T],
        explained: str,
        *,
        may_be_none: bool = False,
        needed: bool = False,
        brackets: str | None = None,
        lines: Sequence[str] = (),
    ) -> T | None:
        """The answer as *read* reads it; the question is repeated until it can.

        An empty answer means what is in the brackets: the answer before, else the default, or
        nothing; *brackets* shows the default in other words. “none” means nothing where there is
        no default, or where it *may be none*; an answer that is *needed* has to be typed. *lines*
        come above the question. Raises GoneBack, and InvalidInput at the end of input.
        """
        key, place = (question, self._asked.count(question)), len(self._asked)
        while place == len(self._given):
            before = self._before.get(key)
            shown = before or brackets or default or ("" if needed else "none")
            say(*lines)
            lines = ()
            text = _typed(f"{question} [{shown}]: " if shown else f"{question}: ", explained)
            if text is None:
                raise AnswersEnded(
                    "not all questions were answered, so nothing was written", self._if_it_ends
                )
            if text == BACK:
                del self._given[-1:]
                raise GoneBack
            text = text or before or default or ""
            if needed and not text:
                say(f"  {explained}")
                continue
            is_none = text.casefold() == "none" and (may_be_none or default is None) and not needed
            try:
                self._given.append(None if is_none or not text else read(text))
            except MesoplanError as error:
                report(error)
                if self._before.get(key) == text:
                    del self._before[key]
            else:
                self._before[key] = text
        self._asked.append(question)
        found: T | None = self._given[place]
        return found


def _typed(question: str, explained: str) -> str | None:
    """The line that was typed after a question, explained as often as that is wanted.

    None at the end of input.
    """
    reconfigure = getattr(sys.stdin, "reconfigure", None)
    if reconfigure is not None and sys.stdin.errors != "replace":
        reconfigure(errors="replace")
    while True:
        standard_error().write(question)
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            standard_error().write("\n")
            raise
        if not line:
            standard_error().write("\n")
            return None
        text = line.strip()
        if text == WHAT:
            say(f"  {explained}")
        elif _NOT_A_LETTER in text:
            say("mesoplan: some of these letters are not in UTF-8", "  type them anew")
        else:
            return text
