"""The benchmark: what it says of a missed aim."""

import pytest

from tests.bench.measuring import at_least, at_most, run_parts


def test_a_missed_aim_is_said_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    parts = {
        "good": lambda _quick: at_most(2.0, 2.0, "times"),
        "bad": lambda _quick: at_least(1.5, 2.0, "times"),
    }
    assert not run_parts(parts, quick=True)
    assert run_parts({"good": parts["good"]}, quick=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["2.00", "times", "(aim:", "2", "or", "less):", "met"]
    assert lines[3].split() == ["1.50", "times", "(aim:", "2", "or", "more):", "MISSED"]
