"""What patients read in each language: whole, with dates and plurals as CLDR has them."""

import re
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from babel import Locale
from babel.dates import format_date, format_skeleton, get_day_names, get_month_names
from babel.units import format_unit

from mesoplan import Plan, Request, Session, Status, plan
from mesoplan.model.request import LANGUAGES, CalendarOptions, ClinicWords
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.wording.languages import words_in
from mesoplan.wording.languages.words import Words
from mesoplan.wording.neutral import telling
from mesoplan.wording.patient import SENTENCES, alarm_text, description, title
from mesoplan.wording.recognised import described, own_title, title_of_others, words_of_others

OTHERS = [language for language in LANGUAGES if language != "en"]
DAYS = [date(2026, 12, 1) + timedelta(days=k) for k in range(400)]
AS_IN_ENGLISH = {
    *("whole_day", "day_of_year", "month_of_year", "first_of_month", "between", "comma"),
    *("in_brackets", "with_phone", "one_minute", "minutes"),
}
"""Texts that may be the same in another language: they have no word, or one that is the same."""


def texts(words: Words) -> dict[str, str]:
    found = {each.name: getattr(words, each.name) for each in fields(words)}
    return {name: text for name, text in found.items() if isinstance(text, str)}


def named_fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


# ---------------------------------------------------------------- whole


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_with_the_same_fields(language: str) -> None:
    english, own = texts(words_in("en")), texts(words_in(language))
    assert own.keys() == english.keys() - {"reviewed"}
    of_dates = {"whole_day", "day_of_year", "month_of_year"}
    for name, text in own.items():
        assert text or name == "between", name
        assert name in AS_IN_ENGLISH or text != english[name], name
        if name not in of_dates:
            assert named_fields(text) == named_fields(english[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_goal_and_area_has_a_name_of_its_own(language: str) -> None:
    words = words_in(language)
    assert words.goals.keys() == {goal.name for goal in ALL_GOALS}
    assert words.areas.keys() == {area for goal in ALL_GOALS for area in goal.areas}
    for names in (words.goals, words.areas):
        assert len(set(names.values())) == len(names)
        assert all(names.values())


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_that_nobody_reviewed_names_two_texts_it_was_compared_with(
    language: str,
) -> None:
    words = words_in(language)
    assert words.reviewed is not None or len(words.sources) >= 2
    assert all(re.search(r"read 20\d\d-\d\d-\d\d$", each) for each in words.sources)


def test_every_sentence_is_put_to_use() -> None:
    of_sentences = {each.name for each in SENTENCES}
    names = texts(words_in("en")).keys()
    assert of_sentences <= names
    first = [*names].index("contact")
    further = {"is_cancelled", "no_longer_stands"}
    assert {*[*names][first:]} - of_sentences == further


# ---------------------------------------------------------------- dates and numbers


@pytest.mark.parametrize("language", OTHERS)
def test_dates_of_400_days_are_those_of_cldr(language: str) -> None:
    words = words_in(language)
    for day in DAYS:
        whole, month = (
            format_date(day, "full", language),
            format_skeleton("yMMMM", day, locale=language),
        )
        if language == "th":
            # Both years, as a clinic in Thailand writes for people from elsewhere.
            name = get_month_names(locale="th")[day.month]
            year = f"{day.year + 543} ({day.year})"
            whole = f"{get_day_names(locale='th')[day.weekday()]}ที่ {day.day} {name} {year}"
            month = f"{name} {year}"
        short = format_skeleton("MMMEd", day, locale=language)
        if language == "fr" and day.day == 1:
            # CLDR leaves out what every French printer writes.
            whole, short = (text.replace(" 1 ", " 1er ") for text in (whole, short))
        assert (words.day(day), words.short_day(day), words.month(day)) == (whole, short, month)
        assert re.search(r"[^\d\W]", words.short_day(day))


def test_english_dates_have_the_names_of_cldr() -> None:
    words = words_in("en")
    assert words.months == tuple(get_month_names(locale="en").values())
    assert words.short_months == tuple(get_month_names("abbreviated", locale="en").values())
    for day in DAYS:
        short = format_skeleton("MMMEd", day, locale="en_GB").replace("Sept", "Sep")
        assert words.short_day(day) == short
        assert words.day(day) == f"{short} {day.year}"


def test_thai_dates_show_both_years() -> None:
    assert words_in("th").day(date(2026, 12, 1)) == "วันอังคารที่ 1 ธันวาคม 2569 (2026)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_minutes_have_the_plurals_of_cldr(language: str) -> None:
    words, locale = words_in(language), Locale.parse(language)
    for number in range(31):
        cldr = re.sub(r"\s+", " ", format_unit(number, "minute", "long", locale=locale))
        written = words.minutes_text(number)
        assert written == (cldr.replace(" ", "") if language == "ja" else cldr)
        if language not in {"th", "ja"}:
            assert (number in words.singular) == (locale.plural_form(number) == "one")


def test_weeks_begin_on_sunday_in_brazil_and_japan() -> None:
    begins = {language: words_in(language).first_weekday for language in LANGUAGES}
    assert {language for language, weekday in begins.items() if weekday == 6} == {"pt", "ja"}
    assert set(begins.values()) == {0, 6}


# ---------------------------------------------------------------- in a calendar

REQUEST = Request(
    "hair",
    date(2026, 12, 1),
    sessions=4,
    timezone="Europe/Paris",
    phone="+33 1 23",
    plan_id="4b0c2f6e-7d3a-4e19-9c58-0a1b2c3d4e5f",
)
PLAN = plan(REQUEST)
TRIP = replace(plan(replace(REQUEST, phone=None, arrive=date(2026, 12, 1))))
DROPS = (Status.MISSED, Status.CANCELLED)


def read_by(made: Plan, language: str) -> tuple[Plan, list[Session]]:
    """The plan of a patient who reads that language, with all sessions and two dropped ones."""
    made = replace(made, request=replace(made.request, language=language))
    dropped = (replace(made.sessions[1], status=status) for status in DROPS)
    return made, [*made.active, *dropped]


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_and_line_is_known_as_ours_in_any_language(
    language: str, private: bool
) -> None:
    options = CalendarOptions(private=private, words=ClinicWords("Clinic by the Park"))
    for made, sessions in (read_by(PLAN, language), read_by(TRIP, language)):
        for each in sessions:
            own = title(made, each, private=private)
            assert title_of_others(own, dropped=False, language="en") is None
            said = description(made, each, options)
            assert words_of_others("\n".join([*said, "", "Mine"])) == "Mine"
            assert words_of_others("\n".join(f"{line} Mine" for line in said)).split() == [
                "Mine" for _ in said
            ]
            assert words_of_others("\n".join(f"Mine {line}" for line in said)).split() == [
                "Mine" for _ in said
            ]
            typed_elsewhere = "\n".join(said).replace("’", "'").replace("\u00a0", " ")
            assert words_of_others(typed_elsewhere) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_and_a_description_say_what_the_record_says(language: str) -> None:
    made, sessions = read_by(PLAN, language)
    for each in made.active:
        for private in (False, True):
            found = own_title(title(made, each, private=private))
            assert found is not None
            assert found[:4] == (each.kind, private, each.number, made.total(each))
    whole = "\n".join(description(made, sessions[2], CalendarOptions()))
    assert described(whole) == ("hair", "scalp")
    assert described("\n".join(description(made, sessions[2], PRIVATE))) is None
    assert described(whole.replace("3", "x")) is None


PRIVATE = CalendarOptions(private=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_private_calendar_has_no_word_of_the_treatment_in_any_language(language: str) -> None:
    made, sessions = read_by(TRIP, language)
    for each in sessions:
        said = [*description(made, each, PRIVATE), title(made, each, private=True)]
        said.append(alarm_text(made, each, PRIVATE))
        assert list(telling(dict(enumerate(said)))) == []  # type: ignore[arg-type]
    opened = [title(made, sessions[0], private=False), *words_in(language).goals.values()]
    opened += [words_in(language).treatment]
    found = telling({str(number): text for number, text in enumerate(opened)})
    assert {"0", str(len(opened) - 1)} <= set(found)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_save_a_life_stands_in_english_too_until_the_language_is_reviewed(
    language: str, private: bool
) -> None:
    english, first = read_by(PLAN, "en")[0], PLAN.sessions[0]
    options = CalendarOptions(private=private)
    safety = [
        line
        for line in description(english, first, options)
        if "the same day if pain" in line or "emergency" in line or "feel unwell" in line
    ]
    assert len(safety) == 2
    said = description(read_by(PLAN, language)[0], first, options)
    if words_in(language).reviewed is None:
        assert said[-2:] == safety
        own = ClinicWords(None, {"call": "Ours.", "emergency": ""})
        without = description(read_by(PLAN, language)[0], first, replace(options, words=own))
        assert not set(safety) & set(without)
    else:
        assert said.count(safety[0]) == said.count(safety[1]) == 1
