"""Rows of whole numbers, each row held in one integer, so that one operation works on all of them.

Number *k* of a row stands in lane *k*: the 64 bits from bit 64·*k* on. Rows that are added or
compared hold numbers below 2⁶², so no lane spills into the next and the top bit of each is free.
"""

from __future__ import annotations

from itertools import repeat
from struct import pack, unpack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LANE_BITS = 64


def row_of(numbers: Sequence[int]) -> int:
    """The row that holds *numbers*, the first in lane 0."""
    return int.from_bytes(pack(f"<{len(numbers)}Q", *numbers), "little")


def numbers_of(row: int, count: int) -> tuple[int, ...]:
    """The numbers in the first *count* lanes of a row; it has no more lanes than that."""
    return unpack(f"<{count}Q", row.to_bytes(count * LANE_BITS // 8, "little"))


def same(number: int, count: int) -> int:
    """The row that has *number* in each of *count* lanes."""
    return row_of([*repeat(number, count)])


def only(number: int, lane: int) -> int:
    """The row that has *number* in one lane, and 0 in all others."""
    return number << lane * LANE_BITS


def without_first(row: int, count: int) -> int:
    """The row without its first *count* numbers: those after them move down."""
    return row >> count * LANE_BITS


def first_of(row: int, count: int) -> int:
    """The first *count* numbers of a row."""
    return row & (1 << count * LANE_BITS) - 1


def smaller(one: int, other: int, top_bits: int) -> int:
    """Lane by lane the smaller of two numbers; *top_bits* has the top bit of each lane.

    Lanes without a top bit there must be empty in both rows.
    """
    # The top bit that is lent to each number comes back where nothing greater was subtracted.
    not_smaller = ((one | top_bits) - other) & top_bits
    lanes_of_other = not_smaller - (not_smaller >> LANE_BITS - 1)
    return one ^ (one ^ other) & lanes_of_other
