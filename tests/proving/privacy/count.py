"""What the proof of privacy has tried: checks that held or not, files and texts."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.proving.verdict import Verdict


@dataclass
class Count(Verdict):
    """A verdict that also counts files looked through, and hostile texts that were tried."""

    files: int = 0
    texts: set[str] = field(default_factory=set)

    def add(self, other: Count) -> None:
        """Take what another part has tried."""
        self.tried += other.tried
        self.broken += other.broken
        self.files += other.files
        self.texts |= other.texts

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
