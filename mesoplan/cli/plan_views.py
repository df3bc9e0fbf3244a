"""The ways in which a schedule is printed, by the names that are typed after --view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from mesoplan.errors import UnknownName
from mesoplan.formats.page import Part
from mesoplan.model.plan import Plan

View = Callable[[Plan, int | None, datetime | None], Iterator[Part]]

_VIEWS = ("table", "month")


def view_named(name: str | None) -> View:
    """The view that was typed after --view; the table where none was. Raises UnknownName."""
    if name is not None and name not in _VIEWS:
        raise UnknownName("view", name, _VIEWS, "the views are: table, month")
    # Loaded here, since not every command prints a schedule.
    from mesoplan.formats.schedule import months, table

    return months if name == "month" else table
