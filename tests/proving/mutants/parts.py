"""The modules that get faults, and the test files that must notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Part:
    """Modules that are tried together, with the test files that run."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    quick_tests: tuple[str, ...]
    """Those that run where a fault is outside functions, and all is imported anew."""
    at_import: tuple[str, ...] = ()
    """The functions that are done once the modules are imported: their faults are tried so, too."""


PARTS = {
    "core": Part(
        modules=(
            "mesoplan/rules.py",
            "mesoplan/availability.py",
            "mesoplan/blockers.py",
            "mesoplan/lanes.py",
            "mesoplan/solver.py",
            "mesoplan/planner.py",
        ),
        tests=(
            "lanes",
            "rules",
            "days_that_matter",
            "blockers",
            "planner_in_detail",
            "solver",
            "cases",
            "worked_changes",
            "planner",
            "hours",
            "bookings",
            "what_stays",
            "revising",
            "changes_in_detail",
            "check",
            "runs",
            "book",
            "clinic",
            "calendar_file",
            "change_commands",
            "command_line",
            "changes_against_search",
        ),
        quick_tests=(
            "rules",
            "days_that_matter",
            "blockers",
            "lanes",
            "planner_in_detail",
            "solver",
            "cases",
            "worked_changes",
            "what_stays",
            "runs",
        ),
    ),
    "calendar file": Part(
        modules=(
            "mesoplan/formats/content_lines.py",
            *(
                f"mesoplan/formats/ics/{file.name}"
                for file in sorted((CHECKOUT / "mesoplan/formats/ics").glob("*.py"))
            ),
        ),
        tests=(
            "content_lines",
            "content",
            "event_words",
            "records",
            "found_events",
            "assumed_record",
            "own_files",
            "merged_events",
            "reading_files",
            "restored",
            "calendar_file",
            "plan_file",
            "quick_reading",
            "records_gone",
            "edited_files",
            "rewriting",
            "calendars_of_programs",
            "plan_exports",
            "plans_from_files",
            "today",
            "revising",
            "what_stays",
            "worked_changes",
            "replacing",
            "batch_ids",
            "batch_by_hand",
            "book",
            "agenda",
            "check",
            "check_files",
            "usual_ways",
            "runs",
            "change_commands",
            "command_line",
        ),
        quick_tests=(
            "content_lines",
            "event_words",
            "records",
            "found_events",
            "assumed_record",
            "own_files",
            "merged_events",
            "reading_files",
            "restored",
            "calendar_file",
            "plan_file",
        ),
        at_import=("_list_of", "_in_order"),
    ),
}
"""What is tried: the whole list of modules."""
