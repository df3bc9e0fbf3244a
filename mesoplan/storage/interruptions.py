"""Only until `cli/plan.py` makes its folder with `folder_made`."""

from __future__ import annotations

from contextlib import nullcontext as undisturbed

__all__ = ["undisturbed"]
