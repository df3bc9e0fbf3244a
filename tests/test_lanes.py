"""Rows of numbers in one integer, against the same on lists."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mesoplan.planning.lanes import LANE_BITS, first_of, numbers_of, only, row_of, same, smaller
from mesoplan.planning.lanes import without_first as without

numbers = st.integers(0, 2**62 - 1)


@given(pairs=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_the_smaller_of_two_rows_is_the_smaller_number_of_each_lane(
    pairs: list[tuple[int, int]],
) -> None:
    one, other = (row_of(numbers) for numbers in zip(*pairs, strict=True))
    top_bits = same(1 << LANE_BITS - 1, len(pairs))
    found = numbers_of(smaller(one, other, top_bits), len(pairs))
    assert found == tuple(min(pair) for pair in pairs)


def test_a_row_is_cut_and_added_to_like_a_list() -> None:
    row = row_of([5, 0, 7, 2**62])
    assert numbers_of(without(row, 1), 3) == (0, 7, 2**62)
    assert numbers_of(first_of(row, 2), 2) == (5, 0)
    assert numbers_of(row + same(1, 4) + only(3, 2), 4) == (6, 1, 11, 2**62 + 1)
