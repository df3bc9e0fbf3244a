"""`mesoplan publish` and `pull`: a plan in a calendar of the clinic's server.

Nothing is locked while a server is asked. What was put there is recorded in the plan's file last,
so that a command that was interrupted can be repeated.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from mesoplan.cli.carry_out import ready, written_change
from mesoplan.cli.clock import usual_zone
from mesoplan.cli.console import answer, report, say, standard_output
from mesoplan.cli.named_plan import NamedPlan, named_plan
from mesoplan.cli.open_plan import OpenPlan, opened
from mesoplan.cli.profile import find_profile
from mesoplan.cli.servers import connected, server_meant
from mesoplan.cli.typed_words import session_name
from mesoplan.errors import FileProblem, InvalidInput, MesoplanError, ServerProblem
from mesoplan.formats.comparison import differences_page, when_there
from mesoplan.formats.plan_file.published import OnServer, of_plan
from mesoplan.formats.plan_file.writing import digest
from mesoplan.model.causes import NoLegalPlan
from mesoplan.model.changes import Move
from mesoplan.model.clinic import SERVER
from mesoplan.model.plan import Published, Status
from mesoplan.servers.dav import CALENDAR, IF_NEW, Changed, of_uid
from mesoplan.wording.options import command_line
from mesoplan.wording.plans import replan as plan_again
from mesoplan.wording.reasons import begun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mesoplan.cli.profile import FoundProfile
    from mesoplan.formats.plan_file.published import Difference
    from mesoplan.model.plan import Plan, Session
    from mesoplan.servers.dav import Dav, Resource

_ROUNDS = 5
_REFUSED, _DIFFERS = 3, 1
_ALL = "all"
_TO, _FROM = "--to", "--from"


class _Written(NamedTuple):
    """What was found in a calendar, and what was written there."""

    standing: OnServer
    done: Mapping[str, bool]
    """By their UIDs: whether they are new there."""

    @property
    def serials(self) -> tuple[int, ...]:
        """The serials of all that is there, or was, in order."""
        written = (int(uid.rpartition("-")[2]) for uid in self.done)
        return tuple(sorted({*self.standing.known, *self.standing.serials, *written}))

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
        for _ in range(2):
            there = {
                Path(str(number)): each
                for number, each in enumerate((self.further | listed).values(), start=1)
            }
            found = of_plan({path: each.data for path, each in there.items()}, plan)
            before = next((each for each in plan.published if each.place == self.place), None)
            known = frozenset() if before is None else frozenset(before.serials)
            revision = -1 if before is None else before.revision
            standing = OnServer(self.file.read, found, known, revision, self.file.now)
            gone = [each.session.uid for each in standing.differences() if each.what == "deleted"]
            if not [uid for uid in gone if self._find(uid)]:
                break
        return standing, there

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
            if standing.strange(self.over):
                return _Written(standing, {})
            over = [uid for uid in self.over if uid not in done]
            try:
                for uid, data in standing.to_write(over).items():
                    earlier = standing.there.get(uid)
                    if not dry_run and earlier is None:
                        self._put(uid, self.event_url(uid), data, IF_NEW)
                    elif not dry_run and earlier is not None:
                        resource = there[earlier.path]
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
    if f"{SERVER}{name}" in (found.profile.book, typed["book"]):
        raise InvalidInput(
            f"the server {name} has the book in this calendar, and needs it for that alone",
            f"name another server with {option}",
        )
    named = named_plan(plan, found, typed["book"])
    zone = usual_zone(None, found.profile.timezone)
    with (
        opened(named, zone, found.profile, to_write=False) as file,
        connected(found, name, plain_http=typed["insecure_http"]) as server,
    ):
        over = [uid for each in typed.get("over") or () for uid in _uids(file.plan, each)]
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
    if strange := written.standing.strange(over):
        return _strange(shown, file, *strange, typed)
    if (strange := written.standing.strange()) and not typed["dry_run"]:
        revision = f"revision {strange[1]}"
        say(f"Written over a state of this plan that its file never put there: {revision}.")
    published = Published(calendar.place, file.plan.revision, written.serials)
    if not typed["dry_run"] and published not in file.plan.published:
        zone = usual_zone(None, found.profile.timezone)
        with opened(calendar.named, zone, found.profile, to_write=True) as by_now:
            others = (each for each in by_now.plan.published if each.place != calendar.place)
            by_now.record(published=(*others, published))
    left = [each for each in written.standing.differences() if each.session.uid not in over]
    text = written.text(shown, differs=bool(left), dry_run=typed["dry_run"])
    standard_output().write(f"{text}\n")
    if left and not written.standing.there and not written.done:
        _say_gone(shown, file.typed, typed)
    elif left:
        heading = "Somebody changed these there, so they stay as they are:"
        standard_output().show(lambda _: differences_page(file.plan, left, heading))
        _say_how(file, file.plan, left, typed)
    return _DIFFERS if left else 0


def pull_plan(plan: str, typed: Mapping[str, Any]) -> int:
    """Show what somebody changed in a calendar, or take over what moved; the exit code.

    Raises FileProblem, InvalidInput and ServerProblem.
    """
    with _calendar(plan, typed, _FROM) as (calendar, _):
        file, (standing, _) = calendar.file, calendar.look()
        shown = calendar.server.address.shown
    if strange := standing.strange():
        return _strange(shown, file, *strange, typed)
    differences = [*standing.differences()]
    moved = [each for each in differences if _can_move(each, file)]
    if typed["accept"] and moved:
        others = [each for each in differences if each not in moved]
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
    if differences and not standing.there:
        _say_gone(shown, file.typed, typed)
    elif differences:
        _say_how(file, file.plan, differences, typed)
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
        left = [*refused, *others]
        if after is not file.plan:
            made = written_change(file, after, typed, unreadable)
            names = [*made.written, *made.to_undo]
            answer(
                typed["as_json"],
                lambda json: {
                    **cast("Any", made.document(json)),
                    "differences": json.differences_there(left),
                },
                made.page,
                names,
            )
        elif typed["as_json"]:
            answer(
                as_json=True,
                document=lambda json: json.differences_document(before, left, file.now),
                page=lambda _: (),
            )
    stays = before if typed["dry_run"] else after
    for each, why in refused.items():
        problem = why.problem.splitlines()
        say(f"Not accepted: {when_there(before, each)}", *(f"  {it}" for it in problem))
    for each in others:
        by_now = _session(stays, each.session.uid)
        now = by_now is not None and str(by_now.name) != str(each.session.name)
        number = f" It is session {by_now.name} by now." if by_now is not None and now else ""
        say(f"Still to decide: {when_there(before, each)}.{number}")
    if left:
        _say_how(file, stays, left, typed)
    if any(isinstance(why, NoLegalPlan) for why in refused.values()):
        return _REFUSED
    return _DIFFERS if left else 0


def _can_move(difference: Difference, file: OpenPlan) -> bool:
    """Whether a move there can be made in the plan, too."""
    session, there = difference.session, difference.there
    is_open = not (session.is_dropped or session.is_past(file.now))
    moves = difference.what == "moved" and there is not None and there.start != session.start
    return is_open and moves


def _move(plan: Plan, moved: Difference) -> Move:
    """The move that somebody made in a calendar."""
    name = next(each.name for each in plan.active if each.uid == moved.session.uid)
    start = (moved.there or moved.session).start
    return Move(name, start.date(), start.time())


def _strange(
    shown: str, file: OpenPlan, session: Session, revision: int, typed: Mapping[str, Any]
) -> int:
    """Report a state of the plan there that its file never put there."""
    to = {"to": typed["to"]}
    which = f"{session.name.in_words} is there in revision {revision}"
    report(
        ServerProblem(
            f"{shown} has another state of this plan than its file ever put there: {which}",
            "use the newest file of the plan; or write this one over it: "
            f"{command_line(['publish', file.typed], to | {'over': 'all'})}",
        )
    )
    return _DIFFERS


def _say_gone(shown: str, named: str, typed: Mapping[str, Any]) -> None:
    """Say what can be done if nothing of the plan is left in a calendar."""
    over = command_line(["publish", named], {"to": typed["to"], "over": "all"})
    say(f"{begun(shown)} has nothing of this plan any more. Check url and calendar in the profile.")
    say("To put all back there:", f"  {over}")


def _say_how(
    file: OpenPlan, plan: Plan, differences: Sequence[Difference], typed: Mapping[str, Any]
) -> None:
    """Say what can be done about each kind of difference, each command in a line of its own.

    Sessions are named as in *plan*, which is the one by now.
    """
    server, named = typed["to"], file.typed
    found = {each.session.uid: _session(plan, each.session.uid) for each in differences}
    names = [uid if each is None else str(each.name) for uid, each in found.items()]
    # The last one first: those after one that is cancelled have other numbers then.
    for each in sorted(differences, key=lambda each: each.session.start, reverse=True):
        session = found[each.session.uid]
        if each.what in {"cancelled", "deleted"} and session is not None:
            cancelled = command_line(["cancel", named, session.name], {})
            say(f"To cancel {session.name} here, too:", f"  {cancelled}")
        past = session is not None and session.is_past(file.now) and each.there is not None
        if each.what == "moved" and past and session is not None and each.there is not None:
            day = each.there.start
            words = ["done", named, session.name, "--on", f"{day:%Y-%m-%d %H:%M}"]
            if session.status is Status.PLANNED and day <= file.now:
                say(f"If {session.name} took place then:", f"  {command_line(words, {})}")
    if not typed.get("accept") and any(_can_move(each, file) for each in differences):
        accepted = command_line(["pull", named], {"from": server, "accept": True})
        say("To take over what moved:", f"  {accepted}")
    over = command_line(["publish", named], {"to": server, "over": names})
    say("To put ours back there:", f"  {over}")


def _session(plan: Plan, uid: str) -> Session | None:
    return next((each for each in plan.active if each.uid == uid), None)


def _uids(plan: Plan, typed: str) -> list[str]:
    """The UIDs that were typed: one, that of the session of a name, or all. Raises InvalidInput."""
    known = [each.uid for each in plan.every_session]
    if typed == _ALL:
        return known
    if typed in known:
        return [typed]
    session = plan.find(session_name(typed))
    if session is None:
        raise InvalidInput(f"the plan has no session {typed}", "“mesoplan show” lists them")
    return [session.uid]
