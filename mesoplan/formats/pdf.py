"""A page as PDF, printed by a browser that is installed: Edge, Chrome or Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mesoplan.errors import FileProblem, quoted
from mesoplan.storage.files import FOLDER_BEGINS, LONGEST_PATH, NAME_ENDS, problems_of, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMANDS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("microsoft-edge", "microsoft-edge-stable", "brave-browser"),
)
"""What the browsers are called on Linux."""
_APPLICATIONS = ("Google Chrome", "Microsoft Edge", "Chromium", "Brave Browser")
"""On macOS."""
_PROGRAMS = (
    # Edge comes with Windows.
    ("msedge.exe", r"Microsoft\Edge\Application"),
    ("chrome.exe", r"Google\Chrome\Application"),
    ("brave.exe", r"BraveSoftware\Brave-Browser\Application"),
)
"""On Windows, and where they are in the folders of programs."""
_SECONDS = 60
_OPTIONS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check"),
    *("--disable-extensions", "--disable-background-networking", "--disable-sync"),
    # The first is the older name.
    *("--print-to-pdf-no-header", "--no-pdf-header-footer"),
)


def pdf_of(page: bytes, beside: Path) -> bytes:
    """An HTML page as PDF, in the size that the page says.

    The browser works in a folder of its own *beside* a file, since some browsers may not read or
    write anywhere else. It is removed, after a kill by a later command. Raises FileProblem if no
    browser is installed, or it prints nothing.
    """
    problem = FileProblem(
        None, "no browser that can make a PDF was found", "install Chrome, Chromium or Edge"
    )
    with (
        problems_of(beside),
        TemporaryDirectory(
            prefix=FOLDER_BEGINS, suffix=NAME_ENDS, dir=beside.parent, ignore_cleanup_errors=True
        ) as folder,
    ):
        source, printed = Path(folder, "page.html").absolute(), Path(folder, "page.pdf").absolute()
        source.write_bytes(page)
        for browser in browsers():
            try:
                _run(browser, source, printed, Path(folder, "profile").absolute())
            except FileProblem as failed:
                problem = failed
                continue
            with suppress(OSError):
                data = printed.read_bytes()
                if data.startswith(b"%PDF-"):
                    return data
            problem = FileProblem(
                None,
                f"{quoted(browser, LONGEST_PATH)} made no PDF",
                "print the page from a browser",
            )
    raise problem


def _run(browser: Path, source: Path, printed: Path, profile: Path) -> None:
    """Let a browser print; what it says is not shown. Raises FileProblem if it can't be run."""
    options = [*_OPTIONS, f"--user-data-dir={profile}", f"--print-to-pdf={printed}"]
    if sys.platform != "win32" and os.geteuid() == 0:
        # Chromium does not run otherwise. There is nothing in the page that could run.
        options.append("--no-sandbox")
    try:
        subprocess.run(  # noqa: S603 - a browser that is installed
            [browser, *options, source.as_uri()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = reason(error) if isinstance(error, OSError) else f"it took over {_SECONDS} seconds"
        raise FileProblem(
            None,
            f"{quoted(browser, LONGEST_PATH)} can't print: {why}",
            "print the page from a browser",
        ) from error


def browsers() -> Iterator[Path]:
    """The browsers that are installed, as the system names them."""
    if sys.platform == "win32":
        yield from _on_windows()
    elif sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            for name in _APPLICATIONS:
                path = folder / f"{name}.app" / "Contents" / "MacOS" / name
                if path.is_file():
                    yield path
    for command in _COMMANDS:
        found = which(command)
        if found is not None:
            yield Path(found)


def _on_windows() -> Iterator[Path]:
    """By what the browsers said when they were installed, and in the usual folders."""
    yield from ()
    if sys.platform == "win32":
        import winreg

        key = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths"
        folders = ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA")
        for name, within in _PROGRAMS:
            for root in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
                with suppress(OSError):
                    path = Path(winreg.QueryValue(root, rf"{key}\{name}").strip('"'))
                    if path.is_file():
                        yield path
            for folder in filter(None, map(os.environ.get, folders)):
                path = Path(folder) / within / name
                if path.is_file():
                    yield path
