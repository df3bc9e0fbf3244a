"""`python -m tests.proving.pages`: the page for the patient is one sheet, however many sessions.

Every course of 3 to 15 sessions, with what is cancelled, with and without a trip, on both papers,
in every language and private, in a real browser (Edge, Chrome or Chromium): nothing is cut off, and
nothing is loaded from elsewhere. With large letters there are two sheets at most.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.browser import browser, missing_browser
from tests.handout_pages import LINK, pages_of, plan_of, problems_on_paper
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
            for sessions in range(3, 16):
                for further, large, link in (
                    ((), False, LINK),
                    (_TRIP, False, None),
                    (_TRIP, False, LINK),
                    (_TRIP, True, LINK),
                ):
                    plan = plan_of(place, sessions, *further)
                    for what, paper, page in pages_of(plan, large=large, link=link):
                        found = problems_on_paper(tab, page, paper, 1 + large)
                        case = f"{sessions} sessions {what} {' '.join(further)} {large=} {link=}"
                        verdict.holds(not found, f"{case}: {found}")
    return verdict.end(
        f"{verdict.tried} pages: each is one sheet, or two with large letters, with nothing cut off"
    )


if __name__ == "__main__":
    sys.exit(main())
