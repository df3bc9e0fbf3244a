"""Regions by their names, and the holidays that only parts of a country have."""

from datetime import date

import pytest

from mesoplan.dates.days import DateRange
from mesoplan.dates.holidays import (
    HalfHoliday,
    half_holidays,
    holiday_year,
    holidays_of_parts,
    region_name,
)
from mesoplan.errors import UnknownName

YEAR = DateRange(date(2027, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Alsace", ["FR-Alsace"]),
        ("alsace", ["FR-Alsace"]),
        ("France", ["FR"]),
        ("united kingdom", ["GB"]),
        ("England", ["GB-England"]),
        ("Georgia", ["GE", "US-Georgia"]),
        ("Castilla y León", ["ES-Castilla y León"]),
        ("Saint-Barthélemy", ["FR-Saint-Barthélemy"]),
    ],
)
def test_a_name_in_place_of_a_code_suggests_what_to_write(name: str, meant: list[str]) -> None:
    with pytest.raises(UnknownName) as refusal:
        region_name(name)
    assert refusal.value.suggestions == meant
    assert [region_name(each) for each in meant] == meant


def test_what_looks_like_no_name_gets_the_codes_that_look_like_it() -> None:
    with pytest.raises(UnknownName) as refusal:
        region_name("XFR")
    assert "FR" in refusal.value.suggestions


def test_holidays_of_parts_are_those_that_the_country_lacks_each_in_parts_that_can_be_named() -> (
    None
):
    for country in ("GB", "FR", "DE", "PT", "CH"):
        whole = holiday_year(country, 2027).names
        found = holidays_of_parts([country.lower()], YEAR)
        assert found
        for each in found:
            assert each.day not in whole
            for part in each.parts:
                assert holiday_year(region_name(part), 2027).names[each.day]
    easter = next(each for each in holidays_of_parts(["GB"], [date(2027, 3, 29)]))
    assert (easter.name, easter.parts) == ("Easter Monday", ("GB-ENG", "GB-NIR", "GB-WLS"))


def test_who_names_a_part_or_a_country_without_parts_is_not_asked() -> None:
    assert holidays_of_parts(["GB-ENG"], YEAR) == []
    assert holidays_of_parts(["GB", "GB-ENG"], YEAR) == []
    assert holidays_of_parts(["TH"], YEAR) == []
    assert holidays_of_parts([], YEAR) == []


@pytest.mark.parametrize(
    ("region", "day", "name", "from_minutes"),
    [
        ("IS", date(2026, 12, 24), "Christmas Eve", 13 * 60),
        ("US-PR", date(2026, 12, 24), "Christmas Eve", 12 * 60),
        ("AU-SA", date(2026, 12, 31), "New Year's Eve", 19 * 60),
        ("TR", date(2026, 10, 28), "Republic Day", 13 * 60),
        ("GR", date(2026, 12, 24), "Christmas Eve", None),
    ],
)
def test_a_half_holiday_begins_at_the_hour_of_its_name_or_nobody_knows_when(
    region: str, day: date, name: str, from_minutes: int | None
) -> None:
    assert half_holidays(region, 2026)[day] == HalfHoliday(name, from_minutes)


def test_a_day_that_is_a_holiday_as_a_whole_is_not_a_half_one() -> None:
    assert date(2026, 5, 4) in holiday_year("CN", 2026).names
    assert date(2026, 5, 4) not in half_holidays("CN", 2026)
    assert date(2026, 6, 1) in half_holidays("CN", 2026)


def test_most_countries_and_their_parts_have_no_half_holidays() -> None:
    assert half_holidays("FR-Alsace", 2026) == {}
    assert half_holidays("AU", 2026) == {}
