"""Patients' feeds in the WebDAV folder of a server: a real one, and one that goes wrong."""

import sys
from pathlib import Path

import httpx2
import pytest

from tests.command_line import Outcome, mesoplan_line
from tests.dav_servers import PASSWORD, RealServer
from tests.fake_server import Asked, Server, serving, status

NAMES = ("dates.ics", "index.html")


def plan_and_profile(folder: Path, url: str) -> None:
    printing = f'["{sys.executable}", "-c", "print(\\"{PASSWORD}\\")"]'
    (folder / "clinic.toml").write_text(
        f'[servers.web]\nurl = "{url}"\nuser = "clinic"\npassword_command = {printing}\n'
        'public = "https://cal.example/f"\n'
    )
    assert typed(folder, "plan hair 2026-12-01 -o plan.ics").exit_code == 0


def typed(folder: Path, line: str) -> Outcome:
    return mesoplan_line(folder, f"MESOPLAN_CLINIC=clinic.toml mesoplan {line}")


def token_of(outcome: Outcome) -> str:
    assert outcome.exit_code == 0, outcome.error
    return outcome.text.strip().rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("real_server", ["xandikos"], indirect=True)
def test_a_feed_is_published_followed_and_withdrawn_on_a_server(
    real_server: RealServer, tmp_path: Path
) -> None:
    url = f"{real_server.home}feeds/"
    httpx2.request("MKCOL", url, trust_env=False)
    plan_and_profile(tmp_path, url)

    def there(token: str) -> list[httpx2.Response]:
        answers = [httpx2.get(f"{url}{token}/{name}", trust_env=False) for name in NAMES]
        return [each for each in answers if each.status_code == 200]

    first = token_of(typed(tmp_path, "publish plan.ics --feed"))
    kinds = [each.headers["content-type"].partition(";")[0] for each in there(first)]
    assert kinds == ["text/calendar", "text/html"]
    typed(tmp_path, "move plan.ics 3 2026-12-16")
    assert token_of(typed(tmp_path, "publish plan.ics --feed")) == first
    assert all("16" in each.text for each in there(first))
    second = token_of(typed(tmp_path, "publish plan.ics --new-link"))
    assert (len(there(first)), len(there(second))) == (0, 2)
    assert typed(tmp_path, "publish plan.ics --withdraw").exit_code == 0
    assert there(second) == []


def test_a_second_publish_writes_nothing_on_a_server(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}

    def keeps(asked: Asked) -> None:
        kept[asked.path] = asked.body
        asked.begin(201)

    def sends(asked: Asked) -> None:
        asked.begin(200 if asked.path in kept else 404)
        asked.wfile.write(kept.get(asked.path, b""))

    with serving() as server:
        plan_and_profile(tmp_path, server.url("/dav/"))
        assert typed(tmp_path, "publish plan.ics --feed").exit_code == 5
        (token,) = {path.split("/")[2] for path in server.count}
        server[f"MKCOL /dav/{token}/"] = status(201)
        for name in NAMES:
            server[f"GET /dav/{token}/{name}"] = sends
            server[f"PUT /dav/{token}/{name}"] = keeps
        typed(tmp_path, "publish plan.ics --feed")
        assert sorted(path.rpartition("/")[2] for path in kept) == [*NAMES]
        server.answers = {path: it for path, it in server.answers.items() if path[:3] == "GET"}
        assert token_of(typed(tmp_path, "publish plan.ics --feed")) == token


def refused_by(server: Server, folder: Path, further: str) -> None:
    before = (folder / "plan.ics").read_bytes()
    done = typed(folder, f"publish plan.ics {further}")
    assert (done.exit_code, done.text) == (5, "")
    (token,) = {path.split("/")[2] for path in server.count if len(path.split("/")) > 3}
    assert not any(secret in done.error for secret in (token, PASSWORD, server.url("/")))
    assert len(done.error.splitlines()) == 2
    assert (folder / "plan.ics").read_bytes() == before


@pytest.mark.parametrize("code", [403, 409, 500])
def test_a_server_that_refuses_leaves_the_plan_as_it_was_and_the_next_run_completes(
    code: int, tmp_path: Path
) -> None:
    refusing = status(code, Retry_After=0)
    with serving() as server:
        plan_and_profile(tmp_path, server.url("/dav/"))

        def answered(token: str, **by_method: int) -> None:
            for path in (f"/dav/{token}/", *(f"/dav/{token}/{name}" for name in NAMES)):
                for method, good in by_method.items():
                    server[f"{method} {path}"] = status(good) if good else refusing

        # The first time its link is not known before it is asked for.
        done = typed(tmp_path, "publish plan.ics --feed")
        assert done.exit_code == 5
        (token,) = {path.split("/")[2] for path in server.count}
        for good in ({"MKCOL": 0}, {"MKCOL": 405, "PUT": 0}):
            answered(token, GET=404, **good)
            refused_by(server, tmp_path, "--feed")
        answered(token, GET=404, MKCOL=201, PUT=201)
        assert token_of(typed(tmp_path, "publish plan.ics --feed")) == token
        answered(token, DELETE=0)
        for further in ("--new-link", "--withdraw"):
            refused_by(server, tmp_path, further)
        answered(token, DELETE=204)
        assert typed(tmp_path, "publish plan.ics --withdraw").exit_code == 0


def test_to_print_a_page_no_server_is_asked(tmp_path: Path) -> None:
    with serving() as server:
        plan_and_profile(tmp_path, server.url("/dav/"))
        text = (tmp_path / "plan.ics").read_text().replace("&serial=", "&link=1&serial=")
        (tmp_path / "plan.ics").write_text(text)
        (tmp_path / "feeds.key").write_text("ab" * 32)
        (tmp_path / "feeds.key").chmod(0o600)
        page = typed(tmp_path, "handout plan.ics -o -")
        assert "https://cal.example/f/" in page.text
        assert not server.count
