"""`mesoplan publish --feed`: the link to a plan's dates, and what is under it in a local folder."""

import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest.mock import patch

import pytest

from mesoplan.errors import FileProblem
from mesoplan.formats import handout
from mesoplan.storage.feeds import LocalFeeds
from tests.command_line import Outcome, mesoplan_line

PROFILE = """
name = "Hair by the Park"
address = "1 Park Street"
timezone = "Europe/Paris"
[servers.web]
folder = "feeds"
public = "https://cal.example/f"
"""
PLAN = "mesoplan plan hair 2026-12-01 --patient Martin -o plan.ics"
WORLD = "MESOPLAN_CLINIC=clinic.toml mesoplan"
LATER = "2026-12-09T12:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clinic.toml").write_text(PROFILE)
    (tmp_path / "feeds").mkdir(mode=0o711)
    assert typed(tmp_path, "plan hair 2026-12-01 --patient Martin -o plan.ics").exit_code == 0
    return tmp_path


def typed(folder: Path, line: str, now: str | None = None) -> Outcome:
    return mesoplan_line(folder, f"{WORLD} {line}", now)


def published(folder: Path, further: str = "", now: str | None = None) -> Path:
    """The folder of the feed that is published now."""
    done = typed(folder, f"publish plan.ics --feed {further}", now)
    assert done.exit_code == 0, done.error
    link = re.fullmatch(
        r"Link for the patient: https://cal\.example/f/([a-z2-7]{26})/\n", done.text
    )
    assert link is not None
    return folder / "feeds" / link[1]


def contents(folder: Path) -> Iterator[tuple[str, bytes, int]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes(), path.stat().st_mtime_ns


def test_a_feed_has_the_dates_for_a_web_server_under_a_link_that_stays(folder: Path) -> None:
    feed = published(folder)
    assert sorted(path.name for path in feed.iterdir()) == ["dates.ics", "index.html"]
    if os.name == "posix":
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (feed, *feed.iterdir())}
        assert sorted(modes.values()) == [0o644, 0o644, 0o711]
        assert stat.S_IMODE((folder / "feeds.key").stat().st_mode) == 0o600
    typed(folder, "move plan.ics 3 2026-12-16")
    assert b"20261216T" not in (feed / "dates.ics").read_bytes()
    assert published(folder) == feed
    assert b"20261216T" in (feed / "dates.ics").read_bytes()
    assert b"16 December" in (feed / "index.html").read_bytes()


def test_a_second_publish_writes_nothing(folder: Path) -> None:
    published(folder)
    before = list(contents(folder))
    published(folder, now="2026-11-25T12:00:00Z")
    assert list(contents(folder)) == before


def test_the_file_of_the_plan_keeps_no_more_than_the_number_of_the_link(folder: Path) -> None:
    before = (folder / "plan.ics").read_bytes()
    feed = published(folder)
    after = (folder / "plan.ics").read_bytes()
    unfolded = [re.sub(rb"\r\n ", b"", data) for data in (before, after)]
    assert unfolded[1].replace(b"&link=1", b"") == unfolded[0]
    assert feed.name.encode() not in after


def test_a_new_link_takes_the_place_of_the_earlier_one_for_good(folder: Path) -> None:
    first = published(folder)
    second = published(folder, "--new-link")
    assert [*(folder / "feeds").iterdir()] == [second]
    assert typed(folder, "publish plan.ics --withdraw").exit_code == 0
    assert [*(folder / "feeds").iterdir()] == []
    assert published(folder) not in {first, second}


def test_a_link_that_was_to_be_replaced_never_comes_back(folder: Path) -> None:
    first = published(folder)
    full = FileProblem(folder, "no space", "make some")
    with patch.object(LocalFeeds, "write", side_effect=full):
        assert typed(folder, "publish plan.ics --new-link").exit_code == 4
    assert [*(folder / "feeds").iterdir()] == []
    assert published(folder) != first


def test_a_new_link_of_another_command_is_not_undone_by_one_that_goes_on(folder: Path) -> None:
    write, others = LocalFeeds.write, list[Path]()
    first = published(folder)
    typed(folder, "move plan.ics 3 2026-12-16")

    def interrupted(feeds: LocalFeeds, token: str, files: Mapping[str, bytes]) -> None:
        write(feeds, token, files)
        if not others:
            others.append(first)
            others.append(published(folder, "--new-link"))

    with patch.object(LocalFeeds, "write", interrupted):
        assert typed(folder, "publish plan.ics --feed").exit_code == 4
    assert [*(folder / "feeds").iterdir()] == [others[1]]
    assert published(folder) == others[1]


def test_nothing_is_withdrawn_from_a_folder_that_is_not_there(folder: Path) -> None:
    published(folder)
    (folder / "feeds").rename(folder / "not-mounted")
    before = (folder / "plan.ics").read_bytes()
    for further in ("--withdraw", "--new-link"):
        assert typed(folder, f"publish plan.ics {further}").exit_code == 4
    assert (folder / "plan.ics").read_bytes() == before


def test_undo_brings_no_earlier_link_back(folder: Path) -> None:
    published(folder)
    typed(folder, "move plan.ics 3 2026-12-16")
    second = published(folder, "--new-link")
    typed(folder, "undo plan.ics")
    assert published(folder) == second


def test_after_a_change_of_dates_the_command_to_publish_is_shown(folder: Path) -> None:
    again = "Not published: run mesoplan publish plan.ics --feed\n"
    assert again not in typed(folder, "move plan.ics 3 2026-12-16").text
    published(folder)
    assert again in typed(folder, "move plan.ics 3 2026-12-17").text
    assert again not in typed(folder, "done plan.ics 1", LATER).text
    typed(folder, "publish plan.ics --withdraw")
    assert again not in typed(folder, "cancel plan.ics 5", LATER).text


def test_a_table_run_again_keeps_the_link_and_says_what_to_publish(folder: Path) -> None:
    def run(start: str) -> list[str]:
        (folder / "t.csv").write_text(f"id,goal,start\nanna-0001,hair,{start}\n")
        done = typed(folder, "batch t.csv -o .")
        assert done.exit_code == 0, done.error
        return done.text.splitlines()

    run("2026-12-01")
    assert typed(folder, "publish anna-0001.ics --feed").exit_code == 0
    before = (folder / "anna-0001.ics").read_bytes()
    assert not any("publish" in line for line in run("2026-12-01"))
    assert (folder / "anna-0001.ics").read_bytes() == before
    lines = run("2026-12-03")
    at = next(at for at, line in enumerate(lines) if line.startswith("Not published"))
    assert lines[at + 1].strip() == "anna-0001.ics"
    again = typed(folder, "publish anna-0001.ics --feed")
    assert [path.name for path in (folder / "feeds").iterdir()] == [again.text.split("/")[-2]]


def test_the_page_for_the_patient_has_the_link_and_its_qr_code(folder: Path) -> None:
    feed = published(folder)
    link = f"https://cal.example/f/{feed.name}/"
    page = typed(folder, "handout plan.ics -o -").text
    assert page.count(link) == 2
    assert "<svg " in page
    typed(folder, "move plan.ics 3 2026-12-16 --handout page.html")
    assert link in (folder / "page.html").read_text("utf-8")
    with patch.object(handout, "qr_code", lambda _: None):
        assert link in typed(folder, "handout plan.ics -o -").text
    typed(folder, "publish plan.ics --withdraw")
    assert "cal.example" not in typed(folder, "handout plan.ics -o -").text


def test_without_the_key_no_link_is_made_up(folder: Path) -> None:
    first = published(folder)
    (folder / "feeds.key").unlink()
    assert typed(folder, "publish plan.ics --feed").exit_code == 4
    assert typed(folder, "publish plan.ics --withdraw").exit_code == 4
    page = typed(folder, "handout plan.ics -o -")
    assert (page.exit_code, "cal.example" in page.text) == (0, False)
    assert published(folder, "--new-link") != first


@pytest.mark.parametrize("content", ["", "x" * 64, "ab" * 31, "ab" * 600])
def test_a_key_that_is_damaged_is_refused(folder: Path, content: str) -> None:
    (folder / "feeds.key").write_text(content)
    (folder / "feeds.key").chmod(0o600)
    assert typed(folder, "publish plan.ics --feed").exit_code == 4
    assert [*(folder / "feeds").iterdir()] == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_key_that_others_can_read_is_refused(folder: Path) -> None:
    published(folder)
    (folder / "feeds.key").chmod(0o640)
    done = typed(folder, "publish plan.ics --feed")
    assert done.exit_code == 4
    assert "chmod 600" in done.error


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_folder_that_everybody_can_list_is_pointed_out(folder: Path) -> None:
    assert "chmod 711" not in typed(folder, "publish plan.ics --feed").error
    (folder / "feeds").chmod(0o755)
    assert "chmod 711" in typed(folder, "publish plan.ics --feed").error


def test_what_can_not_be_written_shows_no_link_and_leaves_the_plan_alone(folder: Path) -> None:
    feed = published(folder)
    shutil.rmtree(feed)
    feed.touch()
    before = (folder / "plan.ics").read_bytes()
    for further in ("", "--new-link", "--withdraw"):
        done = typed(folder, f"publish plan.ics --feed {further}")
        assert (done.exit_code, done.text) == (4, "")
        assert feed.name not in done.error
    assert (folder / "plan.ics").read_bytes() == before
    (folder / "feeds").rename(folder / "elsewhere")
    assert typed(folder, "publish plan.ics --feed").exit_code == 4
    assert not (folder / "feeds").exists()


def test_a_dry_run_says_what_would_be_done_and_does_nothing(folder: Path) -> None:
    def says(further: str, words: str) -> None:
        before = list(contents(folder))
        done = typed(folder, f"publish plan.ics --dry-run {further}")
        assert (done.exit_code, done.text) == (0, "")
        assert words in done.error
        assert list(contents(folder)) == before

    says("--feed", "under a new link")
    published(folder)
    says("--feed", "up to date")
    says("--new-link", "under a new link")
    says("--withdraw", "would be withdrawn")
    typed(folder, "move plan.ics 3 2026-12-16")
    says("--feed", "would be written")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_has_the_place_of_a_feed_stays_as_it_is(folder: Path, kind: str) -> None:
    feed, elsewhere = published(folder), folder / "elsewhere"
    feed.rename(elsewhere)
    if kind == "file":
        feed.touch()
    else:
        feed.symlink_to(elsewhere)
    before = list(contents(elsewhere))
    for further in ("--feed", "--new-link", "--withdraw"):
        done = typed(folder, f"publish plan.ics {further}")
        assert done.exit_code == 4
        assert "something else is in its place" in done.error
    assert list(contents(elsewhere)) == before
    assert os.path.lexists(feed)


def test_without_the_key_the_plan_s_id_says_which_folder_to_remove(folder: Path) -> None:
    feed = published(folder)
    plan_id = re.findall(r"UID:(.*)-01", (feed / "dates.ics").read_text())[0]
    (folder / "feeds.key").unlink()
    for further in ("--withdraw", "--new-link"):
        assert f"dates.ics has {plan_id}" in typed(folder, f"publish plan.ics {further}").error


def test_with_several_servers_the_command_to_publish_names_one(folder: Path) -> None:
    published(folder)
    with (folder / "clinic.toml").open("a") as profile:
        profile.write('[servers.other]\nfolder = "other"\npublic = "https://other.example"\n')
    assert "plan.ics --feed --to NAME\n" in typed(folder, "move plan.ics 3 2026-12-16").text


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("publish plan.ics --feed --withdraw --new-link", 2),
        ("publish plan.ics --feed --to elsewhere", 2),
        ("publish plan.ics --feed --clinic none", 2),
        ("publish other.ics --feed", 4),
        ("publish plan.ics --withdraw", 0),
    ],
)
def test_what_can_not_be_meant_publishes_nothing(folder: Path, line: str, code: int) -> None:
    assert typed(folder, line).exit_code == code
    assert [*(folder / "feeds").iterdir()] == []
