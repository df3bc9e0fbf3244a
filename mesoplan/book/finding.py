"""Finds plans of a book by what somebody types: words of the patient's label, or an id.

Only the record of each file is read, so that a book of thousands needs no index.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.book.copies import conflict_of
from mesoplan.errors import FileProblem, nearest, quoted
from mesoplan.formats.plan_file.whose import FIRST_BYTES, Whose, whose_plan
from mesoplan.storage.files import LONGEST_PATH, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LEAST_OF_ID, _LEAST_OF_WORD = 4, 3
"""How many characters the beginning of an id has at least, and that of a word."""
_MOST_NEAR = 3
_SUFFIX = ".ics"
_WORD = re.compile("[a-z0-9]+")
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""Without waiting for somebody to write into a pipe."""
_NO_APOSTROPHE = str.maketrans("", "", "'’")
_LIKE = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_LIKE |= str.maketrans({"æ": "ae", "œ": "oe"})
"""Letters that have no accent to take off, and what is typed in their place."""


class ListedPlan(NamedTuple):
    """A plan of the book, and what it is found by."""

    name: str
    """Of its file."""
    plan_id: str
    goal: str | None
    """None if the file doesn't say it."""
    label: str | None
    """The patient's, from the file, or from the table of names beside private ones."""
    ids: tuple[str, ...]
    """Its id and the name of its file with and without its ending, folded."""
    text: str
    """Its label, folded, and its words with an apostrophe once more without: o'neil oneil."""

    @classmethod
    def of(cls, name: str, plan_id: str, goal: str | None, label: str | None) -> ListedPlan:
        """A plan, and what it is found by."""
        file = _folded(name)
        ids = (_folded(plan_id), file, file.removesuffix(_SUFFIX))
        return cls(name, plan_id, goal, label, ids, _searched(label or ""))

    @property
    def called(self) -> str:
        """The patient's label, or else the name of the file."""
        return self.label or self.name

    @property
    def label_to_type(self) -> str:
        """The label without what needs quoting, or would be looked for among the ids."""
        words = (self.label or "").casefold().replace("'", " ").split()
        return " ".join(word for word in words if not _has_digit(word))


class Listing(NamedTuple):
    """All plans of a book by what they are found by, and what can't be read of it."""

    folder: Path
    plans: tuple[ListedPlan, ...]
    """In the order of their files' names."""
    unreadable: tuple[FileProblem, ...]

    def path(self, plan: ListedPlan) -> str:
        """The plan's file, with a folder before it also where that is the current one."""
        return f"{self.folder}{os.sep}{plan.name}"


def list_book(folder: Path, usual_zone: Callable[[], str]) -> Listing:
    """The plans in the files of a folder; see `read_book`. Raises FileProblem."""
    found: dict[str, Whose] = {}
    unreadable: list[FileProblem] = []
    for name in names_in(folder):
        whose = _first_of(f"{folder}{os.sep}{name}")
        if whose is None:
            # Loaded only for a file that has to be read whole.
            from mesoplan.book.folder import plan_in_book

            plan = plan_in_book(folder, name, usual_zone)
            if isinstance(plan, FileProblem):
                unreadable.append(plan)
                continue
            whose = Whose(plan.id, plan.goal, plan.request.patient)
        found[name] = whose
    for name in [*found]:
        original = (conflict_of(name) or ("",))[0]
        if original in found and found[original].plan_id == found[name].plan_id:
            del found[name]
    labels: Mapping[str, str] = {}
    if any(each.label is None for each in found.values()):
        # Loaded only for plans whose file has no label.
        from mesoplan.book.names import read_names

        labels, problem, *_ = read_names(folder)
        unreadable += filter(None, [problem])
    plans = []
    for name, (plan_id, goal, label) in found.items():
        label = label or labels.get(plan_id.casefold())
        plans.append(ListedPlan.of(name, plan_id, goal, label))
    return Listing(folder, tuple(plans), tuple(unreadable))


def found_by(typed: str, plans: Sequence[ListedPlan]) -> list[ListedPlan]:
    """The plans that are meant by what was typed.

    A whole id or name of a file means its plan. Otherwise a word with a digit is the beginning of
    an id, or the name of a file; every other one is a word of the label or the beginning of one,
    each of another. The goal counts as a word beside others.
    """
    whole = _folded(typed.strip())
    exact = [plan for plan in plans if whole in plan.ids]
    if exact and (whole.endswith(_SUFFIX) or _has_digit(whole)):
        return exact
    parts = whole.split()
    ids = list(filter(_has_digit, parts))
    words = [word for part in parts if part not in ids for word in _words(part)]
    words.sort(key=len, reverse=True)
    if not ids and not words:
        return exact
    if words:
        # One of any two is in the label, since only one can be the goal. Most labels have neither.
        first, last = words[0], words[-1]
        plans = [each for each in plans if first in each.text or last in each.text or each in exact]
    return [plan for plan in plans if plan in exact or _is_meant(plan, ids, words)]


def _is_meant(plan: ListedPlan, ids: Sequence[str], words: Sequence[str]) -> bool:
    for each in ids:
        begins = len(each) >= _LEAST_OF_ID and plan.ids[0].startswith(each)
        if not begins and each not in plan.ids:
            return False
    own = _words(plan.text)
    if _fit(words, own):
        return True
    if plan.goal is None or len(words) < 2:
        return False
    return any(
        _fit([word], [plan.goal]) and _fit([*words[:at], *words[at + 1 :]], own)
        for at, word in enumerate(words)
    )


def _fit(typed: Sequence[str], own: Sequence[str]) -> bool:
    """Whether each of the words that were typed, the longest first, means a different own one."""
    left = list(own)
    for word in typed:
        for each in left:
            if each == word or (_is_enough(word) and each.startswith(word)):
                left.remove(each)
                break
        else:
            return False
    return True


def typed_for(plan: ListedPlan, listing: Listing, typed: str = "") -> str:
    """What finds this plan alone, in the folder where it is typed: *typed* if that does.

    Otherwise its label, with the goal if need be; the beginning of its id; the name of its file.
    """
    label = plan.label_to_type
    short = (plan.plan_id[:length].lower() for length in (_LEAST_OF_ID, 8, 13))
    for text in (typed, label, f"{label} {plan.goal}", *short, plan.plan_id, plan.name):
        can_be_typed = text.isprintable() and not text.startswith("-")
        if can_be_typed and found_by(text, listing.plans) == [plan] and not os.path.lexists(text):
            return text
    return listing.path(plan)


def nearest_plans(typed: str, listing: Listing) -> list[str]:
    """The labels that look most like what was typed, or have a word that does.

    Where a label does not find its plan alone, what does comes before it.
    """
    by_text: dict[str, list[ListedPlan]] = {}
    for plan in listing.plans:
        words = _words(plan.text)
        for text in {" ".join(words), *words} - {""}:
            by_text.setdefault(text, []).append(plan)
    found = nearest(" ".join(_words(typed)), by_text)
    plans = dict.fromkeys(plan for text in found for plan in by_text[text])
    return [
        plan.called
        if found_by(plan.called, listing.plans) == [plan]
        else f"{typed_for(plan, listing)} ({plan.called})"
        for plan in [*plans][:_MOST_NEAR]
    ]


def completions(folder: Path, text: str) -> list[tuple[str, str]]:
    """What may be meant by the beginning of a word: labels, names of files; with label and goal.

    Nothing for fewer than three letters, but for a Chinese character. Raises FileProblem.
    """
    whole = _folded(text.strip())
    if not _is_enough(whole):
        return []
    plans = list_book(folder, lambda: "UTC").plans
    found = [(plan.label_to_type, plan) for plan in found_by(text, plans)]
    found += [(Path(each.name).stem, each) for each in plans if each.ids[1].startswith(whole)]
    return [
        (typed, ", ".join(filter(None, [plan.called, plan.goal]))) for typed, plan in found if typed
    ]


def names_in(folder: Path) -> list[str]:
    """The names of the files of a folder that may hold a plan, in order. Raises FileProblem."""
    try:
        with os.scandir(folder) as found:
            return sorted(
                each.name
                for each in found
                if each.name[-4:].lower() == ".ics"
                and not each.name.startswith(".")
                and not each.is_dir()
            )
    except (OSError, ValueError) as error:
        shown = quoted(folder, LONGEST_PATH)
        problem = f"{shown} can't be read: {reason(error)}"
        if isinstance(error, FileNotFoundError):
            problem = f"there is no folder {shown}"
        elif isinstance(error, NotADirectoryError):
            problem = f"{shown} is not a folder"
        raise FileProblem(folder, problem, "give the name of the folder with the plans") from error


def _first_of(path: str) -> Whose | None:
    try:
        file = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return None
    try:
        return whose_plan(os.read(file, FIRST_BYTES))
    except OSError:
        return None
    finally:
        os.close(file)


def _folded(text: str) -> str:
    """The text without case and accents, and whatever form its characters have."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_LIKE)
    return "".join(each for each in folded if not _is_accent(each))


def _searched(label: str) -> str:
    folded = _folded(label)
    joined = (word.translate(_NO_APOSTROPHE) for word in folded.split())
    return " ".join([folded, *(word for word in joined if word not in folded)])


def _is_accent(character: str) -> bool:
    """Whether it is a mark that people leave out, as on é: in Thai or Hindi marks are vowels."""
    place = unicodedata.combining(character)
    return 10 <= place <= 36 or place >= 200


def _words(text: str) -> tuple[str, ...]:
    """The words of a text, folded: whatever is neither letter, mark nor digit is between them."""
    folded = _folded(text)
    if folded.isascii():
        return tuple(_WORD.findall(folded))
    parts = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in folded)
    return tuple("".join(parts).split())


def _is_enough(word: str) -> bool:
    """Whether the beginning of a word is enough: a Chinese character alone is a family name."""
    return len(word) >= _LEAST_OF_WORD or any("\u3400" <= each <= "\u9fff" for each in word)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))
