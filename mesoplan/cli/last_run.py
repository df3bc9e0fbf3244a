"""What several plans of a book have in common: the command that changed them last, all at once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, InvalidInput
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.model.plan import UNDO
from mesoplan.storage.revisions import previous_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from mesoplan.model.plan import Plan
    from mesoplan.planning.agenda import BookEntry

_UNDO_ONE = "to take back one change: mesoplan undo PLAN"


def last_run(
    entries: Iterable[BookEntry],
    moment_of: Callable[[str | None], datetime | None],
    command: str,
    when: str = "",
) -> tuple[list[BookEntry], list[str]]:
    """The plans that a command changed last, and whose plans it did that were changed since.

    *moment_of* gives when it was, from what a plan keeps of its last change, or None if that was
    another command, or not *when* it is about. Raises InvalidInput where nothing can be taken back.
    """
    runs: dict[datetime, list[BookEntry]] = {}
    since: dict[datetime, list[str]] = {}
    for entry in entries:
        if moment := moment_of(entry.plan.did):
            runs.setdefault(moment, []).append(entry)
        elif (before := _before(entry)) and (moment := moment_of(before.did)):
            since.setdefault(moment, [])
            since[moment] += [entry.called] * (entry.plan.did != UNDO)
    if not (runs or since):
        raise InvalidInput(f"no “{command}”{when} can be taken back", _UNDO_ONE)
    last = max((*runs, *since))
    changed = since.get(last, [])
    if last not in runs:
        why = f"nothing is left to take back of the last “{command}”"
        listed = f" (changed since: {', '.join(changed)})" * bool(changed)
        nothing = InvalidInput(why + listed, _UNDO_ONE)
        if runs:
            names = ", ".join(each.called for each in runs[max(runs)])
            nothing.details = (f"the one before it changed: {names}",)
        raise nothing
    return runs[last], changed


def _before(entry: BookEntry) -> Plan | None:
    """The plan as it was before its last change, if that is kept."""
    with suppress(FileProblem):
        return read_plan([previous_of(entry.path)], lambda: entry.plan.request.timezone).plan
    return None
