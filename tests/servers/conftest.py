"""Real servers for the tests of this folder: one process of each kind."""

from collections.abc import Iterator

import pytest

from tests.dav_servers import Calendar, RealServer, radicale, xandikos

_KINDS = {"radicale": radicale, "xandikos": xandikos}


@pytest.fixture(scope="session", params=_KINDS)
def real_server(request: pytest.FixtureRequest) -> Iterator[RealServer]:
    with _KINDS[request.param]() as running:
        yield running


@pytest.fixture
def calendar(real_server: RealServer) -> Calendar:
    """An empty one."""
    return real_server.new_calendar()
