"""How much work a calendar may make: a file of no size can ask for that of years.

The work is counted, not timed, so that a file is read on every machine or on none.
"""

from __future__ import annotations

_LEAST = 1_000_000
_OF_EACH_RULE = 300
_OF_EACH_OCCURRENCE = 15
_OF_EACH_PLAIN_OCCURRENCE = 12
_OF_EACH_YEAR = 30
_OF_EACH_PERIOD = 2
_DAYS_BETWEEN = {"YEARLY": 365, "MONTHLY": 30, "WEEKLY": 7}
_DAYS_A_YEAR = 365


class TooMuchWork(Exception):
    """What repeats in a calendar takes more work than such a file is worth."""


class Effort:
    """The work that is still to be had for one file, in about millionths of a second."""

    def __init__(self, octets: int = 0) -> None:
        """Of a file of so many octets: a large one may make more work than a small one."""
        self._left = max(_LEAST, octets)

    def spend(self, work: int) -> None:
        """Count some work. Raises TooMuchWork where there has been too much by now."""
        self._left -= work
        if self._left < 0:
            raise TooMuchWork

    def begin_rule(self) -> None:
        """Count what each rule takes, whatever it says. Raises TooMuchWork."""
        self.spend(_OF_EACH_RULE)

    def pass_years(self, years: int, frequency: str, times_a_day: int = 1) -> None:
        """Count going through some years of a rule, found or not. Raises TooMuchWork."""
        periods = _DAYS_A_YEAR * times_a_day // _DAYS_BETWEEN.get(frequency, 1)
        self.spend(max(0, years) * (_OF_EACH_YEAR + _OF_EACH_PERIOD * periods))

    def find_occurrence(self) -> None:
        """Count one occurrence. Raises TooMuchWork."""
        self.spend(_OF_EACH_OCCURRENCE)

    def find_plain_occurrence(self) -> None:
        """Count one occurrence of a rule that stands alone. Raises TooMuchWork."""
        self.spend(_OF_EACH_PLAIN_OCCURRENCE)
