"""Ctrl-C comes before something that is short, or after it, and leaves nothing half-made."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from mesoplan.storage.files import write_all_new
from mesoplan.storage.interruptions import undisturbed
from mesoplan.storage.locks import held
from mesoplan.storage.temporaries import Temporary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupted_within(done: list[str]) -> None:
    with undisturbed():
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            done.append("inside")
        done.append("outside")
    done.append("afterwards")


def test_ctrl_c_waits_until_all_is_done() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_within(done)
    assert done == ["inside", "outside"]


def test_interrupted_in_the_middle_of_several_files_all_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.link

    def interrupted(*arguments: Any) -> None:
        real(*arguments)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "link", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all_new({tmp_path / "a.ics": b"a", tmp_path / "b.ics": b"b"})
    assert {each.name for each in tmp_path.iterdir()} == {"a.ics", "b.ics"}


def test_interrupted_as_soon_as_a_new_file_is_made_nothing_else_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Temporary.fill

    def interrupted(self: Temporary, data: bytes) -> None:
        signal.raise_signal(signal.SIGINT)
        real(self, data)

    monkeypatch.setattr(Temporary, "fill", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all_new({tmp_path / "a.ics": b"a"})
    assert {each.name for each in tmp_path.iterdir()} == {"a.ics"}


def test_interrupted_as_soon_as_a_lock_is_made_it_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def interrupted(*arguments: Any, **named: Any) -> int:
        descriptor = real(*arguments, **named)
        signal.raise_signal(signal.SIGINT)
        return descriptor

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt), held(tmp_path / ".lock", tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
