"""What compiled modules and rewritten assertions are is kept from run to run, and for commands that
tests start: without, that takes a tenth of the suite's time. So does looking at all tests again and
again for what can be thrown away, or making anew, for each command of this process, what a process
makes once: the template of a page, the commands. Hypothesis draws as many cases as `tests.examples`
says, unless a test has a number of its own."""

import functools
import gc
import os
import sys

import typer.main
from hypothesis import settings

from mesoplan.cli import app
from mesoplan.formats import handout
from tests.examples import examples

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
handout.page_template = functools.cache(handout.page_template)
settings.register_profile("mesoplan", max_examples=examples(25), deadline=None)
settings.load_profile("mesoplan")
vars(app)["get_command"] = functools.cache(typer.main.get_command)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
