"""The table of fields agrees with the classes and the commands that hold its fields."""

from dataclasses import fields
from typing import Any

from typer.main import get_command

from mesoplan import Request
from mesoplan.batch.rows import BUSY_COLUMNS, COLUMNS
from mesoplan.cli.app import app
from mesoplan.model.fields import ASKED, OPTIONS, RECORDED, TABLE
from mesoplan.model.request import CalendarOptions


def options_of(command: str) -> dict[str, Any]:
    """The options of a command, by the long names they are typed with."""
    found: Any = get_command(app).get_command(None, command)  # type: ignore[attr-defined]
    return {name: each for each in found.params for name in each.opts if name.startswith("--")}


def test_what_can_be_asked_is_what_a_request_or_the_options_of_its_file_hold() -> None:
    of_request = {each.name for each in fields(Request)}
    of_file = {each.name for each in fields(CalendarOptions)}
    assert {field.name for field in ASKED.values()} <= of_request | of_file
    assert {field.name for field in RECORDED.values()} <= of_request
    assert len({field.name for field in TABLE}) == len(TABLE)


def test_the_options_of_plan_are_those_of_the_table_in_its_order() -> None:
    typed = [flag.partition("/")[0] for each in OPTIONS for flag in each.typed if "--" in flag]
    assert [name for name in options_of("plan") if name != "--help"] == typed


def test_an_option_of_another_command_is_typed_as_in_the_table() -> None:
    of_table = {f"--{each.option}": each for each in OPTIONS}
    changes = ("done", "move", "miss", "away", "extend", "replan", "cancel", "undo")
    for command in (*changes, "check", "show", "batch"):
        for name, option in options_of(command).items():
            field = of_table.get(name)
            # “--output FOLDER” of a batch is another than the file of a plan.
            if field is not None and name != "--output":
                assert (option.metavar, option.multiple) == (field.metavar, field.kind.repeats)


def test_a_batch_has_a_column_for_each_field_that_can_be_asked() -> None:
    of_the_batch = {"id", "goal", "start", "tz", "clinic", *BUSY_COLUMNS, "priority"}
    assert set(COLUMNS) == {*ASKED, *of_the_batch}
