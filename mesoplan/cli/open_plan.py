"""A plan's file, opened to be looked at or to be changed."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesoplan.cli import clock
from mesoplan.cli.servers import shown_file
from mesoplan.dates.zones import find_zone
from mesoplan.errors import FileProblem, InvalidInput, printable, quoted
from mesoplan.formats.plan_file.reading import (
    LARGEST_PLAN_BYTES,
    files_of,
    names_plan,
    plan_in,
    read_bytes,
)
from mesoplan.formats.plan_file.rewriting import (
    changes_file,
    require_own_previous,
    require_whole,
    rewritten_files,
)
from mesoplan.formats.plan_file.writing import digest
from mesoplan.planning.replanner import has_news, same_events
from mesoplan.storage.files import LONGEST_PATH, read_whole, replace_own, require_free
from mesoplan.storage.revisions import locked, previous_of, replace_all, require_real_file
from mesoplan.wording.options import command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date, datetime

    from mesoplan.cli.named_plan import NamedPlan
    from mesoplan.formats.plan_file.reading import ReadPlan
    from mesoplan.model.clinic import Profile
    from mesoplan.model.plan import Plan


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A plan's file that is about to be changed."""

    path: Path
    """A file, or a folder of files with one event each."""
    typed: str
    """How the plan is typed again in a command that is shown."""
    files: Mapping[Path, bytes]
    """Its files, named as they were typed."""
    read: ReadPlan
    now: datetime
    zone: Callable[[], str]
    """Gives the clinic's zone, if a file doesn't say it."""
    profile: Profile
    """What the clinic says to its patients by now."""

    @property
    def plan(self) -> Plan:
        """The plan as it is in the file, with the phone that the clinic has by now."""
        return self.read.plan

    @property
    def today(self) -> date:
        """The day in the clinic's zone."""
        return self.now.astimezone(find_zone(self.plan.request.timezone)).date()

    @property
    def to_undo(self) -> str:
        """How a change of it is taken back."""
        return f"To undo: {command_line(['undo', self.typed], {})}"

    def before(self) -> Plan:
        """The plan as it was before the last change.

        Raises FileProblem if that is not kept, or is another plan.
        """
        all_kept = [previous_of(require_real_file(path)) for path in self.files]
        path = all_kept[0]
        nothing = "there is nothing to undo; “mesoplan show” shows the plan as it is"
        # A file that came with the last change has none before it.
        there = [each for each in all_kept if os.path.lexists(each)]
        if not there:
            raise FileProblem(
                path, f"no earlier state of {quoted(self.typed, 300)} is kept", nothing
            )
        kept = [(each, read_whole(each, LARGEST_PLAN_BYTES, nothing)) for each in there]
        earlier = _of_today(plan_in(kept, self.zone), self.profile).plan
        if earlier.id != self.plan.id:
            raise FileProblem(
                path,
                f"{quoted(path, 300)} is not an earlier state of this plan",
                "it belongs to another plan, and was not changed",
            )
        return earlier

    def write(
        self, after: Plan, changes_path: Path | None, *, dry_run: bool, is_brief: bool
    ) -> list[str]:
        """Write the next revision into the file. Returns a line for each file that is written.

        A *dry_run* does everything but write; one that *is brief* leaves out the plan's own files.
        Raises FileProblem, and InvalidInput if a private file would say too much.
        """
        contents, new = _revised(self.files, rewritten_files(self.read, after, self.now))
        if changes_path is not None and changes_path.absolute() in {
            previous_of(path).absolute() for path in contents
        }:
            raise FileProblem(
                changes_path,
                f"{quoted(changes_path, 300)} is where the file before the change is kept",
                "give the file for the changes another name",
            )
        for path in contents:
            require_own_previous(path, self.plan.id)
        if self.path.is_dir():
            lines = [
                _in_folder(self.path, len(contents) + len(new)),
                "Before the change: the same names with ~",
            ]
            further = [*self._left_behind()]
        else:
            # As short as it was typed, if it is there.
            shown = previous_of(next(iter(contents)) if self.path.is_symlink() else self.path)
            lines = [
                f"Calendar file: {shown_file(self.path)}",
                f"Before the change: {printable(shown)}",
            ]
            further = []
            for folder, files in self._split().items():
                try:
                    read = plan_in(files.items(), self.zone)
                    written = _revised(
                        files, rewritten_files(read, after, self.now, self.read.options)
                    )
                except FileProblem as problem:
                    further.append(f"Not changed: {printable(folder)}: {problem}")
                else:
                    contents |= written[0]
                    new |= written[1]
                    further.append(_in_folder(folder, len(written[0]) + len(written[1])))
        if changes_path is not None and same_events(self.plan, after):
            further.append(
                f"Changed events alone: none, so {printable(changes_path)} is not written"
            )
        elif changes_path is not None:
            require_free(changes_path)
            new[changes_path] = changes_file(self.read, after, self.now)
            further.append(f"Changed events only: {printable(changes_path)}")
        further += self._to_publish(after)
        if dry_run:
            return ["Calendar file: not changed (--dry-run)"]
        replace_all(contents, new)
        return [*([] if is_brief else lines), *further]

    def _to_publish(self, after: Plan) -> Iterator[str]:
        """How the next revision is put where others look it up, if they have an earlier one."""
        words, run = ["publish", self.typed], "Not published: run"
        if self.plan.published and not same_events(self.plan, after):
            yield f"{run} {command_line(words, self._which_server(public=False))}"
        if self.plan.feed is not None and has_news(self.plan, after, self.now):
            which = self._which_server(public=True)
            yield f"{run} {command_line(words, {'feed': True} | which)}"

    def _which_server(self, *, public: bool) -> dict[str, Any]:
        """What says which server is meant, if the profile has several of that kind."""
        servers = self.profile.servers.items()
        urls = {name: each.url for name, each in servers if (each.public is not None) is public}
        places = {each.place for each in self.plan.published}
        known = [name for name, url in urls.items() if not public and digest(url or "") in places]
        return {"to": known[0] if len(known) == 1 else "NAME"} if len(urls) > 1 else {}

    def record_given(self) -> None:
        """Record in the file that the patient was given all its dates. Raises FileProblem."""
        self.record(unseen=None)

    def record(self, **given: Any) -> None:
        """Record in the file, as it is by now, what the patient was *given*.

        The plan stays as it is, and so does what is kept of it before the last change. Raises
        FileProblem.
        """
        files = files_of(self.path) if self.path.is_dir() else [self.path]
        read = plan_in([(each, read_bytes(each)) for each in files], self.zone)
        if any(getattr(read.plan, name) != value for name, value in given.items()):
            after = replace(read.plan, **given)
            for path, data in rewritten_files(read, after, self.now).items():
                replace_own(path, data)

    def _left_behind(self) -> Iterator[str]:
        """A line for each file beside the folder of events that has the plan as it was."""
        for path in sorted(self.path.resolve().parent.glob("*.ics")):
            with suppress(FileProblem):
                if names_plan(read_bytes(path), self.plan.id):
                    yield f"Not changed: {printable(path.name)}, which has the plan as it was"

    def _split(self) -> dict[Path, dict[Path, bytes]]:
        """The files of one event each that “plan --split” put beside the plan, by their folders."""
        found: dict[Path, dict[Path, bytes]] = {}
        for path in sorted(self.path.parent.glob("*/*-[0-9][0-9].ics")):
            with suppress(FileProblem, OSError):
                data = read_bytes(path)
                if names_plan(data, self.plan.id) and data.count(b"BEGIN:VEVENT") == 1:
                    found.setdefault(path.parent, {})[path] = data
        return found


def changes_path(typed: str | None) -> Path | None:
    """The file that was typed after --changes. Raises InvalidInput if it has no name."""
    if typed == "-":
        raise InvalidInput(
            "--changes can't write to standard output: the comparison is printed there",
            "give it the name of a file",
        )
    if typed == "":
        raise InvalidInput("the file after --changes has no name", "give it a name")
    return None if typed is None else Path(typed)


def _revised(
    before: Mapping[Path, bytes], after: Mapping[Path, bytes]
) -> tuple[dict[Path, tuple[bytes, bytes]], dict[Path, bytes]]:
    """The content of real files before and after, and the content of new ones."""
    changed = {
        require_real_file(path): (before[path], data)
        for path, data in after.items()
        if path in before
    }
    return changed, {path: data for path, data in after.items() if path not in before}


def _in_folder(folder: Path, files: int) -> str:
    return f"One file per session: {files} files in {printable(folder)}"


@contextmanager
def opened(
    named: NamedPlan, zone: Callable[[], str], profile: Profile, *, to_write: bool
) -> Iterator[OpenPlan]:
    """The plan's file. If it is *to_write*, a lock keeps other changes of it out.

    What changes in it has the words of the clinic with that *profile*. Raises FileProblem if it
    can't be read or locked, doesn't have exactly one plan, or has another one by now.
    """
    path = named.path
    if path.is_dir():
        # “.” has no name, and the lock is called after it.
        real_path, files = path if path.name else path.resolve(), files_of(path)
    else:
        # Before it is read: a pipe would never end.
        real_path = require_real_file(path)
        files = [path]
    # Before the lock, which would leave a file of its own beside one that is not there.
    for each in files:
        read_bytes(each)
    with locked(real_path) if to_write else nullcontext():
        contents = {each: read_bytes(each) for each in files}
        read = _of_today(plan_in(contents.items(), zone), profile)
        if named.plan_id not in (None, read.plan.id):
            raise FileProblem(
                path,
                f"{quoted(path, LONGEST_PATH)} contains another plan than a moment ago",
                "look at it with “mesoplan show”, and try again",
            )
        now = clock.now()
        require_whole(read, now)
        own = {event.file.path for event in read.found.events}
        of_plan = {each: contents[each] for each in files if each in own}
        yield OpenPlan(path, named.typed, of_plan, read, now, zone, profile)


def _of_today(read: ReadPlan, profile: Profile) -> ReadPlan:
    """A plan with the words that the clinic has for patients by now, its phone and its staff."""
    options = replace(read.options, words=profile.words)
    return replace(read, plan=plan_of_today(read.plan, profile), options=options)


def plan_of_today(plan: Plan, profile: Profile) -> Plan:
    """A plan with the clinic's phone by now, and its staff."""
    phone = profile.phone or plan.request.phone
    request = replace(plan.request, phone=phone, practitioners=profile.practitioners)
    return replace(plan, request=request)
