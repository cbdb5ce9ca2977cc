"""A Hugging Face hub on this machine: its files, its faults, and what it was asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HUB = Path(__file__).parents[1] / "fakes" / "hub_server.py"


@dataclass
class FakeHub:
    """The server's folder, and where it listens."""

    root: Path
    url: str

    def add(self, repo: str, name: str, data: bytes) -> None:
        path = self.root / "repos" / repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def faults(self, **faults: Any) -> None:
        (self.root / "faults.json").write_text(json.dumps(faults))

    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.root / "requests.jsonl").read_text().splitlines()]

    def forget(self) -> None:
        (self.root / "requests.jsonl").unlink(missing_ok=True)
