"""The rules as a page to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.formats.page import Part, Table, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesoplan.rules import Rule

_NARROWEST_TABLE = 130


def rules_page(rules: Sequence[Rule], source: str, width: int | None) -> Iterator[Part]:
    """The rules, as a table where *width* allows (None: a pipe), else one below the other."""
    if width is None or width >= _NARROWEST_TABLE:
        rows = ((rule.id, rule.name, rule.limit, _where(rule)) for rule in rules)
        yield Table(("Rule", "Limits", "To", "Source"), tuple(rows))
    else:
        for rule in rules:
            yield line((rule.id, "title"), f"  {rule.name}: ", (rule.limit, "title"))
            yield line((_where(rule), "quiet"), indent=4)
    yield line()
    yield line(
        (f"Source: {source}. A clinic may narrow R1 to R3; nothing may widen them.", "quiet")
    )


def _where(rule: Rule) -> str:
    return f"{rule.section}: {rule.fact}"
