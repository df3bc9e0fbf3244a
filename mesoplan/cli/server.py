"""`mesoplan server`: whether the clinic's servers can be used, and a book that moves to one."""

# No “from __future__ import annotations” here: typer would compile each of them from its text.

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from mesoplan.book.finding import names_in
from mesoplan.book.names import FILE_NAME as NAMES
from mesoplan.book.resources import event
from mesoplan.cli import options
from mesoplan.cli.app import PLAIN_SETTINGS, GroupedCommand, PlainGroup
from mesoplan.cli.console import report, say, standard_output
from mesoplan.cli.profile import FoundProfile, at_home, book_held, find_profile
from mesoplan.cli.servers import connected
from mesoplan.errors import FileProblem, InvalidInput, MesoplanError, UnknownName, quoted
from mesoplan.formats.page import counted, line
from mesoplan.formats.plan_file.reading import LARGEST_PLAN_BYTES, holds_plan
from mesoplan.model.clinic import SERVER
from mesoplan.storage.files import read_whole, write_all_new
from mesoplan.storage.shared import remove_shared

server = typer.Typer(
    cls=PlainGroup, rich_markup_mode=None, add_completion=False, context_settings=PLAIN_SETTINGS
)


@server.callback(invoke_without_command=True)
def choose(context: typer.Context) -> None:
    """Try the servers that the clinic's profile names, or put a book on one."""
    if context.invoked_subcommand is None:
        standard_output().write(context.get_help() + "\n")


BookServer = Annotated[
    str, typer.Argument(metavar="NAME", help="The server, by its name in the clinic's profile.")
]
Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]", help="The server, by its name in the clinic's profile.  [default: all]"
    ),
]


@server.command(
    cls=GroupedCommand,
    epilog=options.epilog(
        "server check",
        "server check clinic",
        codes={4: "a folder can't be written", 5: "a server refuses or can't be reached"},
    ),
)
def check(
    name: Name = None,
    clinic: options.Clinic = None,
    insecure_http: options.InsecureHttp = False,
) -> None:
    """Try whether a server can be used: find its calendar, then write and remove a test event."""
    found = find_profile(clinic)
    servers = found.profile.servers
    if not servers:
        raise InvalidInput(
            "the profile names no server", "add one: “mesoplan help servers” shows how"
        )
    if name is not None and name not in servers:
        raise UnknownName("server", name, servers, f"add [servers.{name}] to the profile")
    failed: MesoplanError | None = None
    for each in servers if name is None else [name]:
        try:
            _show([*_tried(found, each, plain_http=insecure_http)])
        except MesoplanError as problem:
            # The others are tried anyway; the last that fails ends the command.
            if failed is not None:
                report(failed)
            failed = problem
    if failed is not None:
        raise failed


@server.command(
    cls=GroupedCommand,
    epilog=options.epilog(
        "server fill clinic plans",
        codes={
            1: "the book has other plans under some of these names",
            4: "the folder can't be read, or has no plan",
            5: "the server refuses or can't be reached",
        },
    ),
)
def fill(
    name: BookServer,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="The folder with the plans.")],
    clinic: options.Clinic = None,
) -> int:
    """Put the plans of a folder into the book on a server.

    What the book has stays as it is there, and the folder stays as it is. Run it again if it was
    interrupted.
    """
    found, source = find_profile(clinic), at_home(folder)
    data = {each: _content(source / each) for each in names_in(source)}
    data = {each: content for each, content in data.items() if holds_plan(content)}
    if not data:
        problem = f"there is no plan in {quoted(source, 300)}"
        raise FileProblem(source, problem, "name the folder with the plans")
    if (source / NAMES).is_file():
        data[NAMES] = _content(source / NAMES)
    copy = found.book_folder(f"{SERVER}{name}") or Path()
    failed = []
    with book_held(copy, writes=True):
        new = [each for each in data if not (copy / each).is_file()]
        say(f"Putting {counted(len(new), 'file')} into the book on the server {name}.")
        for each, content in data.items():
            before = source / f"{each}~"
            files = {copy / before.name: _content(before)} if before.is_file() else {}
            try:
                if each in new:
                    write_all_new({copy / each: content, **files}, sweeps=False)
                elif _content(copy / each) != content:
                    failed.append(f"the book has another {quoted(each, 300)}")
            except FileProblem as problem:
                failed.append(problem.in_one_line)
    there = len(data) - len(failed)
    standard_output().write(f"In the book on the server {name}: {counted(there, 'file')}.\n")
    say(*(f"Not put there: {each}" for each in failed))
    return 1 if failed else 0


@server.command(
    cls=GroupedCommand,
    epilog=options.epilog(
        "server drop clinic r12.ics", codes={5: "the server refuses or can't be reached"}
    ),
)
def drop(
    name: BookServer,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The name of the file there.")],
    clinic: options.Clinic = None,
) -> None:
    """Take a file out of the book on a server: a plan, a conflict copy, names.csv.

    The copy on this computer keeps its last state, under a name that ends in .gone.
    """
    copy = find_profile(clinic).book_folder(f"{SERVER}{name}") or Path()
    if file not in names_in(copy) and not (file == NAMES and (copy / NAMES).is_file()):
        raise UnknownName("file of the book", file, names_in(copy), "the agenda shows their names")
    remove_shared(copy / file)


def _content(path: Path) -> bytes:
    return read_whole(path, LARGEST_PLAN_BYTES, "check who may read it")


def _show(lines: Iterable[str]) -> None:
    standard_output().show(lambda _: [line(each.lstrip(), indent=_indent(each)) for each in lines])


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _tried(found: FoundProfile, name: str, *, plain_http: bool) -> Iterator[str]:
    """What a server can do, a line each. Raises ServerProblem, and FileProblem for a folder."""
    server = found.profile.servers[name]
    if server.folder is not None:
        folder = found.folder / at_home(server.folder)
        if not (folder.is_dir() and os.access(folder, os.W_OK)):
            problem = f"the folder {quoted(folder, 300)} of the server {name} can't be written"
            raise FileProblem(folder, problem, "create it, or correct folder in the profile")
        yield f"The server {name} is a folder of this computer, and can be written."
        return
    # Loaded only for a server with an address.
    from mesoplan.servers.trying import try_calendar, try_folder

    uid = str(uuid4())
    first, second = (event(uid, f"Test{each}. You can delete it.", {}) for each in (1, 2))
    with connected(found, name, plain_http=plain_http) as asked:
        who = f", as {server.user}" if server.user is not None else ""
        yield f"The server {name} ({asked.address.host}{who}) can be used:"
        if server.public is not None:
            try_folder(asked, uid, first, second)
            yield "  A test file was written, changed and removed."
            return
        calendar, others = try_calendar(asked, server.calendar, uid, first, second)
        yield f"  Calendar: {quoted(calendar, 100)}"
        if others:
            yield f"  Other calendars: {', '.join(quoted(each, 100) for each in others)}"
        yield "  A test event was written, found, changed and removed."
        yield "  What somebody else changes is noticed, and not written over."
