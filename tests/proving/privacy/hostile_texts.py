"""Texts that try to be more than a text wherever they are written to; all in a file beside this."""

import json
from pathlib import Path

_KINDS: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
TERMINAL = _KINDS["terminal"]
"""Commands to a terminal."""
UNSEEN = _KINDS["unseen"]
"""Characters that nobody sees, and those that turn others round."""
CALENDAR_GROUPS = [_KINDS[kind] for kind in ("properties", "terminal", "unseen", "markup")]
CALENDAR_GROUPS.append(_KINDS["formulas"])
"""Those that are put into calendars of other programs."""
HOSTILE = tuple(dict.fromkeys(text for texts in _KINDS.values() for text in texts))
"""All of them, each once."""
