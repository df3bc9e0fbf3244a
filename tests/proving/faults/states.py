"""The files of a folder before and after a command, and which mixtures of both are promised."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mesoplan.book.index import INDEX_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proving.faults.commands import Command

State = Mapping[str, bytes | None]
"""What is in a folder, by the paths in it; None for a folder."""


def state_of(folder: Path) -> State:
    """All that is in a folder and those in it."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


def restore(folder: Path, state: State) -> None:
    """Put a folder back as it was; what is right already is not written, and stays as old."""
    for name, data in state_of(folder).items():
        path = folder / name
        if name not in state or (state[name] is None) != (data is None):
            shutil.rmtree(path, ignore_errors=True) if data is None else path.unlink(
                missing_ok=True
            )
    now = state_of(folder)
    for name, data in state.items():
        path = folder / name
        if data is None:
            path.mkdir(exist_ok=True)
        elif now.get(name) != data:
            path.write_bytes(data)


def is_hidden(name: str) -> bool:
    """Whether it is a temporary file, a lock, or what a change keeps ready; not the index."""
    last = name.rpartition("/")[2]
    return name.startswith("clinic/.") or (last.startswith(".") and last != INDEX_NAME)


def is_of_next(name: str) -> bool:
    """Whether it was made by the command that comes after the one that was killed."""
    return "next." in name or "wrinkles" in name


def shown(state: State) -> State:
    """What is to be seen of a folder."""
    return {
        name: data
        for name, data in state.items()
        if not is_hidden(name) and not name.endswith(INDEX_NAME)
    }


def left_over(state: State) -> list[str]:
    """What should not be there once all is done."""
    return [name for name in state if is_hidden(name) or name.startswith("tmp/")]


def open_to_others(folder: Path, before: State) -> Iterator[str]:
    """The new files that others than their owner may read."""
    for name, data in state_of(folder).items():
        if data is not None and before.get(name) != data and (folder / name).stat().st_mode & 0o077:
            yield f"{name} can be read by others"


def wrong_indexes(state: State) -> Iterator[str]:
    """The indexes that are not whole."""
    for name, data in state.items():
        if name.endswith(INDEX_NAME) and data is not None:
            first, _, body = data.partition(b"\n")
            try:
                told = json.loads(first)["digest"]
            except (ValueError, KeyError):
                told = None
            if told != hashlib.blake2b(body, digest_size=16).hexdigest():
                yield f"{name} is not whole"


def mixtures(command: Command, state: State, before: State, after: State) -> Iterator[str]:
    """What is wrong with a state if everything in it may be the old or the new one, whole."""
    for name in sorted({*state, *before, *after}):
        if name not in state:
            if name in before and name in after:
                yield f"{name} is gone"
        elif not any(name in each and each[name] == state[name] for each in (before, after)):
            known = name in before or name in after
            yield f"{name} is neither the old nor the new one" if known else f"{name} is there"
    for name, needed in command.needs:
        is_old = state.get(_in_work(needed)) == before.get(_in_work(needed))
        if _in_work(name) in state and _in_work(name) not in before and is_old:
            yield f"{name} tells of a change that was not made"


def torn(command: Command, state: State, before: State, after: State) -> Iterator[str]:
    """What is new of a state although what belongs to it is old."""
    pairs = command.pairs if command.apart else (*command.pairs, ())
    for pair in pairs:
        names = [_in_work(name) for name in pair] or sorted({*before, *after})
        changed = [name for name in names if before.get(name, b"-") != after.get(name, b"-")]
        new = [name for name in changed if state.get(name, b"-") == after.get(name, b"-")]
        if new and len(new) != len(changed):
            yield f"only {', '.join(new)} of {', '.join(changed)} new"


def _in_work(name: str) -> str:
    return f"clinic/{name}"
