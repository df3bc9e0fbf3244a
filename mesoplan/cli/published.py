"""`mesoplan publish` and `pull`: a plan in a calendar of the clinic's server.

Nothing is locked while a server is asked. What was put there is recorded in the plan's file last,
so that a command that was interrupted can be repeated.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mesoplan.cli.carry_out import finish, ready
from mesoplan.cli.clock import usual_zone
from mesoplan.cli.console import answer, report, say, standard_output
from mesoplan.cli.named_plan import NamedPlan, named_plan
from mesoplan.cli.open_plan import OpenPlan, opened
from mesoplan.cli.profile import find_profile
from mesoplan.cli.servers import connected, server_meant
from mesoplan.cli.typed_words import session_name
from mesoplan.errors import FileProblem, InvalidInput, MesoplanError, ServerProblem
from mesoplan.formats.comparison import differences_page, when_there
from mesoplan.formats.ical.lines import Damaged
from mesoplan.formats.plan_file.published import OnServer, of_plan
from mesoplan.formats.plan_file.writing import digest
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.changes import Move
from mesoplan.servers.dav import CALENDAR, IF_NEW, Changed, of_uid
from mesoplan.wording.options import command_line
from mesoplan.wording.plans import replan as plan_again
from mesoplan.wording.reasons import begun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mesoplan.cli.profile import FoundProfile
    from mesoplan.formats.plan_file.published import Difference
    from mesoplan.model.plan import Plan
    from mesoplan.servers.dav import Dav, Resource

_ROUNDS = 5
_REFUSED, _DIFFERS = 3, 1
_TO, _FROM = "--to", "--from"


class _Written(NamedTuple):
    """What was found in a calendar, and what was written there."""

    standing: OnServer
    done: Mapping[str, bool]
    """By their UIDs: whether they are new there."""

    @property
    def serials(self) -> frozenset[int]:
        """The serials of all that is there, or was."""
        written = (int(uid.rpartition("-")[2]) for uid in self.done)
        return self.standing.known | self.standing.serials | frozenset(written)

    def text(self, shown: str, *, differs: bool, dry_run: bool) -> str:
        """What was done, in a line; whether something there *differs* from the plan."""
        new = sum(self.done.values())
        parts = ((new, "new"), (len(self.done) - new, "changed"))
        counts = ", ".join(f"{count} {what}" for count, what in parts if count)
        if not counts and differs:
            return f"There is nothing to write on {shown}."
        if not counts:
            return f"{begun(shown)} is up to date: nothing was written."
        return f"{'To be published' if dry_run else 'Published'} on {shown}: {counts}."


class _Calendar(NamedTuple):
    """A calendar of a server, and the plan that belongs into it."""

    server: Dav
    url: str
    file: OpenPlan
    """The plan's file, which is not locked."""
    named: NamedPlan
    over: Sequence[str]
    """The UIDs of what is written over what somebody changed there."""
    further: dict[str, Resource]
    """What is there, although the server does not list it."""

    @property
    def place(self) -> str:
        """What stands for the calendar in the plan's record."""
        return digest(self.url)

    def look(self) -> tuple[OnServer, dict[Path, Resource]]:
        """What is there of the plan by now. Raises ServerProblem."""
        plan = self.file.plan
        listed = {each.url: each for each in self.server.events(self.url, of_uid(plan.id))}
        there = {
            Path(str(number)): each
            for number, each in enumerate((self.further | listed).values(), start=1)
        }
        try:
            found = of_plan({path: each.data for path, each in there.items()}, plan)
        except (Damaged, FileProblem) as error:
            raise self.server.address.problem(
                "has an event of this plan that can't be read",
                "correct or remove it in a calendar program, then try again",
            ) from error
        known = frozenset(serial for at, serial in plan.published if at == self.place)
        standing = OnServer(self.file.read, found, known, self.file.now)
        missing = (each.session.uid for each in standing.differences() if each.there is None)
        return self.look() if any(map(self._find, missing)) else (standing, there)

    def _find(self, uid: str) -> bool:
        """Whether an event is there after all, under the name that we give it."""
        url = self.event_url(uid)
        found = None if url in self.further else self.server.get(url)
        if found is not None:
            self.further[url] = found
        return found is not None

    def event_url(self, uid: str) -> str:
        """Where a new event is put."""
        return f"{self.url.rstrip('/')}/{uid}.ics"

    def write(self, *, dry_run: bool) -> _Written:
        """Write what is older there or missing, unless it is a *dry_run*. Raises ServerProblem."""
        done: dict[str, bool] = {}
        for _ in range(_ROUNDS):
            standing, there = self.look()
            if standing.is_later:
                return _Written(standing, {})
            over = [uid for uid in self.over if uid not in done]
            try:
                for uid, data in standing.to_write(over).items():
                    earlier = standing.there.get(uid)
                    if not dry_run and earlier is None:
                        self._put(uid, self.event_url(uid), data, IF_NEW)
                    elif not dry_run and earlier is not None:
                        resource = there[earlier.event.file.path]
                        self._put(uid, resource.url, data, resource.version)
                    done[uid] = earlier is None
            except Changed:
                continue
            return _Written(standing, done)
        raise self.server.address.problem(
            "has events of this plan that change all the time", "try again later"
        )

    def _put(self, uid: str, url: str, data: bytes, only: Mapping[str, str]) -> None:
        self.further.pop(url, None)
        try:
            self.server.put(url, data, CALENDAR, only)
        except Changed:
            self._find(uid)
            raise


@contextmanager
def _calendar(
    plan: str, typed: Mapping[str, Any], option: str
) -> Iterator[tuple[_Calendar, FoundProfile]]:
    """The calendar that is meant, by what was typed after *option*, and the profile in use."""
    found = find_profile(typed["clinic"])
    name = server_meant(found, typed["to"], option, public=False)
    named = named_plan(plan, found, typed["book"])
    zone = usual_zone(None, found.profile.timezone)
    with (
        opened(named, zone, found.profile, to_write=False) as file,
        connected(found, name, plain_http=typed["insecure_http"]) as server,
    ):
        over = [_uid(file.plan, each) for each in typed.get("over") or ()]
        url = server.calendar(found.profile.servers[name].calendar).url
        yield _Calendar(server, url, file, named, over, {}), found


def publish_plan(plan: str, typed: Mapping[str, Any]) -> int:
    """Put the plan's events into a calendar; the exit code.

    Raises FileProblem, InvalidInput and ServerProblem.
    """
    with _calendar(plan, typed, _TO) as (calendar, found):
        file, over = calendar.file, calendar.over
        written = calendar.write(dry_run=typed["dry_run"])
        shown = calendar.server.address.shown
    if written.standing.is_later:
        return _later(shown)
    published = {(calendar.place, serial) for serial in written.serials}
    if not typed["dry_run"] and not published <= file.plan.published:
        zone = usual_zone(None, found.profile.timezone)
        with opened(calendar.named, zone, found.profile, to_write=True) as by_now:
            by_now.record(published=by_now.plan.published | published)
    left = [each for each in written.standing.differences() if each.session.uid not in over]
    text = written.text(shown, differs=bool(left), dry_run=typed["dry_run"])
    standard_output().write(f"{text}\n")
    if left:
        heading = "Somebody changed these there, so they stay as they are:"
        standard_output().show(lambda _: differences_page(file.plan, left, heading))
        _say_how(file.typed, left, typed)
    return _DIFFERS if left else 0


def pull_plan(plan: str, typed: Mapping[str, Any]) -> int:
    """Show what somebody changed in a calendar, or take over what moved; the exit code.

    Raises FileProblem, InvalidInput and ServerProblem.
    """
    with _calendar(plan, typed, _FROM) as (calendar, _):
        file, (standing, _) = calendar.file, calendar.look()
        shown = calendar.server.address.shown
    if standing.is_later:
        return _later(shown)
    differences = [*standing.differences()]
    moved = [each for each in differences if each.what == "moved"]
    if typed["accept"] and moved:
        others = [each for each in differences if each.what != "moved"]
        return _accepted(calendar.named.typed, typed, file.plan, moved, others)
    heading = f"Somebody changed these on {shown}:"
    if not differences:
        where = "has no other dates" if standing.there else "has nothing of this plan"
        heading = f"{begun(shown)} {where}."
    answer(
        typed["as_json"],
        lambda json: json.differences_document(file.plan, differences, file.now),
        lambda _: differences_page(file.plan, differences, heading),
    )
    if differences:
        _say_how(file.typed, differences, typed)
    return _DIFFERS if differences else 0


def _accepted(
    plan: str,
    typed: Mapping[str, Any],
    before: Plan,
    moved: Sequence[Difference],
    others: Sequence[Difference],
) -> int:
    """Move sessions as they were moved in a calendar, where the rules allow it; the exit code.

    *others* are the differences that are not moves.
    """
    refused: dict[Difference, MesoplanError] = {}
    with ready(plan, lambda *_: None, typed) as (file, _, request, unreadable):
        if (file.plan.id, file.plan.revision) != (before.id, before.revision):
            what = "the plan was changed while the server was asked"
            raise FileProblem(file.path, what, "try again")
        after, left = file.plan, list(moved)
        # One may have room only once another has moved.
        while left:
            refused = {}
            for each in left:
                try:
                    after = plan_again(after, _move(after, each), now=file.now, request=request)
                except (NoLegalPlan, InvalidInput) as error:
                    refused[each] = error
            if len(refused) == len(left):
                break
            left = [*refused]
        if after is not file.plan:
            finish(file, after, typed, unreadable)
    for each, why in refused.items():
        say(
            f"Not accepted: {when_there(before, each)}",
            *(f"  {it}" for it in why.problem.splitlines()),
        )
    for each in others:
        say(f"Still to decide: {when_there(before, each)}")
    if refused or others:
        _say_how(file.typed, [*refused, *others], typed)
    if any(isinstance(why, NoLegalPlan) for why in refused.values()):
        return _REFUSED
    return _DIFFERS if refused or others else 0


def _move(plan: Plan, moved: Difference) -> Move:
    """The move that somebody made in a calendar."""
    name = next(each.name for each in plan.active if each.uid == moved.session.uid)
    start = (moved.there or moved.session).start
    return Move(name, start.date(), start.time())


def _later(shown: str) -> int:
    what = f"{shown} has a later state of this plan than its file here"
    report(ServerProblem(what, "publish and pull the newest file of the plan"))
    return _DIFFERS


def _say_how(named: str, differences: Sequence[Difference], typed: Mapping[str, Any]) -> None:
    """Say what can be done about each kind of difference, each command in a line of its own."""
    server, names = typed["to"], [str(each.session.name) for each in differences]
    if not typed.get("accept") and any(each.what == "moved" for each in differences):
        accepted = command_line(["pull", named], {"from": server, "accept": True})
        say("To take over what moved:", f"  {accepted}")
    for name in (each.session.name for each in differences if each.what != "moved"):
        say(f"To cancel {name} here, too:", f"  {command_line(['cancel', named, name], {})}")
    over = command_line(["publish", named], {"to": server, "over": names})
    say("To put ours back there:", f"  {over}")


def _uid(plan: Plan, typed: str) -> str:
    """The UID that was typed, or that of the session of that name. Raises InvalidInput."""
    known = {each.uid for each in (*plan.active, *plan.dropped)}
    if typed in known:
        return typed
    session = plan.find(session_name(typed))
    if session is None:
        raise InvalidInput(f"the plan has no session {typed}", "“mesoplan show” lists them")
    return session.uid
