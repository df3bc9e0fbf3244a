"""A row is planned beside the rows before it: no later one makes it possible. By a slow search."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from mesoplan import DateRange, Request
from tests.batches import OUT, batch, contents, days, rejected, row, table
from tests.examples import examples
from tests.oracle import expected_course

PROFILE = """
timezone = "Europe/Paris"
rooms = 1
slot_minutes = 30

[hours]
mon = "10:00-10:30"
tue = "10:00-10:30"
wed = "10:00-10:30"
thu = "10:00-10:30"
fri = "10:00-10:30"
"""
"""One room with one slot a day: a day is free, or it is taken."""
MONDAY = date(2026, 12, 7)
DAY = timedelta(days=1)
Asked = dict[str, Request]
Plans = dict[str, tuple[date, ...]]


def asked(start: date, away: DateRange | None = None, sessions: int = 3) -> Request:
    return Request(
        "hair",
        start,
        sessions=sessions,
        interval_days=7,
        closed_weekdays=frozenset({5, 6}),
        away=() if away is None else (away,),
    )


def run(folder: Path, requests: Asked, *arguments: str) -> tuple[Plans, str]:
    """The days of the rows that have a plan after a batch in a book, and its first line."""
    (folder / "clinic.toml").write_text(PROFILE)
    rows = [
        row(
            name,
            start=f"{each.start}",
            sessions=f"{each.sessions}",
            interval="7",
            maintenance="0",
            away="".join(f"{away.first}..{away.last}" for away in each.away),
        )
        for name, each in requests.items()
    ]
    options = ("--clinic", "clinic.toml", "--book", OUT, *arguments)
    (folder / OUT).mkdir(exist_ok=True)
    first_line = batch(folder, table(*rows), *options).text.partition("\n")[0]
    found = {name: tuple(map(date.fromisoformat, days(folder, name))) for name in requests}
    return {name: course for name, course in found.items() if course}, first_line


def search(request: Request, plans: Plans, names: list[str]) -> tuple[date, ...] | None:
    """The best course beside the plans of those names, by looking at each."""
    taken = (DateRange(day, day) for name in names for day in plans.get(name, ()))
    preferred = [7] * ((request.sessions or 0) - 1)
    return expected_course(replace(request, closures=tuple(taken)), preferred)


def all_planned(requests: Asked, plans: Plans) -> Plans:
    """The plans after a batch that began with some, by the promise as it is stated."""
    plans, names = dict(plans), list(requests)
    while True:
        before = dict(plans)
        for at, (name, request) in enumerate(requests.items()):
            if name not in plans and search(request, plans, names[:at]) is not None:
                course = search(request, plans, names)
                plans |= {} if course is None else {name: course}
        if plans == before:
            return plans


def some(random: Random, names: str) -> Asked:
    """Rows that want the same few days, some of whom can't come soon after."""

    def one() -> Request:
        away = MONDAY + random.randrange(5, 16) * DAY
        until = DateRange(away, away + random.randrange(4, 12) * DAY)
        start = MONDAY + random.choice([0, 0, 1]) * DAY
        return asked(start, random.choice([None, until, until]), random.choice([3, 4]))

    return {name: one() for name in names}


@pytest.mark.parametrize("seed", range(examples(2)))
def test_each_row_gets_what_the_slow_search_finds_beside_the_rows_before_it(
    tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    requests = some(random, "abcde")
    plans, _ = run(tmp_path, requests)
    assert plans == all_planned(requests, {})
    # As if no row followed it.
    for at, (name, request) in enumerate(requests.items()):
        assert plans.get(name) == search(request, plans, list(requests)[:at])
    # And again, byte for byte.
    files = contents(tmp_path / OUT)
    assert run(tmp_path, requests)[0] == plans
    assert contents(tmp_path / OUT) == files
    # New rows among those that have their plans.
    mixed = {**some(random, "xy"), **requests, **some(random, "z")}
    more, _ = run(tmp_path, mixed)
    assert more == all_planned(mixed, plans)
    assert run(tmp_path, mixed)[0] == more


def test_a_row_is_not_made_possible_by_a_later_one_that_takes_its_start(tmp_path: Path) -> None:
    cannot_come = DateRange(date(2026, 12, 14), date(2026, 12, 21))
    requests = {"a": asked(MONDAY, cannot_come), "b": asked(MONDAY)}
    for counts in ("1 new, 1 rejected", "0 new, 1 unchanged, 1 rejected"):
        plans, first_line = run(tmp_path, requests)
        assert first_line == f"2 rows: {counts}"
        assert list(plans) == ["b"]
        assert rejected(tmp_path) == [("2", "BLOCKED")]
    # The first of two takes the day, and then the second may begin later.
    plans, _ = run(tmp_path, {"b": requests["b"], "a": requests["a"]})
    assert [course[0].day for course in plans.values()] == [7, 8]
