"""Which zone data are in force: the newer of the system's and the package's."""

import pickle
import zoneinfo
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from mesoplan import Request, plan
from mesoplan.dates import zones
from mesoplan.dates.zones import find_zone
from mesoplan.formats.ical.vtimezone import vtimezone

HOUR = timedelta(hours=1)


def forget() -> None:
    for each in (zones.known_zone, zones._all_names, vtimezone):
        each.cache_clear()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Callable[[str | None], None]]:
    """Gives this system zone data in which Paris has Tokyo's clocks, of some version."""
    folder = zones.tzdata_folder() / "zoneinfo"
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Paris").write_bytes((folder / "Asia" / "Tokyo").read_bytes())
    (tmp_path / "Europe" / "Nowhere").write_bytes((folder / "Asia" / "Tokyo").read_bytes())
    before = zoneinfo.TZPATH

    def begin(version: str | None) -> None:
        if version is not None:
            (tmp_path / "tzdata.zi").write_text(f"# version {version}\n", "utf-8")
        zoneinfo.reset_tzpath([str(tmp_path)])
        forget()

    yield begin
    zoneinfo.reset_tzpath(before)
    forget()


@pytest.mark.parametrize(
    ("version", "hours"), [("2024a", 1), ("2099a", 9), (None, 1), ("2024a-dirty", 1)]
)
def test_the_newer_zone_data_hold(
    system: Callable[[str | None], None], version: str | None, hours: int
) -> None:
    system(version)
    paris = find_zone("Europe/Paris")
    assert datetime(2026, 12, 1, 10, tzinfo=paris).utcoffset() == hours * HOUR
    described = vtimezone("Europe/Paris", 2026, 2027)
    assert described is not None
    assert f"TZOFFSETTO:+0{hours}00".encode() in described


def test_a_zone_that_the_older_data_alone_have_is_found_there(
    system: Callable[[str | None], None],
) -> None:
    system("2024a")
    nowhere = find_zone("Europe/Nowhere")
    assert datetime(2026, 12, 1, 10, tzinfo=nowhere).utcoffset() == 9 * HOUR


def test_a_plan_can_be_copied_and_pickled_with_its_zone() -> None:
    made = plan(Request("hair", date(2026, 12, 1), timezone="Europe/Paris"))
    assert deepcopy(made) == made
    assert pickle.loads(pickle.dumps(made)) == made
