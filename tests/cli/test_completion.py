"""The tab key: what can come next on a line, and the scripts by which the shells ask for it."""

import os
import pty
import re
import select
import shutil
import sys
import time
from pathlib import Path

import pytest

from mesoplan.cli.completion import SHELLS
from tests.command_line import mesoplan
from tests.examples import some

LABELS = ("Anne Martin", "Zoë O'Brien", "山田 花子", 'Ben "Bo" $(rm x) `x` !1 * 3')


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a profile and a book."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "book").mkdir()
    (folder / "clinic.toml").write_text(
        'book = "book"\n[[practitioner]]\nid = "roux"\nname = "Dr Roux"\n', "utf-8"
    )
    for number, label in enumerate(LABELS):
        mesoplan(
            folder,
            *("plan", "hair", "2026-12-01", "-n", "3", "-o", f"book/{number}.ics"),
            *("--patient", label),
        )
    return folder


def completed(folder: Path, line: str, shell: str = "zsh") -> list[str] | None:
    """The words that can come next at the end of a line; None where the shell may not add any."""
    world = {"_MESOPLAN_COMPLETE": shell, "_MESOPLAN_LINE": line, "MESOPLAN_CLINIC": "clinic.toml"}
    before = sorted(folder.rglob("*"))
    answer = mesoplan(folder, also=world)
    assert answer.error == ""
    assert sorted(folder.rglob("*")) == before
    assert answer.exit_code in (0, 1)
    words = [each.partition("\t")[0] for each in answer.text.splitlines()]
    return None if answer.exit_code else words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mesoplan m", ["miss", "move"]),
        ("mesoplan clinic ", ["init", "check", "show"]),
        ("mesoplan move --dr", ["--dry-run"]),
        ("mesoplan move --dry-run --dr", None),
        ("mesoplan goals cel", ["cellulite"]),
        ("mesoplan plan hair 2026-12-01 --area ", ["scalp"]),
        ("mesoplan plan hair --view ", ["table", "month"]),
        ("mesoplan plan hair --maintenance ", ["0", "1", "2"]),
        ("mesoplan plan hair --tz europe/par", ["Europe/Paris"]),
        ("mesoplan plan hair --tz=bangk", ["--tz=Asia/Bangkok"]),
        ("mesoplan plan hair --holidays fr-als", ["FR-Alsace"]),
        ("mesoplan plan hair --holidays TH", ["TH"]),
        ("mesoplan plan hair --with ", ["roux"]),
        ("mesoplan help priv", ["privacy"]),
        ("mesoplan completion z", ["zsh"]),
        ("mesoplan done book/0.ics ", ["1", "2", "3", "m1", "m2"]),
        ("mesoplan done 'anne martin' m", ["m1", "m2"]),
        ("mesoplan miss book/0.ics 1 m", ["m1", "m2"]),
        ("mesoplan done mar", ["anne martin"]),
        ("mesoplan attend mar", ["anne martin"]),
        ('mesoplan done "anne mar', ["anne martin"]),
        ("mesoplan done anne\\ mar", ["anne martin"]),
        # Nothing that a shell could carry out.
        ("mesoplan done ben", ["ben bo rm x x"]),
        # Less than three letters; a file is as good.
        ("mesoplan done ma", []),
        ("mesoplan check ", []),
        ("mesoplan plan hair -o ", []),
        ("mesoplan plan hair --time ", None),
        ("mesoplan mvoe ma", None),
        ("mesoplan plan --nonsense ha", ["hair"]),
        ("mesoplan plan hair --area", ["--area"]),
        ("mesoplan plan hare --area ", None),
        ("mesoplan done nobody.ics ", None),
        ("mesoplan", None),
        ("", None),
        ("mesoplan plan \"'", None),
    ],
)
def test_what_can_come_next(desk: Path, line: str, words: list[str] | None) -> None:
    assert completed(desk, line) == words


def test_bash_replaces_what_follows_the_equals_sign_alone(desk: Path) -> None:
    assert completed(desk, "mesoplan plan hair --tz=bangk", "bash") == ["Asia/Bangkok"]


@pytest.mark.parametrize("profile", ["book = ", 'book = "nowhere"', "\0", None])
def test_a_broken_profile_or_book_gives_no_label_and_no_error(
    tmp_path: Path, profile: str | None
) -> None:
    if profile is not None:
        (tmp_path / "clinic.toml").write_text(profile, "utf-8")
    assert completed(tmp_path, "mesoplan done mar") == []
    assert completed(tmp_path, "mesoplan plan ha") == ["hair"]


def test_a_script_is_printed_for_each_shell(tmp_path: Path) -> None:
    for shell in SHELLS:
        assert "_MESOPLAN_COMPLETE" in mesoplan(tmp_path, "completion", shell).text


# ---------------------------------------------------------------- real shells

STARTED = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(mesoplan completion bash)"'),
    "zsh": (["-f", "-i"], 'eval "$(mesoplan completion zsh)"'),
    "fish": (["--no-config", "-i"], "mesoplan completion fish | source"),
}
STAND_IN = f"""#!/bin/sh
if [ -n "$_MESOPLAN_COMPLETE" ] || [ "$1" = completion ]; then
    exec "{sys.executable}" -m mesoplan "$@"
fi
printf '[%s]' "$@"
printf ' end\\n'
"""
"""A mesoplan that completes, and otherwise shows the words that it was given."""


TYPED = {
    "mesoplan mov\tmar\t": "[move][anne martin]",
    'mesoplan done "zoë\t': "[done][zoë o brien]",
    "mesoplan done 山田\t": "[done][山田 花子]",
}


@pytest.mark.parametrize("shell", some(STARTED, 3))
def test_a_real_shell_reads_what_the_tab_key_completes_as_one_word(shell: str, desk: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    arguments, set_up = STARTED[shell]
    stand_in = desk / "mesoplan"
    stand_in.write_text(STAND_IN, "utf-8")
    stand_in.chmod(0o755)
    world = {
        "PATH": f"{desk}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HOME": str(desk),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
        "MESOPLAN_CLINIC": str(desk / "clinic.toml"),
    }
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(desk)
        os.execve(program, [shell, *arguments], world)
    try:
        os.write(terminal, f"{set_up}; mesoplan ready\r".encode())
        answers = [_answer(terminal)]
        for line in TYPED:
            os.write(terminal, f"{line}\r".encode())
            answers.append(_answer(terminal))
    finally:
        os.close(terminal)
        os.waitpid(process, 0)
    assert answers == ["[ready]", *TYPED.values()]


def _answer(terminal: int) -> str:
    """The words that the stand-in was given, as soon as it shows them."""
    shown, end = b"", time.monotonic() + 30
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 65536)
        if found := re.search(r"(\[[^\r\n]+\]) end\r", shown.decode(errors="replace")):
            return found[1]
    return repr(shown)
