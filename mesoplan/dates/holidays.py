"""The public holidays of a country or a part of it, by year, and whether they are known in full."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mesoplan.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@lru_cache(maxsize=16)
def region_name(region: str) -> str:
    """The region as `holiday_year` knows it: “fr-alsace” is “FR-Alsace”.

    Raises UnknownName for a country or a part of one that has no holidays here.
    """
    import holidays
    from holidays.registry import EntityLoader

    country, dash, part = region.strip().partition("-")
    country = country.upper()
    # To list the parts of all countries, the library would load every one of them.
    countries = list(EntityLoader.get_country_codes())
    if country not in countries:
        raise UnknownName(
            "country",
            country,
            countries,
            "give its two-letter code (ISO 3166), such as TH, FR, US, IT or BR",
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


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """The public holidays of a region in one year."""

    names: Mapping[date, str]
    """By day; in English wherever the library has that, never in the language of the process."""
    complete: bool
    """False where the library has none for that year, or only a part of them."""


@lru_cache(maxsize=256)
def holiday_year(region: str, year: int) -> HolidayYear:
    """The holidays of a region, as `region_name` writes it, in a year."""
    import holidays

    country, _, part = region.partition("-")
    languages = holidays.country_holidays(country).supported_languages
    english = [language for language in languages if language.startswith("en")]
    # For holidays that go by the moon the library warns beyond the years that it has.
    with warnings.catch_warnings(record=True) as beyond:
        warnings.simplefilter("always")
        found = holidays.country_holidays(
            country,
            subdiv=part or None,
            years=year,
            expand=False,
            language=english[0] if english else (languages[0] if languages else None),
        )
        names = dict(found.items())
    return HolidayYear(names, bool(names) and not beyond)


def each_name(names: str) -> list[str]:
    """The holidays that fall on one day, letter case folded: the library joins their names."""
    return [name.strip().casefold() for name in names.split(";")]
