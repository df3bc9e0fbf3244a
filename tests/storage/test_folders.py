"""Folders that a command makes."""

from pathlib import Path
from typing import Any

import pytest

from mesoplan.errors import FileProblem
from mesoplan.storage.files import make_folder


def another_command_makes(monkeypatch: pytest.MonkeyPatch, *, a_file: bool) -> None:
    """Let something have the name of each folder just before it is made."""
    real = Path.mkdir

    def mkdir(self: Path, *arguments: Any, **named: Any) -> None:
        if a_file:
            self.touch()
        else:
            real(self)
        real(self, *arguments, **named)

    monkeypatch.setattr(Path, "mkdir", mkdir)


def test_a_folder_that_another_command_makes_just_then_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_command_makes(monkeypatch, a_file=False)
    assert not make_folder(tmp_path / "plans")


def test_a_file_that_another_command_makes_just_then_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_command_makes(monkeypatch, a_file=True)
    with pytest.raises(FileProblem):
        make_folder(tmp_path / "plans")
