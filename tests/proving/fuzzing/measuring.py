"""What it takes a reader to read the worst megabytes, each in a process of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proving.fuzzing.reports import Found, Report
from tests.proving.fuzzing.searching import again, in_process
from tests.proving.fuzzing.worst_shapes import worst_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_MEMORY_MB = 300


def measured(names: Sequence[str]) -> Iterator[tuple[str, Report]]:
    """What each of the worst shapes takes of the readers of those names, all together."""
    with tempfile.TemporaryDirectory(prefix="nonsense-shapes-") as folder:
        # All of them in this process would be memory that each reader seems to have.
        in_process("shapes", lambda _: _put_shapes(Path(folder)))
        for path in sorted(Path(folder).iterdir()):
            of_shape = Report()
            for name in names:
                data = path.read_bytes()
                report = again(name, data)
                if report.memory_mb > MOST_MEMORY_MB:
                    report.found.append(Found(name, f"{report.memory_mb} MB of memory", data))
                of_shape.add(report)
            yield path.name, of_shape


def _put_shapes(folder: Path) -> None:
    for name, data in worst_shapes().items():
        (folder / name).write_bytes(data)
