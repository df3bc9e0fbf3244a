"""What compiled modules and rewritten assertions are is kept from run to run, and for commands that
tests start: without, that takes a tenth of the suite's time."""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
