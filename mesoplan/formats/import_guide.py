"""The sheet that shows patients how the calendar file gets into their calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesoplan.formats.handout import MARKER_NAME, page_template

if TYPE_CHECKING:
    from mesoplan.formats.handout import Marker
    from mesoplan.formats.handout_sizes import Paper

_SIZE, _LARGE = 11, 14


GUIDE = "import-guide"
"""What the mark of this sheet has in place of a plan's id: the same in all languages."""


def guide_page(
    text: str,
    language: str,
    marker: Marker,
    *,
    paper: Paper = "a4",
    large: bool = False,
    phone: str | None = None,
) -> bytes:
    """A *text* of the manual (Markdown) in a language, with the clinic's phone, to be printed."""
    # Slow to load.
    from markdown_it import MarkdownIt

    template = page_template("import_guide.html")
    return template.render(
        body=MarkdownIt("commonmark", {"html": False}).render(text),
        title=text.partition("\n")[0].lstrip("# "),
        language=language,
        marker_name=MARKER_NAME,
        marker=str(marker),
        paper=paper.capitalize(),
        size=_LARGE if large else _SIZE,
        phone=phone,
    ).encode()
