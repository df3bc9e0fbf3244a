"""What is meant by `--view`: a plan as a table or as months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.errors import InvalidInput, UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from mesoplan.formats.page import Part
    from mesoplan.model.plan import Plan

    PlanView = Callable[[Plan, int | None, datetime | None], Iterator[Part]]

_VIEWS = ("table", "month")


def require_view(name: str | None, *, as_json: bool) -> None:
    """Raise InvalidInput for an unknown view, or for --view beside --json."""
    if name is not None and name not in _VIEWS:
        raise UnknownName("view", name, _VIEWS, "the views are: table, month")
    if as_json and name is not None:
        raise InvalidInput("--json has no views", "leave out --json or --view")


def view_named(name: str | None, *, as_json: bool) -> PlanView:
    """The view of a plan typed after --view, by default the table.

    Raises InvalidInput as `require_view` does.
    """
    require_view(name, as_json=as_json)
    # Loaded here, since not every command prints a schedule.
    from mesoplan.formats.schedule import months, table

    return months if name == "month" else table
