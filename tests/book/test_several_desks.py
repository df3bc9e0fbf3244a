"""Several desks at once with one book, each command a process of its own.

What is longer is in `proving/desks`.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random

import pytest

from tests.command_line import NOW
from tests.dav_servers import RealServer, radicale
from tests.desks import Place, on_server, shared_folder
from tests.proving.desks.kills import SHORT_LEASE, Kills
from tests.proving.desks.story import START, Story, moment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are forked, and stopped")


@pytest.fixture(params=["folder", "radicale", "xandikos"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with _place(request, tmp_path) as place:
        yield place


def _place(request: pytest.FixtureRequest, folder: Path) -> AbstractContextManager[Place]:
    if request.param == "folder":
        return shared_folder(folder)
    server: RealServer = request.getfixturevalue(f"{request.param}_server")
    return on_server(server, folder)


def test_no_time_is_given_twice_and_nothing_is_lost_whoever_books_and_changes(place: Place) -> None:
    desks = [place.desk("anna"), place.desk("bert"), place.desk("carl", "bert")]
    story = Story(desks, Random(5))
    story.goes(["book"] * 5, START, NOW)
    story.goes(["change", "book", "change", "change", "change"])
    assert_right(story, place)
    assert story.ledger.done >= 6


@pytest.mark.parametrize("kind", ["desk", "stopped", "server"])
def test_whatever_is_killed_the_next_command_completes(tmp_path: Path, kind: str) -> None:
    with radicale() as server, on_server(server, tmp_path) as place:
        desks = [place.desk(name, patches=SHORT_LEASE) for name in ("anna", "bert", "carl")]
        story = Story(desks, Random(3))
        Kills(story, server, Random(1)).round(0, kind)
        assert_right(story, place)


def assert_right(story: Story, place: Place) -> None:
    assert story.wrong == []
    assert [*story.ledger.wrong_in(place.as_read_anew(), moment())] == []
