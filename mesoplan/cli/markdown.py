"""A page of the manual on a terminal: rich's Markdown, plainer, and no wider than reads well."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TextIO

from rich.console import Console
from rich.markdown import CodeBlock, Heading, Markdown
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from rich.theme import Theme

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderResult
    from rich.markdown import MarkdownElement

_WIDEST = 100


class _PlainHeading(Heading):
    """A heading at the left edge, without a box."""

    def __rich_console__(
        self,
        console: Console,
        options: ConsoleOptions,
    ) -> RenderResult:
        style = "bold underline" if self.tag == "h1" else "bold"
        yield Text(self.text.plain, style=style)


class _PlainCode(CodeBlock):
    """What is typed and printed: indented, and every line whole, to be copied."""

    def __rich_console__(
        self,
        console: Console,
        options: ConsoleOptions,
    ) -> RenderResult:
        for each in self.text.plain.rstrip().splitlines():
            typed = Style(color="cyan", bold=each.startswith("$ "))
            yield Segment(f"  {each}\n", typed)


class _Page(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _PlainHeading,
        "fence": _PlainCode,
    }


def print_markdown(text: str, stream: TextIO, width: int) -> None:
    """Print Markdown on a terminal of *width* columns. NO_COLOR is honoured."""
    console = Console(
        file=stream,
        width=min(width, _WIDEST),
        force_terminal=True,
        highlight=False,
        emoji=False,
        # rich's own has a black ground.
        theme=Theme({"markdown.code": "cyan"}),
    )
    console.print(_Page(text, hyperlinks=False), crop=False)
