"""How much a test tries of what could be tried: a little in the suite, more in a proof.

With MESOPLAN_TIMES=4, four times as many random cases, other stories each time, and all of a list.
`python -m tests.proving.thorough` runs all tests that ask here.
"""

import os
from collections.abc import Iterable
from typing import TypeVar

TIMES = int(os.environ.get("MESOPLAN_TIMES", "1"))
IN_THE_SUITE = TIMES == 1
_T = TypeVar("_T")


def examples(usual: int) -> int:
    """*usual*, or so many times as many in a proof."""
    return usual * TIMES


def some(every: Iterable[_T], step: int) -> list[_T]:
    """Each *step*-th of them, from the first on, or all of them in a proof."""
    return [*every][:: step if IN_THE_SUITE else 1]
