"""Fixtures that every test may use."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of training and development data beside the project."""
    if not SHARED.is_dir():
        pytest.skip("the data folder ../shared is not there: this test trains or measures on it")
    return SHARED


@pytest.fixture
def now() -> datetime:
    """A fixed moment: Tuesday 10 March 2026, 10:00 UTC."""
    return datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
