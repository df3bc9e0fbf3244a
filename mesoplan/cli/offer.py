"""`mesoplan move PLAN SESSION --offer`: the best three days, and what each costs in new dates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mesoplan.cli.carry_out import carry_out, keep_typed, ready
from mesoplan.cli.console import answer, say
from mesoplan.cli.profile import with_label
from mesoplan.cli.questions import choose, may_ask
from mesoplan.cli.typed_words import session_name
from mesoplan.formats.comparison import Offer, offered
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.changes import Move
from mesoplan.planning.replanner import compare
from mesoplan.wording.notices import notice_text
from mesoplan.wording.options import command_line
from mesoplan.wording.plans import offers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesoplan.model.plan import SessionName

_NOT_REPEATED = {"as_json": False}


def offer_days(plan: str, session: str, late: str | None, typed: Mapping[str, Any]) -> None:
    """Show the best three days for a session; on a terminal, move it to the one that is chosen.

    Raises what `carry_out` does; NoLegalPlan, of the day after its own, where no day will do.
    """
    only_shown = {**typed, "dry_run": True}
    own = {"late": late, **typed, **_NOT_REPEATED}
    keep = keep_typed(typed)

    with ready(plan, lambda *_: session_name(session), only_shown) as (file, name, request, news):
        found = offers(file.plan, name, now=file.now, request=request, late=late, keep=keep)
        made = [
            Offer(
                move.day,
                compare(file.plan, after, file.now),
                command_line(["move", file.typed, name, move.day], own),
            )
            for move, after in found
        ]
        shown, further = with_label(file.plan, file.path)
        again = file.typed
        say(*map(notice_text, (*file.read.assumed, *news, *further)))
    if not made:
        # Why not, and what would help.
        there = shown.find(name)
        day = (file.today if there is None else there.day) + timedelta(days=1)
        try:
            carry_out(again, lambda *_: Move(name, day, late=late), only_shown)
        except NoLegalPlan as refusal:
            if refusal.conflict.code != "TOO_LATE":
                _refuse(refusal, name, again)
            raise
        return
    answer(
        typed["as_json"],
        lambda json: json.offers_document(shown, name, made, file.now),
        lambda _: offered(shown, name, made, file.path.name),
    )
    if typed["as_json"] or not may_ask():
        return
    number = choose([], len(made))
    if number is not None:
        carry_out(again, lambda *_: Move(name, made[number - 1].day, late=late), typed)


def _refuse(refusal: NoLegalPlan, name: SessionName, plan: str) -> None:
    """Let a refusal of the day that was tried say that no other day will do."""
    cancel = command_line(["cancel", plan, name], {})
    refusal.problem = f"No schedule fits: {name.in_words} can't be on any other day."
    refusal.remedy = f"Ask the practitioner whether it can be left out: {cancel}"
    refusal.details, refusal.typed = (), ()
