"""Plans that a batch made and whose row is gone: found, told in the schedule, cancelled."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mesoplan.batch.places import SUFFIX, nameless, plan_names, replace_plan
from mesoplan.batch.row_digests import GONE
from mesoplan.batch.tables import Told, schedule_of
from mesoplan.errors import FileProblem, InvalidInput
from mesoplan.formats.plan_file.quick_reading import read_own
from mesoplan.formats.plan_file.reader import LARGEST_PLAN_BYTES, holds_plan, plan_in
from mesoplan.formats.plan_file.rewriter import require_whole, rewritten
from mesoplan.model.changes import Cancel
from mesoplan.planning.replanner import replan
from mesoplan.storage.files import read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from mesoplan.batch.row_ids import SeenIds
    from mesoplan.model.plan import Plan


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """A plan of an earlier batch that no row of this one was planned for."""

    name: str
    path: Path
    data: bytes
    plan: Plan
    private: bool

    def is_left(self, now: datetime) -> bool:
        """Whether anything is still to come of it."""
        return any(not session.is_past(now) for session in self.plan.active)

    def schedule(self, delimiter: str) -> tuple[bytes, int]:
        """Its rows of the schedule, and how many these are."""
        plan = self.plan
        told = Told(self.name, plan.request.patient, plan.goal, plan.area, self.private)
        return schedule_of(plan, told, delimiter)

    def cancelled(self, usual_zone: Callable[[], str], now: datetime) -> StandingPlan:
        """The same with all cancelled that has not taken place, in its file too.

        Raises FileProblem, which does not name the file.
        """
        try:
            read = plan_in([(self.path, self.data)], usual_zone)
            require_whole(read, now)
            try:
                after = replan(read.plan, Cancel(), now=now)
            except InvalidInput:
                return self
            after = replace(after, row_digest=GONE)
            data = rewritten(read, after, now)
            replace_plan(self.path, self.data, data)
        except FileProblem as problem:
            raise nameless(problem, "a plan whose row is gone") from problem
        return replace(self, plan=after, data=data)


def standing_plans(
    folder: Path, ids: SeenIds, usual_zone: Callable[[], str]
) -> Iterator[StandingPlan | FileProblem]:
    """The plans of earlier batches in a folder that no row of this one was planned for.

    In the order of their names; files that can't be read come as the problem that they are.
    """
    names = [name for name in plan_names(folder) if not ids.is_planned(name)]
    for name in sorted(names):
        path = folder / f"{name}{SUFFIX}"
        try:
            found = _standing(name, path, usual_zone)
        except FileProblem as problem:
            yield problem
        else:
            if found is not None:
                yield found


def plan_id_in(data: bytes) -> str:
    """The id of the plan that a file holds, as its first record tells; empty where none does."""
    found = re.search(rb"&id=([0-9A-Za-z-]{8,64})&", data[:2000].replace(b"\r\n ", b""))
    return "" if found is None else found[1].decode()


def _standing(name: str, path: Path, usual_zone: Callable[[], str]) -> StandingPlan | None:
    data = read_whole(path, LARGEST_PLAN_BYTES, "put the plan's own file in its place")
    own = read_own(data)
    if own is not None:
        plan, options = own.plan, own.options
    elif holds_plan(data):
        read = plan_in([(path, data)], usual_zone)
        plan, options = read.plan, read.options
    else:
        return None
    if plan.row_digest is None:
        return None
    return StandingPlan(name, path, data, plan, options.private)
