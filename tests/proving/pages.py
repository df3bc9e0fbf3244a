"""`python -m tests.proving.pages`: the page for the patient is one sheet, however many sessions.

Every course of 4 to 15 sessions of which one is cancelled, with and without a trip, on both papers,
in every language and private, in a real browser (Edge, Chrome or Chromium): nothing is cut off, and
nothing is loaded from elsewhere.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from mesoplan.model.request import LANGUAGES
from tests.browser import browser, missing_browser
from tests.handout_pages import PRINTED_MM, page_of, plan_of, problems_on_paper
from tests.proving.verdict import Verdict

_TRIP = ("--arrive", "2026-11-30", "--depart", "2027-08-01")


def main(arguments: list[str] | None = None) -> int:
    """Print every page; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.pages", description=(__doc__ or "").partition(": ")[2]
    )
    parser.parse_args(arguments)
    if missing_browser():
        print(missing_browser(), file=sys.stderr)
        return 1
    verdict = Verdict()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder, "plans")
        place.mkdir()
        with browser(Path(folder, "browser")) as tab:
            # One of each is cancelled, and three are the fewest.
            for sessions in range(4, 16):
                for further in ((), _TRIP):
                    asked = ("cellulite", "2026-12-01", "-i", "14", *further)
                    plan = plan_of(place, *asked, "-n", str(sessions))
                    for paper in PRINTED_MM:
                        for more in (*(("--language", each) for each in LANGUAGES), ("--private",)):
                            how = ("--paper", paper, *more)
                            found = problems_on_paper(tab, page_of(plan, *how), paper)
                            case = f"{sessions} sessions {' '.join((*how, *further))}"
                            verdict.holds(not found, f"{case}: {found}")
    return verdict.end(f"{verdict.tried} pages: each is one sheet with nothing cut off")


if __name__ == "__main__":
    sys.exit(main())
