"""The limits of the rules, in words."""

from __future__ import annotations

import pytest

from mesoplan.rules import Rule


@pytest.mark.parametrize(
    ("minimum", "maximum", "words"),
    [
        (7, 14, "7 to 14 days"),
        (0, 1, "0 to 1 day"),
        (1, 1, "1 day"),
        (24, 24, "24 days"),
        (1, None, "1 day or more"),
        (2, None, "2 days or more"),
    ],
)
def test_a_limit_is_said_with_its_unit_in_singular_or_plural(
    minimum: int, maximum: int | None, words: str
) -> None:
    assert Rule("R0", "a thing", minimum, maximum, "days", "", "").limit == words
