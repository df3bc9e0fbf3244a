"""What is at an address of the web: fetched within limits, by a fake server on this machine."""

import time
from collections.abc import Iterator, Mapping

import pytest

from mesoplan.errors import FileProblem, InvalidInput, ServerProblem, is_address, quoted
from mesoplan.servers import http
from mesoplan.servers.http import Address, Answer, Patience, address_in, fetch_all
from tests import fake_server
from tests.fake_server import Server, serving

SECRET = "secret-0123"
TEXT = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
NO_MARKS: Mapping[str, str] = {}
PATIENCE = Patience(pause=0.01, largest_bytes=2_000_000)
HURRY = PATIENCE._replace(whole=0.5)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def safe_server() -> Iterator[Server]:
    with serving(with_tls=True) as running:
        yield running


def found(
    url: str, marks: Mapping[str, str] = NO_MARKS, patience: Patience = PATIENCE
) -> Answer | ServerProblem:
    address = address_in(url)
    return fetch_all({address: marks}, patience)[address]


def problem(url: str, patience: Patience = PATIENCE) -> ServerProblem:
    answer = found(url, patience=patience)
    assert isinstance(answer, ServerProblem)
    assert answer.exit_code == 5
    assert SECRET not in answer.in_one_line
    return answer


def data(url: str) -> bytes | None:
    answer = found(url)
    assert isinstance(answer, Answer), answer
    return answer.data


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.org/a.ics?t=1", "https://example.org/a.ics?t=1"),
        ("webcal://example.org/a.ics", "https://example.org/a.ics"),
        ("WEBCALS://example.org/a.ics#part", "https://example.org/a.ics"),
        (" http://example.org ", "http://example.org/"),
    ],
)
def test_an_address_is_https_unless_it_says_http(text: str, url: str) -> None:
    assert is_address(text)
    assert address_in(text, plain_http=True) == Address(url)


@pytest.mark.parametrize("name", ["doctor.ics", "/home/c/doctor.ics", "C:\\d.ics", "ftp://e.org/a"])
def test_the_name_of_a_file_is_not_an_address(name: str) -> None:
    assert not is_address(name)


@pytest.mark.parametrize(
    "text",
    [
        *("https://u:secret-0123@e.org/a", "webcal://secret-0123@e.org/a", "https://"),
        *("https://e.org:secret-0123/", "https://e.org/secret-0123 x", "https://[secret-0123/"),
    ],
)
def test_an_address_with_a_password_or_half_an_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        address_in(text)
    assert SECRET not in refusal.value.in_one_line


def test_an_address_shows_whose_it_is_or_its_host() -> None:
    of_roux = address_in(f"https://example.org/{SECRET}", "the diary of Dr Roux")
    assert repr(of_roux) == "<the diary of Dr Roux>"
    assert repr(address_in(f"https://example.org/{SECRET}")) == "<the calendar at example.org>"
    for address in (f"webcal://u:{SECRET}@example.org/{SECRET}", f"webcal:/example.org?{SECRET}"):
        assert quoted(address) == "'webcal://example.org/…'"
    assert quoted("doctor.ics") == "'doctor.ics'"


def test_plain_http_is_only_for_this_machine_unless_it_is_asked_for() -> None:
    for url in ("http://localhost/a", "http://[::1]:8/a", "http://127.8.0.1/a", "https://e.org/a"):
        assert address_in(url) == Address(url)
    for url in ("http://example.org/a", "http://localhost.example.org/", "http://10.0.0.1/a"):
        assert address_in(url, plain_http=True) == Address(url)
        with pytest.raises(InvalidInput):
            address_in(url)


# ---------------------------------------------------------------- answers


def test_what_is_there_comes_with_its_marks(server: Server) -> None:
    server["/a"] = fake_server.calendar(TEXT, ETag='"7"', Last_Modified="Mon, 23 Nov 2026")
    marks = {"If-None-Match": '"7"', "If-Modified-Since": "Mon, 23 Nov 2026"}
    assert found(server.url(f"/a?{SECRET}")) == Answer(TEXT, marks)
    assert found(server.url(f"/a?{SECRET}"), marks) == Answer(None, marks)


def test_nothing_of_us_is_sent_along(server: Server) -> None:
    server["/sent"] = fake_server.redirect(server.url("/there", "localhost"))
    server["/there"] = fake_server.calendar(TEXT)
    before = len(server.headers)
    assert data(server.url("/sent")) == TEXT
    first, second = server.headers[before:]
    expected = {"host", "connection", "user-agent", "accept", "accept-encoding"}
    assert first.keys() == second.keys() == expected


def test_packed_text_is_unpacked(server: Server) -> None:
    server["/packed"] = fake_server.packed(TEXT)
    assert data(server.url("/packed")) == TEXT


@pytest.mark.parametrize("code", [423, 429, 500, 503])
def test_a_busy_or_broken_server_gets_three_tries(server: Server, code: int) -> None:
    busy = fake_server.status(code)
    third, never = f"/third-{code}", f"/never-{code}"
    server[third] = fake_server.at_last(3, busy, fake_server.calendar(TEXT))
    server[never] = fake_server.at_last(4, busy, fake_server.calendar(TEXT))
    assert data(server.url(third)) == TEXT
    assert f"({code})" in problem(server.url(never)).problem
    assert server.count[never] == 3


@pytest.mark.parametrize("code", [204, 401, 403, 404, 410, 418])
def test_a_refusal_is_final(server: Server, code: int) -> None:
    server[f"/{code}"] = fake_server.status(code)
    assert str(code) in problem(server.url(f"/{code}")).problem
    assert server.count[f"/{code}"] == 1


def test_a_server_is_given_the_time_that_it_asks_for(server: Server) -> None:
    wait = fake_server.status(429, Retry_After="0")
    server["/wait"] = fake_server.at_last(2, wait, fake_server.calendar(TEXT))
    assert data(server.url("/wait")) == TEXT
    server["/long"] = fake_server.status(429, Retry_After="120")
    assert "for 120 seconds (429)" in problem(server.url("/long")).problem
    assert server.count["/long"] == 1
    server["/odd"] = fake_server.status(503, Retry_After="soon")
    problem(server.url("/odd"))
    assert server.count["/odd"] == 3


def test_a_lost_connection_gets_another_try(server: Server) -> None:
    whole = fake_server.calendar(TEXT)
    server["/half"] = fake_server.at_last(3, fake_server.half(TEXT), whole)
    server["/lost"] = fake_server.at_last(2, fake_server.lost, whole)
    assert data(server.url("/half")) == data(server.url("/lost")) == TEXT
    server["/halves"] = fake_server.half(TEXT)
    assert "only in part" in problem(server.url("/halves")).problem


@pytest.mark.parametrize(
    "answering",
    [fake_server.silent(1.5), fake_server.in_drops(TEXT, 0.2)],
)
def test_a_slow_server_is_not_waited_for(server: Server, answering: fake_server.Answering) -> None:
    server["/slow"] = answering
    begin = time.monotonic()
    assert "did not come whole" in problem(server.url("/slow"), HURRY).problem
    assert time.monotonic() - begin < 1.2


def test_no_more_is_read_than_a_calendar_has(server: Server) -> None:
    server["/endless"] = fake_server.endless
    server["/bomb"] = fake_server.packed(b"BEGIN:VCALENDAR\r\n" + b" " * 20_000_000)
    for path in ("/endless", "/bomb"):
        assert "is larger than 2 MB" in problem(server.url(path)).problem


def test_what_makes_no_sense_is_refused(server: Server) -> None:
    server["/gzip"] = fake_server.calendar(b"not packed", Content_Encoding="gzip")
    assert "makes no sense" in problem(server.url("/gzip")).problem


def test_nobody_at_that_address() -> None:
    with serving() as gone:
        pass
    assert "can't be reached" in problem(gone.url("/a")).problem


# ---------------------------------------------------------------- redirects, certificates


def test_redirects_are_followed_but_not_for_ever(server: Server) -> None:
    server["/1"] = fake_server.redirect("/2", 301)
    server["/2"] = fake_server.redirect(server.url("/3", "localhost"), 308)
    server["/3"] = fake_server.calendar(TEXT)
    server["/round"] = fake_server.redirect("round")
    assert data(server.url("/1")) == TEXT
    assert "without end" in problem(server.url("/round")).problem


def test_no_redirect_leads_to_plain_http_elsewhere(server: Server) -> None:
    for place in (f"http://example.org/{SECRET}", "ftp://example.org/", "file:///etc/passwd"):
        server["/away"] = fake_server.redirect(place)
        assert "without https" in problem(server.url("/away")).problem


def test_a_certificate_that_nobody_vouches_for_is_refused(safe_server: Server) -> None:
    safe_server["/a"] = fake_server.calendar(TEXT)
    assert "doesn't trust" in problem(safe_server.url("/a")).problem
    assert safe_server.count["/a"] == 0


def test_no_redirect_leads_from_https_to_http(
    server: Server, safe_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(fake_server.CERTIFICATE))
    monkeypatch.setattr(http, "_trusted", http._trusted.__wrapped__)
    safe_server["/a"] = fake_server.calendar(TEXT)
    assert data(safe_server.url("/a")) == TEXT
    safe_server["/down"] = fake_server.redirect(server.url(f"/{SECRET}"))
    assert "without https" in problem(safe_server.url("/down")).problem
    assert server.count[f"/{SECRET}"] == 0


# ---------------------------------------------------------------- several


def test_several_are_fetched_together(server: Server) -> None:
    server["/slowly"] = fake_server.in_drops(TEXT, 0.01)
    wanted = {Address(server.url(f"/slowly?{number}")): NO_MARKS for number in range(6)}
    begin = time.monotonic()
    answers = fetch_all(wanted)
    assert [answer.data for answer in answers.values() if isinstance(answer, Answer)] == [TEXT] * 6
    assert time.monotonic() - begin < 1.8


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(FileProblem) as refusal:
        found("https://example.org/a")
    assert "pip install httpx2" in refusal.value.remedy
