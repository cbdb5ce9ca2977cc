"""Draw texts for the synthesizers: sentences found on the machine, and words in random order.

Sentences come from the Debian package `fortunes`, words from pocketsphinx's
pronouncing dictionary: words in random order have phones next to each other that prose does not.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

FORTUNES = Path("/usr/share/games/fortunes")


def sentences(folder: Path = FORTUNES) -> list[str]:
    """Return sentences of 25 to 160 characters, letters and plain punctuation only."""
    found = []
    for file in sorted(folder.glob("*")):
        if file.suffix in {".dat", ".u8"}:
            continue
        for passage in file.read_text("utf-8", "replace").split("\n%\n"):
            for raw in re.split(r"(?<=[.!?])\s+", " ".join(passage.split())):
                text = re.sub(r"[^A-Za-z0-9 ,.'!?;-]", "", raw).strip()
                if 25 < len(text) < 160 and sum(c.isdigit() for c in text) < 5:
                    found.append(text)
    if not found:
        raise SystemExit(f"no texts in {folder}: apt-get install fortunes fortunes-min")
    return found


def words(dictionary: Path) -> list[str]:
    """Return the plain words of a pronouncing dictionary."""
    lines = dictionary.read_text("utf-8").splitlines()
    return [word for line in lines if (word := line.split(" ", 1)[0]).isalpha() and 1 < len(word) < 14]


class TextSource:
    """Draws texts at random."""

    def __init__(self, prose: list[str], vocabulary: list[str], random_share: float = 0.35) -> None:
        self.prose, self.vocabulary, self.random_share = prose, vocabulary, random_share

    def draw(self, rng: random.Random) -> str:
        """Draw a sentence, or four to twelve unrelated words with some commas."""
        if rng.random() > self.random_share:
            return rng.choice(self.prose)
        chosen = [rng.choice(self.vocabulary) for _ in range(rng.randint(4, 12))]
        return " ".join(w + ("," if rng.random() < 0.15 else "") for w in chosen).rstrip(",") + "."
