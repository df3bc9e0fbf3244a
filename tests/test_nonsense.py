"""Nonsense is refused in words, whatever reads it; more of it is in `tests.proving.fuzzing`."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.proving.fuzzing.readers import READERS, material_of
from tests.proving.fuzzing.trial import Trial, trial_folder

BROKE_ONCE = sorted(Path(__file__).parent.glob("nonsense/*"))


@pytest.mark.parametrize("name", READERS)
@settings(
    max_examples=examples(3),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(chance=st.randoms(use_true_random=False))
def test_whatever_is_read_no_promise_breaks(name: str, chance: Random) -> None:
    data = material_of(name).nonsense(chance)
    with trial_folder() as folder:
        READERS[name].read(Trial(folder, seconds=None), data)


@pytest.mark.parametrize("path", BROKE_ONCE, ids=lambda path: path.name)
def test_what_broke_a_promise_once_is_refused_or_read(path: Path) -> None:
    with trial_folder() as folder:
        READERS[path.name.partition("-")[0]].read(Trial(folder, seconds=None), path.read_bytes())
