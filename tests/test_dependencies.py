"""What the program is built on: what it asks for is what it uses, each with its reason."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.proving.versions import lowest, requirements

ROOT = Path(__file__).parent.parent


def imported() -> set[str]:
    """The names of all modules outside Python itself that the program imports, anywhere."""
    found = set()
    for path in (ROOT / "mesoplan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"mesoplan"}


def distributions(modules: set[str]) -> set[str]:
    """The libraries, by the names that they are installed by, of those modules."""
    homes = packages_distributions()
    return {canonicalize_name(homes[module][0]) for module in modules}


def reasons() -> dict[str, str]:
    """The manual's table: each library, and what for."""
    text = (ROOT / "mesoplan/manual/contributing.md").read_text("utf-8")
    _, _, rest = text.partition("| library | what for |\n| --- | --- |\n")
    return dict(re.findall(r"\| ([\w-]+) \| (.+?) \|", rest.partition("\n\n")[0]))


def test_every_library_that_is_asked_for_is_imported_and_no_other() -> None:
    assert distributions(imported()) == {each.name for each in requirements("run")}


def test_every_library_has_its_reason_in_the_manual() -> None:
    assert set(reasons()) == {each.name for each in requirements("run")}


def test_every_library_has_a_lower_bound_that_can_be_tried() -> None:
    for requirement in requirements("run", "test"):
        assert lowest(requirement) in requirement.specifier, requirement
