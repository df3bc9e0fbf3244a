"""What a proof tried, what broke, and how it ends: its figure last, 1 where a promise broke."""

import sys
from dataclasses import dataclass, field

_MOST_SHOWN = 30
"""Broken promises are told one by one up to this number."""


@dataclass
class Verdict:
    """What a proof has tried so far, and what broke."""

    tried: int = 0
    broken: list[str] = field(default_factory=list)
    """One line for each broken promise: what was done, and what came of it."""

    def holds(self, promise: bool, otherwise: str) -> None:
        """Count one trial; where its *promise* does not hold, *otherwise* says so."""
        self.tried += 1
        if not promise:
            self.broken.append(otherwise)

    def end(self, figure: str) -> int:
        """Print what broke, and the *figure* as the last line; the exit code of the proof."""
        for line in self.broken[:_MOST_SHOWN]:
            print(f"broken: {line}")
        if len(self.broken) > _MOST_SHOWN:
            print(f"broken: {len(self.broken) - _MOST_SHOWN} more")
        if not self.tried:
            print("nothing was tried, so nothing is proved", file=sys.stderr)
        print(figure, flush=True)
        return 1 if self.broken or not self.tried else 0
