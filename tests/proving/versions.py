"""Runs the suite with the lowest versions of all libraries that are admitted, and with the newest.

    python -m tests.proving.versions [lowest|newest] [--python PYTHON] [-- PYTEST OPTIONS]

Each time the files that git knows are copied, a virtual environment is made, and the suite runs in
it: lowest with each library of pyproject.toml, and each tool of the tests, at its own lower bound;
newest with whatever the package index has today. It needs an index to install from, and takes
about two minutes on two cores for each of the two.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.proving.checkout import ROOT, copy_to
from tests.proving.verdict import Verdict

ENDS = ("lowest", "newest")
_CONSTRAINTS = "constraints.txt"
_PASSED = re.compile(r"(\d+) passed")


def requirements(*purposes: Literal["run", "test"]) -> list[Requirement]:
    """What pyproject.toml asks for to run the program with its extra, or to pass its tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = {"run": [*project["dependencies"], *extras["server"]], "test": extras["test"]}
    found = [Requirement(line) for purpose in purposes for line in lines[purpose]]
    return [each for each in found if each.name != project["name"]]


def lowest(requirement: Requirement) -> str:
    """The lowest version that a requirement admits. Raises ValueError where it names none."""
    for bound in requirement.specifier:
        if bound.operator in {">=", "=="}:
            return bound.version
    raise ValueError(f"{requirement} has no lower bound")


def main(arguments: list[str]) -> int:
    """Run the suite at each end that is asked for; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proving.versions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("end", nargs="?", choices=ENDS, help="only that end (default: both)")
    parser.add_argument("--python", default=sys.executable, help="of what Python (default: this)")
    parser.add_argument("pytest", nargs="*", help="after --: options of pytest")
    chosen = parser.parse_args(arguments)
    verdict, told = Verdict(), []
    for end in (chosen.end,) if chosen.end else ENDS:
        with tempfile.TemporaryDirectory() as scratch:
            told.append(
                f"{end}: {_tried(end, Path(scratch), chosen.python, chosen.pytest, verdict)}"
            )
    return verdict.end("; ".join(told))


def _tried(end: str, folder: Path, python: str, options: list[str], verdict: Verdict) -> str:
    """Install and run at one end, and judge it; what came of it, in words."""
    print(f"== {end}", flush=True)
    copy_to(folder)
    wanted = (
        {each.name: lowest(each) for each in requirements("run", "test")} if end == "lowest" else {}
    )
    constraints = folder / _CONSTRAINTS
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in wanted.items()))
    subprocess.run([python, "-m", "venv", ".venv"], cwd=folder, check=True)
    inside = folder / ".venv" / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [str(inside / "python"), "-m", "pip", "--disable-pip-version-check"]
    installed = subprocess.run(
        [*pip, "install", "-q", "-c", _CONSTRAINTS, ".[test]"], cwd=folder, check=False
    )
    verdict.holds(installed.returncode == 0, f"{end}: they can't be installed together")
    if installed.returncode != 0:
        return "not installed"
    versions = _versions(inside)
    for name, version in wanted.items():
        found = versions[canonicalize_name(name)]
        verdict.holds(Version(found) == Version(version), f"{end}: {name} {found}, not {version}")
    print(
        *(
            f"{each.name} {versions[canonicalize_name(each.name)]}"
            for each in requirements("run", "test")
        ),
        sep=", ",
    )
    suite = subprocess.run(
        [str(inside / "python"), "-m", "pytest", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    passed = _PASSED.search(suite.stdout)
    if suite.returncode != 0 or passed is None:
        print(suite.stdout)
    verdict.holds(suite.returncode == 0, f"{end}: the suite fails")
    verdict.holds(passed is not None, f"{end}: no test ran")
    return f"{passed[1] if passed else 'no'} tests passed on {_python_of(inside)}"


def _versions(inside: Path) -> dict[str, str]:
    """What is installed, by its plain name."""
    listed = subprocess.run(
        [str(inside / "python"), "-m", "pip", "list", "--format=freeze"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    pairs = (line.partition("==") for line in listed.stdout.splitlines())
    return {canonicalize_name(name): version for name, _, version in pairs}


def _python_of(inside: Path) -> str:
    told = subprocess.run(
        [str(inside / "python"), "--version"], stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    return told.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
