"""What is missing of a command line, asked for a question at a time."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from mesoplan.cli import clock
from mesoplan.cli.app import app, carried_out
from mesoplan.cli.console import echoing
from mesoplan.cli.named_plan import named_plan
from mesoplan.cli.profile import NONE, find_profile
from mesoplan.cli.questions import WHAT
from mesoplan.cli.typed_words import absences, missed, more_or_fewer, reason, session_name
from mesoplan.dates.zones import find_zone
from mesoplan.errors import UnknownName
from mesoplan.model.changes import Away, as_typed
from mesoplan.model.clinic import first_given
from mesoplan.model.fields import BY_NAME, CLOSURES, DAY, DAYS, OPTIONS, RANGES, Words
from mesoplan.rules.goals import ALL_GOALS, find_goal
from mesoplan.wording.options import arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, time

    from mesoplan.cli.questions import Questions
    from mesoplan.rules.goals import Goal

T = TypeVar("T")

_QUESTIONS = {
    "goal": "Goal",
    "start": "First day",
    "plan": "Plan",
    "sessions": "Sessions",
    "session": "Session",
    "when": "New day",
    "days": "Days away",
    "by": "How many more or fewer",
}
"""How the arguments of commands are asked for."""
_TYPED_ONLY = {"guided", "dry_run", "as_json", "clinic", "book", "offer", "today", "excepted"}
_TYPED_ONLY |= {"all", "format", "away_practitioner"}
"""Options that are not asked for."""
_FOR_START = ("arrive", "depart", "finish_by")
"""With one of these, no first day is needed."""
_BEST_THREE = "one of the best three"
_TRIP = {"arrive", "depart"}
_LONGEST_DEFAULT = 32
_DEFAULT = re.compile(r"\s*\[default: (.*)\]$")


class Missing:
    """Asks for what was not given of one command."""

    def __init__(self, questions: Questions, name: str, given: Mapping[str, Any]) -> None:
        from typer.main import get_command

        commands: Any = get_command(app)
        self.name = name
        self.parameters: list[Any] = commands.get_command(None, name).params
        self.given = {**given, "guided": False}
        self.questions = questions
        self.which = "Option to change" if name == "replan" else "Another option"
        """How the next option is asked for."""
        self.found = find_profile(given.get("clinic"))
        profile = self.found.profile
        zone = first_given(given.get("timezone"), profile.timezone) or clock.system_zone_name()
        today = clock.now().astimezone(find_zone(zone)).date()
        self.words = Words(today, profile.date_order)

    def command_line(self) -> list[str]:
        """The command with all that was given and answered, as it is typed after `mesoplan`."""
        own = [each for each in self.parameters if each.param_type_name == "argument"]
        # With these, no plan is named, and “done” asks by itself.
        for argument in own if not (self.given.get("today") or self.given.get("all")) else ():
            by_trip = argument.name == "start" and any(map(self.given.get, _FOR_START))
            by_offer = argument.name == "when" and self.given.get("offer")
            is_known = self.given.get(argument.name) or by_trip or by_offer
            if is_known and not (self.questions.asked_before and argument.name in self.given):
                continue
            self.given[argument.name] = self._argument(argument)
            if argument.name == "when" and not self.given["when"]:
                self.given["offer"] = True
        if self.name == "plan":
            self._course()
        # Others are wanted so seldom that nobody is asked before there is something to change.
        if self.name == "replan" or self.questions.asked_before:
            while (option := self._further()) is not None:
                self._option(option)
        given = [self.given.get(each.name) or () for each in own]
        words = [word for it in given for word in ([it] if isinstance(it, str) else it)]
        options = {each.name: self.given.get(each.name) for each in self.parameters}
        for argument in own:
            del options[argument.name]
        return arguments([self.name, *words], options)

    def plan(self) -> str:
        """The plan that is meant, as it is typed again."""
        argument = next(each for each in self.parameters if each.name == "plan")
        return self._argument(argument)[0]

    def ask(
        self,
        question: str,
        default: str | None,
        read: Callable[[str], T],
        explained: str,
        **how: Any,
    ) -> T | None:
        """Ask as `Questions.ask` does, and say at once which day is meant by an answer."""

        def reading(text: str) -> T:
            self.words.said.clear()
            with echoing(self.words):
                return read(text)

        return self.questions.ask(question, default, reading, explained, **how)

    # ---------------------------------------------------------------- arguments

    def _argument(self, argument: Any) -> list[str]:
        """The words of an argument in full."""
        name = argument.name
        # The sessions of “miss” may have a day after them.
        read = self._missed if (self.name, name) == ("miss", "sessions") else self._readers[name]
        explained, usual = _explained(argument.help)
        if name == "when":
            explained, usual = f"{explained} Enter shows the best three days.", _BEST_THREE
        if name in ("session", "sessions"):
            self._show("".join(self.given["plan"]))
        typed = self.given.get(name) or ()
        goals = [f"Goals: {', '.join(each.name for each in ALL_GOALS)}"]
        found = self.ask(
            _QUESTIONS[name],
            (typed if isinstance(typed, str) else " ".join(typed)) or None,
            read,
            explained,
            needed=argument.required or name == "plan",
            brackets=None if argument.required or typed else usual,
            lines=goals if name == "goal" else (),
        )
        return found or []

    @property
    def _readers(self) -> dict[str, Callable[[str], list[str]]]:
        return {
            "goal": lambda text: [find_goal(text).name],
            "start": lambda text: self._day_and_clock("START", text),
            "plan": self._plan,
            "sessions": lambda text: [str(session_name(each)) for each in text.split()],
            "session": lambda text: [str(session_name(text))],
            "when": lambda text: self._day_and_clock("WHEN", text),
            "days": lambda text: as_typed(Away(absences([text], self.words))).split()[1:],
            "by": lambda text: [f"{more_or_fewer(text):+d}"],
        }

    def _day_and_clock(self, what: str, text: str) -> list[str]:
        return _in_words(*self.words.day_and_clock(what, text))

    def _missed(self, text: str) -> list[str]:
        names, day, at = missed(text.split(), self.words)
        return [*map(str, names), *([] if day is None else _in_words(day, at))]

    def _plan(self, text: str) -> list[str]:
        typed = named_plan(text, self.found, self.given.get("book")).typed
        self._show(typed)
        return [typed]

    def _show(self, plan: str) -> None:
        """Show a plan, whose sessions are to be named."""
        where = {name: self.given.get(name) for name in ("book", "clinic")}
        carried_out(arguments(["show", plan], where))

    # ---------------------------------------------------------------- options

    def _course(self) -> None:
        """What the table of fields asks of each new plan, unless it is known."""
        profile = self.found.profile
        known = {each.name for each in OPTIONS if getattr(profile, each.name, None) is not None}
        known |= {name for name, value in self.given.items() if value}
        if len(self._goal.areas) < 2:
            known.add("area")
        if len(profile.practitioners) < 2:
            known.add("practitioner")
        if len(self.given["start"] or ()) > 1:
            known.add("time_of_day")
        for field in OPTIONS:
            if field.name == "arrive" and not known & _TRIP and not self._travels():
                known |= _TRIP
            if field.question and field.name not in known:
                self._option(field.name, None)

    def _travels(self) -> bool | None:
        # Where nothing else decides when the course begins, the trip has to.
        usual = "no" if self.given["start"] or self.given.get("finish_by") else "yes"
        return self.ask(
            "Does the patient travel to the clinic?",
            usual,
            lambda text: self.words.yes_or_no("answer", text),
            "With yes, two questions ask when the patient arrives, and travels home.",
            brackets="Y/n" if usual == "yes" else "y/N",
        )

    def _further(self) -> str | None:
        """The name of an option that is not asked for daily; flags are taken at once."""
        flags: dict[str, tuple[str, bool]] = {}
        valued: dict[str, str] = {}
        for each in self.parameters:
            if each.name in _TYPED_ONLY or each.param_type_name == "argument":
                continue
            for opts, on in ((each.opts, True), (each.secondary_opts, False)):
                for name in (opt.removeprefix("--") for opt in opts if opt.startswith("--")):
                    if each.is_flag:
                        flags[name] = each.name, on
                    else:
                        valued[name] = each.name

        def read(text: str) -> str:
            name = text.casefold().lstrip("-")
            if name not in flags | valued:
                raise UnknownName("option", text, [*flags, *valued], f"{WHAT} lists them")
            return name

        while True:
            listed = ", ".join([*valued, *flags])
            name = self.ask(self.which, None, read, f"One of these, or Enter: {listed}")
            self.which = "Another option"
            if name not in flags:
                return name and valued[name]
            option, on = flags[name]
            self.given[option] = on

    def _option(self, name: str, default: str | None = "") -> None:
        """Ask for what is typed after an option, or for all of them where it repeats.

        Where the *default* is None, “none” means that there is none, else it may be a value.
        """
        option = next(each for each in self.parameters if each.name == name)
        field = BY_NAME.get(name)
        question = (field and field.question) or f"{option.opts[-1]} {option.metavar}"
        explained, usual = _explained(option.help)
        texts = [*(self.given.get(name) or ())] if option.multiple else []
        while True:
            text = self.ask(
                f"More {question[0].lower()}{question[1:]}" if texts else question,
                default,
                partial(self._read_option, name),
                explained,
                brackets=None if texts else usual,
                lines=self._named(name),
            )
            if text:
                texts.append(text)
            if not text or not option.multiple:
                break
        self.given[name] = texts if option.multiple else "".join(texts) or None

    def _named(self, name: str) -> tuple[str, ...]:
        """What an answer can be, where that is a short list."""
        if name == "area":
            return (f"Areas: {', '.join(self._goal.areas)}",)
        if name == "practitioner":
            staff = self.found.profile.practitioners
            return (f"Practitioners: {', '.join(f'{it.id} ({it.name})' for it in staff)}",)
        return ()

    def _read_option(self, name: str, text: str) -> str:
        """What was typed after an option, with its days in full, as its own reader takes it."""
        if text.casefold() == NONE and self.name != "plan":
            return NONE
        match name:
            case "area" if self.name == "plan":
                return self._goal.require_area(text)
            case "practitioner":
                return self.found.profile.practitioner_called(text)
            case "late":
                return reason(text) or ""
            case "on":
                return " ".join(_in_words(*self.words.day_and_clock("--on", text, "fact")))
        if name not in BY_NAME:
            return text
        field = BY_NAME[name]
        kind = field.kind
        value = kind.read(field.option, [text] if kind.repeats else text, self.words)
        if kind not in (DAY, DAYS, RANGES, CLOSURES):
            return text
        first, _, last = kind.write(value).partition("..")
        return f"{first}..{last}" if last not in ("", first) else first

    @property
    def _goal(self) -> Goal:
        goal = self.given["goal"]
        return find_goal(goal if isinstance(goal, str) else goal[0])


def _in_words(day: date, at: time | None) -> list[str]:
    return [str(day), *([] if at is None else [f"{at:%H:%M}"])]


def _explained(text: str) -> tuple[str, str | None]:
    """The help of an argument or an option, and its default if that is short."""
    default = _DEFAULT.search(text)
    if default is None or len(default[1]) > _LONGEST_DEFAULT:
        return text, None
    return text, default[1]
