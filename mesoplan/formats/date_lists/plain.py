"""A plain list of dates: one a line, or several where that is clear."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mesoplan.formats.date_lists.cells import WrittenDate, WrongLine, written_date

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

_BULLET = re.compile(r"\s*[-*•]\s+")
_SEPARATORS = (r"[;\t]", ",")
_YEAR_FIRST = r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:(?:[ \t]+|T)[0-9]{1,2}:[0-9]{2})?"
_SEVERAL_YEAR_FIRST = re.compile(rf"{_YEAR_FIRST}(?:[\s,;]+{_YEAR_FIRST})+")


def written_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that is neither blank nor a comment, with its number, without comments."""
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.partition("#")[0].strip()
        if bare:
            yield number, bare


def dates_in(line: int, text: str, zone: ZoneInfo) -> list[WrittenDate]:
    """The dates in one line of a list.

    Raises WrongLine where it holds anything else, or where they can't be told apart.
    """
    text = _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
    if _SEVERAL_YEAR_FIRST.fullmatch(text.strip(" ,;")):
        return [written_date(line, found, zone) for found in re.findall(_YEAR_FIRST, text)]
    try:
        return [written_date(line, text, zone)]
    except WrongLine as error:
        problem = error
    for separator in _SEPARATORS:
        pieces = [piece for piece in re.split(separator, text) if piece.strip()]
        found: list[WrittenDate] = []
        try:
            for piece in pieces:
                found.append(written_date(line, piece, zone))  # noqa: PERF401 - kept on an error
        except WrongLine as error:
            # Where some of the pieces are dates, the wrong piece is what is to be mended.
            if found:
                problem = error
        else:
            return found
    raise problem
