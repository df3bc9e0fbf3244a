"""Plans of a book, found by what somebody types."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from unicodedata import category, normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesoplan import Request, plan
from mesoplan.book.finding import (
    ListedPlan,
    Listing,
    completions,
    found_by,
    list_book,
    nearest_plans,
    typed_for,
)
from mesoplan.formats.plan_file.whose import FIRST_BYTES, whose_plan
from mesoplan.formats.plan_file.writing import calendar_file
from mesoplan.model.request import CalendarOptions
from tests.plan_books import STAMP, make_book, plan_bytes, plan_id

IDS = [f"{number:08x}-aaaa-4bbb-8ccc-dddddddddddd" for number in range(0x1B2D8A64, 0x1B2D8A64 + 99)]


def utc() -> str:
    return "UTC"


def listing(labels: Mapping[str, str], goal: str | None = "hair") -> Listing:
    """A book as it is listed: a file of each name, with that label."""
    found = []
    for (stem, label), own in zip(labels.items(), IDS, strict=False):
        found.append(ListedPlan.of(f"{stem}.ics", own, goal, label or None))
    return Listing(Path("book"), tuple(found), ())


def test_only_the_first_bytes_of_a_plan_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_book(tmp_path, 3)
    monkeypatch.delattr("mesoplan.book.folder.plan_in_book")
    assert len(list_book(tmp_path, utc).plans) == 3


def names(typed: str, labels: Mapping[str, str]) -> list[str]:
    """The files that are found, without their ending."""
    return [each.name[:-4] for each in found_by(typed, listing(labels).plans)]


@pytest.mark.parametrize(
    ("label", "typed"),
    [
        ("Anne Martin", "martin"),
        ("Anne Martin", "MARTIN anne"),
        ("Anne Martin", "mar ann"),
        ("Liam O'Neil", "o'neil"),
        ("Liam O’Neil", "neil"),
        ("Liam O'Neil", "o neil"),
        ("Liam O’Neil", "oneil"),
        ("Zoë Müller", "muller"),
        ("Zoe Muller", "Müller"),
        ("Karin Groß", "gross"),
        ("Ana Łukasz Ørsted", "lukasz orsted"),
        ("Léa Lebœuf", "leboeuf"),
        ("Ann Smith-Jones", "jones"),
        ("Ann Smith-Jones", "smith-jones"),
        ("李明", "李明"),
        ("李明", "李"),
        ("Li Wei", "li"),
        ("Li Wei", "wei li"),
        ("김민수", "김민수"),
        ("김민수", "김"),
        ("สมชาย ใจดี", "สมชาย"),
        ("สมชาย ใจดี", "ใจดี"),
        ("Nguyễn Thị Đào", "nguyen dao"),
        ("ＭＡＲＩＥ", "marie"),
        ("Иван Ёлкин", "елкин"),
        ("Ann Anna", "anna ann"),
        ("Anna Ann", "ann anna"),
        ("Martin, A.", "a martin"),
        ("Anne Martin", "martin hair"),
        ("Anne Martin", "hair anne"),
    ],
)
def test_words_of_a_label_find_it_without_case_accents_and_order(label: str, typed: str) -> None:
    assert names(typed, {"a": label, "b": "Rose Petit"}) == ["a"]


@pytest.mark.parametrize(
    ("label", "typed"),
    [
        ("Anne Martin", "artin"),
        ("Anne Martin", "ma"),
        ("Anne Martin", "anne marie"),
        ("Anne Martin", "anne anne"),
        ("Li Wei", "l"),
        ("Liv Wei", "li"),
        ("李明", "明"),
        ("Anne Martin", "hair"),
        ("Patient 12", "12"),
        ("Patient 1234", "1234"),
        ("น้ำ", "นำ"),
        ("Anne Martin", ""),
        ("Anne Martin", " - "),
        ("", "anne"),
    ],
)
def test_the_middle_of_a_word_a_number_of_a_label_and_a_goal_alone_find_nothing(
    label: str, typed: str
) -> None:
    assert names(typed, {"a": label}) == []


def test_digits_are_the_beginning_of_an_id_or_the_name_of_a_file() -> None:
    labels = {"2026-014": "Anne 1b2d", "x": "Paul Martin", "1b2d": ""}
    assert names("2026-014", labels) == ["2026-014"]
    assert names("2026-014.ics", labels) == ["2026-014"]
    assert names("2026-01", labels) == []
    # The name of a file in full comes before the beginning of an id.
    assert names("1b2d", labels) == ["1b2d"]
    assert names("1B2D8", labels) == ["2026-014", "x", "1b2d"]
    assert names("1b2", labels) == []
    assert names("paul 1b2d8", labels) == ["x"]
    assert names("1b2d8 hair paul", labels) == ["x"]


def test_the_name_of_a_file_does_not_hide_a_label() -> None:
    labels = {"martin": "Claire Durand", "x": "Anne Martin"}
    assert names("martin", labels) == ["martin", "x"]
    assert names("martin.ics", labels) == ["martin"]


def is_part_of_a_word(character: str) -> bool:
    return all(category(each)[0] in "LM" for each in normalize("NFKD", character))


LETTERS = st.characters(categories=["L", "M"]).filter(is_part_of_a_word)
WORDS = st.text(LETTERS, min_size=1, max_size=8)
LABELS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


# The first list of all letters takes a second to make.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LABELS, min_size=1, max_size=6), st.data())
def test_the_beginning_of_every_word_finds_its_label(
    labels: list[str], data: st.DataObject
) -> None:
    of_files = {f"f{number}-": label for number, label in enumerate(labels)}
    file, label = data.draw(st.sampled_from(list(of_files.items())))
    word = data.draw(st.sampled_from(label.split()))
    assert file in names(word.swapcase(), of_files) or not any(map(str.isalpha, word))
    for length in range(3, len(word)):
        if sum(map(str.isalpha, word[:length])) >= 3:
            assert file in names(word[:length], of_files)


@given(st.lists(LABELS, min_size=1, max_size=6), st.data())
def test_an_id_finds_its_plan_alone_and_so_does_what_is_to_be_typed(
    labels: list[str], data: st.DataObject
) -> None:
    of_files = {f"f{number}-": label for number, label in enumerate(labels)}
    book = listing(of_files)
    which = data.draw(st.sampled_from(book.plans))
    assert found_by(which.plan_id.upper(), book.plans) == [which]
    assert found_by(which.name, book.plans) == [which]
    typed = typed_for(which, book, data.draw(st.sampled_from(["", *labels])))
    assert found_by(typed, book.plans) == [which]


def test_what_is_typed_again_is_as_short_as_it_can_be() -> None:
    book = listing({"a": "Anne Martin", "b": "Zoë O'Neil", "c": "Paul Martin", "d": "Paul Martin"})
    fat = replace_plan(book, 3, goal="fat")
    assert [typed_for(each, fat) for each in fat.plans] == [
        *("anne martin", "zoë o neil", "paul martin hair", "paul martin fat")
    ]
    assert typed_for(book.plans[0], book, "anne") == "anne"
    assert typed_for(book.plans[2], book, "paul") == book.plans[2].plan_id[:8]
    copy = replace_plan(book, 3, plan_id=IDS[2])
    assert typed_for(copy.plans[2], copy, "paul") == "c.ics"


def replace_plan(book: Listing, at: int, **fields: str) -> Listing:
    each = book.plans[at]
    asked = {"plan_id": each.plan_id, "goal": each.goal, **fields}
    changed = ListedPlan.of(each.name, asked["plan_id"] or "", asked["goal"], each.label)
    return book._replace(plans=(*book.plans[:at], changed, *book.plans[at + 1 :]))


def test_labels_that_look_like_what_was_typed_are_named_as_they_can_be_typed() -> None:
    labels = {"a": "Anne Martin", "b": "Paul Martin", "c": "Zoe Petit", "d": "Patient 12"}
    book = replace_plan(listing(labels | {"e": "Zoe Petit"}), 4, goal="fat")
    assert nearest_plans("martni", book) == ["Anne Martin", "Paul Martin"]
    of_both = ["zoe petit hair (Zoe Petit)", "zoe petit fat (Zoe Petit)"]
    assert nearest_plans("zoe petti", book) == of_both
    # Typed again as it is, it would find nothing again.
    assert nearest_plans("patient 12", book) == ["patient (Patient 12)"]
    assert nearest_plans("zzz", book) == []


def test_the_first_bytes_of_a_file_say_whose_plan_it_is() -> None:
    label = "Zoë & Müller = 100% + %41"
    request = Request("hair", date(2026, 12, 1), timezone="Europe/Paris", patient=label)
    data = calendar_file(plan(request), CalendarOptions(), STAMP)
    found = whose_plan(data[:FIRST_BYTES])
    assert found is not None
    assert (found.goal, found.label) == ("hair", label)
    assert whose_plan(data.replace(b"\r\n", b"\n").replace(b"\n ", b"\n\t")) == found
    assert whose_plan(data[:200]) is None
    private = whose_plan(plan_bytes(private=True))
    assert private is not None
    assert (private.goal, private.label) == (None, None)


def test_a_file_without_a_record_at_its_beginning_is_read_whole(tmp_path: Path) -> None:
    lines = plan_bytes(7).split(b"\r\n")
    at = next(i for i, each in enumerate(lines) if each.startswith(b"X-APPOINTMENT-PLAN"))
    end = next(i for i, each in enumerate(lines[at + 1 :], at + 1) if not each.startswith(b" "))
    far = [b"X-NOTE:" + b"x" * 60] * 200
    (tmp_path / "far.ics").write_bytes(b"\r\n".join([*lines[:at], *far, *lines[end:]]))
    (each,) = list_book(tmp_path, utc).plans
    assert (each.plan_id, each.goal, each.label) == (plan_id(7), "hair", "Patient 7")


def test_what_is_no_plan_is_left_out(tmp_path: Path) -> None:
    make_book(tmp_path, 2)
    (tmp_path / "letter.ics").write_bytes(b"Dear Anne")
    (tmp_path / "gone.ics").symlink_to("nowhere")
    (tmp_path / "empty.ics").touch()
    os.mkfifo(tmp_path / "pipe.ics")
    found = list_book(tmp_path, utc)
    assert [each.name for each in found.plans] == ["a.ics", "b.ics"]
    assert len(found.unreadable) == 4


def test_the_table_of_names_has_the_labels_of_private_plans(tmp_path: Path) -> None:
    (tmp_path / "p.ics").write_bytes(plan_bytes(1, private=True))
    (tmp_path / "names.csv").write_text(f"plan,label\n{plan_id(1).upper()},Anne Martin\n")
    found = list_book(tmp_path, utc)
    assert [each.label for each in found_by("martin", found.plans)] == ["Anne Martin"]


def test_a_shell_is_offered_labels_and_files_from_three_letters_on(tmp_path: Path) -> None:
    make_book(tmp_path, 2)
    (tmp_path / "patricia.ics").write_bytes(plan_bytes(3, private=True))
    (tmp_path / "letter.ics").write_bytes(b"Dear Anne")
    assert completions(tmp_path, "pa") == []
    assert {text for text, _ in completions(tmp_path, "pat")} == {"patient", "patricia"}
    assert completions(tmp_path, "\0\ud800zz") == []
