"""Guided mode: questions whose answers become an ordinary command line, and nothing else.

The command is run with --dry-run and shown, and run once more when somebody agrees. So whatever is
asked here can be typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesoplan.cli.app import COMMANDS, carried_out
from mesoplan.cli.console import each_page_once, report, say
from mesoplan.cli.missing import Missing
from mesoplan.cli.questions import HOW_TO_ANSWER, AnswersEnded, Questions, may_ask, one_to, yes
from mesoplan.cli.typed_words import reason
from mesoplan.errors import InvalidInput, MesoplanError, UnknownName, quoted
from mesoplan.model.causes import NoLegalPlan
from mesoplan.wording.options import WHY_LATE, as_pasted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesoplan.wording.options import TypedWayOut

    Command = list[str]
    """The words after `mesoplan`."""

_CHANGES = ("done", "miss", "move", "away", "extend", "replan", "cancel", "undo")
_WRITING = {"plan", *_CHANGES}
"""The commands that are shown with --dry-run first."""
_MENU = {
    "new": "Plan a new course.",
    "change": "Change a plan, or record what took place.",
    "today": "Show today's sessions, and record what took place.",
    "clinic": "Make, check or show the clinic's profile.",
}
_CLINIC = {
    "init": "Make a profile, with a few questions.",
    "check": "List all the mistakes in the profile.",
    "show": "Show what is in use, and where each value comes from.",
}
_NO = ("n", "no")
_DRY, _TODAY, _CHANGE = "--dry-run", "--today", "change"


def menu() -> int:
    """What `mesoplan` alone does on a terminal; its exit code."""

    def asking(questions: Questions) -> Command | None:
        what = _one_of(questions, "What would you like to do?", _MENU)
        if what == "new":
            return Missing(questions, "plan", {}).command_line()
        if what == "change":
            plan = Missing(questions, "undo", {}).plan()
            changes = {name: COMMANDS[name] for name in _CHANGES}
            name = _one_of(questions, "What is to change?", changes)
            return name and Missing(questions, name, {"plan": plan}).command_line()
        if what == "clinic":
            action = _one_of(questions, "What about the profile?", _CLINIC)
            return action and [what, action]
        if what == "today":
            carried_out([what])
            explained = "Numbers of the list, such as 1 2 4; all means all that have begun."
            numbers = questions.ask("Which took place?", None, _numbers, explained)
            return None if numbers is None else ["done", _TODAY, *numbers]
        return None

    return _until_agreed(asking)


def _numbers(text: str) -> list[str]:
    """Numbers of a list that were typed; none for “all”."""
    words = text.replace(",", " ").split()
    if words == ["all"]:
        return []
    if not all(map(str.isdecimal, words)):
        raise InvalidInput(f"{quoted(text)} is not a number of the list", "type 1 2 4, or all")
    return words


def guided(name: str, given: Mapping[str, Any]) -> int:
    """Run the command of that *name* when what was not *given* is asked for; its exit code.

    *given* is what was typed, by the names of its parameters. Raises InvalidInput where nobody can
    answer.
    """
    if not may_ask():
        raise InvalidInput(
            "--guided asks questions, and nobody can answer them here",
            f"leave it out; “mesoplan {name} --help” shows what to type",
        )
    if given["as_json"]:
        raise InvalidInput("--guided and --json exclude each other", "leave out one of them")
    return _until_agreed(lambda questions: Missing(questions, name, given).command_line())


def _one_of(questions: Questions, heading: str, listed: Mapping[str, str]) -> Any:
    """Which word of a numbered list is chosen, by its number or the word; None for none."""
    words, longest = [*listed], max(map(len, listed))

    def read(text: str) -> str:
        if text.isdecimal() and 1 <= int(text[:3]) <= len(words):
            return words[int(text[:3]) - 1]
        if text.casefold() in words:
            return text.casefold()
        raise UnknownName("answer", text, words, f"type 1 to {len(words)}, or one of the words")

    numbered = (f"  {n}  {word:{longest}}  {listed[word]}" for n, word in enumerate(words, 1))
    return questions.ask(
        one_to(len(words)),
        None,
        read,
        "Type the number or the word; Enter alone chooses none.",
        lines=[heading, *numbered],
    )


def _until_agreed(asking: Callable[[Questions], Command | None]) -> int:
    """Ask for a command, and run it when somebody has agreed to it; the exit code."""
    say("Press Enter to accept what is in brackets.", HOW_TO_ANSWER)
    questions = Questions()
    # A plan that was shown needs no showing again when somebody goes back.
    with each_page_once():
        while (command := questions.answers(asking)) is not None:
            with each_page_once():
                code = _agreed([command])
            if code is not None:
                return code
            questions.again()
    return 0


def _agreed(waiting: list[Command]) -> int | None:
    """Show each command and what it would do, and run it if somebody agrees; the exit code.

    None if the answers are to be changed.
    """
    while waiting:
        command = waiting[0]
        only_shown = _DRY in command
        # Others write nothing, or ask by themselves before they do.
        is_shown = command[0] in _WRITING and not {_TODAY, "--offer"} & {*command}
        outcome = _tried(command if only_shown else [*command, _DRY]) if is_shown else 0
        if outcome == 0:
            say("The command that does the same:", f"  {as_pasted(command)}")
            answer = "yes" if not is_shown else "no" if only_shown else _write_it()
            if answer == _CHANGE:
                return None
            if answer == "no":
                say("Nothing was written.")
                return 0
            outcome = _tried(command)
        if isinstance(outcome, NoLegalPlan):
            if not only_shown:
                outcome.typed = tuple(map(_to_write, outcome.typed))
            chosen = _way_out(outcome)
            if not chosen:
                return None if chosen is None else outcome.exit_code
            waiting = chosen
        elif isinstance(outcome, MesoplanError):
            report(outcome)
            return None if yes("Change the answers?") else outcome.exit_code
        elif outcome:
            return outcome
        else:
            waiting = waiting[1:]
    return 0


def _tried(command: Command) -> int | MesoplanError:
    try:
        return carried_out(command)
    except AnswersEnded:
        raise
    except MesoplanError as error:
        return error


def _write_it() -> str:
    """“yes”, “no” or “change”."""

    def read(text: str) -> str:
        found = [word for word in ("yes", "no", _CHANGE) if word.startswith(text.casefold())]
        if not found:
            raise UnknownName("answer", text, (), "type y, n or change")
        return found[0]

    explained = (
        f"y writes it, n doesn't. {_CHANGE} asks again, with these answers in brackets, and then "
        "for other options."
    )
    asked = Questions().answers(
        lambda questions: questions.ask(
            "Write it?", "yes", read, explained, brackets=f"Y/n/{_CHANGE}"
        )
    )
    return asked or "no"


def _to_write(way: TypedWayOut) -> TypedWayOut:
    """The way out without the option that it was tried with."""
    commands = (it if isinstance(it, str) else [w for w in it if w != _DRY] for it in way.commands)
    return way._replace(commands=tuple(commands))


def _way_out(refusal: NoLegalPlan) -> list[Command] | None:
    """The commands of the way out that is chosen; empty for none, None to change the answers."""
    # What only the profile can change can't be run.
    ways = [way for way in refusal.typed if not any(isinstance(it, str) for it in way.commands)]
    lines: list[str] = []
    for way in refusal.typed:
        first, *others = way.lines
        lines += [f"{ways.index(way) + 1 if way in ways else '-'}  {first}"]
        lines += [f"   {each}" for each in others]
    refusal.details = tuple(lines)
    report(refusal)

    def read(text: str) -> str:
        is_number = text.isdecimal() and 1 <= int(text[:3]) <= len(ways)
        if is_number or text.casefold() in (_CHANGE, *_NO):
            return text.casefold()
        raise UnknownName("answer", text, (), f"type a number of the list, or {_CHANGE}")

    numbers = f"{one_to(len(ways))}, or {_CHANGE}" if ways else _CHANGE.capitalize()
    explained = f"A number takes that way; {_CHANGE} goes back to the questions. Enter leaves."
    answer = Questions().answers(lambda each: each.ask(numbers, None, read, explained))
    if answer == _CHANGE:
        return None
    if answer is None or answer in _NO:
        return []
    return [_with_reason([*map(str, each)]) for each in ways[int(answer) - 1].commands]


def _with_reason(command: Command) -> Command:
    """The command with the reason why it is late, which only its reader knows."""
    if WHY_LATE not in command:
        return command
    explained = "It stays in the patient's file: no medical details, please."
    why = Questions().answers(
        lambda each: each.ask("Why is it late?", None, reason, explained, needed=True)
    )
    return [str(why) if word == WHY_LATE else word for word in command]
