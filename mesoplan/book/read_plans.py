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
from mesoplan.dates.zones import known_zone
from mesoplan.errors import FileProblem
from mesoplan.model.plan import Plan
from mesoplan.storage.files import write_unsynced
from mesoplan.storage.shared import is_copy, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_NAME = ".book-plans"
_MADE_BY = (__version__, sys.version_info[:2])
_FEW = 20
"""Up to this number, new ones are read again each time, rather than all kept anew."""
_OF_PLANS = ("mesoplan.model.", "mesoplan.rules.", "mesoplan.dates.")


def plans_read(
    folder: Path, names: Sequence[str], read: Callable[[str], Plan | FileProblem]
) -> dict[str, Plan | FileProblem]:
    """The plans in the files of a folder, or why there is none; *read* reads one."""
    if not is_copy(folder):
        return {name: read(name) for name in names}
    stamps = {name: stamp_of(folder / name) for name in names}
    kept = {
        name: plan for name, (stamp, plan) in _kept(folder).items() if stamps.get(name) == stamp
    }
    found = {name: kept[name] if name in kept else read(name) for name in names}
    if len(found) - len(kept) > _FEW:
        plans = {name: (stamps[name], it) for name, it in found.items() if isinstance(it, Plan)}
        with suppress(FileProblem):
            write_unsynced(folder / _NAME, pickle.dumps((_MADE_BY, plans)))
    return found


def _kept(folder: Path) -> dict[str, tuple[list[int], Plan]]:
    """What this version of the program kept. Whatever else is there counts as nothing."""
    with suppress(Exception):
        made_by, kept = _PlansAlone(BytesIO((folder / _NAME).read_bytes())).load()
        if made_by == _MADE_BY:
            return {name: (stamp, it) for name, (stamp, it) in kept.items() if type(it) is Plan}
    return {}


class _PlansAlone(pickle.Unpickler):
    """Makes nothing but the values of plans, whatever somebody wrote there."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of that name. Raises UnpicklingError for what no plan has."""
        if module == "datetime" or module.startswith(_OF_PLANS):
            # Whoever reads a book has loaded all that a plan is made of.
            found = getattr(sys.modules.get(module), name, None)
            if found is known_zone or (isinstance(found, type) and found.__module__ == module):
                return found
        raise pickle.UnpicklingError
