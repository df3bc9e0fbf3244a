"""Where the password for a server comes from, and that nobody sees it."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mesoplan.errors import InvalidInput
from mesoplan.servers import account as accounts
from mesoplan.servers.account import Account, PasswordCommand, account, server_address

URL = "https://cloud.example/calendars/clinic/"
SECRET = "secret-0123"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "clinic.toml").touch(0o600)
    tmp_path.chmod(0o700)
    return tmp_path


def found(command: PasswordCommand | None = None) -> Account:
    return account("clinic", URL, "desk", command, None)


def printing(home: Path, code: str) -> PasswordCommand:
    return PasswordCommand([sys.executable, "-c", code], home / "clinic.toml")


def test_a_command_prints_the_password(home: Path) -> None:
    answer = found(printing(home, f"print('{SECRET}'); print('user: desk')"))
    assert answer.login == ("desk", SECRET)
    assert SECRET not in repr(answer)
    assert "cloud" not in repr(answer)


@pytest.mark.parametrize(
    "code", ["", f"import sys; print('{SECRET}'); sys.exit(3)", f"1/0 # {SECRET}"]
)
def test_a_command_that_fails_says_so_without_what_it_printed(home: Path, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        found(printing(home, code))
    assert SECRET not in refusal.value.in_one_line


def test_a_command_that_prints_without_end_is_ended(home: Path) -> None:
    with pytest.raises(InvalidInput, match="prints without end"):
        found(printing(home, "while True: print('x' * 1000)"))


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_why_a_command_can_not_be_run_is_said(home: Path) -> None:
    (home / "secret").write_text("#!/bin/sh\n")
    for word, why in ((home / "nowhere", "no such program"), (home / "secret", "denied")):
        with pytest.raises(InvalidInput, match=why):
            found(PasswordCommand([str(word)], home / "clinic.toml"))
    with pytest.raises(InvalidInput, match="called like that"):
        found(PasswordCommand(["a\0b"], home / "clinic.toml"))


def test_a_command_runs_without_a_shell(home: Path) -> None:
    words = [f"{sys.executable} -c 1; touch {home / 'shell'}"]
    with pytest.raises(InvalidInput):
        found(PasswordCommand(words, home / "clinic.toml"))
    assert not (home / "shell").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
@pytest.mark.parametrize(("name", "mode"), [("clinic.toml", 0o620), ("clinic.toml", 0o602)])
def test_no_command_runs_from_a_profile_that_others_can_change(
    home: Path, name: str, mode: int
) -> None:
    (home / name).chmod(mode)
    with pytest.raises(InvalidInput, match="others can change"):
        found(printing(home, "import pathlib; pathlib.Path('ran').touch()"))
    (home / name).chmod(0o600)
    home.chmod(0o777)
    with pytest.raises(InvalidInput, match="others can change"):
        found(printing(home, ""))
    home.chmod(0o1777)
    assert found(printing(home, f"print('{SECRET}')")).login == ("desk", SECRET)


def test_netrc_has_the_password_of_the_same_user(home: Path) -> None:
    netrc = home / ".netrc"
    netrc.write_text(f"machine cloud.example login desk password {SECRET}\n")
    netrc.chmod(0o600)
    assert found().login == ("desk", SECRET)
    netrc.write_text(f"machine cloud.example login other password {SECRET}\n")
    with pytest.raises(InvalidInput, match="no password"):
        found()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_a_netrc_that_others_can_read_is_refused(home: Path) -> None:
    (home / ".netrc").write_text(f"machine cloud.example login desk password {SECRET}\n")
    (home / ".netrc").chmod(0o644)
    with pytest.raises(InvalidInput, match="others can read"):
        found()


def test_the_keyring_comes_before_netrc(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("cloud.example", "desk"): SECRET}
    keyring = SimpleNamespace(get_password=lambda host, user: kept.get((host, user)))
    monkeypatch.setattr(accounts, "find_spec", lambda _: keyring)
    monkeypatch.setattr(accounts, "import_module", lambda _: keyring)
    assert found().login == ("desk", SECRET)
    keyring.get_password = lambda *_: 1 / 0
    with pytest.raises(InvalidInput, match="no password"):
        found()


def test_nobody_is_asked_unless_somebody_can_answer() -> None:
    assert account("clinic", URL, "desk", None, lambda _: SECRET).login == ("desk", SECRET)
    assert account("clinic", URL, None, None, lambda _: SECRET).login is None
    with pytest.raises(InvalidInput, match="no password"):
        found()


@pytest.mark.parametrize(
    ("url", "why_not"),
    [
        ("https://cloud.example/other/", ""),
        ("https://cloud.example:443/", ""),
        ("https://cloud.example:8443/", "elsewhere"),
        ("https://p34.cloud.example/", "elsewhere"),
        ("http://cloud.example/", "unsafe"),
        ("ftp://cloud.example/", "unsafe"),
        ("https://cloud.example:x/", "unsafe"),
        ("https://[cloud.example/", "unsafe"),
    ],
)
def test_a_server_may_send_us_on_within_the_same_machine_alone(url: str, why_not: str) -> None:
    assert server_address("clinic", URL).may_send_on(url) == why_not
    plain = server_address("clinic", "http://cloud.example:80/", plain_http=True)
    assert plain.may_send_on("https://cloud.example/") == ""


@pytest.mark.parametrize("url", [f"https://desk:{SECRET}@cloud.example/", "http://cloud.example/"])
def test_no_password_goes_into_an_address_or_over_http(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        account("clinic", url, "desk", None, lambda _: SECRET)
    assert SECRET not in refusal.value.in_one_line
