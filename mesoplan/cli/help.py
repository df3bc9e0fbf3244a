"""`mesoplan help`: the manual, one page per subject. It reads only the page that is asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mesoplan.cli.app import ALIASES, COMMANDS
from mesoplan.cli.console import standard_output
from mesoplan.dates.days import listed
from mesoplan.errors import UnknownName, nearest
from mesoplan.formats.page import line, table_of
from mesoplan.model.request import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesoplan.formats.page import Part

MANUAL = Path(__file__).parent.parent / "manual"
TOPICS = (
    *("desk", "typing", "plan", "changes", "ill"),
    *("clinic", "practitioners", "book", "desks", "batch", "full_table", "check"),
    *("patients", "handout", "servers", "feeds", "languages"),
    *("rules", "treatment", "privacy", "promises"),
    *("python", "testing", "contributing", "history"),
)
"""The pages, in the order of the list."""
GUIDES = tuple(f"patients/{language}" for language in LANGUAGES)
"""What patients read, in their languages; the page “patients” lists it."""
_PAGES = {
    "agenda": "desk",
    "today": "desk",
    "completion": "typing",
    "goals": "treatment",
    **dict.fromkeys(("publish", "pull", "server"), "servers"),
    "help": "",
}
"""Where a command is described that has no page of its own name, and does not change a plan."""
_COMMENT = re.compile(r"<!--.*?-->\n*|!\[[^\]]*\]\([^)]*\)\n*", re.DOTALL)
"""What a terminal shows nothing of: comments and pictures."""
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def help(  # noqa: A001 - it is called as it is typed
    topic: Annotated[
        str | None,
        typer.Argument(metavar="[TOPIC]", help="A page, or a command.  [default: the list]"),
    ] = None,
) -> None:
    """Show a page of the manual, or the list of its pages."""
    if topic is None or topic == "help":
        standard_output().show(lambda _width: _contents())
        return
    topic = ALIASES.get(topic, topic)
    name = page_of(topic)
    standard_output().show_markdown(f"{page_text(name)}\n{_options(topic, name)}\n")


def page_of(topic: str) -> str:
    """The page of a topic, or of a command. Raises UnknownName, with the nearest names."""
    if topic in TOPICS or topic in GUIDES:
        return topic
    if topic in COMMANDS:
        return _PAGES.get(topic, "changes")
    # Loaded here: a page that there is needs no goals.
    from mesoplan.rules.goals import ALL_GOALS

    pages = dict.fromkeys((*TOPICS, *COMMANDS))
    goals = {
        name: f"mesoplan goals {goal.name}"
        for goal in ALL_GOALS
        for name in (goal.name, *goal.aliases)
    }
    meant = [goals.get(each, each) for each in nearest(topic, [*pages, *goals])]
    raise UnknownName("topic", topic, pages, meant=list(dict.fromkeys(meant)))


def page_text(name: str) -> str:
    """A page without what only its file needs: comments, pictures, and links to other files."""
    text = _COMMENT.sub("", (MANUAL / f"{name}.md").read_text("utf-8"))
    return _LINK.sub(lambda link: f"{link[1]} ({_address(link[2])})", text)


def _address(target: str) -> str:
    """Where a link leads for somebody who reads in a terminal."""
    page, _, _ = target.partition("#")
    return f"mesoplan help {page.removesuffix('.md')}" if page.endswith(".md") else target


def _options(topic: str, page: str) -> str:
    """The last line of a page: how to see the options of what it is about."""
    about = [topic] if topic in COMMANDS else [each for each in COMMANDS if page_of(each) == page]
    if not about:
        return "All pages: mesoplan help"
    if len(about) == 1:
        return f"Options: mesoplan {about[0]} --help, all of them: --help-all"
    return f"Options: mesoplan COMMAND --help, all of them: --help-all, for {listed(about)}"


def _contents() -> Iterator[Part]:
    yield line(("The manual", "title"), ": mesoplan help TOPIC")
    yield line()
    yield table_of(TOPICS, {"Topic": str, "What it is about": title})
    yield line()
    yield line(("Commands", "title"), ": mesoplan COMMAND --help shows the options")
    yield line()
    commands = list(COMMANDS.items())
    yield table_of(
        commands, {"Command": lambda each: each[0], "What it does": lambda each: each[1]}
    )


def title(name: str) -> str:
    """The first line of a page."""
    with (MANUAL / f"{name}.md").open(encoding="utf-8") as page:
        return page.readline().lstrip("# ").rstrip()
