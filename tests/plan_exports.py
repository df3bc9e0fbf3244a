"""The plan files in tests/exports, and what must be read from each: expected.toml says what its
fields mean."""

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "exports"


def _cases() -> dict[str, dict[str, Any]]:
    written: dict[str, dict[str, Any]] = tomllib.loads(
        (FOLDER / "expected.toml").read_text("utf-8")
    )
    # What is told of a file, rather than of the plan in it, holds for that file alone.
    own = {"path", "like", "unknown", "why", "may_warn", "others"}
    cases: dict[str, dict[str, Any]] = {}
    for name, case in written.items():
        model = cases[case["like"]] if "like" in case else {}
        unknown = case.get("unknown", [])
        assert set(unknown) <= set(model), f"{name} does not know what {case.get('like')} lacks"
        kept = {key: value for key, value in model.items() if key not in {*own, *unknown}}
        cases[name] = {**kept, **case}
    return cases


CASES = _cases()
"""Each case by its name, with the values of the case that it is like."""
READABLE = {name: case for name, case in CASES.items() if case.get("exit", 0) == 0}
REFUSED = {name: case for name, case in CASES.items() if case.get("exit", 0) != 0}


def files(case: dict[str, Any]) -> list[Path]:
    """The calendar files of a case: one, or those of its folder."""
    path = FOLDER / case["path"]
    return sorted(path.glob("*.ics")) if path.is_dir() else [path]
