"""`mesoplan goals` and `mesoplan rules`: the numbers, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mesoplan.cli.console import answer
from mesoplan.cli.profile import find_profile
from mesoplan.formats.reference import goal_page, goals_page, rules_page, sources_page
from mesoplan.rules.goals import ALL_GOALS, find_goal
from mesoplan.rules.limits import ALL_RULES
from mesoplan.rules.sources import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesoplan.formats.page import Part
    from mesoplan.rules.goals import Goal


def goals(
    goal: Annotated[
        str | None,
        typer.Argument(metavar="[GOAL]", help="One goal, by name or alias.  [default: all]"),
    ] = None,
    sources: Annotated[
        bool,
        typer.Option(
            "--sources", help="Show where each number comes from, and studies for and against."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    clinic: Annotated[
        str | None,
        typer.Option(metavar="PROFILE.toml", help="The clinic's profile, as for “mesoplan plan”."),
    ] = None,
) -> None:
    """Show the goals, how each is planned, and where the numbers come from.

    A protocol in the clinic's profile replaces the goal's own.
    """
    profile = find_profile(clinic).profile
    named = ALL_GOALS if goal is None else (find_goal(goal),)
    chosen = tuple(map(profile.planned, named))
    answer(
        as_json,
        lambda json: json.goals_document(chosen),
        lambda _width: _page(chosen, sources),
    )


def _page(goals: Sequence[Goal], sources: bool) -> Iterable[Part]:
    if sources:
        return sources_page(goals)
    return goals_page(goals) if len(goals) > 1 else goal_page(goals[0])


def rules(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the rules that every plan keeps, and where each comes from."""
    answer(
        as_json,
        lambda json: json.rules_document(ALL_RULES, SOURCE),
        lambda width: rules_page(ALL_RULES, SOURCE, width),
    )
