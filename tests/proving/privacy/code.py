"""Nothing that is in a file is ever run, and no profile is taken that nobody named."""

import ast
import json
from pathlib import Path
from unittest.mock import patch

import mesoplan
from tests import command_line
from tests.proving.privacy.count import Count

_RUNS_CODE = frozenset(
    {"eval", "exec", "compile", "__import__", "system", "popen", "execv", "execvp", "spawnv"}
)
_LOADED = """
__future__ array base64 bisect calendar codecs collections concurrent contextlib copy csv
dataclasses datetime dateutil difflib enum errno fcntl filelock functools gc hashlib hmac holidays
html icalendar importlib inspect io itertools jinja2 json markdown_it math mesoplan operator os
pathlib platformdirs random re recurring_ical_events rich secrets segno shlex shutil signal stat
string struct sys tarfile tempfile textwrap threading time tomllib traceback types typer typing
tzdata tzlocal unicodedata uuid warnings zipfile zlib zoneinfo
"""
"""All that the program loads: nothing that runs what it reads, or goes over a network.

Of `random`, rows placed together have an order that is always the same; ids are from `uuid`.
Beside it there is the quoting of `urllib`.
"""
_ON_THE_NETWORK = "servers/http.py"
"""The only code that goes over a network, to addresses that were given."""
_RUN_A_BROWSER = frozenset({"formats/pdf.py", "cli/handout.py"})
"""The code that runs another program, to print or open a page of our own."""
_OF_SERVERS = {
    # The clinic's own command that prints a password, without a shell; the keyring, if installed.
    "servers/account.py": {"subprocess", "import_module", "netrc"},
    # Its answers, which are refused if they have a DOCTYPE.
    "servers/dav.py": {"xml"},
    "cli/servers.py": {"getpass"},
    # Plans that were read of a copy, kept beside it: it makes nothing but the values of plans.
    "book/read_plans.py": {"pickle"},
}
"""What else is needed to ask the clinic's servers, and for a book on one."""
_IMPORTERS = frozenset({"__init__.py", "cli/app.py", "wording/languages/__init__.py"})
"""They load the modules of this package by names that they have in a list of their own."""


def prove(folder: Path, count: Count) -> None:
    """Look through the program's own source, and plan where a profile lies about."""
    package = Path(mesoplan.__file__).parent
    for path in sorted(package.rglob("*.py")):
        count.files += 1
        name = path.relative_to(package).as_posix()
        found = _suspects(ast.parse(path.read_bytes()))
        if name in _IMPORTERS:
            found.discard("import_module")
        if name == _ON_THE_NETWORK:
            found -= {"httpx2", "ssl", "ipaddress"}
        if name in _RUN_A_BROWSER:
            found -= {"subprocess", "winreg"}
        found -= _OF_SERVERS.get(name, set())
        count.holds(not found, f"{name} uses {found}")
    _profile_lying_about(folder, count)


def _suspects(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in {*_RUNS_CODE, "import_module"}:
                found.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr=name)):
                found |= {name} & _RUNS_CODE
            case ast.Call(func=ast.Attribute(attr="import_module")):
                found.add("import_module")
            case ast.Import(names=names):
                found |= {each.name.partition(".")[0] for each in names} - {*_LOADED.split()}
            case ast.ImportFrom(module=str(module), names=names):
                if module != "urllib.parse":
                    found |= {module.partition(".")[0]} - {*_LOADED.split()}
                found |= {each.name for each in names} & _RUNS_CODE
            case _:
                pass
    return found


def _profile_lying_about(folder: Path, count: Count) -> None:
    """A profile in the working folder, or beside a table, is not looked at."""
    for name in ("clinic.toml", "mesoplan.toml", ".mesoplan.toml"):
        (folder / name).write_text('timezone = "Asia/Bangkok"\naddress = "elsewhere"\n')
    with patch.dict(command_line.WORLD, {"MESOPLAN_CLINIC": "", "XDG_CONFIG_HOME": "nowhere"}):
        outcome = command_line.mesoplan(folder, "plan", "hair", "2026-12-01", "--json")
    count.holds(
        outcome.exit_code == 0 and json.loads(outcome.text)["timezone"] == "Europe/Paris",
        f"a profile that nobody named was taken: {outcome.error}",
    )
