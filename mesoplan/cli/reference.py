"""`mesoplan goals` and `mesoplan rules`: the figures, and where each comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from mesoplan.cli.console import answer
from mesoplan.cli.profile import find_profile
from mesoplan.formats.reference import goal_page, goals_page, rules_page
from mesoplan.rules.goals import ALL_GOALS, find_goal
from mesoplan.rules.limits import ALL_RULES, SOURCE


def goals(
    goal: Annotated[
        str | None,
        typer.Argument(metavar="[GOAL]", help="One goal, by name or alias.  [default: all]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    clinic: Annotated[
        str | None,
        typer.Option(metavar="PROFILE.toml", help="The clinic's profile, as for “mesoplan plan”."),
    ] = None,
) -> None:
    """Show the goals, how each is planned, and where the figures come from.

    A protocol in the clinic's profile replaces the goal's own.
    """
    profile = find_profile(clinic).profile
    named = ALL_GOALS if goal is None else (find_goal(goal),)
    chosen = tuple(map(profile.planned, named))
    answer(
        as_json,
        lambda json: json.goals_document(chosen),
        lambda width: goals_page(chosen, width) if goal is None else goal_page(chosen[0]),
    )


def rules(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the rules that every plan keeps, and where each comes from."""
    answer(
        as_json,
        lambda json: json.rules_document(ALL_RULES, SOURCE),
        lambda width: rules_page(ALL_RULES, SOURCE, width),
    )
