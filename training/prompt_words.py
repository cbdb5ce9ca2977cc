"""Word classes for the prompt lint, taken out of WordNet: who is a person, which verbs move or handle.

python -m training.prompt_words /usr/share/wordnet > src/lipwright/prompt/vocabulary/wordnet.py

The folder is that of the Debian package `wordnet-base` (WordNet 3.0). A word belongs to a class where its
first sense does, WordNet's senses being in the order of their frequency: "spring" is a season first.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

BODY, CONSUMPTION, CONTACT, MOTION = "29", "34", "35", "38"
CHANGE = "30"
PERSON = "18"
"""Numbers of WordNet's lexicographer files (lexnames(5WN))."""

HEADER = '''"""Word classes out of WordNet 3.0: printed by `python -m training.prompt_words`, not by hand.

WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. The licence stands in NOTICE.
"""

from __future__ import annotations
'''


def first_senses(folder: Path, part: str) -> Iterator[tuple[str, str]]:
    """Pairs of a plain lower-case word and the lexicographer file of its first sense."""
    files, cased = {}, {}
    for line in (folder / f"data.{part}").read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split()
        files[fields[0]] = fields[1]
        cased[fields[0]] = {fields[4 + 2 * n] for n in range(int(fields[3], 16))}
    for line in (folder / f"index.{part}").read_text("utf-8").splitlines():
        fields = line.split()
        if line.startswith(" ") or not re.fullmatch("[a-z]{3,}", fields[0]):
            continue
        first = fields[6 + int(fields[3])]
        if fields[0] in cased[first]:
            yield fields[0], files[first]


def main() -> int:
    folder = Path(sys.argv[1])
    nouns, verbs = (dict(first_senses(folder, part)) for part in ("noun", "verb"))
    adjectives = {word for word, _ in first_senses(folder, "adj")}
    classes = {
        "PEOPLE": [word for word, file in nouns.items() if file == PERSON and word not in adjectives],
        "MOVES": [word for word, file in verbs.items() if file in (MOTION, BODY, CONSUMPTION)],
        "HANDLES": [word for word, file in verbs.items() if file == CONTACT],
        "CHANGES": [word for word, file in verbs.items() if file == CHANGE],
    }
    print(HEADER)
    for name, words in classes.items():
        print(f'{name} = """')
        print(textwrap.indent(textwrap.fill(" ".join(sorted(words)), 106), "    "))
        print('"""')
    return 0


if __name__ == "__main__":
    sys.exit(main())
