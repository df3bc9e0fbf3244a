"""What was read of the plans in the copy of a shared book, kept in a file beside them.

To read a thousand plans takes a second, and this a fifth of that. It holds for files that nobody
touched since. A folder that people share has none: it says whose plans these are.
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
from mesoplan.storage.shared import is_copy, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_NAME = ".book-plans"
_MADE_BY = (__version__, sys.version_info[:2])
_FEW = 20
"""So many new ones are read again each time, rather than all kept anew."""
_DATES = frozenset({"date", "datetime", "time", "timedelta"})


def plans_read(
    folder: Path, names: Iterable[str], read: Callable[[str], Plan | FileProblem]
) -> dict[str, Plan | FileProblem]:
    """The plans in the files of a folder, or why there is none; *read* reads one."""
    if not is_copy(folder):
        return {name: read(name) for name in names}
    stamps = {name: stamp_of(folder / name) for name in names}
    found: dict[str, Plan | FileProblem] = {}
    kept = _kept(folder)
    for name, stamp in stamps.items():
        same = name in kept and kept[name][0] == stamp
        found[name] = kept[name][1] if same else read(name)
    if sum(name not in kept or kept[name][0] != stamp for name, stamp in stamps.items()) > _FEW:
        plans = {name: (stamps[name], it) for name, it in found.items() if isinstance(it, Plan)}
        with suppress(FileProblem):
            write_unsynced(folder / _NAME, pickle.dumps((_MADE_BY, plans)))
    return found


def _kept(folder: Path) -> dict[str, tuple[list[int], Plan]]:
    """What this version of the program kept. Whatever else is there counts as nothing."""
    with suppress(Exception):
        made_by, kept = _PlansAlone(BytesIO((folder / _NAME).read_bytes())).load()
        if made_by == _MADE_BY and isinstance(kept, dict):
            return kept
    return {}


class _PlansAlone(pickle.Unpickler):
    """Makes nothing but the values of plans, whatever somebody wrote there."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of that name. Raises UnpicklingError for what no plan has."""
        ours = module.startswith(("mesoplan.model.", "mesoplan.rules.", "mesoplan.dates."))
        found = super().find_class(module, name) if "." not in name else None
        if getattr(found, "__module__", None) == module and (ours or name in _DATES):
            return found
        raise pickle.UnpicklingError
