"""`mesoplan publish --feed`: the link under which a patient finds the dates of a plan."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mesoplan.cli.clock import usual_zone
from mesoplan.cli.console import say, standard_output
from mesoplan.cli.named_plan import named_plan
from mesoplan.cli.open_plan import OpenPlan, opened
from mesoplan.cli.profile import FoundProfile, at_home, find_profile
from mesoplan.cli.servers import connected, server_meant
from mesoplan.errors import FileProblem, InvalidInput, quoted
from mesoplan.formats.feed import CALENDAR, PAGE, feed_files, is_same, token
from mesoplan.storage.feeds import KEY_NAME, LocalFeeds, key_made, read_key
from mesoplan.wording.options import for_shell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mesoplan.model.plan import Plan

_NAMES = (CALENDAR, PAGE)
_LINK = {True: "The earlier link", False: "The link"}
"""What the link before is called, where there is a new one, and where there is none."""
_NOTHING_THERE = "There was nothing under the link any more."
_NOT_REMOVED = "The earlier link still works, since its key is gone. Remove "
_A_NEW_LINK = "or give each patient a new link with --new-link"


class Feeds(Protocol):
    """Where feeds are put, each under the secret part of its link."""

    def read(self, token: str, names: tuple[str, ...]) -> Mapping[str, bytes]:
        """What there is of the files of these names."""

    def write(self, token: str, files: Mapping[str, bytes]) -> None:
        """Put files there."""

    def remove(self, token: str) -> None:
        """Remove the feed, if there is one."""


class _Links(NamedTuple):
    """The links of a plan, by their numbers."""

    plan: Plan
    public: str
    """The address that they begin with."""
    key: bytes

    def token(self, number: int) -> str:
        return token(self.key, self.plan.id, number)

    def link(self, number: int) -> str:
        return f"{self.public.rstrip('/')}/{self.token(number)}/"


def publish_feed(plan: str, typed: Mapping[str, Any]) -> None:
    """Publish the dates of a plan under the patient's link, a new one if asked for; or withdraw it.

    Raises FileProblem, InvalidInput and ServerProblem. The plan's file is changed last, so that a
    command that was interrupted can be repeated.
    """
    if typed["withdraw"] and typed["new_link"]:
        raise InvalidInput("--withdraw and --new-link contradict each other", "leave out one")
    found = find_profile(typed["clinic"])
    server = server_meant(found, typed["to"], "--to", public=True)
    named = named_plan(plan, found, typed["book"])
    zone = usual_zone(None, found.profile.timezone)
    # Nobody waits for a server: the plan is locked only to record the link.
    with opened(named, zone, found.profile, to_write=False) as file:
        before = file.plan.feed
    if typed["withdraw"] and before is None:
        say("Nothing to withdraw: the plan has no link.")
        return
    needs_key = before is not None and not typed["new_link"]
    which = f"the folder of a feed whose {CALENDAR} has {file.plan.id}"
    instead = f"without one, remove {which}" if typed["withdraw"] else _A_NEW_LINK
    key = _key(found.folder, instead) if needs_key else read_key(found.folder)
    links = _Links(file.plan, found.profile.servers[server].public or "", key or b"")
    said, number, state = [], before, (file.plan.link, file.plan.withdrawn)

    def record(feeds: Feeds, link: int, *, withdrawn: bool) -> None:
        """Record a link, unless another command has recorded another one by now."""
        nonlocal state
        was, state = state, (link, withdrawn)
        with opened(named, zone, found.profile, to_write=state != was) as by_now:
            if (by_now.plan.link, by_now.plan.withdrawn) not in (was, state):
                feeds.remove(links.token(link))
                problem = f"another command has changed the link of {quoted(file.typed, 300)}"
                raise FileProblem(file.path, problem, "look at what it printed, or try again")
            by_now.record(link=link, withdrawn=withdrawn)

    with _feeds(found, server, plain_http=typed["insecure_http"]) as feeds:
        if typed["dry_run"]:
            say(f"{_would_be(typed, file, feeds, links, before)} Nothing is done (--dry-run).")
            return
        if before is not None and (typed["withdraw"] or typed["new_link"]):
            was_there = bool(key and feeds.read(links.token(before), _NAMES))
            if key:
                feeds.remove(links.token(before))
            # Whatever happens from here on, it never comes back.
            record(feeds, before, withdrawn=True)
            gone = f"{_LINK[typed['new_link']]} leads nowhere now. A calendar may keep what it has."
            said.append(gone if was_there else _NOTHING_THERE if key else _NOT_REMOVED + which)
        if not typed["withdraw"]:
            links = links._replace(key=key or key_made(found.folder))
            if is_new := before is None or typed["new_link"]:
                number = (file.plan.link or 0) + 1
            said += _published(file, feeds, links, number or 1)
            record(feeds, number or 1, withdrawn=False)
            if is_new:
                said.append("Give it to this patient alone: whoever has it can see the dates.")
    if not typed["withdraw"]:
        standard_output().write(f"Link for the patient: {links.link(number or 1)}\n")
    say(*said)


def _would_be(
    typed: Mapping[str, Any], file: OpenPlan, feeds: Feeds, links: _Links, before: int | None
) -> str:
    """What would come of publishing or withdrawing."""
    if typed["withdraw"]:
        return "The feed would be withdrawn."
    if before is None or typed["new_link"]:
        return "The feed would be published under a new link."
    if _changed(file, feeds, links, before):
        return "The feed would be written: the dates have changed, or it is not there."
    return "The feed is up to date."


def _changed(file: OpenPlan, feeds: Feeds, links: _Links, number: int) -> dict[str, bytes]:
    """The files of a plan's feed; none if they are there, and up to date."""
    files = feed_files(file.plan, file.read.options, file.now, links.link(number))
    there = feeds.read(links.token(number), _NAMES)
    is_known = all(is_same(there.get(name, b""), data) for name, data in files.items())
    return {} if is_known else files


def _published(file: OpenPlan, feeds: Feeds, links: _Links, number: int) -> Iterator[str]:
    """Publish a plan's feed where it is not up to date; what there is to say of it."""
    if files := _changed(file, feeds, links, number):
        feeds.write(links.token(number), files)
    else:
        yield "It is up to date: nothing was written."
    if isinstance(feeds, LocalFeeds) and feeds.is_listed:
        folder = for_shell(str(feeds.folder))
        yield f"Everybody on this computer can list the feeds. To prevent it: chmod 711 {folder}"


def known_link(plan: Plan, number: int, clinic: str | None) -> str | None:
    """The link of that number, for a page; if it is not known here, that is said."""
    try:
        found = find_profile(clinic)
        server = server_meant(found, None, "--to", public=True)
        key = _key(found.folder, _A_NEW_LINK)
        links = _Links(plan, found.profile.servers[server].public or "", key)
    except (FileProblem, InvalidInput) as problem:
        say(f"The patient's link is not on the page: {problem.in_one_line}")
        return None
    if find_spec("segno") is None:
        say("No QR code on the page: that needs the extra “server” (pip install segno).")
    return links.link(number)


def _key(folder: Path, instead: str) -> bytes:
    """The key of links that there are already. Raises FileProblem, with what to do *instead*."""
    if (key := read_key(folder)) is not None:
        return key
    raise FileProblem(
        folder / KEY_NAME,
        f"the file {KEY_NAME} beside the clinic's profile is gone, and with it the patients' links",
        f"restore it from a backup; {instead}",
    )


@contextmanager
def _feeds(found: FoundProfile, name: str, *, plain_http: bool) -> Iterator[Feeds]:
    """Where feeds are put: a folder of this computer, or of a server."""
    folder = found.profile.servers[name].folder
    if folder is not None:
        yield LocalFeeds(found.folder / at_home(folder))
        return
    from mesoplan.servers.feeds import WebFeeds

    with connected(found, name, plain_http=plain_http) as server:
        yield WebFeeds(server)
