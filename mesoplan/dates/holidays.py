"""The public holidays of a country or a part of it, by year, and whether they are known in full."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mesoplan.errors import UnknownName, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date


@lru_cache(maxsize=16)
def region_name(region: str) -> str:
    """The region as `holiday_year` knows it: “fr-alsace” is “FR-Alsace”.

    Raises UnknownName for a country or a part of one that has no holidays here.
    """
    import holidays
    from holidays.registry import EntityLoader

    named, dash, part = region.strip().partition("-")
    country = named.upper()
    # To list the parts of all countries, the library would load every one of them.
    countries = list(EntityLoader.get_country_codes())
    if country not in countries:
        raise UnknownName(
            "country",
            named,
            countries,
            "give its two-letter code (ISO 3166), such as TH, FR, US, IT or BR",
            meant=_regions_called(region.strip()) if len(named) > 3 else (),
        )
    if not dash:
        return country
    found = holidays.country_holidays(country)
    parts = [*found.subdivisions, *found.subdivisions_aliases]
    for known in parts:
        if known.casefold() == part.casefold():
            return f"{country}-{known}"
    raise UnknownName(
        f"part of {country}",
        part,
        parts,
        f"known parts: {', '.join(parts[:20])}, …"
        if parts
        else f"write {country} alone; it has no parts",
    )


def regions_from(begun: str) -> Iterator[tuple[str, str]]:
    """All countries and their names; once a dash follows one, its parts."""
    from holidays import country_holidays
    from holidays.registry import COUNTRIES

    country, dash, _ = begun.upper().partition("-")
    if not dash:
        for words, (_, code, *_) in COUNTRIES.items():
            yield code, words.replace("_", " ").title()
        return
    found = country_holidays(country)
    for part in (*found.subdivisions, *found.subdivisions_aliases):
        yield f"{country}-{part}", ""


def _regions_called(name: str) -> list[str]:
    """The regions whose name is most like that one: “France” is FR, “Alsace” is FR-Alsace."""
    import holidays
    from holidays.registry import COUNTRIES

    by_name: dict[str, list[str]] = {}
    for words, (_, country, *_) in COUNTRIES.items():
        by_name.setdefault(words.replace("_", " "), []).append(country)
    # This loads all countries, so only an unknown name has to wait for it.
    for country in sorted(country for _, country, *_ in COUNTRIES.values()):
        for part in holidays.country_holidays(country).subdivisions_aliases:
            by_name.setdefault(part.casefold(), []).append(f"{country}-{part}")
    return [region for each in nearest(name, by_name) for region in by_name[each]]


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """The public holidays of a region in one year."""

    names: Mapping[date, str]
    """By day; in English wherever the library has that, never in the language of the process."""
    complete: bool
    """False if the library has none for that year, or only a part of them."""


@lru_cache(maxsize=256)
def holiday_year(region: str, year: int) -> HolidayYear:
    """The holidays of a region, as `region_name` writes it, in a year."""
    country, _, part = region.partition("-")
    # For holidays that depend on the moon, the library warns outside the years that it knows.
    with warnings.catch_warnings(record=True) as beyond:
        warnings.simplefilter("always")
        names = _names(country, part, [year])
    return HolidayYear(names, bool(names) and not beyond)


def _names(
    country: str, part: str, years: Iterable[int], category: str | None = None
) -> dict[date, str]:
    import holidays

    return dict(
        holidays.country_holidays(
            country,
            subdiv=part or None,
            years=years,
            expand=False,
            language=_language(country),
            categories=None if category is None else (category,),
        )
    )


class HalfHoliday(NamedTuple):
    """A day that is a public holiday from some hour on, or for half of it."""

    name: str
    from_minutes: int | None
    """When it begins, in minutes since midnight; None where nobody says."""


_FROM = r" \(from (1[0-2]|[1-9])([ap])m\)"


@lru_cache(maxsize=256)
def half_holidays(region: str, year: int) -> Mapping[date, HalfHoliday]:
    """The half holidays of a region, as `region_name` writes it, in a year, by day.

    Those that are public holidays all day are not among them.
    """
    import holidays

    country, _, part = region.partition("-")
    if holidays.HALF_DAY not in holidays.country_holidays(country).supported_categories:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = _names(country, part, [year], holidays.HALF_DAY)
    whole = holiday_year(region, year).names
    return {day: _half_holiday(name) for day, name in names.items() if day not in whole}


def _half_holiday(name: str) -> HalfHoliday:
    """“Christmas Eve (from 1pm)”: the library names the hour of some."""
    at = re.search(_FROM, name)
    minutes = None if at is None else (int(at[1]) % 12 + 12 * (at[2] == "p")) * 60
    return HalfHoliday(re.sub(_FROM, "", name), minutes)


def _language(country: str) -> str | None:
    """English where the library has it."""
    import holidays

    languages = holidays.country_holidays(country).supported_languages
    english = [language for language in languages if language.startswith("en")]
    return (*english, *languages, None)[0]


class OfParts(NamedTuple):
    """A public holiday of parts of a country, but not of the whole country."""

    day: date
    name: str
    country: str
    parts: tuple[str, ...]
    """As `region_name` reads them: “GB-ENG”, “FR-Alsace”."""


def holidays_of_parts(regions: Iterable[str], days: Iterable[date]) -> list[OfParts]:
    """The holidays on *days* in parts of countries, where a whole country is named."""
    kept, among = dict.fromkeys(map(region_name, regions)), set(days)
    named = {country for country, dash, _ in (each.partition("-") for each in kept) if dash}
    years = tuple(sorted({day.year for day in among}))
    return [
        each
        for country in kept
        if "-" not in country and country not in named
        for each in _holidays_of_parts(country, years)
        if each.day in among
    ]


@lru_cache(maxsize=64)
def _holidays_of_parts(country: str, years: tuple[int, ...]) -> tuple[OfParts, ...]:
    import holidays

    all_parts = holidays.country_holidays(country)
    # Some codes are numbers, which nobody would recognise.
    known_as = {
        part: name
        for name, part in all_parts.subdivisions_aliases.items()
        if len(name) > 3 and not part.isalpha()
    }
    by_day: dict[tuple[date, str], list[str]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = _names(country, "", years)
        for part in all_parts.subdivisions:
            for day, name in _names(country, part, years).items():
                if day not in whole:
                    shown = f"{country}-{known_as.get(part, part)}"
                    by_day.setdefault((day, name), []).append(shown)
    return tuple(OfParts(*each, country, tuple(by_day[each])) for each in sorted(by_day))


def each_name(names: str) -> list[str]:
    """The holidays that fall on one day, letter case folded: the library joins their names."""
    return [name.strip().casefold() for name in names.split(";")]
