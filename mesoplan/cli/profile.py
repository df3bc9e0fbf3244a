"""Where the clinic's profile is found, and what is in force with it.

The same order everywhere: --clinic, then MESOPLAN_CLINIC, then the user's configuration folder.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mesoplan.errors import FileProblem, InvalidInput, quoted
from mesoplan.model.clinic import Profile
from mesoplan.storage.files import read_whole

VARIABLE = "MESOPLAN_CLINIC"
NO_PROFILE = "none"
FILE_NAME = "clinic.toml"
_LARGEST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class FoundProfile:
    """The profile that is in force; an empty one where there is none."""

    profile: Profile
    path: Path | None
    """The file it was read from; None where there is none."""

    @property
    def busy(self) -> tuple[Path, ...]:
        """The busy calendars that it names, seen from where it stands."""
        return tuple(self._folder / at_home(name) for name in self.profile.busy)

    @property
    def book(self) -> Path | None:
        """The folder of all plans that it names, likewise; None where it names none."""
        return None if self.profile.book is None else self._folder / at_home(self.profile.book)

    @property
    def _folder(self) -> Path:
        return self.path.resolve().parent if self.path else Path()


def profile_path(typed: str | None) -> Path | None:
    """The file that holds the profile; None for none at all.

    The configuration folder counts only when the file is there; a file that was named is meant.
    """
    named = typed if typed is not None else os.environ.get(VARIABLE) or None
    if named == NO_PROFILE:
        return None
    if named is not None:
        return at_home(named)
    path = usual_path()
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        # It may be there: whoever reads it says why that can't be done.
        return path
    return path


def at_home(name: str) -> Path:
    """The path of that name, “~” at its beginning standing for the home folder.

    Raises InvalidInput for the home of somebody who has none.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise InvalidInput(
            f"{quoted(name, 200)} begins with a home folder that is not known",
            "write the whole path",
        ) from error


def usual_path() -> Path:
    """The place of the profile in the user's configuration folder."""
    from platformdirs import user_config_dir

    return Path(user_config_dir("mesoplan", appauthor=False)) / FILE_NAME


def find_profile(typed: str | None) -> FoundProfile:
    """The profile in force, for what was typed after --clinic.

    Raises FileProblem when its file can't be read, and ProfileMistakes for its mistakes.
    """
    path = profile_path(typed)
    if path is None:
        return FoundProfile(Profile(), None)
    # Loaded only for a profile: that takes a twentieth of the time that planning does.
    from mesoplan.formats.profile import read_profile

    data = read_whole(path, _LARGEST_BYTES, "choose another with --clinic, or “none” for none")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileProblem(
            path,
            f"the clinic's profile {quoted(path, 200)} is no text in UTF-8",
            "save it as plain text in UTF-8, or make one with “mesoplan clinic init”",
        ) from error
    return FoundProfile(read_profile(text.replace("\r\n", "\n"), str(path)), path)
