"""The rules as a page to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from mesoplan.formats.wording import plain_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from mesoplan.rules import Rule

_NARROWEST_TABLE = 110


def rules_page(rules: Sequence[Rule], source: str, width: int | None) -> Iterator[RenderableType]:
    """The rules, as a table where *width* allows (None: a pipe), else one below the other."""
    if width is None or width >= _NARROWEST_TABLE:
        table = plain_table(width, "Rule", "Limits", "To", "Source")
        for rule in rules:
            where = f"{rule.section}: {rule.fact}"
            table.add_row(*map(Text, (rule.id, rule.name, rule.limit, where)))
        yield table
    else:
        for rule in rules:
            yield Text.assemble((rule.id, "bold"), f"  {rule.name}: ", (rule.limit, "bold"))
            yield Padding(Text(f"{rule.section}: {rule.fact}", "dim"), (0, 0, 0, 4))
    yield Text()
    yield Text(f"Source: {source}. A clinic may narrow R1 to R3; nothing may widen them.", "dim")
