"""What compiled modules and rewritten assertions are is kept from run to run, and for commands that
tests start: without, that takes a tenth of the suite's time. So does looking at all tests again and
again for what can be thrown away, or making each page's template anew for each command of this
process."""

import functools
import gc
import os
import sys

from mesoplan.formats import handout

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
handout.page_template = functools.cache(handout.page_template)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
