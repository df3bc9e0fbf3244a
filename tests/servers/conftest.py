"""Real servers for the tests of this folder: one process of each kind."""

from collections.abc import Iterator

import pytest

from tests.dav_servers import RealServer, radicale, xandikos


@pytest.fixture(scope="session")
def radicale_server() -> Iterator[RealServer]:
    with radicale() as running:
        yield running


@pytest.fixture(scope="session")
def xandikos_server() -> Iterator[RealServer]:
    with xandikos() as running:
        yield running


@pytest.fixture(params=["radicale", "xandikos"])
def real_server(request: pytest.FixtureRequest) -> RealServer:
    server: RealServer = request.getfixturevalue(f"{request.param}_server")
    return server
