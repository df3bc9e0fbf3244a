"""`mesoplan server check`: every server is tried, and what went wrong first is said."""

from pathlib import Path

from tests.command_line import Outcome, mesoplan
from tests.fake_server import Server, serving, status


def checked(folder: Path, *servers: str) -> Outcome:
    (folder / "clinic.toml").write_text("\n".join(servers))
    return mesoplan(folder, "server", "check", "--clinic", "clinic.toml")


def a_folder_of(server: Server, name: str) -> str:
    return f'[servers.{name}]\nurl = "{server.url(f"/{name}/")}"\npublic = "https://cal.example"'


def test_one_server_that_fails_keeps_no_other_from_being_tried(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    here = '[servers.here]\nfolder = "feeds"\npublic = "https://cal.example"'
    with serving() as server:
        done = checked(tmp_path, a_folder_of(server, "a"), here, a_folder_of(server, "b"))
    assert done.exit_code == 5
    assert "The server here" in done.text
    assert [line for line in done.error.splitlines() if line.startswith("mesoplan: ")] == [
        f"mesoplan: the server {name} has nothing at that address (404)" for name in ("a", "b")
    ]


def test_what_went_wrong_first_is_said_even_if_the_test_file_can_not_be_removed(
    tmp_path: Path,
) -> None:
    class _All(dict[str, object]):
        def get(self, asked: str, _usual: object = None) -> object:
            return status(507 if asked.startswith("DELETE ") else 403, Retry_After=0)

    with serving() as server:
        server.answers = _All()  # type: ignore[assignment]  # it answers all alike
        done = checked(tmp_path, a_folder_of(server, "a"))
    assert done.exit_code == 5
    assert "(403)" in done.error
