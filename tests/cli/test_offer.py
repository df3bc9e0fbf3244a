"""“move --offer” on a terminal, and as JSON."""

import json
import os
from pathlib import Path

import pytest

from tests.command_line import mesoplan_line
from tests.guided_runs import on_a_terminal

PLAN = "mesoplan plan contouring 2026-11-24 --clinic none -o p.ics --clinic-phone 1"
OFFER = "mesoplan move p.ics 3 --offer"
on_terminals = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")


@on_terminals
def test_the_day_that_is_chosen_is_moved_to_and_enter_alone_moves_nothing(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    before = (tmp_path / "p.ics").read_bytes()
    assert "[exit 0]" in on_a_terminal(tmp_path, OFFER, [""])
    assert "[exit 130]" in on_a_terminal(tmp_path, OFFER, ["^C"])
    assert (tmp_path / "p.ics").read_bytes() == before
    offers = json.loads(mesoplan_line(tmp_path, f"{OFFER} --json").text)["offers"]
    shown = on_a_terminal(tmp_path, OFFER, ["4", "2"])
    assert "To undo: mesoplan undo p.ics" in shown
    moved = json.loads(mesoplan_line(tmp_path, "mesoplan show p.ics --json").text)
    assert moved["sessions"][2]["start"][:10] == offers[1]["day"]


def test_each_command_that_is_offered_does_what_was_said(tmp_path: Path) -> None:
    mesoplan_line(tmp_path, PLAN)
    for offer in json.loads(mesoplan_line(tmp_path, f"{OFFER} --json").text)["offers"]:
        found = json.loads(mesoplan_line(tmp_path, f"{offer['command']} --dry-run --json").text)
        assert {key: found[key] for key in ("changes", "going", "coming")} == {
            key: offer[key] for key in ("changes", "going", "coming")
        }
