"""The tiny model, built once a session."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import tiny_ltx


@pytest.fixture(scope="session")
def tiny() -> dict[str, Any]:
    """The tiny model's modules by diffusers' names; shared, so never change them."""
    return tiny_ltx.components()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_ltx.build_folder(tmp_path_factory.mktemp("ltx") / "tiny-ltx")
