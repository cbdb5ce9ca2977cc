"""Imports follow the layers, and starting loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "onnxruntime",
    "av",
    "cv2",
    "PIL",
    "torch",
    "numpy",
    "ai_edge_litert",
    "soxr",
    "rich",
    "ray",
    "gradio",
)

PROBE = """
import sys, contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as text:
    {action}
print(*(name for name in {names!r} if name in sys.modules))
"""


def loaded_by(action: str) -> set[str]:
    """The heavy modules in a fresh interpreter that has done `action`."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(action=action, names=HEAVY)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "action",
    [
        "import lipwright",
        "import lipwright; lipwright.RenderRequest",
        "import lipwright.cli.main",
        "from lipwright.cli.main import run; assert run(['--help']) == 0 and 'render' in text.getvalue()",
        "from lipwright.cli.main import run; assert run(['render', '--help']) == 0",
        "from lipwright.cli.main import run; assert run(['--version']) == 0",
        "from lipwright.cli.main import run; assert not any(run([name, '--help']) for name in "
        "('jobs', 'batch', 'studio'))",
    ],
)
def test_start_up_loads_no_heavy_library(action: str) -> None:
    assert loaded_by(action) == set()


def test_the_api_server_loads_no_model_runtime() -> None:
    assert not loaded_by("import lipwright.studio.server") & {
        "ai_edge_litert",
        "soxr",
        "torch",
        "onnxruntime",
    }


def test_probe_detects_loaded_libraries() -> None:
    assert loaded_by("import numpy") == {"numpy"}


def test_every_public_name_is_there() -> None:
    import lipwright

    for name in lipwright.__all__:
        assert getattr(lipwright, name) is not None
    assert set(lipwright._HOMES) == set(lipwright.__all__) - {"__version__"}
    with pytest.raises(AttributeError, match="no attribute 'nix'"):
        lipwright.nix  # noqa: B018


def test_import_contracts_are_kept() -> None:
    root = Path(__file__).parents[2]
    lint_imports = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint_imports, "--no-cache"], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
