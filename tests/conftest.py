"""Fixtures that every test may use."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from models import migrations
from review_queue import auth
from tests.fakes.migrated import Schema

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


settings.register_profile("porthor", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("porthor")
"""What holds is looked for, not how fast: a slow machine fails no test."""


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of training and development data beside the project."""
    if not SHARED.is_dir():
        pytest.skip("the data folder ../shared is not there: this test trains or measures on it")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _migrated_once() -> Iterator[None]:
    """Stores of this process get their schema as a copy; other processes that a test starts migrate theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "upgrade", Schema().upgrade)
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_little() -> Iterator[None]:
    """Passwords are hashed by the same function with the least cost; `test_pages` holds the program's own to the RFC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auth, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def now() -> datetime:
    """A fixed moment: Tuesday 10 March 2026, 10:00 UTC."""
    return datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
