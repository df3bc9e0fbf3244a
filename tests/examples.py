"""How many random cases a test looks at: some in the suite, many in a long proof."""

import os


def examples(usual: int) -> int:
    """*usual*, or as many as the environment asks for with MESOPLAN_EXAMPLES."""
    return int(os.environ.get("MESOPLAN_EXAMPLES", usual))
