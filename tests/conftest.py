"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of outside data that some tests use: real problems and labelled cases."""
    folder = Path(os.environ.get("POTSTILL_TEST_DATA", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no outside test data: {folder} is missing (set POTSTILL_TEST_DATA)")
    return folder
