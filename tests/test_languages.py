"""What patients read in each language: whole, with dates and plurals as CLDR has them."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import icalendar
import pytest
import vobject
from babel import Locale
from babel.dates import format_date, format_skeleton, get_day_names, get_month_names
from babel.units import format_unit

from mesoplan import Plan, Request, Session, Status, plan
from mesoplan.errors import InvalidInput
from mesoplan.formats.plan_file.reading import read_plan
from mesoplan.model.request import (
    LANGUAGES,
    MAX_PLACE_CHARACTERS,
    CalendarOptions,
    ClinicWords,
)
from mesoplan.rules.goals import ALL_GOALS
from mesoplan.wording.languages import words_in
from mesoplan.wording.languages.words import Words
from mesoplan.wording.neutral import neutral, require_neutral, telling
from mesoplan.wording.patient import SENTENCES, alarm_text, lines_of, title
from mesoplan.wording.recognised import (
    described,
    language_of,
    own_title,
    title_of_others,
    words_of_others,
)
from tests.command_line import mesoplan
from tests.pages import MANUAL
from tests.plan_texts import by_uid, events, value

OTHERS = [language for language in LANGUAGES if language != "en"]
DAYS = [date(2026, 12, 1) + timedelta(days=k) for k in range(400)]
AS_IN_ENGLISH = {
    *("whole_day", "day_of_year", "month_of_year", "between", "comma"),
    *("in_brackets", "with_phone", "one_minute", "minutes"),
}
"""Texts that may be the same in another language: they have no word, or one that is the same."""


def description(made: Plan, session: Session, options: CalendarOptions) -> list[str]:
    return [line for line, _ in lines_of(made, session, options)]


def texts(words: Words) -> dict[str, str]:
    return {name: text for name, text in words._asdict().items() if isinstance(text, str)}


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


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_a_page_is_translated_with_the_same_fields(language: str) -> None:
    english, own = words_in("en").page, words_in(language).page
    assert len(own.narrow_weekdays) == 7
    for name, text, ours in zip(english._fields, english, own, strict=True):
        assert ours, name
        if name != "full_day":
            assert ours != text, name
            assert named_fields(str(ours)) == named_fields(str(text)), name


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_begins_or_ends_with_what_can_be_anything(language: str) -> None:
    of_a_shape = {"what", "call", "minutes", "stands"}
    for sentence in SENTENCES:
        ends = re.findall(r"^\{(\w+)\}|\{(\w+)\}$", sentence.in_words(words_in(language)))
        assert {name for both in ends for name in both if name} <= of_a_shape, sentence.name


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_days_in_full(language: str) -> None:
    words = words_in(language)
    for day in DAYS:
        whole = format_date(day, "full", "en_GB").replace(",", "")
        assert words.full_day(day) == (whole if language == "en" else words.day(day))


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
    name = f"Clinic by the Park {'x' * (MAX_PLACE_CHARACTERS - 19)}"
    options = CalendarOptions(private=private, words=ClinicWords(name))
    for made, sessions in (read_by(PLAN, language), read_by(TRIP, language)):
        for each in sessions:
            own = title(made, each, private=private)
            for shown in (own, own.replace("’", "'").replace("\u00a0", " ")):
                assert title_of_others(shown, dropped=False, language="en") is None
                assert each.is_dropped or own_title(shown) == own_title(own) is not None
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


@pytest.mark.parametrize("note", ["駅から所要時間は約30分です。", "เดินทางนัดนี้ใช้เวลาประมาณ 30 นาที"])
def test_what_the_patient_wrote_is_not_taken_for_ours_in_the_middle_of_it(note: str) -> None:
    assert words_of_others(note) == note


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
        assert list(telling({text: text for text in said}, language)) == []
    words = words_in(language)
    opened = {title(made, sessions[0], private=False), words.treatment, *words.goals.values()}
    # These are in many a Japanese word and name.
    assert opened - set(telling({text: text for text in opened}, language)) <= {"しわ", "しみ"}


PLACES = (
    *(
        "メゾン青山301, Tokyo",
        "ジミー",
        "シミズ",
        "シミュレーション",
        "メソポタミア",
        "イシワタ",
        "エステート芝",
    ),
    *("Park and Rides", "Rue de la Silhouette", "Calle Manchas", "Rue des Cheveux", "Via Capelli"),
    *("Via Pellegrini", "Calle Piel", "Dr Cabello", "Glatzel", "Haaren", "Haarlem", "Peaugres"),
    *("Spritzenhausstraße 1", "ไชยา", "ถนนฝ้าย", "Pelé", "Via Giovanni Bellezza"),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ordinary_place_or_name_tells_nothing(language: str) -> None:
    made = read_by(PLAN, language)[0]
    for place in PLACES:
        require_neutral(replace(made, request=replace(made.request, location=place)), PRIVATE)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("de", ("Haarklinik", "Hautarztpraxis", "Fettabsaugung", "Ihre Spritze", "Schönheit")),
        ("fr", ("votre peau", "Institut de beauté", "minceur", "vos rides", "une piqûre")),
        ("es", ("ácido hialurónico", "adelgazar", "su piel", "manchas", "tricología")),
        ("it", ("acido ialuronico", "dimagrire", "la pelle", "tricologia", "bellezza")),
        ("pt", ("ácido hialurônico", "emagrecer", "a sua pele", "beleza", "tricologia")),
        ("th", ("ปลูกผม", "ผมบาง", "ผิวหนัง", "ศัลยกรรม", "ฝ้า")),
        ("ja", ("植毛", "抜け毛", "たるみ", "肝斑", "エステ", "シミ取り")),
    ],
)
def test_a_line_of_the_clinic_tells_by_everyday_words_of_its_language(
    language: str, texts: tuple[str, ...]
) -> None:
    assert [*telling({text: text for text in texts}, language)] == [*texts]


def test_a_line_of_the_clinic_may_have_words_that_tell_in_another_language() -> None:
    for language, text in (("it", "Cara paziente"), ("de", "Gute Fahrt"), ("fr", "Appelez Rosa.")):
        assert [*telling({"before": text}, language)] == []


def test_a_place_that_a_private_file_shows_already_does_not_keep_the_plan_from_changing() -> None:
    shown = replace(PLAN, request=replace(PLAN.request, location="Centro Capilar"))
    with pytest.raises(InvalidInput):
        require_neutral(shown, PRIVATE)
    require_neutral(shown, PRIVATE, shown)
    moved = replace(shown, request=replace(shown.request, location="Clínica Capilar"))
    with pytest.raises(InvalidInput):
        require_neutral(moved, PRIVATE, shown)


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
        own = ClinicWords(None, {"emergency": ""}, {language: {"call": "Ours."}})
        without = description(read_by(PLAN, language)[0], first, replace(options, words=own))
        assert not set(safety) & set(without)
        own = ClinicWords(None, {"call": "Call Ann {at once}."})
        assert description(read_by(PLAN, language)[0], first, replace(options, words=own))[-2:] == [
            "Call Ann {at once}.",
            safety[1],
        ]
    else:
        assert said.count(safety[0]) == said.count(safety[1]) == 1


# ---------------------------------------------------------------- in a plan's file

NOW = "2026-12-04T12:00:00Z"


def run(folder: Path, *typed: str) -> str:
    outcome = mesoplan(folder, *typed, now=NOW)
    assert outcome.exit_code == 0, outcome.error
    return f"{outcome.text}{outcome.error}"


def written(folder: Path, language: str, *typed: str) -> Path:
    """A plan of four sessions in that language, of which the first is past."""
    asked = ("--sessions", "4", "--tz", "Europe/Paris", "--language", language)
    run(folder, "plan", "hair", "2026-12-01", *asked, "-o", "plan.ics", *typed)
    return folder / "plan.ics"


def titles(file: bytes) -> dict[str, str]:
    return {uid: value(event, "SUMMARY") or "" for uid, event in by_uid(file).items()}


def said(path: Path) -> dict[str, str]:
    """What the patient reads in each event, by its UID."""
    found = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    return {str(event["UID"]): str(event["DESCRIPTION"]) for event in found}


def versions(file: bytes) -> set[str | None]:
    return {value(event, "SEQUENCE") for event in events(file)}


@pytest.mark.parametrize("private", [(), ("--private",)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reader_reads_what_was_written(
    language: str, private: tuple[str, ...], tmp_path: Path
) -> None:
    path = written(tmp_path, language, *private)
    data = path.read_bytes()
    assert max(map(len, data.split(b"\r\n"))) <= 75
    read = read_plan([path], lambda: "UTC").plan
    assert read.request.language == language
    with_vobject = vobject.readOne(data.decode())
    with_icalendar = icalendar.Calendar.from_ical(data)
    options = CalendarOptions(private=bool(private))
    for session, one, two in zip(
        read.active, with_vobject.vevent_list, with_icalendar.walk("VEVENT"), strict=True
    ):
        whole = "\n".join(description(read, session, options))
        assert one.summary.value == two["SUMMARY"] == title(read, session, private=bool(private))
        assert one.description.value == two["DESCRIPTION"] == whole


@pytest.mark.parametrize("language", OTHERS)
def test_a_plan_keeps_its_language_through_changes(language: str, tmp_path: Path) -> None:
    path = written(tmp_path, language)
    for typed in (("done", "plan.ics", "1"), ("move", "plan.ics", "2", "2026-12-09")):
        run(tmp_path, *typed)
    data = path.read_bytes()
    assert versions(data) >= {"0", "1"}
    assert all(own_title(each) for each in titles(data).values())
    assert not any(name.startswith("Mesotherapy ") for name in titles(data).values())
    run(tmp_path, "cancel", "plan.ics", "m2")
    dropped = [each for each in titles(path.read_bytes()).values() if own_title(each) is None]
    assert [each.startswith(words_in(language).cancelled_title) for each in dropped] == [True]


def test_another_language_reissues_what_is_to_come_and_raises_no_version(tmp_path: Path) -> None:
    path = written(tmp_path, "fr")
    run(tmp_path, "cancel", "plan.ics", "m2")
    before = path.read_bytes()
    asked = ("replan", "plan.ics", "--language", "de", "--changes", "changes.ics")
    outcome = mesoplan(tmp_path, *asked, now="2026-12-04T12:00:01Z")
    shown = f"{outcome.text}{outcome.error}"
    assert "The sessions to come are in German from now on." in shown
    assert shown.count("No native reader has reviewed the texts in German.") == 1
    after = path.read_bytes()
    assert versions(after) == versions(before)
    changed = {uid for uid, name in titles(after).items() if name != titles(before)[uid]}
    # All but the first, which is past, and the one that is cancelled.
    assert len(changed) == 4
    stamped = by_uid(after).items()
    assert {
        uid for uid, event in stamped if value(event, "LAST-MODIFIED") == "20261204T120001Z"
    } == changed
    assert titles((tmp_path / "changes.ics").read_bytes()).keys() == changed
    run(tmp_path, "undo", "plan.ics")
    assert titles(path.read_bytes()) == titles(before)
    assert versions(path.read_bytes()) == versions(before)


def test_what_the_patient_wrote_stays_in_whatever_language_it_is_written_anew(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "fr")
    unfolded = path.read_bytes().replace(b"\r\n ", b"")
    mine = re.sub(rb"(DESCRIPTION:Un emp[^\r]*)", rb"\1\\nApportez la carte", unfolded)
    path.write_bytes(mine)
    for language in ("ja", "th", "de", "en"):
        run(tmp_path, "replan", "plan.ics", "--language", language)
        for text in [*said(path).values()][1:]:
            own, _, theirs = text.partition("\n\n")
            assert theirs == "Apportez la carte"
            assert language_of(own) == language


def test_the_language_is_seen_where_the_records_are_gone(tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / "plan.ics").unlink(missing_ok=True)
        text = written(tmp_path, language).read_bytes()
        bare = re.sub(rb"X-APPOINTMENT(-PLAN)?:.*?\r\n(?![ \t])", b"", text, flags=re.DOTALL)
        (tmp_path / "bare.ics").write_bytes(bare)
        found = read_plan([tmp_path / "bare.ics"], lambda: "UTC").plan
        assert found.request.language == language
        assert (found.goal, found.area, found.total_sessions) == ("hair", "scalp", 4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_seen_where_an_earlier_version_left_it_out(
    language: str, tmp_path: Path
) -> None:
    path = written(tmp_path, language)
    text = path.read_bytes().replace(b"\r\n ", b"")
    path.write_bytes(text.replace(f"&language={language}".encode(), b""))
    run(tmp_path, "move", "plan.ics", "2", "2026-12-09")
    assert read_plan([path], lambda: "UTC").plan.request.language == language
    # What is English now stays so, beside past sessions in that language.
    run(tmp_path, "replan", "plan.ics", "--language", "en")
    assert read_plan([path], lambda: "UTC").plan.request.language == "en"


def test_an_unknown_language_is_refused_with_all_there_are(tmp_path: Path) -> None:
    outcome = mesoplan(tmp_path, "plan", "hair", "2026-12-01", "--language", "xx", now=NOW)
    assert outcome.exit_code == 2
    assert all(f"{code} ({name})" in outcome.error for code, name in LANGUAGES.items())


def test_a_row_of_a_batch_has_a_language_and_changes_no_date_with_it(tmp_path: Path) -> None:
    table, out = tmp_path / "t.csv", tmp_path / "out"
    table.write_text("id,goal,start,language\na,hair,2026-12-05,fr\nb,hair,2026-12-05,\n")
    shown = run(tmp_path, "batch", "t.csv", "-o", "out")
    assert shown.count("No native reader has reviewed the texts in French.") == 1
    first = {name: (out / f"{name}.ics").read_bytes() for name in "ab"}
    assert all(name.startswith("Mésothérapie") for name in titles(first["a"]).values())
    table.write_text("id,goal,start,language\na,hair,2026-12-05,th\nb,hair,2026-12-05,en\n")
    assert "1 changed, 1 unchanged" in run(tmp_path, "batch", "t.csv", "-o", "out")
    second = (out / "a.ics").read_bytes()
    assert versions(second) == {"0"}
    assert all(name.startswith("เมโส") for name in titles(second).values())
    assert (out / "b.ics").read_bytes() == first["b"]


def test_a_row_without_a_language_keeps_that_of_its_plan(tmp_path: Path) -> None:
    table, plans = tmp_path / "t.csv", tmp_path / "out"
    table.write_text("id,goal,start,language\na,hair,2026-12-05,\nb,hair,2026-12-05,it\n")
    profile = tmp_path / "clinic.toml"
    also = {"MESOPLAN_CLINIC": "clinic.toml"}

    def again(language: str) -> dict[str, bytes]:
        profile.write_text(f'[defaults]\nlanguage = "{language}"\n')
        outcome = mesoplan(tmp_path, "batch", "t.csv", "-o", "out", now=NOW, also=also)
        assert outcome.exit_code == 0, outcome.error
        return {name: (plans / f"{name}.ics").read_bytes() for name in "ab"}

    first = again("fr")
    assert all(name.startswith("Mésothérapie") for name in titles(first["a"]).values())
    assert again("de") == first
    # Neither does it take back what was changed by hand.
    run(tmp_path, "replan", "out/a.ics", "--language", "es")
    by_hand = (plans / "a.ics").read_bytes()
    assert again("de") == {**first, "a": by_hand}
    table.write_text("id,goal,start,language\na,hair,2026-12-06,\nb,hair,2026-12-05,it\n")
    moved = again("de")["a"]
    assert moved != by_hand
    assert all(name.startswith("Mesoterapia") for name in titles(moved).values())


PROFILE = """\
name = "Clinique du Parc"
phone = "+33 1 23"
timezone = "Europe/Paris"
[patient_text]
travel = false
before = "Please come without make-up."
[texts.fr]
home = "Retour dès le {home}."
keep = false
[defaults]
language = "fr"
"""


def test_a_clinic_writes_lines_of_its_own_in_each_language(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(PROFILE)
    also = {"MESOPLAN_CLINIC": "clinic.toml"}
    asked = ("plan", "hair", "2026-12-05", "--arrive", "2026-12-05", "-o", "plan.ics")
    assert mesoplan(tmp_path, *asked, now=NOW, also=also).exit_code == 0
    *_, last = read_plan([tmp_path / "plan.ics"], lambda: "UTC").plan.sessions
    first = said(tmp_path / "plan.ics")[last.uid]
    assert f"Retour dès le {words_in('fr').day(last.day + timedelta(1))}.\n" in first
    assert words_in("fr").before in first
    assert not any(it in first for it in (words_in("fr").keep, words_in("fr").travel, "make-up"))
    # They are the clinic's own, and nobody else's when they come back.
    moved = mesoplan(tmp_path, "replan", "plan.ics", "--language", "it", now=NOW, also=also)
    assert moved.exit_code == 0
    assert "Retour" not in said(tmp_path / "plan.ics")[last.uid]


def test_a_line_of_the_clinic_is_filled_in_but_says_no_treatment_in_a_private_file() -> None:
    own = {"fr": {"session": "{what} {number}{treated} {{à jeun}}.", "contact": "Appelez {whom}."}}
    words = ClinicWords("Clinique des Cheveux", {}, own)
    made, (first, *_) = read_by(PLAN, "fr")
    assert description(made, first, CalendarOptions(words=words))[:2] == [
        "Appelez Clinique des Cheveux, +33 1 23,.",
        "Séance 1 (cheveux, cuir chevelu) {à jeun}.",
    ]
    private = neutral(made, CalendarOptions(private=True, words=words))
    assert description(made, first, private)[:2] == [
        "Appelez votre cabinet, +33 1 23,.",
        "Séance 1 {à jeun}.",
    ]


def test_a_wrong_field_or_language_is_a_mistake_of_the_profile(tmp_path: Path) -> None:
    wrong = PROFILE.replace("{home}", "{hom}") + '[texts.xx]\nhome = "{home"\n'
    wrong = wrong.replace('language = "fr"', 'language = "French"')
    wrong += '[texts.de]\nhome = "{home"\ncontact = "{0}"\ntrip = "{home!r:>99}"\n'
    wrong += 'held = "{held:>9}"\ncall = "{ca{{ll}"\nkeep = "{{home}} }} stay"\n'
    (tmp_path / "clinic.toml").write_text(wrong)
    outcome = mesoplan(tmp_path, "clinic", "check", "clinic.toml")
    assert outcome.exit_code == 2
    for where in (
        "texts.fr.home",
        "texts.xx",
        "texts.de.home",
        "texts.de.contact",
        "texts.de.trip",
        "texts.de.held",
        "texts.de.call",
    ):
        assert f"{where}: " in outcome.error
    assert "texts.de.keep" not in outcome.error
    assert "defaults.language: " in outcome.error


def test_the_manual_says_who_reviewed_each_language_and_with_what_it_was_compared() -> None:
    page = (MANUAL / "languages.md").read_text("utf-8")
    for code, name in LANGUAGES.items():
        words = words_in(code)
        reviewed = words.reviewed or "not reviewed by a native reader"
        sources = "; ".join(words.sources) or "–"
        assert f"| `{code}` | {name} | {reviewed} | {sources} |" in page
