"""What is asked of WebDAV and CalDAV servers: real ones, and one that does all that goes wrong."""

from collections.abc import Callable, Iterator

import pytest

from mesoplan.errors import FileProblem, InvalidInput, ServerProblem
from mesoplan.servers import http
from mesoplan.servers.account import account
from mesoplan.servers.dav import CALENDAR, IF_NEW, Changed, Dav, between, calendar_name, of_uid
from mesoplan.servers.http import Patience
from tests import fake_server
from tests.dav_servers import PASSWORD, USER, Calendar, RealServer
from tests.fake_server import A_CALENDAR, Asked, Server, multistatus, resource, serving, status

SECRET = "secret-0123"
PATIENCE = Patience(pause=0.01, largest_bytes=2_000_000)
HURRY = PATIENCE._replace(whole=0.4)
TEXT = "BEGIN:VCALENDAR\nEND:VCALENDAR"
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
DTSTART:20261201T090000Z
DTEND:20261201T100000Z
SUMMARY:{title}
X-OF-OTHERS:kept
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def calendar(real_server: RealServer) -> Calendar:
    """An empty one."""
    return real_server.new_calendar()


@pytest.fixture(scope="module")
def fake() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def safe_fake() -> Iterator[Server]:
    with serving(with_tls=True) as running:
        yield running


def opened(url: str, login: tuple[str, str] | None = None, patience: Patience = PATIENCE) -> Dav:
    user, password = login or (None, "")
    return Dav(account("clinic", url, user, None, lambda _: password), patience)


def of_fake(fake: Server, patience: Patience = PATIENCE) -> Dav:
    return opened(fake.url(f"/{SECRET}/"), (USER, PASSWORD), patience)


def problem(asks: Callable[[], object]) -> str:
    with pytest.raises(ServerProblem) as raised:
        asks()
    assert raised.value.exit_code == 5
    said = raised.value.in_one_line
    assert SECRET not in said
    assert raised.value.remedy
    return said


# ---------------------------------------------------------------- real servers


def test_calendars_are_found_from_any_address_of_a_server(
    real_server: RealServer, calendar: Calendar
) -> None:
    root = "/".join(calendar.url.split("/")[:3]) + "/"
    for url in (calendar.url, real_server.home, root):
        with opened(url, real_server.login) as dav:
            assert calendar.url in [each.url for each in dav.calendars()]
    with opened(calendar.url, real_server.login) as dav:
        assert dav.calendar(None).url == calendar.url
    with opened(real_server.home, real_server.login) as dav:
        name = calendar_name(next(each for each in dav.calendars() if each.url == calendar.url))
        assert dav.calendar(name).url == calendar.url
        with pytest.raises(InvalidInput, match="no calendar"):
            dav.calendar("another")


def test_only_what_nobody_changed_is_written_or_removed(
    real_server: RealServer, calendar: Calendar
) -> None:
    event = EVENT.format(uid="plan-01", title="first")
    with opened(calendar.url, real_server.login) as dav:
        url = dav.place("plan-01.ics")
        dav.put(url, event.encode(), CALENDAR, IF_NEW)
        with pytest.raises(Changed):
            dav.put(url, event.encode(), CALENDAR, IF_NEW)
        (before,) = dav.events(calendar.url, of_uid("plan-"))
        assert before.url == url
        assert b"X-OF-OTHERS:kept" in before.data
        calendar.put("plan-01.ics", event.replace("first", "somebody's"))
        with pytest.raises(Changed):
            dav.put(url, event.encode(), CALENDAR, before.version)
        with pytest.raises(Changed):
            dav.delete(url, before.version)
        assert "somebody's" in calendar.get("plan-01.ics")
        now = dav.get(url)
        assert now is not None
        dav.put(url, event.encode(), CALENDAR, now.version)
        (after,) = dav.events(calendar.url, of_uid("plan-"))
        dav.delete(url, after.version)
        dav.delete(url, after.version)
        assert dav.get(url) is None


def test_events_are_looked_up_by_uid_and_by_time(
    real_server: RealServer, calendar: Calendar
) -> None:
    for uid in ("plan-01", "plan-02", "other-01"):
        calendar.put(f"{uid}.ics", EVENT.format(uid=uid, title="a"))
    with opened(calendar.url, real_server.login) as dav:
        assert len(dav.events(calendar.url, of_uid("plan-"))) == 2
        assert len(dav.events(calendar.url, of_uid("nobody's"))) == 0
        day = between("20261201T093000Z", "20261201T094000Z")
        assert len(dav.events(calendar.url, day)) == 3
        assert len(dav.events(calendar.url, between("20261202T000000Z", "20271201T000000Z"))) == 0


# ---------------------------------------------------------------- all that goes wrong


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 507])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "PUT", "MKCOL"])
def test_a_server_that_refuses_is_a_problem(fake: Server, method: str, code: int) -> None:
    fake[f"/{SECRET}/"] = status(code)
    with of_fake(fake) as dav:
        asks: dict[str, Callable[[], object]] = {
            "PROPFIND": lambda: dav.calendar(None),
            "REPORT": lambda: dav.events(dav.place(), of_uid("a")),
            "PUT": lambda: dav.put(dav.place(), b"", CALENDAR),
            "MKCOL": lambda: dav.make_folder(dav.place()),
        }
        if (method, code) != ("MKCOL", 405):
            assert f"({code})" in problem(asks[method]) or f" {code}" in problem(asks[method])


@pytest.mark.parametrize("code", [423, 429, 500, 503])
def test_a_busy_or_broken_server_gets_three_tries_of_the_same(fake: Server, code: int) -> None:
    bodies: list[bytes] = []

    def notes(asked: Asked) -> None:
        bodies.append(asked.body)
        status(code, Retry_After="0")(asked)

    fake[f"PUT /{SECRET}/{code}"] = notes
    with of_fake(fake) as dav:
        said = problem(lambda: dav.put(dav.place(str(code)), TEXT.encode(), CALENDAR, IF_NEW))
    assert f"({code})" in said
    assert bodies == [TEXT.encode()] * 3


@pytest.mark.parametrize(
    ("answering", "said"),
    [
        (fake_server.lost, "connection was lost"),
        (fake_server.xml(b"no XML"), "makes no sense"),
        (fake_server.xml(b"<html/>"), "makes no sense"),
        (fake_server.xml(b""), "makes no sense"),
        (fake_server.xml(b'<?xml version="1.0" encoding="odd"?><a/>'), "makes no sense"),
        (fake_server.xml(b"<a>" * 100_000), "makes no sense"),
        (fake_server.calendar(TEXT.encode()), "answers 200"),
        (fake_server.redirect("https://elsewhere.example/"), "elsewhere.example"),
        (fake_server.redirect("http://elsewhere.example/"), "without https"),
        (fake_server.redirect("http://127.0.0.1:1/"), "without https"),
        (fake_server.redirect("file:///etc/passwd"), "without https"),
        (fake_server.redirect(f"/{SECRET}/"), "without end"),
    ],
)
def test_what_cannot_be_used_is_a_problem(
    fake: Server, answering: fake_server.Answering, said: str
) -> None:
    fake[f"/{SECRET}/"] = answering
    with of_fake(fake) as dav:
        assert said in problem(lambda: dav.calendar(None))


def test_half_an_answer_is_none(fake: Server) -> None:
    fake[f"/{SECRET}/"] = fake_server.half(TEXT.encode())
    with of_fake(fake) as dav:
        assert "connection was lost" in problem(lambda: dav.get(dav.place()))


@pytest.mark.parametrize("answering", [fake_server.silent(1), fake_server.in_drops(b"x" * 99, 0.1)])
def test_a_slow_server_is_not_waited_for(fake: Server, answering: fake_server.Answering) -> None:
    fake[f"/{SECRET}/"] = answering
    with of_fake(fake, HURRY) as dav:
        assert "within" in problem(lambda: dav.get(dav.place()))


def test_no_more_is_read_than_a_calendar_has(fake: Server) -> None:
    fake[f"/{SECRET}/"] = fake_server.endless
    with of_fake(fake) as dav:
        assert "more than 2 MB" in problem(lambda: dav.get(dav.place()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_answer_with_a_doctype_is_refused(fake: Server, encoding: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "{}">]><a>{}</a>'.format("x" * 1000, "&b;" * 1000)
    fake[f"/{SECRET}/"] = fake_server.xml(bomb.encode(encoding))
    with of_fake(fake) as dav:
        assert "makes no sense" in problem(lambda: dav.calendar(None))


@pytest.mark.parametrize("href", ["//[a/", "https://a:x/", "\x7f://", "https://[::1"])
def test_an_address_that_is_none_is_a_problem(fake: Server, href: str) -> None:
    link = f"<D:current-user-principal><D:href>{href}</D:href></D:current-user-principal>"
    fake[f"/{SECRET}/"] = multistatus(resource(f"/{SECRET}/", properties=link))
    with of_fake(fake) as dav:
        problem(dav.calendars)
    fake[f"/{SECRET}/"] = multistatus(resource(href, '"1"', TEXT))
    with of_fake(fake) as dav:
        problem(lambda: dav.get(dav.events(dav.place(), of_uid("a"))[0].url))


def test_no_password_goes_to_another_machine(fake: Server) -> None:
    elsewhere = fake.url("/elsewhere/", "localhost")
    link = f"<D:current-user-principal><D:href>{elsewhere}</D:href></D:current-user-principal>"
    fake[f"/{SECRET}/"] = multistatus(resource(f"/{SECRET}/", properties=link))
    with of_fake(fake) as dav:
        assert "without https" in problem(dav.calendars)
    assert fake.count["/elsewhere/"] == 0


def test_a_server_that_cannot_be_trusted_gets_no_password(safe_fake: Server) -> None:
    with of_fake(safe_fake) as dav:
        assert "doesn't trust" in problem(lambda: dav.calendar(None))
    assert not safe_fake.headers


def test_a_safe_server_gets_the_password_alone(
    fake: Server, safe_fake: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(fake_server.CERTIFICATE))
    monkeypatch.setattr(http, "_trusted", http._trusted.__wrapped__)
    safe_fake[f"/{SECRET}/"] = fake_server.redirect(fake.url("/down"))
    with of_fake(safe_fake) as dav:
        assert "without https" in problem(lambda: dav.calendar(None))
    assert fake.count["/down"] == 0
    assert "authorization" in safe_fake.headers[-1]


def test_a_server_may_want_the_password_as_a_digest(fake: Server) -> None:
    def answer(asked: Asked) -> None:
        if asked.headers.get("Authorization", "").startswith("Digest "):
            multistatus(resource("/", properties=A_CALENDAR))(asked)
        else:
            status(401, WWW_Authenticate='Digest realm="a", nonce="b", qop="auth"')(asked)

    fake[f"/{SECRET}/"] = answer
    with of_fake(fake) as dav:
        assert calendar_name(dav.calendar(None))


@pytest.mark.parametrize("etag", ["", 'W/"1"'])
def test_without_versions_nothing_is_written(fake: Server, etag: str) -> None:
    fake[f"REPORT /{SECRET}/"] = multistatus(resource(f"/{SECRET}/a.ics", etag, data=TEXT))
    with of_fake(fake) as dav:
        (found,) = dav.events(dav.place(), of_uid("a"))
        assert "ETag" in problem(lambda: dav.put(found.url, b"", CALENDAR, found.version))
    assert fake.count[f"/{SECRET}/a.ics"] == 0


def test_a_refusal_without_a_condition_is_a_problem(fake: Server) -> None:
    fake[f"/{SECRET}/"] = status(412)
    with of_fake(fake) as dav:
        assert "answers 412" in problem(lambda: dav.put(dav.place(), b"", CALENDAR))
        assert "answers 412" in problem(lambda: dav.delete(dav.place()))
        with pytest.raises(Changed):
            dav.delete(dav.place(), {"If-Match": '"1"'})


def test_no_password_goes_over_http_before_the_server_says_how(fake: Server) -> None:
    fake[f"/{SECRET}/"] = status(401, WWW_Authenticate='Digest realm="a", nonce="b", qop="auth"')
    before = len(fake.headers)
    with of_fake(fake) as dav:
        problem(lambda: dav.calendar(None))
    sent = [each.get("authorization", "") for each in fake.headers[before:]]
    assert sent[0] == ""
    assert not [each for each in sent if each.startswith("Basic")]


def test_nobody_at_that_address() -> None:
    with serving() as gone:
        pass
    with of_fake(gone) as dav:
        assert "can't be reached" in problem(lambda: dav.calendar(None))


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(FileProblem, match="extra “server”"):
        opened("https://cloud.example/")
