"""How large the letters of a page for the patient can be, so that all stays on one sheet.

Only a browser knows how long a text really is. Here its lines are counted by the letters of Noto
Sans, which are wide, and with the distances of `handout.html`; a little of the sheet is kept free.
"""

from __future__ import annotations

from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Paper = Literal["a4", "letter"]
PAPERS: tuple[Paper, ...] = ("a4", "letter")
_PRINTED_PT = {"a4": (521, 785), "letter": (538, 735)}
"""How wide and high the printed part of each paper is, in points."""
_USED = 0.97
"""How much of it is filled at most."""
_MONTH_EMS, _MONTH_LINES = 12, 10.2
"""How wide a small month is, with the gap beside it, and how high."""
_QR_EMS = 6
"""How wide and high a QR code is, with the gap beside it."""
_LARGEST_PT, _LARGE_PT, _SMALLEST_PT = 12, 16, 8
_GOOD_PT, _GOOD_DATE_PT = 10, 12.5
"""Texts and dates are smaller than is good only where all would not fit otherwise."""


class _Sizes(NamedTuple):
    size: float
    """Of the texts, in points."""
    row: float
    """Of the dates, in letters of the texts."""
    month: float
    """Of the months, in letters of the texts."""
    below: bool
    """Whether the months stand below the dates, which have more room then."""


def sizes(content: Mapping[str, Any], paper: Paper, *, large: bool) -> dict[str, object]:
    """The sizes for the template, from what it shows: the largest with which all fits.

    All fits on one sheet, or on two if the page is to be *large*.
    """
    width, height = _PRINTED_PT[paper]
    # What must not be divided leaves a gap at the end of the first of two sheets.
    room, good = (1.85 * height, _LARGE_PT) if large else (_USED * height, _GOOD_PT)
    tried = [*_tried(content, width, large=large)]
    fitting = [
        each for each in tried if _height(content, width / each.size, each) * each.size <= room
    ]

    def how_good(each: _Sizes) -> tuple[float, ...]:
        date = each.size * each.row
        return min(each.size / good, date / _GOOD_DATE_PT, 1), date, each.month

    return max(fitting or tried[-1:], key=how_good)._asdict()


def _tried(content: Mapping[str, Any], width: float, *, large: bool) -> Iterator[_Sizes]:
    """The sizes with which the dates are not too wide for a sheet, the smallest last."""
    rows = [row[:4] for each in content["lists"] for row in each.rows]
    dates = 2.6 + sum(
        max(_ems(text, bold=True) for text in column) for column in zip(*rows, strict=True)
    )
    largest = _LARGE_PT if large else _LARGEST_PT
    for size in (halves / 2 for halves in range(2 * largest, 2 * _SMALLEST_PT - 1, -1)):
        page = width / size
        for row in (tenths / 10 for tenths in range(18, 11 if large else 9, -1)):
            for month in (0.88, 0.8, 0.72, 0.64):
                if row * dates <= page:
                    yield _Sizes(size, row, month, below=True)
                if row * dates + 2 + 2 * month * _MONTH_EMS <= page and not large:
                    yield _Sizes(size, row, month, below=False)


def _height(content: Mapping[str, Any], page: float, sizes: _Sizes) -> float:
    """How high all is on a page of that width; both are in ems."""
    lists, months = content["lists"], len(content["months"])
    columns = int(page / sizes.month / _MONTH_EMS) if sizes.below else 2
    shown = ceil(months / columns) * (sizes.month * _MONTH_LINES + 0.6) + 2.5
    notes = _lines((each.note for each in lists), page if sizes.below else page * 0.6)
    listed = notes + sum(2.2 + (1.62 * sizes.row + 0.1) * len(each.rows) for each in lists)
    texts = [text for name in ("before", "after") for text in content[name]]
    texts.append(" ".join(content["call_in_english"]))
    bold = [content["travel"], *content["call"]]
    link = [content["words"].scan, content["link"]] if content["link"] else []
    # The QR code is beside these.
    beside = _QR_EMS if link else 0
    about = _lines([content["printed"], *content["advice"], *link], page * 0.65 - beside)
    where = _lines([content["where"] or ""], page * 0.48 - beside, bold=True)
    names = _ems(content["title"], bold=True) * 1.9 + _ems(content["label"] or "", bold=True) * 1.4
    return (
        (2.3 * ceil((names + 2) / page) + 2.7)
        + (listed + shown if sizes.below else max(listed, shown))
        + _lines(texts, page)
        + _lines(bold, page - 1, bold=True)
        + (0.35 * len([*filter(None, [*texts, *bold])]) + 2.5)
        + _lines([" ".join(content["proof"])], page / 0.85)
        + (_lines(content["contact"], page) + 1.2)
        + (max(where + about, beside) + 1)
    )


def _lines(texts: Iterable[str], width: float, *, bold: bool = False) -> float:
    """How high some paragraphs are, in ems."""
    return sum(1.38 * ceil(_ems(text, bold=bold) / width) for text in texts)


@cache
def _ems(text: str, *, bold: bool = False) -> float:
    """How wide a text is, in ems; marks over and under letters take no room."""
    return (1.1 if bold else 1.03) * sum(
        1
        if east_asian_width(each) in "WF"
        else 0
        if category(each) == "Mn"
        else 0.3
        if each in " iIjltfr.,:;'’()!|"
        else 0.58
        for each in text
    )
