"""The same desk with a book that several computers share: all goes into its files and out of them.

At each command another computer may be at work. It knows nothing but what is in the book.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import mesoplan
from mesoplan.book.folder import read_book
from mesoplan.book.on_server import ServerBook
from mesoplan.cli.profile import book_held, find_profile
from mesoplan.cli.servers import connected
from mesoplan.formats.plan_file.reading import ReadPlan, plan_in
from mesoplan.formats.plan_file.rewriting import rewritten_files
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.request import CalendarOptions
from mesoplan.storage.files import write_all_new
from mesoplan.storage.revisions import locked, replace_all
from mesoplan.storage.shared import share
from tests.desks import ON_SERVER, Place
from tests.desks import Desk as Computer
from tests.proving.year.checker import Wish
from tests.proving.year.clinic import Clinic
from tests.proving.year.desk import Desk, shown


class SharedDesk(Desk):
    """Who plans and changes at one of several computers, with a book that these share."""

    def __init__(self, clinic: Clinic, place: Place, computers: Sequence[Computer]) -> None:
        super().__init__(clinic)
        self._place, self._computers = place, computers
        self._random = Random(1)
        """Not that of the story, which stays the same."""
        self._folder = Path()
        """The book as the computer at work has it."""
        self._read: dict[Path, ReadPlan] = {}

    def plan(self, request: mesoplan.Request, wish: Wish) -> mesoplan.Plan | None:
        with self._book():
            return super().plan(request, wish)

    def change(self, plan_id: str, change: Any, wish: Wish | None = None, **fields: Any) -> bool:
        with self._book():
            return super().change(plan_id, change, wish, **fields)

    @contextmanager
    def _book(self) -> Iterator[None]:
        """Have the book to oneself at one of the computers, as another command would have it."""
        computer = self._random.choice(self._computers)
        with ExitStack() as stack:
            world = {"XDG_CACHE_HOME": str(computer.computer)}
            stack.enter_context(patch.dict(os.environ, world))
            self._folder = Path(self._place.book)
            if self._place.book == ON_SERVER:
                self._folder = computer.copies / "clinic"
                self._folder.mkdir(parents=True, exist_ok=True)
                found = find_profile(str(computer.folder / "clinic.toml"))
                server = stack.enter_context(connected(found, "clinic"))
                book = ServerBook(server, None, self._folder, print)
                book.open()
                share(self._folder, book)
            stack.enter_context(book_held(self._folder, writes=True))
            self._read_all()
            yield

    def _read_all(self) -> None:
        """Let all that is known be what is in the book."""
        book = read_book(self._folder, lambda: "Europe/Paris")
        for problem in book.unreadable:
            self.checker.lost.append(problem.problem)
        there = {each.plan.id: each for each in book.entries}
        for plan_id, given in self.checker.plans.items():
            is_there = plan_id in there and shown(there[plan_id].plan) == given
            self.checker.tried += 1
            if not is_there:
                self.checker.lost.append(f"{plan_id}: is not in the book as it was given")
        # In the order in which they came, as at one desk: so the same calls come in.
        order = {plan_id: place for place, plan_id in enumerate(self.checker.plans)}
        self.plans = {each: there[each].plan for each in sorted(there, key=order.__getitem__)}
        self.bookings = mesoplan.Bookings("the book")
        for plan in self.plans.values():
            spans = [mesoplan.BusySpan(each.start, each.end) for each in plan.active]
            self.bookings.book(plan.id, spans, plan.request.practitioner)

    def _keep(self, plan: mesoplan.Plan, wish: Wish, *, planned_again: bool = True) -> None:
        path = self._folder / f"{plan.id}.ics"
        if plan.id not in self.plans:
            write_all_new({path: calendar_file(plan, CalendarOptions(), self.now)})
        else:
            with locked(path):
                before = path.read_bytes()
                read = plan_in([(path, before)], lambda: "Europe/Paris")
                after = rewritten_files(read, plan, self.now)
                replace_all({path: (before, after[path])}, {})
        super()._keep(plan, wish, planned_again=planned_again)
