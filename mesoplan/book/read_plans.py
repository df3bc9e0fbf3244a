"""What was read of the plans in the copy of a shared book, kept beside it.

To read a thousand plans takes more than a second, and this a sixth of that. It is of use for what
was not touched since, and never the only source. Beside a folder that people share there is none.
"""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mesoplan import __version__
from mesoplan.errors import FileProblem
from mesoplan.model.plan import Plan
from mesoplan.storage.files import write_unsynced
from mesoplan.storage.shared import is_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Stamp = tuple[int, int]
    """The size of a file, and when it was written."""

_NAME = ".book-plans"
_WRITTEN_BY = (__version__, sys.version_info[:2])
_FEW = 20
"""So many new ones are read again rather than all kept anew."""
_DATES = {"date", "datetime", "time", "timedelta"}


def plans_read(
    folder: Path, names: Iterable[str], read: Callable[[str], tuple[Plan | FileProblem, bool]]
) -> dict[str, Plan | FileProblem]:
    """The plans in the files of a folder, or why there is none.

    *read* reads one, and says whether its file alone says all of it.
    """
    if not is_copy(folder):
        return {name: read(name)[0] for name in names}
    kept = _kept(folder)
    found: dict[str, Plan | FileProblem] = {}
    stamped: dict[str, tuple[Stamp, Plan]] = {}
    new = 0
    for name in names:
        stamp = _stamp(folder / name)
        if name in kept and kept[name][0] == stamp:
            found[name], is_whole = kept[name][1], True
        else:
            found[name], is_whole = read(name)
            new += 1
        plan = found[name]
        if is_whole and stamp is not None and isinstance(plan, Plan):
            stamped[name] = stamp, plan
    if new > _FEW:
        with suppress(FileProblem):
            write_unsynced(folder / _NAME, pickle.dumps((_WRITTEN_BY, stamped)))
    return found


def _kept(folder: Path) -> dict[str, tuple[Stamp, Plan]]:
    """What this version of the program kept. Whatever else is there counts as nothing."""
    with suppress(Exception):
        written_by, kept = _OurValues(BytesIO((folder / _NAME).read_bytes())).load()
        if written_by == _WRITTEN_BY and isinstance(kept, dict):
            return kept
    return {}


def _stamp(path: Path) -> Stamp | None:
    with suppress(OSError):
        found = path.lstat()
        return found.st_size, found.st_mtime_ns
    return None


class _OurValues(pickle.Unpickler):
    """Makes nothing but the values of a plan, whatever somebody wrote there."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of that name. Raises UnpicklingError for what no plan has."""
        ours = module.startswith(("mesoplan.model.", "mesoplan.rules.", "mesoplan.dates."))
        found = super().find_class(module, name) if "." not in name else None
        if getattr(found, "__module__", None) == module and (ours or name in _DATES):
            return found
        raise pickle.UnpicklingError
