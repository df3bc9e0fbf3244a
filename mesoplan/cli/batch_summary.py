"""What is said of a batch when it is done, or was stopped."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from mesoplan.batch.outcomes import Became
from mesoplan.batch.tables import REJECTED_NAME
from mesoplan.cli.console import say, standard_output
from mesoplan.errors import printable
from mesoplan.formats.page import line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mesoplan.batch.summary import Some, Summary

_MOST_SHOWN = 5


def say_stopped(summary: Summary, folder: Path | None, *, dry_run: bool) -> None:
    """Say how far a batch came that was stopped."""
    rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
    if dry_run:
        say(f"Stopped after {rows}; nothing is written (--dry-run)")
    elif folder is None:
        say(f"Stopped after {rows}; no archive was written")
    else:
        plans = sum(summary.became.values())
        whole = "1 plan is" if plans == 1 else f"{plans:,} plans are"
        say(
            f"Stopped after {rows}: {whole} done, with whole files in {printable(folder)}",
            "  the schedule is as it was; run it again to go on",
        )


def show(summary: Summary, folder: Path | None, *, dry_run: bool, prune: bool) -> None:
    """Say what was done, and what needs somebody's attention."""
    became = summary.became
    parts = [f"{became[each]:,} {each}" for each in Became if became[each] or each is Became.NEW]
    parts += [f"{summary.rejected.count:,} rejected"] * bool(summary.rejected.count)
    rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
    lines = [f"{rows}: {', '.join(parts)}"]
    if folder is not None and not dry_run:
        lines.append(f"Plans: {printable(folder)}")
    lines += summary.written
    # Where no table is written that tells them, the reasons are told here.
    lines += _some("  ", summary.reasons if dry_run else summary.rejected)
    if summary.rejected.count and folder is not None and not dry_run:
        again = f"mesoplan batch {_typed(folder / REJECTED_NAME)} -o {_typed(folder)}"
        lines.append(f"  mend them there, and go on with: {again}")
    if summary.changed.count:
        lines.append("Changed, so tell the patients, and send them the files:")
        lines += _some("  ", summary.changed)
    if summary.past.count:
        lines.append(f"{_plans(summary.past)} that begin in the past, if the year is right:")
        lines += _some("  ", summary.past)
    if summary.cancelled.count:
        lines.append(f"{_plans(summary.cancelled)} without a row cancelled:")
        lines += _some("  ", summary.cancelled)
    elif summary.gone.count:
        what = "--prune cancels them"
        if prune and summary.nameless:
            what = "none was cancelled, since the ids of rejected rows are not known"
        lines.append(f"{_plans(summary.gone)} without a row any more ({what}):")
        lines += _some("  ", summary.gone)
    if summary.unreadable.count:
        lines.append("Left out, since it can't be read:")
        lines += _some("  ", summary.unreadable)
    standard_output().show(lambda _width: map(line, lines))


def _typed(path: Path) -> str:
    return shlex.quote(printable(path))


def _plans(some: Some) -> str:
    return "1 plan" if some.count == 1 else f"{some.count:,} plans"


def _some(indent: str, some: Some) -> Iterator[str]:
    for text in some.first[:_MOST_SHOWN]:
        yield f"{indent}{printable(text)}"
    if some.count > _MOST_SHOWN:
        yield f"{indent}and {some.count - _MOST_SHOWN:,} more"
