"""What it takes a reader to read the worst megabytes, each in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.proving.fuzzing.reports import Found, Report
from tests.proving.fuzzing.searching import again
from tests.proving.fuzzing.worst_shapes import worst_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_MEMORY_MB = 300


def measured(names: Sequence[str]) -> tuple[Report, dict[str, Report]]:
    """What all worst shapes take of the readers of those names, and what each takes of them."""
    whole = Report()
    of_shapes: dict[str, Report] = {}
    for shape, data in worst_shapes().items():
        of_shape = of_shapes[shape] = Report()
        for name in names:
            report = again(name, data)
            if report.memory_mb > MOST_MEMORY_MB:
                report.found.append(Found(f"{report.memory_mb} MB of memory", data))
            report.found = [
                Found(f"{name}, a megabyte of {shape!r}: {text}", found)
                for text, found in report.found
            ]
            of_shape.add(report)
        whole.add(of_shape)
    return whole, of_shapes
