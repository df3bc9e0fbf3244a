"""The one place that reads the clock and the zone of this machine."""

from __future__ import annotations

import os
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mesoplan.cli.console import say
from mesoplan.dates.days import require_plannable
from mesoplan.dates.zones import find_zone
from mesoplan.errors import InvalidInput, UnknownName, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

NOW_VARIABLE = "MESOPLAN_NOW"


def now() -> datetime:
    """The present moment, aware; MESOPLAN_NOW (an ISO instant) replaces it if set.

    Raises InvalidInput if that variable has any other value.
    """
    text = os.environ.get(NOW_VARIABLE)
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            f"{NOW_VARIABLE} is {quoted(text)}, which is not a date and time",
            "write it with its offset, as in 2026-12-01T09:00:00Z, or unset it",
        )
    require_plannable(moment.date())
    return moment.astimezone(UTC)


def system_zone_name() -> str:
    """The IANA name of this machine's time zone.

    Doubts are reported on standard error. Raises InvalidInput if the machine has none set, or if TZ
    has a name that is not a zone's.
    """
    _require_real_zone(os.environ.get("TZ", ""))
    from tzlocal import get_localzone_name

    try:
        # It warns where the machine's settings are missing or contradict each other.
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            name = get_localzone_name()
    except (LookupError, ValueError, OSError):
        name = None
    if not name:
        raise InvalidInput(
            "this computer has no time zone set",
            "name the clinic's zone, as in --tz Europe/Paris",
        )
    if doubts:
        say(
            f"mesoplan: this computer's time zone is not clear, so {name} is assumed",
            "  name the clinic's zone, as in --tz Europe/Paris",
        )
    return str(name)


def usual_zone(tz: str | None, of_profile: str | None) -> Callable[[], str]:
    """The clinic's zone if a file doesn't say it: as typed, else the profile's, else the system's.

    Raises UnknownName for a typed name that is not a zone's.
    """
    if tz is not None:
        find_zone(tz)
    return lambda: tz or of_profile or system_zone_name()


def _require_real_zone(variable: str) -> None:
    """Raise InvalidInput for a TZ that is not a zone: all else would take it for UTC."""
    name = variable.removeprefix(":")
    if not name or name.startswith("/"):
        return
    try:
        find_zone(name)
    except UnknownName as error:
        raise InvalidInput(
            f"the environment variable TZ is {quoted(variable)}, which is not a time zone",
            "correct it, or name the clinic's zone, as in --tz Europe/Paris",
        ) from error
