"""What the proof of privacy has tried: checks that held or not, files and texts."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.proving.verdict import Verdict


@dataclass
class Count(Verdict):
    """A verdict that also counts files looked through, and hostile texts that were tried."""

    files: int = 0
    texts: set[str] = field(default_factory=set)

    @property
    def figure(self) -> str:
        """All of it in one line."""
        end = "nothing leaks, nothing injected"
        if self.broken:
            end = f"{len(self.broken):,} broken"
        return (
            f"{self.tried:,} checks of {self.files:,} files and {len(self.texts):,} hostile "
            f"texts: {end}"
        )
