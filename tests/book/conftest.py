"""Real servers for the tests of this folder."""

from tests.servers.conftest import radicale_server, real_server, xandikos_server

__all__ = ["radicale_server", "real_server", "xandikos_server"]
