"""Tests that share expensive fixtures run in one worker of pytest-xdist."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("groups")
def test_groups_of_tests_are_honored(request: pytest.FixtureRequest) -> None:
    """A pytest that pytest-xdist does not know yet lets it ignore groups without a word."""
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    assert request.node.nodeid.endswith("@groups") == parallel
