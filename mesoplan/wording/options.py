"""A way out as what to type: the whole command again, or the cells of a row."""

from __future__ import annotations

import os
import re
import shlex
from datetime import date, time
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.dates.days import day_text
from mesoplan.dates.parsing import weekday_names
from mesoplan.errors import is_address, printable
from mesoplan.model import fields as kinds
from mesoplan.model.changes import Attend, Away, Cancel, Extend, Replan, as_typed
from mesoplan.model.clinic import Profile
from mesoplan.model.fields import BY_NAME
from mesoplan.wording.reasons import begun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mesoplan.dates.days import DateRange
    from mesoplan.model.causes import WayOut
    from mesoplan.model.changes import Change
    from mesoplan.model.request import Request, WeeklyHours

    Options = Mapping[str, Any]
    """What was typed after each option, by the names of the parameters."""

WHY_LATE = "why it is late"
"""What stands in a command for the reason, which only its reader knows."""
_OF_ONE_CHANGE = dict.fromkeys(("changes", "handout", "as_json", "dry_run"))
_OF_ALL = {*kinds.CALENDARS, *kinds.FETCHING, "practitioner", "book", "clinic"}


def command_line(words: Iterable[object], options: Options) -> str:
    """A command to be pasted into a shell; an option without a value is left out."""
    return _without_addresses(arguments(words, options))


def _without_addresses(typed: Iterable[str]) -> str:
    return as_pasted("ADDRESS" if is_address(each) else each for each in typed)


def as_pasted(typed: Iterable[str]) -> str:
    """The words after `mesoplan` as a command to be pasted into a shell."""
    return " ".join(map(for_shell, ["mesoplan", *typed]))


def arguments(words: Iterable[object], options: Options) -> list[str]:
    """The words of a command and its options as they are typed, without a shell's quotes."""
    typed = list(map(str, words))
    for name, value in options.items():
        flags = BY_NAME[name].typed if name in BY_NAME else (f"--{name.replace('_', '-')}",)
        flag, _, flag_for_no = flags[-1].partition("/")
        if isinstance(value, bool):
            typed += filter(None, [flag if value else flag_for_no])
        else:
            for text in [value] if isinstance(value, str) else value or ():
                if isinstance(text, tuple):
                    typed += [flag, *text]
                    continue
                # What begins as an option does is taken for one where it stands alone.
                typed += [f"{flag}={text}"] if text.startswith("-") else [flag, text]
    return typed


def for_shell(word: str) -> str:
    """A word as a shell takes it for one; double quotes do for both shells of Windows."""
    if os.name != "nt":
        return printable(shlex.quote(word))
    is_plain = re.fullmatch(r"[\w.:/\\+=-]+", word)
    escaped = word.replace('"', '\\"')
    return printable(word if is_plain else f'"{escaped}"')


class TypedWayOut(NamedTuple):
    """A way out as what to type."""

    text: str
    commands: tuple[list[str] | str, ...]
    """The words after `mesoplan`, of one command after the other; a text is not to be typed."""

    @property
    def lines(self) -> Iterator[str]:
        """The way out in words, and the whole command for it below."""
        yield f"{self.text}:"
        for each in self.commands:
            yield f"  {each if isinstance(each, str) else _without_addresses(each)}"


def ways_out_of_new(
    ways_out: Sequence[WayOut],
    words: Sequence[str],
    options: Options,
    request: Request,
    profile: Profile,
    start_time: time | None,
) -> tuple[TypedWayOut, ...]:
    """Each way out of a new plan in words, and the whole command for it.

    *words* are the command and its goal as they were typed, without START; *start_time* is the
    time of day that was typed with it.
    """

    def commands(way: WayOut) -> Iterator[list[str] | str]:
        texts, in_profile = _values(way, request, profile, start_time)
        yield from in_profile
        if texts:
            first_day = texts.pop("start", None) or options["start"]
            others = {name: value for name, value in options.items() if name != "start"}
            yield arguments([*words, *first_day], others | texts)

    return tuple(TypedWayOut(begun(way.text), tuple(commands(way))) for way in ways_out)


def ways_out_of_change(
    ways_out: Sequence[WayOut], change: Change, plan: str, options: Options, request: Request
) -> tuple[TypedWayOut, ...]:
    """Each way out of a change of *plan*, as it was typed, in words, and the command for it."""
    if isinstance(change, Away):
        # In place of its days others can only be typed as an option.
        options = {**options, "away": _ranges(change.days)}
        change = Replan(change.late)

    def line(change: Change, **others: Any) -> list[str]:
        name, *words = as_typed(change).split()
        clock = getattr(change, "clock", None)
        if clock is not None:
            *words, day = words
            words += (
                [f"{day} {clock:%H:%M}"] if isinstance(change, Attend) else [day, f"{clock:%H:%M}"]
            )
        own = {each: getattr(change, each, None) for each in ("late", "not_attended")}
        return arguments([name, plan, *words], own | dict(options) | others)

    asked: Any = change
    """Of the kind that has what the way out changes."""

    def commands(way: WayOut) -> Iterator[list[str]]:
        match way.change:
            case {"late": _}:
                yield line(asked._replace(late=WHY_LATE))
            case {"when": when}:
                day, _, clock = when.partition(" ")
                at = time.fromisoformat(clock) if clock else None
                yield line(asked._replace(day=date.fromisoformat(day), clock=at))
            case {"by": by}:
                yield line(asked._replace(by=by))
            case {"cancel": session}:
                yield line(Cancel(session))
            case {"extend": by} if isinstance(change, Cancel):
                yield line(Extend(by))
            case {"extend": _} | {"move": _}:
                first = way.change.get("move") or Extend(way.change["extend"])
                replaced = set(options) - _OF_ALL if isinstance(change, Replan) else ()
                yield line(first, **_OF_ONE_CHANGE | dict.fromkeys(replaced))
                yield line(change)
            case _:
                texts, _ = _values(way, request, Profile(), None)
                if "away" in texts:
                    texts["away"] = ["none", *texts["away"]]
                if opened := way.change.get("open_days"):
                    new = map(str, sorted(opened - request.open_days))
                    texts["open_days"] = [*(options.get("open_days") or ()), *new]
                yield line(change, **texts)

    return tuple(TypedWayOut(begun(way.text), tuple(commands(way))) for way in ways_out)


def ways_out_of_row(
    ways_out: Sequence[WayOut], request: Request, profile: Profile, start_time: time | None
) -> str:
    """Each way out of a row in words, with the columns and the values that they need."""

    def shown(way: WayOut) -> str:
        texts, in_profile = _values(way, request, profile, start_time)
        cells = (
            f"{BY_NAME[name].option or name}: {'; '.join(values) or 'empty'}"
            for name, values in texts.items()
        )
        needed = ", ".join([*cells, *in_profile])
        # One pair of brackets is enough.
        text = begun(way.text)
        return f"{text[:-1]}; {needed})." if text.endswith(")") else f"{text} ({needed})."

    return " ".join(map(shown, ways_out))


def _values(
    way: WayOut, request: Request, profile: Profile, start_time: time | None
) -> tuple[dict[str, list[str]], list[str]]:
    """What is typed for each field that changes; and what no option does, in words."""
    texts: dict[str, list[str]] = {}
    in_profile: list[str] = []
    for name, value in way.change.items():
        kind, before = BY_NAME[name].kind, getattr(request, name)
        match kind:
            case kinds.HOURS:
                in_profile.append(_hours_in_profile(before or (), value))
            case kinds.CLOSURES if set(profile.closures) - set(value):
                in_profile.append(_closure_in_profile(before, value))
            case kinds.CLOSURES:
                own = value[len(profile.closures) :]
                times = request.closed_times[len(profile.closed_times) :]
                texts[name] = [*_ranges(own), *map(kinds.write_closure, times)]
            case kinds.RANGES:
                texts[name] = _ranges(value)
            case kinds.DAYS:
                texts[name] = [str(day) for day in sorted(value - profile.open_days)]
            case kinds.WEEKDAYS:
                texts[name] = [weekday_names(value)] if value else []
            case kinds.REGIONS:
                # Without the option those of the profile would be back.
                none = ["none"] if profile.holidays else []
                texts[name] = [",".join(value)] if value else none
            case _ if name == "start" and start_time is not None:
                texts[name] = [str(value), f"{start_time:%H:%M}"]
            case _:
                texts[name] = [kind.write(value)]
    return texts, in_profile


def _ranges(ranges: Iterable[DateRange]) -> list[str]:
    return [str(each.first) if len(each) == 1 else kinds.write_range(each) for each in ranges]


def _hours_in_profile(old: WeeklyHours, new: WeeklyHours) -> str:
    lines = []
    for weekday, (before, after) in enumerate(zip(old, new, strict=False)):
        if before != after:
            spans = ", ".join(f'"{span.in_numbers}"' for span in after)
            lines.append(f"{weekday_names([weekday])} = [{spans}]")
    return f"in the clinic's profile, under [hours]: {', '.join(lines)}"


def _closure_in_profile(old: Sequence[DateRange], new: Sequence[DateRange]) -> str:
    gone, added = (
        next((days for days in some if days not in others), None)
        for some, others in ((old, new), (new, old))
    )
    if gone is None:
        return ""
    change = "take it out" if added is None else f"write from = {added.first}, to = {added.last}"
    return f"in the clinic's profile, the closure from {day_text(gone.first)}: {change}"
